/**
 * Reads the boards of a folder, whichever storage wrote them, without their locks: what is given was acknowledged at
 * one moment, also while a relay goes on writing, and no file is changed.
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { storageFailed } from "./append-file.ts";
import { readFrames } from "./frame-reader.ts";
import { type LogFile, openLogToRead, storageCorrupt } from "./log-open.ts";
import { checkDatabase, readDatabase } from "./sqlite/board-database.ts";
import { findBoard, listBoards, readUpdates } from "./sqlite/board-rows.ts";
import { SQLITE_FILE } from "./sqlite/database-file.ts";
import { databaseCorrupt, loadDriver } from "./sqlite/driver.ts";

/** A board that was found. */
export interface StoredBoard {
  readonly file: string;
  /** The board's name, such as `docs#1`; unknown where the file is too damaged to tell. */
  readonly board: string | undefined;
  /**
   * Reads the board.
   *
   * @throws CoordinationError `STORAGE_CORRUPT` or `STORAGE_FAILED`, naming the file
   */
  read(): Promise<BoardCopy>;
}

/** All that is acknowledged of a board. */
export interface BoardCopy {
  readonly board: string;
  /** The store's id. */
  readonly id: string;
  readonly updates: readonly Uint8Array[];
  /** How many bytes of an update lie behind that is torn, or was on its way. */
  readonly tornBytes: number;
}

const LOG = ".log";

/**
 * Finds all boards in a folder, in the order of their files.
 *
 * @throws the error of the file system where the folder cannot be read
 */
export async function findStoredBoards(directory: string): Promise<readonly StoredBoard[]> {
  const root = resolve(directory);
  const names = (await readdir(root)).filter((name) => name.endsWith(LOG)).sort();
  const logs = await Promise.all(names.map((name) => findLog(join(root, name))));
  const file = join(root, SQLITE_FILE);
  return existsSync(file) ? [...logs, ...(await findRows(file))] : logs;
}

/** Reads a board from its log. */
export async function readLog(file: string): Promise<BoardCopy> {
  return withLog(file, async (log) => {
    const range = { from: log.headerBytes, to: log.sizeBytes, seed: log.seed };
    const { updates, end, stop } = await readFrames(log.handle, range);
    if (stop !== undefined) throw storageCorrupt(file, end, stop);
    const { board, id, tornBytes } = log;
    return { board, id, updates, tornBytes };
  });
}

async function findLog(file: string): Promise<StoredBoard> {
  try {
    const board = await withLog(file, async (log) => log.board);
    return { file, board, read: () => readLog(file) };
  } catch (error) {
    return unreadable(file, error);
  }
}

async function withLog<T>(file: string, use: (log: LogFile) => Promise<T>): Promise<T> {
  try {
    const log = await openLogToRead(file);
    try {
      return await use(log);
    } finally {
      await log.handle.close();
    }
  } catch (error) {
    throw storageFailed(file, "could not be read", error);
  }
}

async function findRows(file: string): Promise<readonly StoredBoard[]> {
  try {
    const driver = await loadDriver(file);
    await checkDatabase(driver, file);
    const rows = await readDatabase(driver, file, (connection) => listBoards(connection, file));
    return rows.map(({ name }) => ({
      file,
      board: name,
      read: () =>
        readDatabase(driver, file, (connection) => {
          const row = findBoard(connection, file, name);
          if (row === undefined) throw databaseCorrupt(file, `the board ${name} has gone`);
          const updates = readUpdates(connection, file, row);
          return { board: name, id: row.id, updates, tornBytes: 0 };
        }),
    }));
  } catch (error) {
    return [unreadable(file, error)];
  }
}

function unreadable(file: string, error: unknown): StoredBoard {
  return { file, board: undefined, read: () => Promise.reject(error) };
}
