/** The contract of the storage port, as tests: every adapter passes it, and outside adapters can run it too. */
import * as Y from "yjs";
import type { BoardStore, Storage } from "../../lib/index.ts";

/** One fresh place with no board in it; each test of the contract makes its own. */
export interface StorageHarness {
  /** Gives a storage on the place, as a process that starts would make it; called again for every restart. */
  createStorage(): Storage;
  /** Frees the place; every store is closed by then. */
  close(): void | Promise<void>;
}

/** What {@link describeStorageContract} needs. */
export interface StorageContractOptions {
  /** Registers one test: `test` of jest, vitest and node:test all fit. */
  readonly test: (name: string, run: () => Promise<void>) => unknown;
  /** Makes a fresh place for stores; called once a test. */
  readonly createHarness: () => StorageHarness | Promise<StorageHarness>;
}

interface Bench {
  /** Opens a board by the storage of the current run. */
  open(board?: string): Promise<BoardStore>;
  /** Closes every store that is open and starts a new run. */
  restart(): Promise<void>;
}

const BOARD = "docs#1";

/** Names that a careless adapter would confuse, or could not write down. */
const TRICKY_BOARDS = [
  "docs#1",
  "docs#2",
  "Docs#1",
  "docs/#1",
  "../docs#1",
  "docs%231",
  "docs#1.log",
  ".",
  "döcs#1",
  "do\u0308cs#1",
  "d".repeat(300),
  `${"d".repeat(299)}e`,
];

/** Registers every test of the contract; the rules that they cite are in `docs/spec.md`, section S. */
export function describeStorageContract({ test, createHarness }: StorageContractOptions): void {
  const onBench = (run: (bench: Bench) => Promise<void>) => async () => {
    const harness = await createHarness();
    const bench = createBench(harness);
    try {
      await run(bench);
      await bench.restart();
    } finally {
      await harness.close();
    }
  };

  test(
    "[S1] a store gives every update in the order of appending",
    onBench(async ({ open }) => {
      const store = await open();
      const updates = writeUpdates(20);

      await appendEach(store, updates);

      checkSame(await store.load(), updates);
    }),
  );

  test(
    "[S1] updates appended at once are stored in the order of the calls",
    onBench(async ({ open, restart }) => {
      const store = await open();
      const updates = writeUpdates(200);

      await Promise.all(updates.map((update) => store.append(update)));

      checkSame(await store.load(), updates);
      await restart();
      checkSame(await (await open()).load(), updates);
    }),
  );

  test(
    "[S1] an update changed by its owner after the append is stored as it was",
    onBench(async ({ open }) => {
      const store = await open();
      const updates = writeUpdates(3);
      const lent = updates.map((update) => update.slice());

      const appended = Promise.all(lent.map((update) => store.append(update)));
      for (const update of lent) {
        update.fill(0);
      }
      await appended;
      for (const update of await store.load()) {
        update.fill(0);
      }

      checkSame(await store.load(), updates);
    }),
  );

  test(
    "[S2] a reopened store gives everything that was acknowledged",
    onBench(async ({ open, restart }) => {
      const updates = writeUpdates(9);
      for (let run = 0; run < 3; run++) {
        const store = await open();
        await appendEach(store, updates.slice(3 * run, 3 * run + 3));
        await restart();
      }

      checkSame(await (await open()).load(), updates);
    }),
  );

  test(
    "[S3] a store's id outlives closing and compaction, and no other board has it",
    onBench(async ({ open, restart }) => {
      const store = await open();
      const other = await open("other#1");
      await appendEach(store, writeUpdates(3));
      await store.compact();
      await restart();
      const reopened = await open();

      check(store.id !== "" && store.id !== other.id, "two boards have two ids");
      check(reopened.id === store.id, "the id of a reopened store is the same");
    }),
  );

  test(
    "[S4] compaction leaves one update with the same content",
    onBench(async ({ open, restart }) => {
      const store = await open();
      const updates = writeUpdates(50);
      await appendEach(store, updates);

      await store.compact();

      const loaded = await store.load();
      check(loaded.length === 1, "a compacted store holds one update");
      checkSameContent(loaded, updates);
      await restart();
      checkSameContent(await (await open()).load(), updates);
    }),
  );

  test(
    "[S4] an empty store stays empty through compaction",
    onBench(async ({ open, restart }) => {
      const store = await open();

      await store.compact();

      check((await store.load()).length === 0, "there is nothing in it");
      await restart();
      check((await (await open()).load()).length === 0, "there is nothing in it after reopening");
    }),
  );

  test(
    "[S5] an append made during compaction is kept",
    onBench(async ({ open, restart }) => {
      const store = await open();
      const updates = writeUpdates(60);
      await appendEach(store, updates.slice(0, 20));

      await Promise.all([
        ...updates.slice(20, 40).map((update) => store.append(update)),
        store.compact(),
        ...updates.slice(40).map((update) => store.append(update)),
      ]);

      checkSameContent(await store.load(), updates);
      await restart();
      checkSameContent(await (await open()).load(), updates);
    }),
  );

  test(
    "[S6] boards do not mix, however alike their names",
    onBench(async ({ open, restart }) => {
      const updates = writeUpdates(TRICKY_BOARDS.length);
      for (const [index, board] of TRICKY_BOARDS.entries()) {
        await (await open(board)).append(updates[index] ?? new Uint8Array());
      }
      await restart();

      for (const [index, board] of TRICKY_BOARDS.entries()) {
        checkSame(await (await open(board)).load(), updates.slice(index, index + 1));
      }
    }),
  );

  test(
    "[S7] closing waits for what is under way, and closing again does nothing",
    onBench(async ({ open, restart }) => {
      const store = await open();
      const updates = writeUpdates(30);
      const appended = updates.map((update) => store.append(update));

      await Promise.all([store.close(), store.close()]);
      await store.close();

      await Promise.all(appended);
      await restart();
      checkSame(await (await open()).load(), updates);
    }),
  );

  test(
    "[S7] a closed store refuses every call with STORAGE_FAILED",
    onBench(async ({ open }) => {
      const store = await open();
      await store.close();

      for (const call of [
        () => store.append(new Uint8Array([0, 0])),
        () => store.load(),
        () => store.compact(),
      ]) {
        check((await codeOf(call)) === "STORAGE_FAILED", "a closed store refuses the call");
      }
    }),
  );
}

