/**
 * The reference of the transport port: a network inside one process, as a mesh of peers or as a star around a relay.
 * Every delay and every fault comes from the injected clock and randomness, so a seed repeats a whole run.
 */
import {
  type Clock,
  type Random,
  systemClock,
  systemRandom,
  type Transport,
} from "../../lib/index.ts";
import {
  createMedium,
  type Latency,
  type MemoryNetworkFaults,
  type MemoryNetworkStats,
  type MemoryNetworkTraceEntry,
  type MessageInFlight,
} from "./memory/medium.ts";
import { createMesh } from "./memory/mesh.ts";
import { createReachability, type Reachability } from "./memory/reachability.ts";
import { createRelay } from "./memory/relay.ts";

export type {
  Latency,
  MemoryNetworkFaults,
  MemoryNetworkStats,
  MemoryNetworkTraceEntry,
  MessageInFlight,
} from "./memory/medium.ts";
export type { Reachability } from "./memory/reachability.ts";
export { createSeededRandom, type SeededRandom } from "./memory/seeded-random.ts";
export { createVirtualClock, type VirtualClock } from "./memory/virtual-clock.ts";

/** What a memory network is made of. */
export interface MemoryNetworkOptions extends MemoryNetworkFaults {
  /** By default the machine's own, in real time. */
  readonly clock?: Clock;
  /** By default the machine's own; a seeded one makes the run repeatable. */
  readonly random?: Random;
  /**
   * `mesh`, the default: every pair of replicas exchanges updates; no barrier. `relay`: a star of ordered streams around
   * a relay, named `relay` in cuts and partitions, with a barrier.
   */
  readonly topology?: "mesh" | "relay";
  /** By default none: a message arrives right after the current turn. */
  readonly latencyMs?: Latency;
  /** Told of every message sent, delivered, lost and duplicated. */
  readonly trace?: (entry: MemoryNetworkTraceEntry) => void;
}

/** A network inside one process. Cuts take effect at once, and lose what is under way on the links that they break. */
export interface MemoryNetwork extends Omit<Reachability, "canReach"> {
  /** What has happened to all messages so far; the object stays current. */
  readonly stats: MemoryNetworkStats;
  /** All messages under way, in the order of sending; each can be delivered, dropped or repeated at will. */
  readonly inFlight: Iterable<MessageInFlight>;
  /**
   * Makes a transport on this network.
   *
   * @param name - names it in cuts, partitions, crashes and traces; by default `node-1`, `node-2` …
   */
  createTransport(name?: string): Transport;
  /** Sets the faults from now on, in place of those before; with none named, the network is faultless. */
  setFaults(faults: MemoryNetworkFaults): void;
  /**
   * Crashes whoever is connected by the transport of this name: what it has under way is lost, and its connections end
   * without a word, a callback or a settled promise. Connecting again by the same transport is a restart.
   */
  crash(name: string): void;
  /** The relay restarts without its memory, and all connections to it break; without effect in a mesh. */
  restartRelay(): void;
}

// Several round trips, so that an answer which is merely slow is not asked for twice.
const PATIENCE_MS = 200;
const PATIENCE_LATENCIES = 4;

/** Makes a memory network without members. */
export function createMemoryNetwork(options: MemoryNetworkOptions = {}): MemoryNetwork {
  const {
    clock = systemClock,
    random = systemRandom,
    topology: shape = "mesh",
    latencyMs = { min: 0, max: 0 },
    trace,
  } = options;
  const { canReach, ...cuts } = createReachability();
  const medium = createMedium({ clock, random, latencyMs, canReach, trace });
  medium.setFaults(options);
  const patienceMs = PATIENCE_MS + PATIENCE_LATENCIES * latencyMs.max;
  const topology =
    shape === "relay"
      ? createRelay({ medium, clock, canReach, reconnectMs: patienceMs })
      : createMesh({ medium, clock, canReach, repairMs: patienceMs });
  let transportCount = 0;

  return {
    stats: medium.stats,
    inFlight: medium.inFlight,
    createTransport(name = `node-${++transportCount}`) {
      return {
        capabilities: topology.capabilities,
        connect: (link) => topology.connect(name, link),
      };
    },
    setFaults: medium.setFaults,
    cut(a, b, how) {
      cuts.cut(a, b, how);
      topology.rewire();
    },
    partition(groups) {
      cuts.partition(groups);
      topology.rewire();
    },
    heal(a, b) {
      cuts.heal(a, b);
      topology.rewire();
    },
    restartRelay: topology.restart,
    crash(name) {
      for (const connection of topology.connections) {
        if (connection.name === name) {
          connection.crash();
        }
      }
    },
  };
}
