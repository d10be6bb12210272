/** What a command of an agent holds in its hand, and what it has to say in the end. */
import type { Agent, Board, Claim, Task } from "../../../lib/index.ts";
import type { ExitCode } from "../fault.ts";

/** An agent on an open board, for the time of one command. */
export interface Hand {
  readonly board: Board;
  readonly agent: Agent;
  /** The task that the command is about, as it is now. */
  task(): Task;
  /**
   * The agent's claim of it.
   *
   * @throws CliFault that says how it was lost, and who holds the task now
   */
  claim(): Claim;
  /** Aborts when the user wants an end, or the board cannot be reached any more. */
  readonly signal: AbortSignal;
  /** Says something to whoever waits for the command, once all that was written so far is safe with the board. */
  sayWhenSafe(line: string): Promise<void>;
}

/** What a command has to say once all that it did is safe with the board. */
export interface Report {
  /** In a few words, behind the task's id. */
  readonly words: string;
  /** Beside task, title, state, attempt and agent. */
  readonly data?: object;
  /** What to do next. */
  readonly talk?: string;
  readonly exit?: ExitCode;
}

/** What a command does; its input was checked before. */
export type Deed = (hand: Hand) => Promise<Report>;

/**
 * What a command needs of its session: `held` that there is one, since something must be held; `made` that one is made
 * where there is none; `any` takes an agent that comes and goes where there is none.
 */
export type SessionNeed = "held" | "made" | "any";
