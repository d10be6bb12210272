/** The page of the IndexedDB tests: the storage contract, and single steps that a test takes in several pages. */
import { IndexeddbPersistence } from "y-indexeddb";
import * as Y from "yjs";
import type { BoardStore } from "../../../lib/index.ts";
import { contentOf } from "../../contract/storage/content.ts";
import { describeStorageContract } from "../../contract/storage.ts";
import { createIndexedDbStorage } from "../indexeddb.ts";

/** What the page offers to a test; all goes over as JSON. */
export type StoragePage = typeof storagePage;

const BOARD = "docs#1";
const DATABASE = `stigmergy/${BOARD}`;

let store: BoardStore | undefined;
let writes = 0;

const contract = new Map<string, () => Promise<void>>();
let places = 0;

describeStorageContract({
  test: (name, run) => contract.set(name, run),
  createHarness() {
    const prefix = `place ${places++}/`;
    return { createStorage: () => createIndexedDbStorage({ prefix }), close() {} };
  },
});

countWrites();

const storagePage = {
  async runContract(name: string): Promise<void> {
    await contract.get(name)?.();
  },
  open: (): Promise<string> =>
    outcomeOf(async () => {
      store = await createIndexedDbStorage().open(BOARD);
      return store.id;
    }),
  /** Appends updates in one turn, and gives how many commits that took. */
  append: (updates: readonly (readonly number[])[]): Promise<string> =>
    outcomeOf(async () => {
      const before = writes;
      await Promise.all(updates.map((update) => opened().append(Uint8Array.from(update))));
      return `${writes - before} commits`;
    }),
  compact: (): Promise<string> =>
    outcomeOf(async () => {
      await opened().compact();
      return "compacted";
    }),
  async content(): Promise<string> {
    return contentOf(await opened().load());
  },
  async close(): Promise<void> {
    await opened().close();
  },
  /** Gives the content of the document that `y-indexeddb` loads, and lets it write there too. */
  async usePersistence(text: string): Promise<string> {
    const doc = new Y.Doc({ gc: false });
    const persistence = new IndexeddbPersistence(DATABASE, doc);
    await persistence.whenSynced;
    const content = contentOf([Y.encodeStateAsUpdate(doc)]);
    if (text !== "") {
      doc.getArray("theirs").push([text]);
      await persistence.set("their-key", text); // behind the update, in the same queue of the database
    }
    await persistence.destroy();
    return content;
  },
  async theirs(): Promise<readonly unknown[]> {
    const doc = new Y.Doc();
    for (const update of await opened().load()) Y.applyUpdate(doc, update);
    return doc.getArray("theirs").toJSON();
  },
  /** Deletes the database, as a person or a browser short of space does. */
  async remove(): Promise<void> {
    await settled(indexedDB.deleteDatabase(DATABASE));
  },
  /** Makes a database of something else under the board's name. */
  async makeForeign(): Promise<void> {
    const request = indexedDB.open(DATABASE);
    request.onupgradeneeded = () => request.result.createObjectStore("songs");
    (await settled(request)).close();
  },
  /** Puts something else among the updates. */
  async putForeign(): Promise<void> {
    const database = await settled(indexedDB.open(DATABASE));
    await settled(
      database.transaction("updates", "readwrite").objectStore("updates").add("a song"),
    );
    database.close();
  },
};

Object.assign(globalThis, { storagePage });

function opened(): BoardStore {
  if (store === undefined) throw new Error("no store is open in this page");
  return store;
}

async function outcomeOf(run: () => Promise<string>): Promise<string> {
  try {
    return await run();
  } catch (error) {
    const { code, message, details } = error as { code: string; message: string; details: object };
    return `${code} ${message} ${JSON.stringify(details)}`;
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Counts durable commits where the browser makes them. */
function countWrites(): void {
  const original = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (...given: Parameters<typeof original>) {
    if (given[1] === "readwrite" && given[2]?.durability === "strict") writes++;
    return original.apply(this, given);
  };
}
