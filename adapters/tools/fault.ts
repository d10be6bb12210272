/** Why a call had no effect, always in our own words: what a peer wrote never gets into a cause or a remedy. */
import { CoordinationError, type CoordinationErrorCode } from "../../lib/index.ts";
import type { ToolFault } from "./tool.ts";

/** Ends a call with a fault. */
export class ToolRefusal extends Error implements ToolFault {
  readonly code: string;
  readonly remedy: string;

  /** @param cause - a clause without its full stop, as is the remedy */
  constructor(code: string, cause: string, remedy: string) {
    super(cause);
    this.name = "ToolRefusal";
    this.code = code;
    this.remedy = remedy;
  }

  /** What is in the way. */
  override get cause(): string {
    return this.message;
  }
}

/** Cause and remedy of the library's faults; their own messages may hold what peers wrote. */
const FAULTS: Readonly<Record<CoordinationErrorCode, readonly [cause: string, remedy: string]>> = {
  BOARD_CLOSED: ["the board was closed", "start the tools anew"],
  AGENT_LEFT: ["this agent has left the board", "start the tools anew: a new agent joins"],
  AGENT_NOT_RESUMABLE: ["this agent cannot go on at this board", "start the tools anew"],
  QUOTA_EXCEEDED: [
    "this call would break a quota of the board",
    "end a task that you hold, or write more slowly",
  ],
  TASK_UNKNOWN: ["no task with this task_id is on the board", "call list_ready or board_status"],
  RECORD_INVALID: ["an argument does not fit a record of the board", "correct the arguments"],
  RECORD_TOO_LARGE: [
    "a text is too long: one record holds at most 16384 bytes",
    "shorten it, or put it into a file and give the file's address",
  ],
  RULE_MISMATCH: [
    "the board is played by another rule than this agent's",
    "start the tools with the board's --rule",
  ],
  BOARD_MISMATCH: ["the other side holds another board", "check the board's address"],
  GUARANTEE_UNAVAILABLE: [
    "the task asks for settled claims, and this board can only give optimistic ones",
    "take another task, or connect by a relay",
  ],
  ACCESS_DENIED: ["the relay refuses this agent", "use a token for this board and agent"],
  CONNECTION_CLOSED: ["the connection to the board has ended", "start the tools anew"],
  SYNC_TIMEOUT: ["the board could not be reached in time", "call again later"],
  EVENTS_OVERFLOW: ["too much happened at once", "call board_status for a fresh look"],
  STORAGE_CORRUPT: ["the stored board is damaged", "run `stigmergy doctor`"],
  STORAGE_FAILED: ["the board's store cannot be written", "run `stigmergy doctor`"],
};

/** Says what went wrong, whatever was thrown. */
export function faultOf(error: unknown): ToolFault {
  if (error instanceof ToolRefusal)
    return { code: error.code, cause: error.cause, remedy: error.remedy };
  if (error instanceof CoordinationError) {
    const [cause, remedy] = FAULTS[error.code];
    return { code: error.code, cause, remedy };
  }
  // the library names what the caller itself gave
  if (error instanceof RangeError || error instanceof TypeError)
    return { code: "INPUT_INVALID", cause: error.message, remedy: "correct the arguments" };
  return {
    code: "INTERNAL",
    cause: "the tool itself failed",
    remedy: "call again; if that fails too, report it",
  };
}
