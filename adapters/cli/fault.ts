/** Faults that end a command: each has a code, says cause and fix, and decides the exit code. */
import type { CoordinationError } from "../../lib/index.ts";
import { ListError } from "./list/listed-task.ts";
import { printable } from "./output/printable.ts";

/** What a command ends with. */
export const exitCode: {
  readonly ok: 0;
  readonly taskFailed: 1;
  readonly usage: 2;
  readonly refused: 3;
  readonly notFound: 4;
  readonly cannotSync: 5;
  readonly internal: 70;
  readonly interrupted: 130;
} = {
  ok: 0,
  taskFailed: 1,
  usage: 2,
  refused: 3,
  notFound: 4,
  cannotSync: 5,
  internal: 70,
  interrupted: 130,
};

/** One of the exit codes. */
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** A fault of the command line itself. */
export type CliFaultCode =
  | "USAGE"
  | "LIST_BROKEN"
  | "NOT_FOUND"
  | "CANNOT_SYNC"
  | "SESSION_BUSY"
  | "INTERRUPTED"
  | "INTERNAL";

/** Ends a command with a message for the user. */
export class CliFault extends Error {
  /** Stable, for programs. */
  readonly code: string;
  readonly exitCode: ExitCode;

  /** @param message - cause and fix */
  constructor(
    code: CliFaultCode | CoordinationError["code"] | Uppercase<string>,
    exit: ExitCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "CliFault";
    this.code = code;
    this.exitCode = exit;
  }
}

/** The user asked for what cannot be. */
export function usageFault(message: string): CliFault {
  return new CliFault("USAGE", exitCode.usage, message);
}

/**
 * As things stand, what was asked for cannot be, or would not count.
 *
 * @param reason - as the library says it, such as `not-offered`; in capitals it is the code
 */
export function refusedFault(reason: string, message: string): CliFault {
  const code = reason.toUpperCase().replaceAll("-", "_") as Uppercase<string>;
  return new CliFault(code, exitCode.refused, printable(message)); // it names agents and tasks of others
}

/** The board could not be reached. */
export function syncFault(message: string, cause?: unknown): CliFault {
  return new CliFault("CANNOT_SYNC", exitCode.cannotSync, message, cause);
}

/** The user wanted an end. */
export function interruptedFault(what = "before the board was in sync"): CliFault {
  return new CliFault("INTERRUPTED", exitCode.interrupted, `interrupted: ${what}`);
}

/** Translates whatever was thrown. */
export function faultOf(error: unknown): CliFault {
  if (error instanceof CliFault) return error;
  if (error instanceof ListError)
    return new CliFault("LIST_BROKEN", exitCode.usage, error.message, error);
  if (isCoordinationError(error))
    return new CliFault(error.code, exitOf(error), error.message, error);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new CliFault(
    "INTERNAL",
    exitCode.internal,
    `this is a fault of stigmergy, please report it: ${text}`,
    error,
  );
}

/** By its name, so that the library is loaded only by commands that need it. */
function isCoordinationError(error: unknown): error is CoordinationError {
  return error instanceof Error && error.name === "CoordinationError";
}

function exitOf({ code }: CoordinationError): ExitCode {
  if (code === "TASK_UNKNOWN") return exitCode.notFound;
  if (code === "RECORD_INVALID" || code === "RECORD_TOO_LARGE" || code === "GUARANTEE_UNAVAILABLE")
    return exitCode.usage;
  return exitCode.cannotSync;
}
