/** The valid updates that a fuzzed board begins with, and valid next ones, to be mutated. */
import * as Y from "yjs";
import type { SeededRandom } from "../../adapters/transport/memory.ts";
import { ADA, CLIENTS, VIC } from "./board-on-trial.ts";
import { pick } from "./mutate.ts";

/** The updates that found a board, in their order. */
export function foundingUpdates(allowsText: boolean): readonly Uint8Array[] {
  const logs = [
    ...record(new Y.Doc(), CLIENTS.ada, ADA, 254, 1), // near the end of its chunk
    ...record(new Y.Doc(), CLIENTS.vic, VIC, 3, 3),
  ];
  return allowsText ? [...logs, textOf()] : logs;
}

/** A valid next update upon a board's state. */
export function nextUpdate(state: Uint8Array, random: SeededRandom): Uint8Array {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  doc.clientID = pick([CLIENTS.ada, CLIENTS.ada, 21, CLIENTS.text], random);
  const before = Y.encodeStateVector(doc);
  const kind = random.integer(8);
  if (kind < 4) append(doc, ADA, 1 + random.integer(3));
  else if (kind === 4) append(doc, VIC, 1);
  else if (kind === 5) doc.getText("text").insert(0, "ab");
  else if (kind === 6) doc.getText("text").delete(0, Math.min(2, doc.getText("text").length));
  else doc.getMap("map").set("key", new Y.Map([["a", random.integer(9)]]));
  return random.number() < 0.3 ? Y.encodeStateAsUpdate(doc) : Y.encodeStateAsUpdate(doc, before);
}

function record(
  doc: Y.Doc,
  client: number,
  agent: string,
  count: number,
  updates: number,
): readonly Uint8Array[] {
  doc.clientID = client;
  return Array.from({ length: updates }, () => {
    const before = Y.encodeStateVector(doc);
    append(doc, agent, Math.ceil(count / updates));
    return Y.encodeStateAsUpdate(doc, before);
  });
}

function append(doc: Y.Doc, agent: string, count: number): void {
  const logs = [0, 1, 2, 3].map((chunk) => doc.getArray(`log/${agent}/${chunk}`));
  doc.transact(() => {
    for (let i = 0; i < count; i++) {
      const n = logs.reduce((sum, { length }) => sum + length, 0);
      logs[Math.floor(n / 256)]?.push([{ n, at: 1_000 + n, kind: "noted" }]);
    }
  });
}

function textOf(): Uint8Array {
  const doc = new Y.Doc();
  doc.clientID = CLIENTS.text;
  const text = doc.getText("text");
  text.insert(0, "shared text 😀");
  text.format(0, 6, { bold: true });
  text.insertEmbed(3, { image: "x" });
  text.delete(8, 2);
  const map = doc.getMap("map");
  map.set("list", Y.Array.from([1, 2]));
  map.set("key", 1);
  map.set("key", 2);
  return Y.encodeStateAsUpdate(doc);
}
