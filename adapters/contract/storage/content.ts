/** The boards that the storage suites write, and what a document loaded from stored updates comes to. */
import * as Y from "yjs";
import { toHex } from "../suite/check.ts";

/** Writes `count` records to one log, and gives the update of each; every third transaction deletes one too. */
export function writeUpdates(count: number): readonly Uint8Array[] {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  const log = doc.getArray("log/a/0");
  for (let n = 0; n < count; n++) {
    doc.transact(() => {
      log.push([{ n, at: n + 1, kind: "noted" }]);
      if (n % 3 === 2) {
        log.delete(0);
      }
    });
  }
  doc.destroy();
  return updates;
}

/**
 * Describes the document that updates give: every array, the state vector and the delete set, since equal text alone
 * may hide another history, and whether something still waits for a predecessor. Equal descriptions mean equal documents.
 */
export function contentOf(updates: readonly Uint8Array[]): string {
  const doc = new Y.Doc({ gc: false });
  for (const update of updates) {
    Y.applyUpdate(doc, update);
  }
  const arrays = [...doc.share.keys()].sort().map((name) => [name, doc.getArray(name)]);
  const history = toHex(Y.encodeSnapshot(Y.snapshot(doc)));
  const { pendingStructs, pendingDs } = doc.store;
  const waiting = `${pendingStructs === null ? "no" : "some"} items, ${pendingDs === null ? "no" : "some"} deletions wait`;
  doc.destroy();
  return `${JSON.stringify(arrays)} ${history}, ${waiting}`;
}
