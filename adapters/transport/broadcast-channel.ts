/** The transport between the tabs and workers of one origin, over BroadcastChannel; also between the threads of a Node process. */
import type { Transport } from "../../lib/index.ts";
import { BroadcastConnection } from "./broadcast-channel/connection.ts";

/** How tabs find each other. */
export interface BroadcastChannelTransportOptions {
  /**
   * How long a tab waits for the others to answer its hello, in milliseconds; 150 by default. One that hears nobody says
   * hello once more before it takes itself to be alone.
   */
  readonly helloMs?: number;
  /** After about how long a tab that may hold something else is asked again, in milliseconds; 2,000 by default. */
  readonly repairMs?: number;
}

/**
 * Makes a transport between tabs. It has presence and no barrier. A `sync` resolves once another tab is known to hold what
 * was here, and waits while there is none. Whatever runs under the same origin can read and write the board.
 *
 * @throws RangeError for a delay that makes no sense
 */
export function createBroadcastChannelTransport(
  options: BroadcastChannelTransportOptions = {},
): Transport {
  const { helloMs = 150, repairMs = 2_000 } = options;
  for (const [name, value] of Object.entries({ helloMs, repairMs })) {
    if (!(value > 0 && value <= 2 ** 31 - 1)) {
      throw new RangeError(`${name} is ${value}; it must be above 0 and below 2,147,483,648`);
    }
  }
  return {
    capabilities: { barrier: false, presence: true },
    connect: (link) => new BroadcastConnection(link, { helloMs, repairMs }),
  };
}
