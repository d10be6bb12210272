/** The errors of a browser's databases; they name the database, as those of files name the file. */
import { CoordinationError } from "../../../lib/index.ts";

/** Makes the error of a database that could not be used; a cause that is such an error already is given as it is. */
export function databaseFailed(name: string, what: string, cause?: unknown): CoordinationError {
  if (cause instanceof CoordinationError) return cause;
  const reason = cause === undefined || cause === null ? "" : ` (${cause})`;
  return new CoordinationError("STORAGE_FAILED", `The database ${name} ${what}${reason}.`, {
    details: { database: name },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Makes the error of a database that does not hold a board. */
export function databaseCorrupt(name: string, reason: string): CoordinationError {
  const message = `The database ${name} cannot be read: ${reason}. Nothing was changed.`;
  return new CoordinationError("STORAGE_CORRUPT", message, { details: { database: name } });
}
