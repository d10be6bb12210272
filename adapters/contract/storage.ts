/**
 * The contract of the storage port, as tests: every adapter passes it, and outside adapters can run it too. It imports
 * no test runner. A storage that keeps its bytes in files runs the damage suite beside it as well.
 */
import { describeAppending } from "./storage/appending.ts";
import { type ContractTest, createBench } from "./storage/bench.ts";
import { describeCompaction } from "./storage/compaction.ts";
import type { StorageContractOptions } from "./storage/harness.ts";
import { describeLifecycle } from "./storage/lifecycle.ts";
import { runAndClose } from "./suite/run-and-close.ts";

export { describeStorageDamage, type StorageDamageOptions } from "./storage/damage.ts";
export type { StorageContractOptions, StorageHarness } from "./storage/harness.ts";
export type { RegisterTest } from "./suite/check.ts";

/**
 * Registers every test of the contract; the rules that they cite are in `docs/spec.md`, section S. The port has no
 * optional part: a storage keeps all of it, so there is nothing to declare. A failure says which promise does not hold,
 * what was expected and what came.
 *
 * @example
 * describeStorageContract({
 *   test,
 *   createHarness() {
 *     const place = openPlace();
 *     return { createStorage: () => createMyStorage(place), close: () => place.remove() };
 *   },
 * });
 */
export function describeStorageContract(options: StorageContractOptions): void {
  const test: ContractTest = (name, run) =>
    options.test(name, async () => {
      const bench = await createBench(options.createHarness);
      const runAndRestart = async (): Promise<void> => {
        await run(bench);
        await bench.restart();
      };
      await runAndClose(runAndRestart, () => bench.close());
    });

  describeAppending(test);
  describeCompaction(test);
  describeLifecycle(test);
}
