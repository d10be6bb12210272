/** One board's database: the object stores of `y-indexeddb`, and transactions that end only when they are durable. */
import { uuidv4 } from "lib0/random";
import { databaseCorrupt, databaseFailed } from "./database-fault.ts";

/** An open database. */
export interface UpdatesDatabase {
  /** The store's id. */
  readonly id: string;
  /** Gives all updates, in the order of appending. */
  read(): Promise<readonly Uint8Array[]>;
  /** Appends updates in one transaction; resolves when it is durable. */
  append(updates: readonly Uint8Array[]): Promise<void>;
  /** Puts other updates in the place of all, in one transaction. */
  replace(updates: readonly Uint8Array[]): Promise<void>;
  close(): void;
}

/** The stores of `y-indexeddb`: updates by a growing number, and whatever else by name. */
const UPDATES = "updates";
const CUSTOM = "custom";

/** Where the store's id is; `y-indexeddb` leaves the names of others alone. */
const ID_KEY = "stigmergy-store-id";

/**
 * Opens a database, making it where there is none.
 *
 * @throws CoordinationError `STORAGE_CORRUPT` when it is one of something else, `STORAGE_FAILED` when it cannot be used
 */
export async function openUpdatesDatabase(name: string): Promise<UpdatesDatabase> {
  const database = await openDatabase(name);
  let gone: string | undefined;
  database.onversionchange = () => {
    gone = "is being deleted, or changed, by another page; open the board anew";
    database.close();
  };
  database.onclose = () => {
    gone = "was closed by the browser; open the board anew";
  };
  const transact = <T>(
    mode: IDBTransactionMode,
    run: (updates: IDBObjectStore, custom: IDBObjectStore) => IDBRequest<T> | null,
  ): Promise<T | undefined> => {
    if (gone !== undefined) return Promise.reject(databaseFailed(name, gone));
    return complete(database, mode, run);
  };
  try {
    checkStores(name, database);
    const id = await readId(name, transact);
    return {
      id,
      async read() {
        const values = await transact<unknown[]>("readonly", (updates) => updates.getAll());
        return checkUpdates(name, values ?? []);
      },
      async append(added) {
        await transact("readwrite", (updates) => addAll(updates, added));
      },
      async replace(added) {
        await transact("readwrite", (updates) => {
          updates.clear();
          return addAll(updates, added);
        });
      },
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(UPDATES, { autoIncrement: true });
      request.result.createObjectStore(CUSTOM);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function checkStores(name: string, database: IDBDatabase): void {
  const names = database.objectStoreNames;
  if (!names.contains(UPDATES) || !names.contains(CUSTOM)) {
    throw databaseCorrupt(name, `it has the stores ${JSON.stringify([...names])}, not a board's`);
  }
}

/** Runs requests in one transaction, and gives what the last one gave once all is durable. */
function complete<T>(
  database: IDBDatabase,
  mode: IDBTransactionMode,
  run: (updates: IDBObjectStore, custom: IDBObjectStore) => IDBRequest<T> | null,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction([UPDATES, CUSTOM], mode, { durability: "strict" });
    transaction.onabort = () =>
      reject(transaction.error ?? new Error("the transaction was aborted"));
    try {
      const request = run(transaction.objectStore(UPDATES), transaction.objectStore(CUSTOM));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.commit();
    } catch (error) {
      transaction.abort();
      reject(error);
    }
  });
}

function addAll(store: IDBObjectStore, updates: readonly Uint8Array[]): null {
  for (const update of updates) store.add(update);
  return null;
}

async function readId(
  name: string,
  transact: <T>(
    mode: IDBTransactionMode,
    run: (updates: IDBObjectStore, custom: IDBObjectStore) => IDBRequest<T>,
  ) => Promise<T | undefined>,
): Promise<string> {
  const found = await transact<unknown>("readonly", (_, custom) => custom.get(ID_KEY));
  if (typeof found === "string" && found !== "") return found;
  if (found !== undefined) throw databaseCorrupt(name, `its ${ID_KEY} is no text`);
  const id = uuidv4();
  await transact("readwrite", (_, custom) => custom.add(id, ID_KEY));
  return id;
}

function checkUpdates(name: string, values: readonly unknown[]): readonly Uint8Array[] {
  return values.map((value, index) => {
    if (value instanceof Uint8Array) return value;
    throw databaseCorrupt(name, `its entry ${index} is no update`);
  });
}
