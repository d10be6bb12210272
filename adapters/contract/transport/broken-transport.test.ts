// Transports that each break one promise: the contract must tell every one of them, by the rule that it breaks.

import { expect, test } from "@jest/globals";
import * as Y from "yjs";
import type { Connection, ReplicaLink, Transport } from "../../../lib/index.ts";
import {
  createMemoryNetwork,
  createSeededRandom,
  createVirtualClock,
} from "../../transport/memory.ts";
import { runSuite } from "../suite/run-suite.ts";
import { describeTransportContract } from "../transport.ts";

/** What a broken transport does to the link that it is given, or to the connection that it gives. */
interface Breakage {
  /** A mesh unless said otherwise, where replicas heal each other unasked. */
  readonly topology?: "relay";
  readonly link?: (link: ReplicaLink) => Partial<ReplicaLink>;
  readonly connection?: (connection: Connection, link: ReplicaLink) => Partial<Connection>;
}

const broken: readonly (readonly [string, string, Breakage])[] = [
  [
    "[T1] two replicas converge in both directions",
    "changes the document past its link",
    {
      link: ({ doc }) => ({
        receive(updates, origin) {
          for (const update of updates) Y.applyUpdate(doc, update, origin);
        },
      }),
    },
  ],
  [
    "[T2] one sender's updates arrive in the order in which it made them",
    "hands every second update over before the first",
    { link: swapNeighbours },
  ],
  [
    "[T5] no replica is handed its own updates, nor sends back those of others",
    "echoes",
    {
      connection(_connection, { doc, receive }) {
        doc.on("update", (update, _origin, _doc, { local }) => {
          if (local) receive([update], "echo");
        });
        return {};
      },
    },
  ],
  [
    "[T6] the status leads to synced, on close to closed, and is told as it changes",
    "calls back before connect has returned",
    {
      connection(_connection, link) {
        link.statusChanged("syncing");
        return {};
      },
    },
  ],
  [
    "[T6] nothing is received after a close",
    "goes on after it was closed",
    { connection: () => ({ close: async () => {} }) },
  ],
  [
    "[T7] presence reaches the others and never enters the document",
    "drops signs of life",
    { connection: () => ({ sendPresence() {} }) },
  ],
  [
    "[T8] a sync begun in a break resolves after it",
    "calls everything safe at once",
    { connection: () => ({ sync: async () => {} }) },
  ],
  [
    "[T9] two boards on one medium and one transport never mix",
    "knows one board",
    { link: () => ({ board: "docs#1" }) },
  ],
  [
    "[T9] replicas of one board under different rules never mix and are told so",
    "ignores the rule",
    { link: () => ({ rule: "earliest@1" }) },
  ],
  [
    "[T30] after a loss in the replica, resync brings what it lost",
    "asks for nothing anew",
    { topology: "relay", connection: () => ({ resync() {} }) },
  ],
  [
    "[T31] the bytes sent cover what was written, and never become fewer",
    "counts nothing",
    { connection: () => ({ bytesSent: 0 }) },
  ],
];

test.each(broken)("%s: fails for a transport that %s", async (promise, _how, breakage) => {
  const failures = await runSuite(
    (register) =>
      describeTransportContract({
        test: register,
        capabilities: { barrier: breakage.topology === "relay", presence: true },
        createHarness: () => createBrokenHarness(breakage),
      }),
    promise,
  );

  expect([...failures.keys()]).toEqual([promise]);
  expect(failures.get(promise)).toMatch(/^(It does not hold that .+\.|Waited in vain until .+)/);
});

function createBrokenHarness(breakage: Breakage) {
  const clock = createVirtualClock();
  const random = createSeededRandom(1);
  const network = createMemoryNetwork({ clock, random, topology: breakage.topology ?? "mesh" });
  return {
    clock,
    random,
    createTransport: () => breakTransport(network.createTransport(), breakage),
    settle: (condition: () => boolean) => clock.settle(condition),
    breakConnections: () =>
      network.partition(Array.from({ length: 9 }, (_, index) => [`node-${index + 1}`])),
    heal: () => network.heal(),
    close() {},
  };
}

function breakTransport(transport: Transport, breakage: Breakage): Transport {
  return {
    capabilities: transport.capabilities,
    connect(link) {
      const connection = transport.connect({ ...link, ...breakage.link?.(link) });
      const changes = breakage.connection?.(connection, link) ?? {};
      return new Proxy(connection, {
        get(target, name) {
          const source = name in changes ? changes : target;
          const value = Reflect.get(source, name);
          return typeof value === "function" ? value.bind(source) : value;
        },
      });
    },
  };
}

/** Keeps one update back until the next has been handed over. */
function swapNeighbours({ receive }: ReplicaLink): Partial<ReplicaLink> {
  let kept: Uint8Array | undefined;
  return {
    receive(updates, origin) {
      for (const update of updates) {
        if (kept === undefined) {
          kept = update;
        } else {
          receive([update, kept], origin);
          kept = undefined;
        }
      }
    },
  };
}
