/** Rules S6 and S7: boards do not mix, and a closed store is closed. */
import { checkSame, codeOf } from "../suite/check.ts";
import { type ContractTest, checkUpdates } from "./bench.ts";
import { writeUpdates } from "./content.ts";

/** Names that a careless adapter would confuse, or could not write down. */
const TRICKY_BOARDS = [
  "docs#1",
  "docs#2",
  "Docs#1",
  "docs/#1",
  "../docs#1",
  "docs%231",
  "docs#1.log",
  ".",
  "döcs#1",
  "do\u0308cs#1",
  "d".repeat(300),
  `${"d".repeat(299)}e`,
];

/** Registers the tests of separation and closing. */
export function describeLifecycle(test: ContractTest): void {
  test("[S6] boards do not mix, however alike their names", async ({ open, restart }) => {
    const updates = writeUpdates(TRICKY_BOARDS.length);
    for (const [index, board] of TRICKY_BOARDS.entries()) {
      await (await open(board)).append(updates[index] ?? new Uint8Array());
    }
    await restart();

    for (const [index, board] of TRICKY_BOARDS.entries()) {
      checkUpdates(await (await open(board)).load(), updates.slice(index, index + 1));
    }
  });

  test("[S7] closing waits for what is under way, and closing again does nothing", async ({
    open,
    restart,
  }) => {
    const store = await open();
    const updates = writeUpdates(30);
    const appended = updates.map((update) => store.append(update));

    await Promise.all([store.close(), store.close()]);
    await store.close();

    await Promise.all(appended);
    await restart();
    checkUpdates(await (await open()).load(), updates);
  });

  test("[S7] a closed store refuses every call with STORAGE_FAILED", async ({ open }) => {
    const store = await open();
    await store.close();

    for (const call of [
      () => store.append(new Uint8Array([0, 0])),
      () => store.load(),
      () => store.compact(),
    ]) {
      checkSame(await codeOf(call), "STORAGE_FAILED", "a closed store refuses the call");
    }
  });
}
