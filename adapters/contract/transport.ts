/**
 * The contract of the transport port as a suite of tests, for our adapters and for those of others. It imports no
 * test runner and runs wherever Yjs runs.
 */
import { type ContractTest, createBench } from "./transport/bench.ts";
import { describeDelivery } from "./transport/delivery.ts";
import type { TransportContractOptions } from "./transport/harness.ts";
import { describeLifecycle, describePresence } from "./transport/lifecycle.ts";
import { describeBarrier, describeSync } from "./transport/safety.ts";
import { describeSeparation } from "./transport/separation.ts";

export type { TransportContractOptions, TransportHarness } from "./transport/harness.ts";

/**
 * Registers the tests of the transport contract, rules T1 to T9 of `docs/spec.md`. What a transport cannot do it
 * declares in `capabilities`, and the suite then checks that it keeps to that.
 */
export function describeTransportContract(options: TransportContractOptions): void {
  const test: ContractTest = (name, run) =>
    options.test(name, async () => {
      const harness = await options.createHarness();
      const bench = createBench(harness);
      try {
        await run(bench);
      } finally {
        await bench.close().finally(() => harness.close());
      }
      bench.checkBreaches();
    });

  describeDelivery(test);
  describeLifecycle(test);
  describePresence(test, options.capabilities);
  describeSync(test, options.capabilities);
  describeBarrier(test, options.capabilities);
  describeSeparation(test);
}
