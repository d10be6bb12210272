/** The one class of fault that the library throws; expected outcomes are values instead. */

/** Stable codes of faults; `docs/errors.md` lists each with its cause and remedy. */
export type CoordinationErrorCode =
  | "BOARD_CLOSED"
  | "AGENT_LEFT"
  | "AGENT_NOT_RESUMABLE"
  | "QUOTA_EXCEEDED"
  | "TASK_UNKNOWN"
  | "RECORD_INVALID"
  | "RECORD_TOO_LARGE"
  | "RULE_MISMATCH"
  | "BOARD_MISMATCH"
  | "GUARANTEE_UNAVAILABLE"
  | "ACCESS_DENIED"
  | "CONNECTION_CLOSED"
  | "SYNC_TIMEOUT"
  | "EVENTS_OVERFLOW"
  | "STORAGE_CORRUPT"
  | "STORAGE_FAILED";

/** A fault in coordination; branch on {@link CoordinationError.code}, never on the message. */
export class CoordinationError extends Error {
  /** The stable code. */
  readonly code: CoordinationErrorCode;
  /** The ids and paths involved, by name. */
  readonly details: Readonly<Record<string, string | number>>;

  /**
   * @param message - what happened, to which id, and what to do
   * @param options - the ids involved and the error behind this one
   */
  constructor(
    code: CoordinationErrorCode,
    message: string,
    options: {
      readonly details?: Readonly<Record<string, string | number>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "CoordinationError";
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** The fault of naming a task that this replica does not know. */
export function taskUnknown(task: string): CoordinationError {
  const message = `Task ${task} is not on the board; check the id, or wait for the sync.`;
  return new CoordinationError("TASK_UNKNOWN", message, { details: { task } });
}

/** The fault of using a board after its close. */
export function boardClosed(board: string): CoordinationError {
  const message = `Board ${board} is closed; open it again.`;
  return new CoordinationError("BOARD_CLOSED", message, { details: { board } });
}

/** The fault of a call on behalf of an agent that takes no further part here. */
export function agentLeft(agent: string): CoordinationError {
  const message = `Agent ${agent} has left the board; join again.`;
  return new CoordinationError("AGENT_LEFT", message, { details: { agent } });
}
