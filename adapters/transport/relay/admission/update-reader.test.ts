import { expect, test } from "@jest/globals";
import * as Y from "yjs";
import { readUpdate } from "./update-reader.ts";

function updateOf(change: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc();
  doc.clientID = 7;
  change(doc);
  return Y.encodeStateAsUpdate(doc);
}

const everyKind: readonly (readonly [string, (doc: Y.Doc) => void])[] = [
  ["JSON", (doc) => doc.getArray("a").push([{ n: 0, list: [1.5, -3, "é", null, true, 2 ** 40] }])],
  ["text", (doc) => doc.getText("a").insert(0, "words 😀")],
  ["a format", (doc) => doc.getText("a").insert(0, "x", { bold: { deep: [1] } })],
  ["an embed", (doc) => doc.getText("a").insertEmbed(0, { image: "x" })],
  ["bytes", (doc) => doc.getArray("a").push([Uint8Array.of(1, 2)])],
  ["nested types", (doc) => doc.getMap("a").set("key", new Y.Map([["list", new Y.Array()]]))],
  ["XML", (doc) => doc.getXmlFragment("a").push([new Y.XmlElement("p"), new Y.XmlText("x")])],
  [
    "deletions",
    (doc) => {
      doc.getText("a").insert(0, "xyz");
      doc.getText("a").delete(1, 1);
    },
  ],
  [
    "collected items",
    (doc) => {
      doc.getMap("a").set("k", new Y.Array());
      doc.getMap("a").delete("k");
    },
  ],
];

test.each(everyKind)("%s that Yjs wrote is read to its end, clock by clock", (_, change) => {
  const update = updateOf(change);

  const { sections } = readUpdate(update);

  const clocks = sections.map(({ client, structs }) => [
    client,
    structs.reduce((sum, { length }) => sum + length, 0),
  ]);
  expect(new Map(clocks as [number, number][])).toEqual(Y.parseUpdateMeta(update).to);
});

test.each(everyKind)("%s cut off anywhere is refused", (_, change) => {
  const update = updateOf(change);

  for (let length = 0; length < update.length; length++)
    expect(() => readUpdate(update.subarray(0, length))).toThrow();
});

test("what is cut off is not looked for in the memory behind", () => {
  const whole = updateOf((doc) => doc.getArray("a").push(["secret of another"]));
  const pool = new Uint8Array(whole.length * 2);
  pool.set(whole);
  pool.set(whole, whole.length);

  expect(() => readUpdate(pool.subarray(0, whole.length - 3))).toThrow("too early");
});
