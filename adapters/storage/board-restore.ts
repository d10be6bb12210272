/** Puts a board into a store as a whole, under an id of its own: its memory is that of the copy, not of the board. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { createFile, storageFailed } from "./append-file.ts";
import { boardToFileName, makeDirectory } from "./directory.ts";
import { acquireLock } from "./lock-file.ts";
import { draftOf, putInPlace } from "./log-open.ts";
import { openBoardDatabase } from "./sqlite/board-database.ts";
import { findBoard, insertBoard, insertUpdates, replaceUpdates } from "./sqlite/board-rows.ts";
import { lockOf, SQLITE_FILE } from "./sqlite/database-file.ts";

/** What is put where. */
export interface BoardRestore {
  readonly directory: string;
  readonly kind: "log" | "sqlite";
  readonly board: string;
  readonly updates: readonly Uint8Array[];
  /** Whether a board that is there gives way. */
  readonly isReplacing: boolean;
}

/** Writes a board as one log that is whole or not there at all, under a random id; what had its name is gone. */
export async function writeLog(
  path: string,
  board: string,
  updates: readonly Uint8Array[],
): Promise<void> {
  const draft = draftOf(path);
  const id = randomBytes(16).toString("hex");
  try {
    const { handle } = await createFile(draft, { id, board, rule: "" }, updates);
    await handle.close();
    await putInPlace(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw storageFailed(path, "could not be written", error);
  }
}

/**
 * Restores a board; false where it is there already and is not to give way. A crash leaves all of it or what was there.
 *
 * @throws CoordinationError `STORAGE_FAILED` when the board is open somewhere, or the store cannot be written
 */
export async function restoreBoard(restore: BoardRestore): Promise<boolean> {
  const { directory, kind, board } = restore;
  const root = resolve(directory);
  const file =
    kind === "log" ? join(root, `${boardToFileName(board)}.log`) : join(root, SQLITE_FILE);
  const lockPath = kind === "log" ? file.replace(/log$/, "lock") : lockOf(file, board);
  try {
    await makeDirectory(dirname(file));
    const lock = await acquireLock(lockPath);
    try {
      return await (kind === "log" ? restoreLog(file, restore) : restoreRows(file, restore));
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw storageFailed(file, "could not be restored", error);
  }
}

async function restoreLog(file: string, restore: BoardRestore): Promise<boolean> {
  if (existsSync(file) && !restore.isReplacing) return false;
  await writeLog(file, restore.board, restore.updates);
  return true;
}

async function restoreRows(file: string, restore: BoardRestore): Promise<boolean> {
  const { board, updates, isReplacing } = restore;
  const database = await openBoardDatabase(file);
  const { connection } = database;
  try {
    const found = findBoard(connection, file, board);
    if (found !== undefined && !isReplacing) return false;
    database.commit(() =>
      found === undefined
        ? insertUpdates(connection, insertBoard(connection, board), updates)
        : replaceUpdates(connection, found, updates, randomBytes(16).toString("hex")),
    );
    database.checkpoint();
    return true;
  } finally {
    database.close();
  }
}
