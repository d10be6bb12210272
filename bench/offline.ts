/** A transport without peers, for figures that are about one replica alone. */
import type { Connection, ReplicaLink, Transport } from "../lib/index.ts";

/** A transport without peers, and a way to hand its replica updates as if they had come from some. */
export interface OfflineTransport extends Transport {
  deliver(update: Uint8Array): void;
}

/** Makes a transport that is always in sync with nobody. */
export function createOfflineTransport(): OfflineTransport {
  const links: ReplicaLink[] = [];
  return {
    capabilities: { barrier: false, presence: false },
    connect(link): Connection {
      links.push(link);
      return {
        status: "synced",
        bytesSent: 0,
        sync: async () => {},
        sendPresence: () => {},
        resync: () => {},
        close: async () => {},
      };
    },
    deliver(update) {
      for (const link of links) link.receive([update], "bench");
    },
  };
}
