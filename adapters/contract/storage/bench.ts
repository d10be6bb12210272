/** The workbench of one contract test: stores in one place and in others, restarts, and checks of what they give. */
import type { BoardStore, Storage } from "../../../lib/index.ts";
import { checkSame } from "../suite/check.ts";
import { contentOf } from "./content.ts";
import type { StorageContractOptions } from "./harness.ts";

/** Registers one test of the contract; each runs in a fresh place. */
export type ContractTest = (name: string, run: (bench: ContractBench) => Promise<void>) => unknown;

/** What a test of the contract works with. */
export interface ContractBench {
  /** Opens the same board in another fresh place. */
  openElsewhere(): Promise<BoardStore>;
  /** Opens a board by the storage of the current run. */
  open(board?: string): Promise<BoardStore>;
  /** Closes every store that is open and starts a new run. */
  restart(): Promise<void>;
  /** Closes every place. */
  close(): Promise<void>;
}

const BOARD = "docs#1";

/** Makes the workbench of one test. */
export async function createBench(
  createHarness: StorageContractOptions["createHarness"],
): Promise<ContractBench> {
  const harness = await createHarness();
  const harnesses = [harness];
  let storage = harness.createStorage();
  let stores: BoardStore[] = [];
  const openIn = async (place: Storage, board = BOARD): Promise<BoardStore> => {
    const store = await place.open(board);
    stores.push(store);
    return store;
  };
  return {
    open: (board) => openIn(storage, board),
    async openElsewhere() {
      const elsewhere = await createHarness();
      harnesses.push(elsewhere);
      return openIn(elsewhere.createStorage());
    },
    async restart() {
      await Promise.all(stores.map((store) => store.close()));
      stores = [];
      storage = harness.createStorage();
    },
    async close() {
      for (const each of harnesses) {
        await each.close();
      }
    },
  };
}

/** Appends updates one after the other, each once the one before is acknowledged. */
export async function appendEach(store: BoardStore, updates: readonly Uint8Array[]): Promise<void> {
  for (const update of updates) {
    await store.append(update);
  }
}

/** Throws unless a store gave these very updates in this order. */
export function checkUpdates(came: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  checkSame(came.length, expected.length, "a store gives every update");
  for (const [index, update] of expected.entries()) {
    checkSame(came[index], update, `update ${index} is as it was appended, and in its place`);
  }
}

/** Throws unless a store gave updates that come to the same document. */
export function checkContent(came: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  checkSame(contentOf(came), contentOf(expected), "the content is as it was appended");
}
