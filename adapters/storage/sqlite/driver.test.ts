import { expect, test } from "@jest/globals";
import { CoordinationError } from "../../../lib/index.ts";
import { type Driver, loadDriver, sqliteFailed } from "./driver.ts";

const FILE = "/boards/boards.sqlite";

const failWith = (cause: unknown) => (): Promise<{ readonly default: Driver }> =>
  Promise.reject(cause);

test("[S23] a driver that is not installed is named with the way to install it", async () => {
  const absent = "better-sqlite3-that-nobody-installed";
  const refusal = {
    code: "STORAGE_FAILED",
    message: expect.stringMatching(/boards\.sqlite .*npm install better-sqlite3@12/u),
    details: { file: FILE },
  };

  await expect(loadDriver(FILE, () => import(absent))).rejects.toMatchObject(refusal);
  // as require says it
  const cause = Object.assign(new Error("no such module"), { code: "MODULE_NOT_FOUND" });
  await expect(loadDriver(FILE, failWith(cause))).rejects.toMatchObject({ ...refusal, cause });
});

test("[S23] a driver that does not load is named with the cause and the way to build it", async () => {
  const cause = new Error("built for another Node");

  await expect(loadDriver(FILE, failWith(cause))).rejects.toMatchObject({
    code: "STORAGE_FAILED",
    message: expect.stringMatching(/built for another Node.*npm rebuild better-sqlite3/u),
    details: { file: FILE },
    cause,
  });
});

test.each([
  ["SQLITE_CORRUPT", "STORAGE_CORRUPT"],
  ["SQLITE_CORRUPT_VTAB", "STORAGE_CORRUPT"],
  ["SQLITE_NOTADB", "STORAGE_CORRUPT"],
  ["SQLITE_IOERR_SHORT_READ", "STORAGE_CORRUPT"],
  ["SQLITE_SCHEMA", "STORAGE_CORRUPT"],
  ["SQLITE_ERROR", "STORAGE_CORRUPT"],
  ["SQLITE_MISMATCH", "STORAGE_CORRUPT"],
  ["SQLITE_FULL", "STORAGE_FAILED"],
  ["SQLITE_BUSY", "STORAGE_FAILED"],
  ["SQLITE_IOERR_READ", "STORAGE_FAILED"],
  ["NOT_SQLITE_CORRUPT", "STORAGE_FAILED"],
  [7, "STORAGE_FAILED"],
  [undefined, "STORAGE_FAILED"],
])("[S21] [S20] what SQLite reports as %s is %s, with the file", (code, expected) => {
  const cause = Object.assign(new Error("as SQLite says"), code === undefined ? {} : { code });

  expect(sqliteFailed(FILE, "could not be read", cause)).toMatchObject({
    code: expected,
    message: expect.stringMatching(/boards\.sqlite .*as SQLite says/u),
    details: { file: FILE },
  });
});

test("[S20] what is no error of SQLite, or is one of ours already, is told as it is", () => {
  const ours = new CoordinationError("STORAGE_FAILED", "it is open elsewhere");

  expect(sqliteFailed(FILE, "could not be read", ours)).toBe(ours);
  for (const cause of [null, undefined, "a text"])
    expect(sqliteFailed(FILE, "could not be read", cause)).toMatchObject({
      code: "STORAGE_FAILED",
      message: expect.stringContaining("could not be read"),
      details: { file: FILE },
    });
});
