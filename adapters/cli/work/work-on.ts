/** Lets one agent work on a board by running a command per task. */
import type { Agent, Board, Claim, ClaimOutcome, Guarantee, Task } from "../../../lib/index.ts";
import { type AttemptOutcome, attemptTask } from "./attempt.ts";

/** How an agent works. */
export interface WorkOnOptions {
  /** The agent's board. */
  readonly board: Board;
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

/**
 * What came of a command: its task is completed, failed (for good, or to be tried again), handed on at the command's own
 * word, or no longer this agent's.
 */
export type WorkEnd = "completed" | "failed" | "to-be-retried" | "handed-on" | "lost" | "stopped";

/** Works until the signal aborts. */
export async function workOn(agent: Agent, options: WorkOnOptions): Promise<void> {
  const { guarantee, where, signal, listener } = options;
  await agent.work((claim) => runTask(claim, options), {
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

async function runTask(claim: Claim, options: WorkOnOptions): Promise<unknown> {
  const { task } = claim;
  let pid = 0;
  const outcome = await attemptTask(options.board, claim, {
    ...options,
    onStart(started) {
      pid = started;
      options.listener.started(claim, pid);
    },
  }).catch(asFailure);
  // a task that says itself how many attempts it has is left to the board's count
  const isRetryable =
    task.policy.maxAttempts !== undefined || task.failures.length < options.retries;
  options.listener.ended(claim, pid, endOf(outcome, isRetryable));
  if (outcome.kind === "completed") return outcome.result;
  if (outcome.kind === "failed") throw new TaskFailure(outcome.error, isRetryable);
  throw new TaskFailure("the command was stopped", true); // the claim is over, or is given back for this
}

/** What fails here, such as a full disk, counts as an attempt: nobody tries for ever. */
function asFailure(error: unknown): AttemptOutcome {
  return { kind: "failed", error: error instanceof Error ? error.message : String(error) };
}

function endOf({ kind }: AttemptOutcome, isRetryable: boolean): WorkEnd {
  if (kind === "out-of-time") return "to-be-retried";
  return kind === "failed" && isRetryable ? "to-be-retried" : kind;
}
