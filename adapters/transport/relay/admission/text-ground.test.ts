import { expect, test } from "@jest/globals";
import * as Y from "yjs";
import { TextGround } from "./text-ground.ts";
import type { Place, Struct } from "./update-reader.ts";

const TEXT = 1;
const LOG = 2;
const NESTED = 3;

/** A document with three texts of a client, three records of another, and a text in a map in a list by a third. */
function makeDoc(): Y.Doc {
  const doc = new Y.Doc({ gc: true });
  const write = (client: number, change: () => void): void => {
    doc.clientID = client;
    doc.transact(change);
  };
  write(TEXT, () => doc.getText("words").insert(0, "abc"));
  write(LOG, () => doc.getArray("log/ada~0a1b2c3d/0").push([1, 2, 3]));
  write(NESTED, () => {
    const map = new Y.Map();
    doc.getArray("list").push([map]);
    map.set("text", new Y.Text("xyz"));
  });
  return doc;
}

const structOf = (parts: Partial<Struct>): Struct => ({
  ...{ clock: 0, length: 1, content: "text", values: [], hasKey: false },
  ...{ origin: null, rightOrigin: null, parent: null },
  ...parts,
});

const at = (client: number, clock: number): Place => ({ client, clock });

test("[T64] what hangs on text, on what is nested in it, or on nothing of a log is text", () => {
  const ground = new TextGround(makeDoc());

  for (const parts of [
    { origin: at(TEXT, 2) },
    { rightOrigin: at(TEXT, 0) },
    { origin: at(TEXT, 0), rightOrigin: at(TEXT, 1) },
    { parent: at(NESTED, 0) },
    { origin: at(NESTED, 2) },
    { parent: "words" },
    { parent: "new words" },
  ])
    expect(ground.holds(structOf(parts))).toBe(true);
});

test("[T64] what hangs on a log by any of its neighbours is none", () => {
  const ground = new TextGround(makeDoc());

  for (const parts of [
    { origin: at(LOG, 2) },
    { rightOrigin: at(LOG, 0) },
    { parent: at(LOG, 1) },
    { origin: at(TEXT, 0), rightOrigin: at(LOG, 0) },
    { origin: at(9, 9), rightOrigin: at(LOG, 0) }, // though the other is not here
    { parent: "log/ada~0a1b2c3d/0" },
    { parent: "log/" },
  ])
    expect(ground.holds(structOf(parts))).toBe(false);
});

test("[T64] what hangs on something that is not here waits for it, up to the clock", () => {
  const ground = new TextGround(makeDoc());

  for (const parts of [
    { origin: at(TEXT, 3) },
    { origin: at(9, 0) },
    { origin: at(TEXT, 0), rightOrigin: at(9, 0) },
    { origin: at(9, 0), rightOrigin: at(TEXT, 0) },
  ])
    expect(ground.holds(structOf(parts))).toBe(null);
});

test("[T64] what the update itself brings is text, from its first clock to its last", () => {
  const ground = new TextGround(makeDoc());

  ground.bring(9, 5, 2);
  ground.bring(9, 7, 1); // goes on
  ground.bring(9, 20, 4); // elsewhere
  ground.bring(8, 0, 1);

  const held = [4, 5, 7, 8, 19, 20, 23, 24].map((clock) =>
    ground.holds(structOf({ origin: at(9, clock) })),
  );
  expect(held).toEqual([null, true, true, null, null, true, true, null]);
  expect(ground.holdsAll({ ...at(9, 5), length: 3 })).toBe(true);
  expect(ground.holdsAll({ ...at(9, 5), length: 4 })).toBe(null);
  expect(ground.holdsAll({ ...at(9, 4), length: 2 })).toBe(null);
  expect(ground.holdsAll({ ...at(9, 20), length: 4 })).toBe(true);
  expect(ground.holdsAll({ ...at(8, 0), length: 2 })).toBe(null);
});

test("[T64] a deletion may hold text that is here and text that comes, and nothing of a log", () => {
  const ground = new TextGround(makeDoc());
  ground.bring(TEXT, 3, 2);

  expect(ground.holdsAll({ ...at(TEXT, 0), length: 3 })).toBe(true);
  expect(ground.holdsAll({ ...at(TEXT, 1), length: 4 })).toBe(true);
  expect(ground.holdsAll({ ...at(TEXT, 1), length: 5 })).toBe(null);
  expect(ground.holdsAll({ ...at(NESTED, 0), length: 3 })).toBe(true);
  for (const clock of [0, 1, 2])
    expect(ground.holdsAll({ ...at(LOG, clock), length: 1 })).toBe(false);
});

test("[T64] a deletion that runs from text into a record of the same client is none", () => {
  const doc = new Y.Doc();
  doc.clientID = TEXT;
  doc.getText("words").insert(0, "abc");
  doc.getArray("log/ada~0a1b2c3d/0").push([1]);
  const ground = new TextGround(doc);

  expect(ground.holdsAll({ ...at(TEXT, 0), length: 3 })).toBe(true);
  expect(ground.holdsAll({ ...at(TEXT, 2), length: 2 })).toBe(false);
});

test("[T64] what was deleted and collected was text", () => {
  const doc = makeDoc();
  doc.getArray("list").delete(0, 1);
  const ground = new TextGround(doc);

  expect(ground.holds(structOf({ origin: at(NESTED, 2) }))).toBe(true);
  expect(ground.holdsAll({ ...at(NESTED, 0), length: 3 })).toBe(true);
});

test("[T64] a board has 256 shared texts at most, each counted once, logs not at all", () => {
  const doc = makeDoc(); // with two
  for (let i = 2; i < 254; i++) doc.getText(`text ${i}`);
  const ground = new TextGround(doc);
  const begin = (parent: string) => ground.holds(structOf({ parent }));

  const begun = ["new a", "new a", "new b", "words", "new c", "new d", "words", "new a"].map(begin);

  expect(begun).toEqual([true, true, true, true, "full", "full", "full", "full"]);
  expect(new TextGround(doc).holds(structOf({ parent: "words" }))).toBe(true);
});
