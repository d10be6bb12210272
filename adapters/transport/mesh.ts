/** The transport without a relay: processes dial each other over WebSockets, in Node, and pass on what is new to them. */
import type { Transport } from "../../lib/index.ts";
import { MeshConnection } from "./mesh/connection.ts";
import { Listener } from "./mesh/listener.ts";
import { type MeshTransportOptions, readSettings } from "./mesh/settings.ts";

export type { MeshListenOptions, MeshTransportOptions } from "./mesh/settings.ts";

/**
 * Makes a transport between peers. It has presence and no barrier: `settled` needs a relay. A `sync` resolves once at least
 * one peer is known to hold what was here, and waits while there is none.
 *
 * @throws TypeError or RangeError for options that cannot work, or that would let strangers in
 */
export function createMeshTransport(options: MeshTransportOptions): Transport {
  const settings = readSettings(options);
  const listener = settings.listen && new Listener(settings, settings.listen);
  return {
    capabilities: { barrier: false, presence: true },
    connect: (link) => new MeshConnection(link, settings, listener),
  };
}
