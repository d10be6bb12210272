/** A process that runs the contract suites under node:test: over the memory adapters, and over a broken storage. */
import { test } from "node:test";
import { createMemoryStorage } from "../storage/memory.ts";
import {
  createMemoryNetwork,
  createSeededRandom,
  createVirtualClock,
} from "../transport/memory.ts";
import { describeStorageContract } from "./storage.ts";
import { describeTransportContract } from "./transport.ts";

describeStorageContract({
  test,
  createHarness() {
    const storage = createMemoryStorage();
    return { createStorage: () => storage, close() {} };
  },
});

describeStorageContract({
  test: (name, run) => test(`broken: ${name}`, run),
  createHarness() {
    const storage = createMemoryStorage();
    const broken = {
      async open(board) {
        const store = await storage.open(board);
        return { ...store, load: async () => (await store.load()).slice(1) };
      },
    };
    return { createStorage: () => broken, close() {} };
  },
});

describeTransportContract({
  test,
  capabilities: { barrier: false, presence: true },
  createHarness() {
    const clock = createVirtualClock();
    const random = createSeededRandom(1);
    const network = createMemoryNetwork({ clock, random, topology: "mesh" });
    return {
      clock,
      random,
      createTransport: () => network.createTransport(),
      settle: (condition) => clock.settle(condition),
      close() {},
    };
  },
});
