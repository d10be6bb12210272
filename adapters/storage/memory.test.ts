import { test } from "@jest/globals";
import { describeStorageContract } from "../contract/storage.ts";
import { createMemoryStorage } from "./memory.ts";

describeStorageContract({
  test,
  createHarness() {
    const storage = createMemoryStorage();
    return { createStorage: () => storage, close() {} };
  },
});
