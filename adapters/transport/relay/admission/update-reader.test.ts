import { expect, test } from "@jest/globals";
import * as encoding from "lib0/encoding";
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

type Part = number | string | Uint8Array;

/** The bytes of an update: numbers as lib0 writes them, texts with their length, and bytes as they are. */
function bytesOf(...parts: readonly Part[]): Uint8Array {
  return encoding.encode((encoder) => {
    for (const part of parts)
      if (typeof part === "number") encoding.writeVarUint(encoder, part);
      else if (typeof part === "string") encoding.writeVarString(encoder, part);
      else encoding.writeUint8Array(encoder, part);
  });
}

/** An update of client 7 with structs from clock 0 and no deletions. */
const updateWith = (count: number, ...structs: readonly Part[]): Uint8Array =>
  bytesOf(1, count, 7, 0, ...structs, 0);

/** A struct's first bytes, of a root "a". */
const IN_ROOT = (ref: number): [Uint8Array, number, string] => [Uint8Array.of(ref), 1, "a"];

const read = (update: Uint8Array) => readUpdate(update).sections[0]?.structs;

test("[T47] each place that a struct names is read, and its parent only where they do not tell it", () => {
  const words = "xy";
  const update = updateWith(
    6,
    ...[...IN_ROOT(4), words],
    ...[Uint8Array.of(0x84), 8, 3, words],
    ...[Uint8Array.of(0x44), 9, 4, words],
    ...[Uint8Array.of(0xc4), 8, 3, 9, 4, words],
    ...[Uint8Array.of(0x04), 0, 10, 5, words],
    ...[Uint8Array.of(0x24), 1, "a", "key", words],
  );

  const nowhere = { origin: null, rightOrigin: null, parent: null, hasKey: false };
  const text = { length: 2, content: "text", values: [], ...nowhere };
  expect(read(update)).toEqual([
    { ...text, clock: 0, parent: "a" },
    { ...text, clock: 2, origin: { client: 8, clock: 3 } },
    { ...text, clock: 4, rightOrigin: { client: 9, clock: 4 } },
    { ...text, clock: 6, origin: { client: 8, clock: 3 }, rightOrigin: { client: 9, clock: 4 } },
    { ...text, clock: 8, parent: { client: 10, clock: 5 } },
    { ...text, clock: 10, parent: "a", hasKey: true },
  ]);
});

test("[T47] each kind of content has its length, and only values are kept", () => {
  const json = encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, 2);
    encoding.writeAny(encoder, { n: 1 });
    encoding.writeAny(encoder, "two");
  });
  const update = updateWith(
    9,
    ...[Uint8Array.of(0), 5],
    ...[...IN_ROOT(1), 4],
    ...[...IN_ROOT(2), 2, "[1]", "undefined"],
    ...[...IN_ROOT(3), 3, Uint8Array.of(1, 2, 3)],
    ...[...IN_ROOT(4), "words"],
    ...[...IN_ROOT(5), "{}"],
    ...[...IN_ROOT(6), "bold", "true"],
    ...[...IN_ROOT(7), 3, "p"],
    ...[...IN_ROOT(8), json],
  );

  const kinds = read(update)?.map(({ clock, length, content, values }) => [
    ...[clock, length, content, values],
  ]);
  expect(kinds).toEqual([
    [0, 5, "gc", []],
    [5, 4, "deleted", []],
    [9, 2, "text", []],
    [11, 1, "text", []],
    [12, 5, "text", []],
    [17, 1, "text", []],
    [18, 1, "text", []],
    [19, 1, "text", []],
    [20, 2, "json", [{ n: 1 }, "two"]],
  ]);
});

test("[T47] each shared type is read with its name, if it has one, and no other is", () => {
  for (const type of [0, 1, 2, 4, 6])
    expect(read(updateWith(1, ...IN_ROOT(7), type))).toHaveLength(1);
  for (const type of [3, 5])
    expect(read(updateWith(1, ...IN_ROOT(7), type, "name"))).toHaveLength(1);
  expect(() => read(updateWith(1, ...IN_ROOT(7), 7))).toThrow("a shared type 7");
});

