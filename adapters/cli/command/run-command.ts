/** Runs one command in a process group of its own, without a shell, and ends all of the group when it must stop. */
import { type ChildProcess, spawn } from "node:child_process";
import { createBoundedText, createTail } from "./captured-text.ts";

/** What a command is run with. */
export interface CommandOptions {
  readonly args: readonly string[];
  /** Added to the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Stops the command: SIGTERM, and SIGKILL after `graceMs`. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number | undefined;
  readonly graceMs: number;
  /** Told of the process id once the command runs. */
  readonly onStart: (pid: number) => void;
}

/** How a command ended. */
export type CommandEnd =
  | {
      readonly kind: "exited";
      readonly code: number;
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly kind: "killed"; readonly by: NodeJS.Signals; readonly stderr: string }
  /** It was stopped: by the caller's signal, after its time, or because it printed too much. */
  | { readonly kind: "stopped" | "timed-out" | "too-long"; readonly stderr: string }
  | { readonly kind: "not-started"; readonly cause: string };

/** The most that a command may print as its result. */
export const MAX_STDOUT_BYTES = 1_048_576;
const TAIL_BYTES = 4096;

/** After the command itself has ended: how long its pipes may stay open before what it left behind is killed. */
const LINGER_MS = 500;

/** How to kill each command that runs now; none outlives this process, unless that one is killed itself. */
const running = new Set<() => void>();
process.once("exit", () => {
  for (const killNow of running) killNow();
});

/** Runs the command to its end; never rejects. */
export function runCommand(options: CommandOptions): Promise<CommandEnd> {
  const { args, env, signal, timeoutMs, graceMs } = options;
  const stdout = createBoundedText(MAX_STDOUT_BYTES);
  const stderr = createTail(TAIL_BYTES);
  let reason: "stopped" | "timed-out" | "too-long" | null = null;
  const timers = new Set<NodeJS.Timeout>();
  const later = (ms: number, act: () => void): void => void timers.add(setTimeout(act, ms));

  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ kind: "stopped", stderr: "" });
    let child: ChildProcess;
    try {
      const [program = "", ...rest] = args;
      child = spawn(program, rest, {
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "pipe"],
        detached: process.platform !== "win32",
      });
    } catch (error) {
      return resolve({ kind: "not-started", cause: textOf(error) });
    }
    const kill = (how: NodeJS.Signals): void => killGroup(child, how);
    const killNow = (): void => kill("SIGKILL");
    running.add(killNow);
    const stop = (why: typeof reason): void => {
      if (reason !== null) return;
      reason = why;
      kill("SIGTERM");
      later(graceMs, killNow);
    };
    const onAbort = (): void => stop("stopped");
    const finish = (end: CommandEnd): void => {
      for (const timer of timers) clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      running.delete(killNow);
      resolve(end);
    };

    if (child.pid !== undefined) options.onStart(child.pid); // at once: this process may be killed soon
    signal.addEventListener("abort", onAbort);
    if (timeoutMs !== undefined) later(timeoutMs, () => stop("timed-out"));
    child.stdout?.on("data", (chunk: Buffer) => {
      if (!stdout.push(chunk)) stop("too-long");
    });
    child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.once("error", (error) => finish({ kind: "not-started", cause: textOf(error) }));
    child.once("exit", (code, by) => {
      // whoever still holds the pipes is a process that the command left behind
      if (reason !== null) killNow();
      later(LINGER_MS, () => {
        killNow();
        child.stdout?.destroy();
        child.stderr?.destroy();
      });
      child.once("close", () => {
        if (reason !== null) finish({ kind: reason, stderr: stderr.text() });
        else if (by !== null) finish({ kind: "killed", by, stderr: stderr.text() });
        else
          finish({ kind: "exited", code: code ?? 0, stdout: stdout.text(), stderr: stderr.text() });
      });
    });
  });
}

/** Sends a signal to a command and all that it started; one that has ended already is no error. */
function killGroup(child: ChildProcess, how: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  if (process.platform === "win32") child.kill(how);
  else killGroupOf(child.pid, how);
}

/** Sends a signal to the process group that a process leads; one that has ended already is no error. */
export function killGroupOf(pid: number, how: NodeJS.Signals): void {
  try {
    process.kill(-pid, how);
  } catch {
    // ESRCH: it is gone
  }
}

function textOf(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === "E2BIG")
    return "its arguments are longer than the system takes (on Linux 128 KiB each); let it read brief.md and task.json in $STIGMERGY_DIR instead";
  return error instanceof Error ? error.message : String(error);
}
