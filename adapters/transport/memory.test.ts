import { describe, test } from "@jest/globals";
import { systemClock, systemRandom } from "../../lib/index.ts";
import { describeTransportContract, type TransportHarness } from "../contract/transport.ts";
import {
  createMemoryNetwork,
  createSeededRandom,
  createVirtualClock,
  type MemoryNetworkOptions,
} from "./memory.ts";

/** Gives harnesses on networks of this kind; each runs on another seed, the same in every run of the tests. */
function createHarnesses(options: MemoryNetworkOptions): () => TransportHarness {
  let seed = 0;
  return () => {
    const clock = createVirtualClock();
    const random = createSeededRandom(++seed);
    const network = createMemoryNetwork({ clock, random, ...options });
    return {
      clock,
      random,
      createTransport: () => network.createTransport(),
      settle: (condition) => clock.settle(condition),
      breakConnections: () => network.partition(isolateAll()),
      heal: () => network.heal(),
      close() {},
    };
  };
}

/** Puts every node that a test of the contract makes into a group of its own. */
function isolateAll(): string[][] {
  return Array.from({ length: 9 }, (_, index) => [`node-${index + 1}`]);
}

const mesh = { barrier: false, presence: true };
const relay = { barrier: true, presence: true };

describe("a mesh", () => {
  describeTransportContract({
    test,
    capabilities: mesh,
    createHarness: createHarnesses({ topology: "mesh" }),
  });
});

describe("a mesh with latency", () => {
  describeTransportContract({
    test,
    capabilities: mesh,
    createHarness: createHarnesses({ topology: "mesh", latencyMs: { min: 5, max: 50 } }),
  });
});

describe.each(["mesh", "relay"] as const)("a %s in real time", (topology) => {
  describeTransportContract({
    test,
    capabilities: topology === "mesh" ? mesh : relay,
    createHarness() {
      const network = createMemoryNetwork({ topology });
      return {
        clock: systemClock,
        random: systemRandom,
        createTransport: () => network.createTransport(),
        async settle(condition) {
          while (!condition()) {
            await new Promise(setImmediate);
          }
        },
        breakConnections: () => network.partition(isolateAll()),
        heal: () => network.heal(),
        close() {},
      };
    },
  });
});

describe("a relay", () => {
  describeTransportContract({
    test,
    capabilities: relay,
    createHarness: createHarnesses({ topology: "relay" }),
  });
});

describe("a relay with latency", () => {
  describeTransportContract({
    test,
    capabilities: relay,
    createHarness: createHarnesses({ topology: "relay", latencyMs: { min: 5, max: 50 } }),
  });
});

describe("a relay whose connections break now and then", () => {
  describeTransportContract({
    test,
    capabilities: relay,
    createHarness: createHarnesses({
      topology: "relay",
      latencyMs: { min: 5, max: 50 },
      lossRate: 0.02,
    }),
  });
});
