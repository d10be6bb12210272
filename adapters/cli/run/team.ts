/** The agents of a run: each a process with a replica of its own. The team only starts and stops them. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createTail, type Tail } from "../command/captured-text.ts";
import { killGroupOf } from "../command/run-command.ts";
import { CliFault, exitCode } from "../fault.ts";
import { type FromWorker, LINE_VARIABLE, type Orders, type ToWorker } from "../work/message.ts";

/** How a team is made. */
export interface TeamOptions {
  readonly size: number;
  /** What its agents are called, each with a number behind it. */
  readonly name: string;
  /** The arguments of `stigmergy work` for the agent of this name. */
  readonly argsFor: (name: string) => readonly string[];
  readonly orders: Orders;
  /** How many tasks are finished; a team that dies again and again without finishing any is given up. */
  readonly finished: () => number;
  readonly leaseMs: number;
  readonly hear: (name: string, message: FromWorker) => void;
  readonly talk: (line: string) => void;
}

/** A team at work. */
export interface Team {
  /** The names of those who live. */
  readonly names: readonly string[];
  /** Rejects when nobody is left and nobody can be put in their place. */
  readonly broken: Promise<never>;
  /** Tells everybody to give back what they hold and to leave; resolves once all are gone. */
  stop(): Promise<void>;
}

interface Member {
  readonly name: string;
  readonly child: ChildProcess;
  readonly gone: Promise<void>;
  readonly words: Tail;
  /** Process groups of commands that run now. */
  readonly commands: Set<number>;
  fault: { readonly code: string; readonly message: string } | null;
}

const MAIN = fileURLToPath(new URL("../main.js", import.meta.url));
const WORDS_BYTES = 2000;

/** How often a team without members is started again while no task gets finished. */
const MAX_REVIVALS = 3;

/** From the word to stop to the kill: a command's grace, a last sync, and some more. */
const STOP_MS = 8000;

/** Starts the agents. */
export function startTeam(options: TeamOptions): Team {
  const members = new Set<Member>();
  let count = 0;
  let isStopping = false;
  let revivals = 0;
  let finishedBefore = 0;
  let breakTeam: (fault: CliFault) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    breakTeam = reject;
  });
  broken.catch(() => {});

  const start = (): void => {
    const member = startMember(`${options.name}-${++count}`, options);
    members.add(member);
    void member.gone.then(() => {
      members.delete(member);
      for (const pid of member.commands) killGroupOf(pid, "SIGKILL"); // nobody waits for them any more
      if (!isStopping) mourn(member);
    });
  };

  const mourn = (member: Member): void => {
    const { signalCode } = member.child;
    const how = signalCode === null ? lastWords(member) : `was killed by ${signalCode}`;
    options.talk(`${member.name} ${how}; what it held is taken over after ${options.leaseMs} ms`);
    if (members.size > 0) return;
    if (options.finished() > finishedBefore) revivals = 0;
    finishedBefore = options.finished();
    if (member.fault === null && revivals++ < MAX_REVIVALS) start();
    else breakTeam(faultOfMember(member, how));
  };

  const killAll = (): void => {
    for (const { child, commands } of members) {
      child.kill("SIGKILL");
      for (const pid of commands) killGroupOf(pid, "SIGKILL");
    }
  };
  process.once("exit", killAll);
  for (let i = 0; i < options.size; i++) start();

  return {
    get names() {
      return [...members].map(({ name }) => name);
    },
    broken,
    async stop() {
      isStopping = true;
      for (const { child } of members) tell(child, { kind: "stop" });
      const timer = setTimeout(killAll, STOP_MS);
      await Promise.all([...members].map(({ gone }) => gone));
      clearTimeout(timer);
      process.off("exit", killAll);
    },
  };
}

function startMember(name: string, { argsFor, orders, hear }: TeamOptions): Member {
  const child = spawn(process.execPath, [MAIN, ...argsFor(name)], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: { ...process.env, [LINE_VARIABLE]: "1" },
  });
  const member: Member = {
    name,
    child,
    gone: new Promise((resolve) => {
      child.once("close", () => resolve());
      child.once("error", () => resolve());
    }),
    words: createTail(WORDS_BYTES),
    commands: new Set(),
    fault: null,
  };
  child.stderr?.on("data", (chunk: Buffer) => member.words.push(chunk));
  child.on("message", (message: FromWorker) => {
    if (message.kind === "started") member.commands.add(message.pid);
    if (message.kind === "ended") member.commands.delete(message.pid);
    if (message.kind === "fault") member.fault = message;
    hear(name, message);
  });
  tell(child, { kind: "start", ...orders });
  return member;
}

/** A member that is gone cannot be told; its end is heard of by itself. */
function tell(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => {});
}

function lastWords({ fault, words, child }: Member): string {
  const said = fault?.message ?? words.text();
  return `left with exit code ${child.exitCode}${said === "" ? "" : `: ${said}`}`;
}

function faultOfMember({ fault, child }: Member, how: string): CliFault {
  const message = `no agent is left: the last one ${how}`;
  if (fault === null || child.exitCode === null)
    return new CliFault("INTERNAL", exitCode.internal, message);
  const exit = Object.values(exitCode).find((code) => code === child.exitCode) ?? exitCode.internal;
  return new CliFault(fault.code as "INTERNAL", exit, message);
}