function createBench(harness: StorageHarness): Bench {
  let storage = harness.createStorage();
  let stores: BoardStore[] = [];
  return {
    async open(board = BOARD) {
      const store = await storage.open(board);
      stores.push(store);
      return store;
    },
    async restart() {
      await Promise.all(stores.map((store) => store.close()));
      stores = [];
      storage = harness.createStorage();
    },
  };
}

/** Writes `count` records to a log, and gives the update of each. */
function writeUpdates(count: number): readonly Uint8Array[] {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  for (let n = 0; n < count; n++) {
    doc.getArray("log/a/0").push([{ n, at: n + 1, kind: "noted", text: `note ${n}` }]);
  }
  doc.destroy();
  return updates;
}

async function appendEach(store: BoardStore, updates: readonly Uint8Array[]): Promise<void> {
  for (const update of updates) {
    await store.append(update);
  }
}

async function codeOf(call: () => Promise<unknown>): Promise<unknown> {
  return call().then(
    () => "no error",
    (error) => error.code,
  );
}

function check(condition: boolean, fact: string): void {
  if (!condition) {
    throw new Error(`Storage contract: it does not hold that ${fact}`);
  }
}

function checkSame(actual: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  check(
    actual.length === expected.length,
    `${expected.length} updates are there, not ${actual.length}`,
  );
  for (const [index, update] of expected.entries()) {
    check(hex(actual[index]) === hex(update), `update ${index} is as it was appended`);
  }
}

function checkSameContent(actual: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  check(contentOf(actual) === contentOf(expected), "the content is as it was appended");
}

/** Every record, and the state vector, since equal text alone may hide another history. */
function contentOf(updates: readonly Uint8Array[]): string {
  const doc = new Y.Doc();
  for (const update of updates) {
    Y.applyUpdate(doc, update);
  }
  const content = JSON.stringify(doc.getArray("log/a/0"));
  const vector = hex(Y.encodeStateVector(doc));
  doc.destroy();
  return `${content} ${vector}`;
}

function hex(bytes: Uint8Array = new Uint8Array()): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
