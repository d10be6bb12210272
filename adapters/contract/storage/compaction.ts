/** Rules S3 to S5: what a store stays through closing and compaction. */
import { check, checkSame } from "../suite/check.ts";
import { appendEach, type ContractTest, checkContent } from "./bench.ts";
import { writeUpdates } from "./content.ts";

/** Registers the tests of identity and compaction. */
export function describeCompaction(test: ContractTest): void {
  test("[S3] a store's id outlives closing and compaction, and no other board has it", async ({
    open,
    restart,
  }) => {
    const store = await open();
    const other = await open("other#1");
    await appendEach(store, writeUpdates(3));
    await store.compact();
    await restart();
    const reopened = await open();

    check(store.id !== "" && store.id !== other.id, "two boards have two ids", store.id);
    checkSame(reopened.id, store.id, "the id of a reopened store is the same");
  });

  test("[S3] the same board in another place has another id", async ({ open, openElsewhere }) => {
    const [here, there] = [await open(), await openElsewhere()];

    check(here.id !== there.id, "an id is made at random, not from the board's name", here.id);
  });

  test("[S4] compaction leaves one update with the same content", async ({ open, restart }) => {
    const store = await open();
    const updates = writeUpdates(50);
    await appendEach(store, updates);

    await store.compact();

    const loaded = await store.load();
    checkSame(loaded.length, 1, "a compacted store holds one update");
    checkContent(loaded, updates);
    await restart();
    checkContent(await (await open()).load(), updates);
  });

  test("[S4] compaction keeps what waits for a predecessor until that arrives", async ({
    open,
    restart,
  }) => {
    const store = await open();
    const updates = writeUpdates(12);
    const [late, ...others] = updates;
    await appendEach(store, others);

    await store.compact();

    checkContent(await store.load(), others);
    await restart();
    const reopened = await open();
    await reopened.append(late ?? new Uint8Array());
    checkContent(await reopened.load(), updates);
  });

  test("[S4] a store goes on after compaction, and compacts again", async ({ open, restart }) => {
    const store = await open();
    const updates = writeUpdates(30);
    for (let at = 0; at < updates.length; at += 10) {
      await appendEach(store, updates.slice(at, at + 10));
      checkContent(await store.load(), updates.slice(0, at + 10));
      await store.compact();
      checkContent(await store.load(), updates.slice(0, at + 10));
    }

    await restart();
    checkContent(await (await open()).load(), updates);
  });

  test("[S4] an empty store stays empty through compaction", async ({ open, restart }) => {
    const store = await open();

    await store.compact();

    checkSame((await store.load()).length, 0, "there is nothing in it");
    await restart();
    const reopened = await open();
    checkSame((await reopened.load()).length, 0, "there is nothing in it after reopening");
  });

  test("[S5] an append made during compaction is kept", async ({ open, restart }) => {
    const store = await open();
    const updates = writeUpdates(60);
    await appendEach(store, updates.slice(0, 20));

    await Promise.all([
      ...updates.slice(20, 40).map((update) => store.append(update)),
      store.compact(),
      ...updates.slice(40).map((update) => store.append(update)),
    ]);

    checkContent(await store.load(), updates);
    await restart();
    checkContent(await (await open()).load(), updates);
  });
}
