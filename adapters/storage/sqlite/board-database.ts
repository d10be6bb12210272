/** An open database: its checks at the opening, and its commits, in which all that was asked for in one turn goes. */
import type { CoordinationError } from "../../../lib/index.ts";
import { listBoards, SCHEMA } from "./board-rows.ts";
import {
  checkHeader,
  countCommits,
  findLastCommit,
  makeDatabaseFile,
  setDurable,
} from "./database-file.ts";
import {
  type Connection,
  type Driver,
  databaseCorrupt,
  loadDriver,
  sqliteFailed,
} from "./driver.ts";

/** A database, open for all boards of a storage. */
export interface BoardDatabase {
  readonly file: string;
  readonly connection: Connection;
  /** What every commit is refused with, once one has failed. */
  readonly failure: CoordinationError | undefined;
  /**
   * Lets a task write in the next commit; resolves once that is durable.
   *
   * @throws CoordinationError `STORAGE_FAILED`; from the first failure on, every time
   */
  append(task: () => void): Promise<void>;
  /** Commits at once what has been appended so far; whoever appended it hears of a failure. */
  commitAppended(): void;
  /** Runs a task in a commit of its own; when it fails, all is as before. */
  commit<T>(task: () => T): T;
  /** Brings what was committed from the write-ahead log into the database itself. */
  checkpoint(): void;
  close(): void;
}

interface Waiting {
  readonly task: () => void;
  readonly resolve: () => void;
  readonly reject: (reason: CoordinationError) => void;
}

/** How long a commit waits for that of another process. */
const BUSY_MS = 5000;

/**
 * Opens the database, making it where there is none, once all of it was found in order.
 *
 * @throws CoordinationError `STORAGE_CORRUPT` or `STORAGE_FAILED`, naming the file
 */
export async function openBoardDatabase(file: string): Promise<BoardDatabase> {
  const driver = await loadDriver(file);
  try {
    await makeDatabaseFile(driver, file, SCHEMA);
    await checkDatabase(driver, file);
    const connection = new driver(file, { fileMustExist: true, timeout: BUSY_MS });
    setDurable(connection);
    connection.pragma("trusted_schema = OFF");
    return createDatabase(file, connection);
  } catch (error) {
    throw sqliteFailed(file, "could not be opened", error);
  }
}

/**
 * Checks a database as a whole, without changing its files: the pages, the tables, the boards' rows, and whether a
 * commit is missing. Boards may be open elsewhere meanwhile.
 */
export async function checkDatabase(driver: Driver, file: string): Promise<void> {
  await checkHeader(file);
  const written = await findLastCommit(file); // before the look at what is visible, which may only be later
  await readDatabase(driver, file, (connection) => {
    const visible = readCommits(connection);
    if (written !== undefined && countCommits(visible, written) > 1) {
      // of two commits that SQLite does not see only the later one can be torn: it began when the other was durable
      const lost = countCommits(visible, written);
      throw databaseCorrupt(`${file}-wal`, `it holds ${lost} commits behind a damaged place`);
    }
    const found = connection.pragma("integrity_check(1)", { simple: true });
    if (found !== "ok") throw databaseCorrupt(file, String(found));
    const tables = connection
      .prepare("SELECT sql FROM sqlite_schema WHERE name IN ('boards', 'updates') ORDER BY name")
      .pluck()
      .all();
    if (tables.join() !== SCHEMA.join()) {
      throw databaseCorrupt(file, "its tables are not those of this release");
    }
    listBoards(connection, file);
  });
}

/** Reads from one moment of the database, also while it is written to, and leaves its files as they are. */
export async function readDatabase<T>(
  driver: Driver,
  file: string,
  read: (connection: Connection) => T,
): Promise<T> {
  let connection: Connection | undefined;
  try {
    connection = new driver(file, { readonly: true, fileMustExist: true, timeout: BUSY_MS });
    const opened = connection;
    opened.pragma("cell_size_check = ON");
    return opened.transaction(() => read(opened))();
  } catch (error) {
    throw sqliteFailed(file, "could not be read", error);
  } finally {
    connection?.close(); // a connection that only reads leaves the write-ahead log to the next one
  }
}

function createDatabase(file: string, connection: Connection): BoardDatabase {
  let failure: CoordinationError | undefined;
  let waiting: Waiting[] = [];
  const begin = connection.transaction((task: () => unknown) => {
    const result = task();
    connection.pragma(`user_version = ${(readCommits(connection) + 1) | 0}`);
    return result;
  }).immediate;

  const commitAppended = (): void => {
    const group = waiting;
    waiting = [];
    if (group.length === 0) return;
    try {
      if (failure !== undefined) throw failure;
      begin(() => {
        for (const { task } of group) task();
      });
    } catch (cause) {
      failure ??= sqliteFailed(file, "could not be written; open it anew to go on", cause);
      for (const { reject } of group) reject(failure);
      return;
    }
    for (const { resolve } of group) resolve();
  };

  return {
    file,
    connection,
    get failure() {
      return failure;
    },
    append(task) {
      return new Promise((resolve, reject) => {
        if (waiting.push({ task, resolve, reject }) === 1) setImmediate(commitAppended);
      });
    },
    commitAppended,
    commit: <T>(task: () => T): T => begin(task) as T,
    checkpoint() {
      connection.pragma("wal_checkpoint(PASSIVE)");
    },
    close() {
      commitAppended();
      connection.close();
    },
  };
}

function readCommits(connection: Connection): number {
  return Number(connection.pragma("user_version", { simple: true }));
}
