/** The journal: keeps a replica's document in its store, from what was there before to every update that comes. */
import { applyUpdate, type Doc } from "yjs";
import type { BoardStore } from "../replica/storage.ts";

/** The tie between a document and its store. */
export interface Journal {
  /** Resolves when every update so far is stored; rejects as the store failed. At once where there is no store. */
  durable(): Promise<void>;
  close(): Promise<void>;
}

const COMPACT_AFTER_UPDATES = 1000;

/** Loads what is stored and stores what comes; a failure is reported once and then refuses all that asks for durability. */
export async function openJournal(
  doc: Doc,
  store: BoardStore | undefined,
  fault: (error: Error) => void,
): Promise<Journal> {
  let last: Promise<void> = Promise.resolve();
  if (store === undefined) return { durable: () => last, close: () => last };
  await load(doc, store);
  const onUpdate = (update: Uint8Array): void => {
    last = store.append(update);
    last.catch((error: unknown) => {
      doc.off("update", onUpdate);
      fault(error instanceof Error ? error : new Error(String(error)));
    });
  };
  doc.on("update", onUpdate);
  return {
    durable: () => last,
    async close() {
      doc.off("update", onUpdate);
      await store.close();
    },
  };
}

async function load(doc: Doc, store: BoardStore): Promise<void> {
  const updates = await store.load();
  doc.transact(() => {
    for (const update of updates) applyUpdate(doc, update);
  });
  if (updates.length > COMPACT_AFTER_UPDATES) await store.compact();
}
