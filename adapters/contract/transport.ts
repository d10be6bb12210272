/**
 * The contract of the transport port as a suite of tests, for our adapters and for those of others. It imports no
 * test runner and runs wherever Yjs runs.
 */
import { runAndClose } from "./suite/run-and-close.ts";
import { type ContractTest, createBench } from "./transport/bench.ts";
import { describeDelivery, describeService } from "./transport/delivery.ts";
import type { TransportContractOptions } from "./transport/harness.ts";
import { describeLifecycle, describePresence } from "./transport/lifecycle.ts";
import { describeBarrier, describeSync } from "./transport/safety.ts";
import { describeSeparation } from "./transport/separation.ts";

export type { RegisterTest } from "./suite/check.ts";
export type { TransportContractOptions, TransportHarness } from "./transport/harness.ts";

/**
 * Registers the tests of the transport contract, rules T1 to T9, T30 and T31 of `docs/spec.md`. What a transport cannot
 * do it declares as data: `capabilities` says whether it has a barrier and carries presence, and the suite then checks
 * that it does, or that it says so and keeps to it; a harness that cannot cut its medium leaves out `breakConnections`
 * and `heal`. A failure says what does not hold, and how each replica stood.
 *
 * @example
 * describeTransportContract({
 *   test,
 *   capabilities: { barrier: false, presence: true },
 *   createHarness() {
 *     const network = createMemoryNetwork({ topology: "mesh" });
 *     return {
 *       clock: systemClock,
 *       random: systemRandom,
 *       createTransport: () => network.createTransport(),
 *       settle: pollUntil,
 *       close() {},
 *     };
 *   },
 * });
 */
export function describeTransportContract(options: TransportContractOptions): void {
  const test: ContractTest = (name, run) =>
    options.test(name, async () => {
      const harness = await options.createHarness();
      const bench = createBench(harness);
      await runAndClose(
        () => run(bench),
        () => bench.close().finally(() => harness.close()),
      );
      bench.checkBreaches();
    });

  describeDelivery(test);
  describeService(test);
  describeLifecycle(test);
  describePresence(test, options.capabilities);
  describeSync(test, options.capabilities);
  describeBarrier(test, options.capabilities);
  describeSeparation(test);
}
