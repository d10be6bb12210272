/** What an adapter hands to the storage contract: a test function, and fresh places for boards. */
import type { Storage } from "../../../lib/index.ts";
import type { RegisterTest } from "../suite/check.ts";

/** One fresh place with no board in it; each test of the contract makes its own. */
export interface StorageHarness {
  /** Gives a storage on the place, as a process that starts would make it; called again for every restart. */
  createStorage(): Storage;
  /** Frees the place; every store is closed by then. */
  close(): void | Promise<void>;
}

/** What the storage contract needs. */
export interface StorageContractOptions {
  /** Registers one test: `test` of jest, vitest and node:test all fit. */
  readonly test: RegisterTest;
  /** Makes a fresh place for stores; called once a test. */
  readonly createHarness: () => StorageHarness | Promise<StorageHarness>;
}