test.each([
  ["skips clocks", updateWith(1, Uint8Array.of(10), 5), "it skips clocks"],
  ["has content of no kind", updateWith(1, ...IN_ROOT(9)), "it has content of kind 9"],
  ["has a struct of no length (gc)", updateWith(1, Uint8Array.of(0), 0), "no length"],
  ["has a struct of no length (deleted)", updateWith(1, ...IN_ROOT(1), 0), "no length"],
  ["has a struct of no length (old JSON)", updateWith(1, ...IN_ROOT(2), 0), "no length"],
  ["has a struct of no length (text)", updateWith(1, ...IN_ROOT(4), ""), "no length"],
  ["has a struct of no length (values)", updateWith(1, ...IN_ROOT(8), 0), "no length"],
  ["deletes nothing", bytesOf(0, 1, 7, 1, 5, 0), "no length"],
  ["is more than one", bytesOf(0, 0, 0), "it goes on behind its end"],
  ["names a client twice", bytesOf(2, 0, 7, 0, 0, 7, 0, 0), "it names a client twice"],
  [
    "has a name too long",
    updateWith(1, Uint8Array.of(4), 1, "n".repeat(257), "x"),
    "a name is too",
  ],
  [
    "has a key too long",
    updateWith(1, Uint8Array.of(0x24), 1, "a", "n".repeat(257), "x"),
    "a name is too",
  ],
  ["has a type's name too long", updateWith(1, ...IN_ROOT(7), 3, "n".repeat(257)), "a name is too"],
  [
    "has a format's name too long",
    updateWith(1, ...IN_ROOT(6), "n".repeat(257), "1"),
    "a name is too",
  ],
  [
    "has a clock too large",
    bytesOf(1, 1, 7, 2 ** 48, ...IN_ROOT(4), "x", 0),
    "a clock is too large",
  ],
  ["deletes too far", bytesOf(0, 1, 7, 1, 2 ** 48 - 1, 2), "a clock is too large"],
  ["has an embed that is no JSON", updateWith(1, ...IN_ROOT(5), "{"), "JSON"],
])("[T47] an update that %s is refused", (_, update, reason) => {
  expect(() => readUpdate(update)).toThrow(reason);
});

test("[T47] what reaches just as far as allowed is read", () => {
  const name = "n".repeat(256);

  expect(read(bytesOf(1, 1, 7, 2 ** 48 - 1, ...IN_ROOT(4), "x", 0))?.[0]?.clock).toBe(2 ** 48 - 1);
  expect(read(updateWith(1, Uint8Array.of(4), 1, name, "x"))?.[0]?.parent).toBe(name);
  expect(readUpdate(bytesOf(0, 1, 7, 1, 2 ** 48 - 1, 1)).deletions).toEqual([
    { client: 7, clock: 2 ** 48 - 1, length: 1 },
  ]);
});

test("[T47] deletions are read client by client", () => {
  const update = bytesOf(0, 2, 7, 2, 0, 3, 9, 1, 8, 1, 4, 4);

  expect(readUpdate(update)).toEqual({
    sections: [],
    deletions: [
      { client: 7, clock: 0, length: 3 },
      { client: 7, clock: 9, length: 1 },
      { client: 8, clock: 4, length: 4 },
    ],
  });
});

test("[T47] attributes of shared text nest 32 levels deep and no deeper, in embeds, formats and old JSON", () => {
  const nest = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  const inEach = (text: string): readonly Uint8Array[] => [
    updateWith(1, ...IN_ROOT(5), text),
    updateWith(1, ...IN_ROOT(6), "bold", text),
    updateWith(1, ...IN_ROOT(2), 1, text),
  ];

  for (const update of [...inEach(nest(32)), ...inEach(objects(32))])
    expect(read(update)).toHaveLength(1);
  for (const text of [nest(33), nest(20_000), objects(33), `[1, ${nest(32)}]`, `[${nest(32)}, 1]`])
    for (const update of inEach(text)) expect(() => read(update)).toThrow("nests too deep");
});

test("[T47] an update has 250,000 parts at most: sections, structs, values and deletions together", () => {
  const gaps = (count: number): Uint8Array => new Uint8Array(2 * count).map((_, i) => i % 2);
  const nulls = (count: number): Uint8Array => new Uint8Array(count).fill(126);
  const ranges = (count: number): Uint8Array => new Uint8Array(2 * count).map((_, i) => i % 2);
  const most = 250_000;

  expect(read(updateWith(most - 1, gaps(most - 1)))).toHaveLength(most - 1);
  for (const update of [
    updateWith(most, gaps(most)),
    updateWith(1, ...IN_ROOT(8), most - 1, nulls(most - 1)),
    updateWith(1, ...IN_ROOT(8), most + 1, nulls(most + 1)),
    updateWith(2, ...IN_ROOT(8), most - 100, nulls(most - 100), ...IN_ROOT(8), 98, nulls(98)),
    bytesOf(0, 1, 7, most, ranges(most)),
    bytesOf(1, 1, 7, 0, Uint8Array.of(0, 1), 1, 7, most - 2, ranges(most - 2)),
  ])
    expect(() => readUpdate(update)).toThrow("too many parts");
  expect(read(updateWith(1, ...IN_ROOT(8), most - 2, nulls(most - 2)))?.[0]?.length).toBe(most - 2);
  expect(
    readUpdate(bytesOf(1, 1, 7, 0, Uint8Array.of(0, 1), 1, 7, most - 3, ranges(most - 3)))
      .deletions,
  ).toHaveLength(most - 3);
});
