/** The contract suites over adapters of our own, where mistakes are planted. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogFileStorage } from "../../../adapters/storage/log-file.ts";
import {
  createMemoryNetwork,
  createSeededRandom,
  createVirtualClock,
} from "../../../adapters/transport/memory.ts";
import {
  describeStorageContract,
  describeStorageDamage,
  describeTransportContract,
  type RegisterTest,
} from "../contracts.ts";

/** The transport contract over the relay of the memory network, which the simulator plays on too. */
export function describeMemoryTransport(test: RegisterTest): void {
  let seed = 0;
  describeTransportContract({
    test,
    capabilities: { barrier: true, presence: true },
    createHarness() {
      const clock = createVirtualClock();
      const random = createSeededRandom(++seed);
      const latencyMs = { min: 5, max: 50 };
      const network = createMemoryNetwork({ clock, random, topology: "relay", latencyMs });
      return {
        clock,
        random,
        createTransport: () => network.createTransport(),
        settle: (condition) => clock.settle(condition),
        breakConnections: () =>
          network.partition(Array.from({ length: 9 }, (_, index) => [`node-${index + 1}`])),
        heal: () => network.heal(),
        close() {},
      };
    },
  });
}

/** The storage contract and the damage suite over the log file. */
export function describeLogFile(test: RegisterTest): void {
  describeStorageContract({
    test,
    async createHarness() {
      const directory = await mkdtemp(join(tmpdir(), "stigmergy-zoo-"));
      return {
        createStorage: () => createLogFileStorage({ directory }),
        close: () => rm(directory, { recursive: true }),
      };
    },
  });
  describeStorageDamage({
    test,
    createStorage: (directory) => createLogFileStorage({ directory }),
    holdsContent: (name) => !name.includes(".lock."),
    isEveryBitFlipped: false,
  });
}
