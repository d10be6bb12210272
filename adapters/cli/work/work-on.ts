/** Lets one agent work on a board by running a command per task. */
import type { Agent, Claim, ClaimOutcome, Guarantee, Task } from "../../../lib/index.ts";
import { type CommandEnd, MAX_STDOUT_BYTES, runCommand } from "../command/run-command.ts";
import { substitute } from "../command/substitute.ts";
import { duration } from "../output/printable.ts";

/** How an agent works. */
export interface WorkOnOptions {
  readonly command: readonly string[];
  readonly guarantee: Guarantee | undefined;
  readonly timeoutMs: number | undefined;
  /** How many failed attempts a task may have before one more is final. */
  readonly retries: number;
  readonly where: (task: Task) => boolean;
  readonly signal: AbortSignal;
  readonly listener: WorkListener;
}

/** Hears of what an agent does, as it happens. */
export interface WorkListener {
  asked(outcome: ClaimOutcome): void;
  started(claim: Claim, pid: number): void;
  /** The command of a claim has ended, or could not be started. */
  ended(claim: Claim, pid: number, end: WorkEnd): void;
}

/** What came of a command: its task is completed, failed (for good, or to be tried again), or no longer this agent's. */
export type WorkEnd = "completed" | "failed" | "to-be-retried" | "lost" | "stopped";

/** From SIGTERM to SIGKILL. */
const GRACE_MS = 2000;

/** Works until the signal aborts. */
export async function workOn(agent: Agent, options: WorkOnOptions): Promise<void> {
  const { guarantee, where, signal, listener } = options;
  await agent.work((claim) => runTask(agent, claim, options), {
    where,
    signal,
    ...(guarantee === undefined ? {} : { guarantee }),
    onClaim: (outcome) => listener.asked(outcome),
  });
}

/** A command that failed; the library reads `retryable`. */
class TaskFailure extends Error {
  readonly retryable: boolean;

  constructor(message: string, retryable: boolean) {
    super(message);
    this.retryable = retryable;
  }
}

async function runTask(agent: Agent, claim: Claim, options: WorkOnOptions): Promise<string> {
  const { task, attempt, signal } = claim;
  let pid = 0;
  const end = await runCommand({
    args: substitute(options.command, task),
    env: {
      STIGMERGY_TASK_ID: task.id,
      STIGMERGY_TASK_TITLE: task.title,
      STIGMERGY_TASK_ATTEMPT: String(attempt),
      STIGMERGY_TASK_AGENT: agent.id,
    },
    signal,
    timeoutMs: options.timeoutMs,
    graceMs: GRACE_MS,
    onStart(started) {
      pid = started;
      options.listener.started(claim, pid);
    },
  });
  const tell = (how: WorkEnd): void => options.listener.ended(claim, pid, how);
  if (end.kind === "stopped") {
    tell(STOPS[String(signal.reason)] ?? "lost");
    throw new TaskFailure("the command was stopped", true);
  }
  const failure = failureOf(end, options.timeoutMs);
  if (failure === null && end.kind === "exited") {
    tell("completed");
    return end.stdout;
  }
  // a task that says itself how many attempts it has is left to the board's count
  const isRetryable =
    task.policy.maxAttempts !== undefined || task.failures.length < options.retries;
  tell(isRetryable ? "to-be-retried" : "failed");
  throw new TaskFailure(failure ?? "", isRetryable);
}

/** What it is called when a claim's signal has stopped a command; E7: the attempt has failed by then. */
const STOPS: Readonly<Record<string, WorkEnd>> = { stopped: "stopped", timeout: "to-be-retried" };

/** Says why a command failed, with the end of what it wrote to stderr; null when it did not. */
function failureOf(end: CommandEnd, timeoutMs: number | undefined): string | null {
  switch (end.kind) {
    case "exited": {
      if (end.code !== 0) return withTail(`exit code ${end.code}`, end.stderr);
      const bytes = Buffer.byteLength(JSON.stringify(end.stdout));
      return bytes > MAX_STDOUT_BYTES ? TOO_LONG : null;
    }
    case "killed":
      return withTail(`killed by ${end.by}`, end.stderr);
    case "timed-out":
      return withTail(
        `took longer than ${duration(timeoutMs ?? 0)} (--timeout-ms ${timeoutMs})`,
        end.stderr,
      );
    case "too-long":
      return withTail(TOO_LONG, end.stderr);
    case "not-started":
      return `the command cannot be started: ${end.cause}`;
    case "stopped":
      return "the command was stopped";
  }
}

const TOO_LONG = `printed more than ${MAX_STDOUT_BYTES} bytes as its result; write it to a file and print the file's name`;
const TAIL_LENGTH = 2000;

function withTail(what: string, stderr: string): string {
  return stderr === "" ? what : `${what}: ${stderr.slice(-TAIL_LENGTH).toWellFormed()}`;
}
