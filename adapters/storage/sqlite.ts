/** Boards in one SQLite database, by the package `better-sqlite3`: what is acknowledged survives a power cut. */
import { dirname, join, resolve } from "node:path";
import type { BoardStore, Storage } from "../../lib/index.ts";
import { storageFailed } from "./append-file.ts";
import { makeDirectory } from "./directory.ts";
import { acquireLock } from "./lock-file.ts";
import { mergeByReplay } from "./replay.ts";
import { type BoardDatabase, openBoardDatabase } from "./sqlite/board-database.ts";
import {
  type BoardRow,
  findBoard,
  insertBoard,
  insertUpdates,
  readUpdates,
  replaceUpdates,
} from "./sqlite/board-rows.ts";
import { lockOf, SQLITE_FILE } from "./sqlite/database-file.ts";
import { databaseCorrupt, sqliteFailed } from "./sqlite/driver.ts";

/** Where the database is: a file, or `boards.sqlite` in a folder; both are made where there is none. */
export type SqliteStorageOptions = { readonly directory: string } | { readonly file: string };

/** A use of the database that the stores of one storage share; whoever ends the last one closes it. */
interface DatabaseUse {
  readonly database: BoardDatabase;
  end(): void;
}

/**
 * Makes a storage of one database for all boards. A board is open in one process at a time: it is guarded by
 * `<database>.<board>.lock.<number>`; several processes may have different boards of one database open. What boards
 * append in one turn is one commit. The disk must be a local one.
 *
 * @example
 * const storage = createSqliteStorage({ directory: "./boards" });
 * const store = await storage.open("docs#1"); // in ./boards/boards.sqlite
 */
export function createSqliteStorage(options: SqliteStorageOptions): Storage {
  const file = resolve("file" in options ? options.file : join(options.directory, SQLITE_FILE));
  const use = shareDatabase(file);
  return {
    async open(board) {
      const lockPath = lockOf(file, board);
      try {
        await makeDirectory(dirname(file));
        const lock = await acquireLock(lockPath);
        try {
          return openBoard({ ...(await use()), release: lock.release }, board);
        } catch (error) {
          await lock.release();
          throw error;
        }
      } catch (error) {
        throw storageFailed(file, "could not be opened", error);
      }
    },
  };
}

/** Opens the database at the first use; once it has failed, whoever comes next gets another connection. */
function shareDatabase(file: string): () => Promise<DatabaseUse> {
  let last: { readonly opened: Promise<BoardDatabase>; users: number; isFailed(): boolean } | null;
  last = null;
  return async () => {
    if (last === null || last.isFailed()) {
      const made = { opened: openBoardDatabase(file), users: 0, isFailed: () => false };
      last = made;
    }
    const shared = last;
    shared.users++;
    const end = (): boolean => {
      shared.users--;
      if (shared.users === 0 && last === shared) last = null;
      return shared.users === 0;
    };
    try {
      const database = await shared.opened;
      shared.isFailed = () => database.failure !== undefined;
      return {
        database,
        end() {
          if (end()) database.close();
        },
      };
    } catch (error) {
      end();
      throw error;
    }
  };
}

interface StoreParts extends DatabaseUse {
  readonly release: () => Promise<void>;
}

function openBoard({ database, end, release }: StoreParts, board: string): BoardStore {
  const { connection, file } = database;
  try {
    const row = findBoard(connection, file, board) ?? makeBoard(database, board);
    readUpdates(connection, file, row);
    return createStore({ database, end, release }, row);
  } catch (error) {
    end();
    throw sqliteFailed(file, "could not be opened", error);
  }
}

function makeBoard(database: BoardDatabase, board: string): BoardRow {
  const row = database.commit(() => insertBoard(database.connection, board));
  database.checkpoint(); // so that a board whose write-ahead log was lost is not taken for a new one
  return row;
}

function createStore({ database, end, release }: StoreParts, opened: BoardRow): BoardStore {
  const { connection, file } = database;
  let row = opened;
  let closed: Promise<void> | undefined;

  const refuseClosed = (): void => {
    if (closed !== undefined) throw storageFailed(file, "is closed; open it again to go on");
  };

  /** The row as it is, which after a commit that failed is not the one that would have been. */
  const storedRow = (): BoardRow => {
    const stored = findBoard(connection, file, row.name);
    if (stored?.id !== row.id) throw databaseCorrupt(file, `its board ${row.name} is another one`);
    return stored;
  };

  const readAll = (): readonly Uint8Array[] => {
    database.commitAppended();
    return readUpdates(connection, file, storedRow());
  };

  return {
    id: row.id,
    async load() {
      refuseClosed();
      try {
        return readAll();
      } catch (error) {
        throw sqliteFailed(file, "could not be read", error);
      }
    },
    async append(update) {
      refuseClosed();
      const bytes = update.slice();
      return database.append(() => {
        row = insertUpdates(connection, row, [bytes]);
      });
    },
    async compact() {
      refuseClosed();
      try {
        const updates = mergeByReplay(readAll());
        if (database.failure !== undefined) throw database.failure;
        row = database.commit(() => replaceUpdates(connection, row, updates));
      } catch (error) {
        throw sqliteFailed(file, "could not be compacted, and is as before", error);
      }
    },
    close() {
      closed ??= Promise.resolve()
        .then(() => database.commitAppended())
        .finally(end)
        .finally(release)
        .catch((error) => {
          throw storageFailed(file, "could not be closed in order; look at its lock", error);
        });
      return closed;
    },
  };
}
