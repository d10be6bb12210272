/** What an adapter hands to the transport contract: a test function, a medium, and what it declares about both. */
import type { Clock, Random, Transport, TransportCapabilities } from "../../../lib/index.ts";
import type { RegisterTest } from "../suite/check.ts";

/** One fresh medium with nothing on it; each test of the contract makes its own. */
export interface TransportHarness {
  /** The clock and the randomness that the suite puts into every replica's link. */
  readonly clock: Clock;
  readonly random: Random;
  /** Makes a transport for one more replica on the same medium. */
  createTransport(): Transport;
  /**
   * Waits until `condition` holds and rejects after a bound of the harness's choice. A real medium polls; one on a
   * virtual clock moves it, and lets promise reactions run in between.
   */
  settle(condition: () => boolean): Promise<void>;
  /**
   * Breaks every connection and keeps them broken until {@link TransportHarness.heal}; what is under way is lost.
   * A medium that cannot be cut leaves both out, and the suite closes and connects anew instead.
   */
  breakConnections?(): void | Promise<void>;
  /** Lets broken connections mend themselves; returns before they have. */
  heal?(): void | Promise<void>;
  /** Frees the medium; every connection is closed by then. */
  close(): void | Promise<void>;
}

/** What {@link describeTransportContract} needs. */
export interface TransportContractOptions {
  /** Registers one test: `test` of jest, vitest and node:test all fit. */
  readonly test: RegisterTest;
  /** What every transport of the harness must declare; it chooses between the two forms of T7 and T8. */
  readonly capabilities: TransportCapabilities;
  /** Makes the fresh medium of one test. */
  readonly createHarness: () => TransportHarness | Promise<TransportHarness>;
}
