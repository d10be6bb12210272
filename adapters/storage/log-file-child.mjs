/** A process that the tests of the log file kill: it appends records without end and prints each that is acknowledged. */
import { writeSync } from "node:fs";
import * as Y from "yjs";
import { createLogFileStorage } from "./log-file.ts";

const [, , directory, compactEvery] = process.argv;
const store = await createLogFileStorage({ directory }).open("docs#1");
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
  writeSync(1, `${line}\n`);
}
