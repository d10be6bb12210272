/** Agents in processes of their own, for the benches that need many: started together, each reports what it did. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createWebsocketTransport } from "../adapters/transport/websocket.ts";
import { openBoard, tasksOf, Y } from "../lib/index.ts";
import { startRelay } from "./relay-process.ts";

/** What one agent did. */
export interface CrewReport {
  readonly started: readonly string[];
  readonly claims: number;
}

/** What a crew did together. */
export interface CrewResult {
  readonly wallMs: number;
  readonly completed: number;
  /** Starts beyond the first of one attempt. */
  readonly doubleStarts: number;
  readonly claimsPerTask: number;
  readonly alternates: number;
  readonly documentBytes: number;
}

/** Lets `agents` processes work off `tasks` tasks through a relay of its own. */
export async function runCrew(options: {
  readonly agents: number;
  readonly tasks: number;
  readonly taskMs: number;
  /** Tasks that come first and are not timed: five hundred a process leave most code not yet compiled. */
  readonly warmUp?: number;
  readonly guarantee: "optimistic" | "settled";
}): Promise<CrewResult> {
  await using relay = await startRelay();
  await using board = await openBoard({
    board: "crew",
    transport: createWebsocketTransport({ url: relay.address }),
  });
  const script = fileURLToPath(new URL("./crew-member.js", import.meta.url));
  const args = [relay.address, options.guarantee, String(options.taskMs)];
  const crew = Array.from({ length: options.agents }, () => fork(script, args));
  await Promise.all(crew.map((child) => once(child, "message")));
  const author = await board.join({ name: "author" });
  // all agents know of each other and are idle before there is work
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const workOff = async (tasks: number): Promise<void> => {
    const goal = board.snapshot().counts.completed + tasks;
    const isDone = new Promise<void>((resolve) => {
      const stop = board.watch(({ snapshot }) => {
        if (snapshot.counts.completed < goal) return;
        stop();
        resolve();
      });
    });
    await author.add(Array.from({ length: tasks }, (_, i) => ({ title: `task ${i}` })));
    await isDone;
  };
  const { warmUp = 0 } = options;
  if (warmUp > 0) await workOff(warmUp);
  const start = performance.now();
  await workOff(options.tasks);
  const wallMs = performance.now() - start;
  const reports = await Promise.all(
    crew.map(async (child) => {
      const answer = once(child, "message");
      child.send("report");
      const [report] = (await answer) as [CrewReport];
      return report;
    }),
  );
  await board.sync();
  const starts = reports.flatMap((report) => report.started);
  return {
    wallMs,
    completed: board.snapshot().counts.completed - warmUp,
    doubleStarts: starts.length - new Set(starts).size,
    claimsPerTask:
      reports.reduce((sum, report) => sum + report.claims, 0) / (options.tasks + warmUp),
    alternates: tasksOf(board.snapshot()).reduce((sum, task) => sum + task.alternates.length, 0),
    documentBytes: Y.encodeStateAsUpdate(board.doc).length,
  };
}
