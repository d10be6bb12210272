/** Rules S1 and S2: what was appended is given as it was, now and after a restart. */
import * as Y from "yjs";
import { appendEach, type ContractTest, checkUpdates } from "./bench.ts";
import { writeUpdates } from "./content.ts";

/** Registers the tests of appending. */
export function describeAppending(test: ContractTest): void {
  test("[S1] a store gives every update in the order of appending", async ({ open }) => {
    const store = await open();
    const updates = writeUpdates(20);

    await appendEach(store, updates);

    checkUpdates(await store.load(), updates);
  });

  test("[S1] updates appended at once are stored in the order of the calls", async ({
    open,
    restart,
  }) => {
    const store = await open();
    const updates = writeUpdates(200);

    await Promise.all(updates.map((update) => store.append(update)));

    checkUpdates(await store.load(), updates);
    await restart();
    checkUpdates(await (await open()).load(), updates);
  });

  test("[S1] an update changed by its owner after the append is stored as it was", async ({
    open,
  }) => {
    const store = await open();
    const updates = writeUpdates(3);
    const lent = updates.map((update) => update.slice());

    const appended = Promise.all(lent.map((update) => store.append(update)));
    for (const update of lent) {
      update.fill(0);
    }
    await appended;
    for (const update of await store.load()) {
      update.fill(0);
    }

    checkUpdates(await store.load(), updates);
  });

  test("[S1] an update that is a piece of a larger buffer is stored without what lies around it", async ({
    open,
    restart,
  }) => {
    const store = await open();
    const updates = writeUpdates(3);

    for (const update of updates) {
      const pool = new Uint8Array(update.length + 200).fill(0xee);
      pool.set(update, 100);
      await store.append(pool.subarray(100, 100 + update.length));
    }

    checkUpdates(await store.load(), updates);
    await restart();
    checkUpdates(await (await open()).load(), updates);
  });

  test("[S1] an update of three megabytes is stored like a small one", async ({
    open,
    restart,
  }) => {
    const store = await open();
    const updates = [...writeUpdates(1), writeLongUpdate(3 << 20), ...writeUpdates(1)];

    await appendEach(store, updates);

    await restart();
    checkUpdates(await (await open()).load(), updates);
  });

  test("[S2] a reopened store gives everything that was acknowledged", async ({
    open,
    restart,
  }) => {
    const updates = writeUpdates(9);
    for (let run = 0; run < 3; run++) {
      const store = await open();
      await appendEach(store, updates.slice(3 * run, 3 * run + 3));
      await restart();
    }

    checkUpdates(await (await open()).load(), updates);
  });
}

function writeLongUpdate(characters: number): Uint8Array {
  const doc = new Y.Doc();
  doc.getText("long").insert(0, "x".repeat(characters));
  const update = Y.encodeStateAsUpdate(doc);
  doc.destroy();
  return update;
}
