/** Compaction by replay: far faster than merging the bytes of many updates. */
import * as Y from "yjs";

/**
 * Replays updates into a fresh document, in one transaction, and gives its state as one update, or none for none.
 * Nothing is garbage-collected: whoever loads the result finds the same items as before.
 *
 * @throws whatever Yjs throws at an update that cannot be read
 */
export function mergeByReplay(updates: readonly Uint8Array[]): Uint8Array[] {
  if (updates.length === 0) {
    return [];
  }
  const doc = new Y.Doc({ gc: false });
  try {
    doc.transact(() => {
      for (const update of updates) {
        Y.applyUpdate(doc, update);
      }
    });
    return [Y.encodeStateAsUpdate(doc)];
  } finally {
    doc.destroy();
  }
}
