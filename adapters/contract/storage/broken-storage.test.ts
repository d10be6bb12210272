// Storages that each break one promise: the contract must tell every one of them, by the rule that it breaks.

import { expect, test } from "@jest/globals";
import * as Y from "yjs";
import type { BoardStore, Storage } from "../../../lib/index.ts";
import { createMemoryStorage } from "../../storage/memory.ts";
import { describeStorageContract } from "../storage.ts";
import { runSuite } from "../suite/run-suite.ts";

/** How a storage on the shared memory of one place is broken. */
type Breakage = (storage: Storage) => Storage;

/** Changes what a store does, and leaves the rest. */
function breakStore(change: (store: BoardStore, board: string) => Partial<BoardStore>): Breakage {
  return (storage) => ({
    async open(board) {
      const store = await storage.open(board);
      return { ...store, ...change(store, board) };
    },
  });
}

const broken: readonly (readonly [string, string, Breakage])[] = [
  [
    "[S1] a store gives every update in the order of appending",
    "gives the updates in reverse",
    breakStore((store) => ({ load: async () => [...(await store.load())].reverse() })),
  ],
  [
    "[S1] updates appended at once are stored in the order of the calls",
    "lets a short update pass a long one",
    breakStore((store) => ({
      async append(update) {
        for (let turn = 0; turn < 400 - update.length; turn++) await Promise.resolve();
        return store.append(update);
      },
    })),
  ],
  [
    "[S1] an update changed by its owner after the append is stored as it was",
    "reads the update after the call",
    breakStore((store) => ({
      async append(update) {
        await Promise.resolve();
        return store.append(update);
      },
    })),
  ],
  [
    "[S1] an update that is a piece of a larger buffer is stored without what lies around it",
    "stores the whole buffer",
    breakStore((store) => ({ append: (update) => store.append(new Uint8Array(update.buffer)) })),
  ],
  [
    "[S1] an update of three megabytes is stored like a small one",
    "keeps a megabyte",
    breakStore((store) => ({ append: (update) => store.append(update.subarray(0, 1 << 20)) })),
  ],
  [
    "[S3] the same board in another place has another id",
    "names the store after the board",
    breakStore((_store, board) => ({ id: board })),
  ],
  [
    "[S3] a store's id outlives closing and compaction, and no other board has it",
    "gives a new id at every opening",
    breakStore(() => ({ id: `${Math.random()}` })),
  ],
  [
    "[S4] compaction leaves one update with the same content",
    "compacts nothing",
    breakStore(() => ({ compact: async () => {} })),
  ],
  [
    "[S4] compaction keeps what waits for a predecessor until that arrives",
    "compacts what it can read and drops the rest",
    compactBy(dropPending),
  ],
  [
    "[S5] an append made during compaction is kept",
    "compacts what it read a moment ago",
    compactBy(Y.mergeUpdates),
  ],
  [
    "[S6] boards do not mix, however alike their names",
    "does not tell capitals",
    (storage) => ({ open: (board) => storage.open(board.toLowerCase()) }),
  ],
  [
    "[S7] a closed store refuses every call with STORAGE_FAILED",
    "goes on after it was closed",
    breakStore(() => ({ close: async () => {} })),
  ],
];

test.each(broken)("%s: fails for a storage that %s", async (promise, _how, breakage) => {
  const failures = await runSuite(
    (register) =>
      describeStorageContract({
        test: register,
        createHarness() {
          const storage = breakage(createMemoryStorage());
          return { createStorage: () => storage, close() {} };
        },
      }),
    promise,
  );

  expect(failures.get(promise)).toMatch(/It does not hold that .+: (expected .+, )?came .+\./);
});

/** Compacts by another means, and forgets what is appended meanwhile. */
function compactBy(merge: (updates: Uint8Array[]) => Uint8Array): Breakage {
  const updatesByBoard = new Map<string, Uint8Array[]>();
  return breakStore((_store, board) => ({
    load: async () => updatesByBoard.get(board) ?? [],
    async append(update) {
      updatesByBoard.set(board, [...(updatesByBoard.get(board) ?? []), update.slice()]);
    },
    async compact() {
      const read = updatesByBoard.get(board) ?? [];
      await Promise.resolve();
      updatesByBoard.set(board, [merge(read)]);
    },
  }));
}

function dropPending(updates: Uint8Array[]): Uint8Array {
  const doc = new Y.Doc();
  for (const update of updates) {
    Y.applyUpdate(doc, update);
  }
  doc.store.pendingStructs = null;
  doc.store.pendingDs = null;
  return Y.encodeStateAsUpdate(doc);
}
