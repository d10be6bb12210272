/**
 * A process that the tests kill, or keep from writing: it opens a board, appends records without end, and prints each
 * that is acknowledged.
 */
import { writeSync } from "node:fs";
import * as Y from "yjs";
import { createLogFileStorage } from "./log-file.ts";
import { createSqliteStorage } from "./sqlite.ts";

const [, , kind, directory, compactEvery] = process.argv;
const storage =
  kind === "sqlite" ? createSqliteStorage({ directory }) : createLogFileStorage({ directory });
const store = await storage.open("docs#1").catch((error) => {
  print(`unopened ${error.code} ${error.details.file} ${error.message}`);
  process.exit(0);
});
const doc = new Y.Doc();
for (const update of await store.load()) {
  Y.applyUpdate(doc, update, "store");
}
let last = Promise.resolve();
doc.on("update", (update) => {
  last = store.append(update);
});
print(`open ${store.id}`);

const records = doc.getArray("records");
const underWay = new Set();
for (;;) {
  const n = records.length;
  records.push([{ n, text: "x".repeat(n % 3000) }]);
  const lane = last
    .then(
      () => print(`stored ${n}`),
      async (error) => {
        print(`refused ${error.code} ${error.details.file}`);
        print(`readable ${await countRecords()}`);
      },
    )
    .then(() => underWay.delete(lane));
  underWay.add(lane);
  if (Number(compactEvery) > 0 && n % Number(compactEvery) === 0) {
    store.compact().catch((error) => print(`refused ${error.code} ${error.details.file}`));
  }
  if (underWay.size >= 8) {
    await Promise.race(underWay);
  }
}

/** Counts the records that the store gives. */
async function countRecords() {
  const stored = new Y.Doc();
  for (const update of await store.load()) {
    Y.applyUpdate(stored, update);
  }
  return stored.getArray("records").length;
}

/** Hands the line to the parent before it returns, since the next moment may be the last. */
function print(line) {
  for (;;) {
    try {
      return writeSync(1, `${line}\n`);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error; // the pipe is full: the parent is still to read
    }
  }
}
