/** The processes of the demo's agents: started, killed where the story wants it, and gone when it ends. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FromAgent } from "./demo-agent.ts";
import type { Part } from "./story.ts";

/** The agents that live. */
export interface Troupe {
  /** Starts one more, with a number behind the name that all have. */
  enter(who: Pick<Part, "can" | "wants">): void;
  /** Lets all begin who have joined. */
  cue(): void;
  /** False where it is gone already. */
  kill(name: string): boolean;
  /** Lets everybody leave, or ends them at once; resolves once nobody is left. */
  close(isAtOnce: boolean): Promise<void>;
}

const AGENT = fileURLToPath(new URL("./demo-agent.js", import.meta.url));
/** How long an agent may take to leave by itself. */
const FAREWELL_MS = 3000;

/** Makes the troupe of agents that have these in common; `hear` is told what they say. */
export function createTroupe(
  common: Omit<Part, "can" | "wants">,
  hear: (name: string, message: FromAgent) => void,
): Troupe {
  const children = new Map<string, ChildProcess>();
  const gone: Promise<void>[] = [];
  const killAll = (): void => {
    for (const child of children.values()) child.kill("SIGKILL");
  };
  process.once("exit", killAll);
  return {
    enter(who) {
      const name = `${common.name}-${gone.length + 1}`;
      const child = fork(AGENT, [JSON.stringify({ ...common, ...who, name })], {
        stdio: ["ignore", "ignore", "inherit", "ipc"],
        detached: true, // a Ctrl-C is the demo's, which ends its agents
      });
      children.set(name, child);
      child.on("message", (message: FromAgent) => hear(name, message));
      const end = new Promise<void>((resolve) => child.once("close", () => resolve()));
      gone.push(end.finally(() => children.delete(name)).then());
    },
    cue() {
      for (const child of children.values()) if (child.connected) child.send("cue", () => {});
    },
    kill: (name) => children.get(name)?.kill("SIGKILL") ?? false,
    async close(isAtOnce) {
      const timer = setTimeout(killAll, isAtOnce ? 0 : FAREWELL_MS);
      await Promise.all(gone);
      clearTimeout(timer);
      process.off("exit", killAll);
    },
  };
}
