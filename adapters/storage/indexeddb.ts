/** Boards in a browser's IndexedDB, laid out as `y-indexeddb` does, so that either reads what the other wrote. */
import type { BoardStore, CoordinationError, Storage } from "../../lib/index.ts";
import { databaseFailed } from "./indexeddb/database-fault.ts";
import { openUpdatesDatabase, type UpdatesDatabase } from "./indexeddb/updates-database.ts";
import { acquireWebLock, type WebLock } from "./indexeddb/web-lock.ts";
import { mergeByReplay } from "./replay.ts";

/** What the databases are called. */
export interface IndexedDbStorageOptions {
  /** Goes before the board's name in that of its database; `stigmergy/` by default. */
  readonly prefix?: string;
}

const DEFAULT_PREFIX = "stigmergy/";

/**
 * Makes a storage of one database for each board, such as `stigmergy/docs#1`. A board is open in one page of an origin
 * at a time, by a web lock of the same name, which needs a secure context. A browser short of space may delete the
 * databases of an origin unless it granted `navigator.storage.persist()`; the board then comes back under another id.
 *
 * @example
 * const storage = createIndexedDbStorage();
 * const store = await storage.open("docs#1");
 */
export function createIndexedDbStorage({
  prefix = DEFAULT_PREFIX,
}: IndexedDbStorageOptions = {}): Storage {
  return {
    async open(board) {
      if (board === "" || !board.isWellFormed()) {
        const name = JSON.stringify(board);
        throw new RangeError(`A board needs a name of well-formed text; ${name} is none.`);
      }
      const name = prefix + board;
      const lock = await acquireWebLock(name);
      try {
        return createStore(name, await openUpdatesDatabase(name), lock);
      } catch (error) {
        await lock.release();
        throw databaseFailed(name, "could not be opened", error);
      }
    },
  };
}

function createStore(name: string, database: UpdatesDatabase, lock: WebLock): BoardStore {
  let failure: CoordinationError | undefined;
  let group: { readonly updates: Uint8Array[]; readonly done: Promise<void> } | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closed: Promise<void> | undefined;

  const enqueue = <T>(task: () => Promise<T>): Promise<T> => {
    const result = last.then(task);
    last = result.catch(() => undefined); // whoever asked for the task hears of its failure
    return result;
  };

  const refuseClosed = (): void => {
    if (closed !== undefined) throw databaseFailed(name, "is closed; open it again to go on");
  };

  const refuseFailed = (): void => {
    if (failure !== undefined) throw failure;
  };

  const startGroup = (): { readonly updates: Uint8Array[]; readonly done: Promise<void> } => {
    const updates: Uint8Array[] = [];
    const done = enqueue(async () => {
      if (group?.updates === updates) group = undefined;
      refuseFailed();
      try {
        await database.append(updates);
      } catch (cause) {
        failure ??= databaseFailed(name, "could not be written; open it anew to go on", cause);
        throw failure;
      }
    });
    return { updates, done };
  };

  const readAll = (): Promise<readonly Uint8Array[]> =>
    database.read().catch((error: unknown) => {
      throw databaseFailed(name, "could not be read", error);
    });

  return {
    id: database.id,
    async load() {
      refuseClosed();
      return enqueue(readAll);
    },
    async append(update) {
      refuseClosed();
      group ??= startGroup();
      group.updates.push(update.slice());
      return group.done;
    },
    async compact() {
      refuseClosed();
      return enqueue(async () => {
        refuseFailed();
        try {
          await database.replace(mergeByReplay(await readAll()));
        } catch (error) {
          throw databaseFailed(name, "could not be compacted, and is as before", error);
        }
      });
    },
    close() {
      closed ??= enqueue(async () => database.close()).finally(() => lock.release());
      return closed;
    },
  };
}
