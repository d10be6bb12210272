/** Loads the driver, which is an optional part of the installation, and tells its errors apart. */
import type BetterSqlite3 from "better-sqlite3";
import { CoordinationError } from "../../../lib/index.ts";
import { storageFailed } from "../append-file.ts";
import { hasCode } from "../directory.ts";

/** An open connection to a database file. */
export type Connection = BetterSqlite3.Database;

/** A compiled statement: what it is given, and its rows. */
export type Statement<P extends unknown[], R> = BetterSqlite3.Statement<P, R>;

/** Opens connections. */
export type Driver = typeof BetterSqlite3;

/**
 * Loads `better-sqlite3`.
 *
 * @throws CoordinationError `STORAGE_FAILED` with the remedy where it is not installed, or not for this Node
 */
export async function loadDriver(
  file: string,
  load: () => Promise<{ readonly default: Driver }> = () => import("better-sqlite3"),
): Promise<Driver> {
  try {
    return (await load()).default;
  } catch (cause) {
    const isAbsent = hasCode(cause, "ERR_MODULE_NOT_FOUND") || hasCode(cause, "MODULE_NOT_FOUND");
    const remedy = isAbsent
      ? "install it beside stigmergy: npm install better-sqlite3@12"
      : `it is there but does not load (${cause}); run npm rebuild better-sqlite3`;
    throw new CoordinationError(
      "STORAGE_FAILED",
      `${file} cannot be opened without the package better-sqlite3: ${remedy}.`,
      { details: { file }, cause },
    );
  }
}

/** Codes of SQLite that mean that what is read was not written like this; the last two: a table or column is gone. */
const DAMAGE = /^SQLITE_(CORRUPT|NOTADB|IOERR_SHORT_READ|SCHEMA|ERROR|MISMATCH)/;

/** Makes the error of a file that could not be used, by what SQLite says. */
export function sqliteFailed(file: string, what: string, cause: unknown): CoordinationError {
  if (!(cause instanceof CoordinationError) && isDamage(cause)) {
    return databaseCorrupt(file, String(cause));
  }
  return storageFailed(file, what, cause);
}

/** Makes the error of a database that cannot be read. */
export function databaseCorrupt(file: string, reason: string): CoordinationError {
  return new CoordinationError(
    "STORAGE_CORRUPT",
    `${file} cannot be read: ${reason}. Nothing was changed; restore it from a backup.`,
    { details: { file } },
  );
}

function isDamage(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : "";
  return typeof code === "string" && DAMAGE.test(code);
}
