/** A process of the folder's tests: writes records, prints what is safe, and ends once it has those of all writers. */
import { writeSync } from "node:fs";
import * as Y from "yjs";
import { systemClock, systemRandom } from "../../../lib/index.ts";
import { createFolderTransport } from "../folder.ts";

const [, , directory, name, count, total] = process.argv;
const doc = new Y.Doc();
const connection = createFolderTransport({ directory }).connect({
  board: "docs#1",
  rule: "earliest@1",
  doc,
  clock: systemClock,
  random: systemRandom,
  receive: (updates, origin) =>
    doc.transact(() => {
      for (const update of updates) {
        Y.applyUpdate(doc, update, origin);
      }
    }, origin),
  receivePresence() {},
  statusChanged() {},
  fault: (error) => print(`fault ${error.message}`),
});

const all = doc.getArray("all");
for (let n = 0; n < Number(count); n++) {
  doc.getArray(`log/${name}/0`).push([n]);
  all.push([`${name} ${n}`]);
  if (n % 10 === 9) {
    await connection.sync();
    print(`safe ${n + 1}`);
  }
}
if (all.length < Number(total)) {
  await new Promise((resolve) => {
    all.observe(() => all.length >= Number(total) && resolve());
  });
}
await connection.close(); // nothing is left that would keep the process alive
print(`ended with ${all.length}`);

function print(line) {
  writeSync(1, `${line}\n`);
}
