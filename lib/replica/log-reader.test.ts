import { expect, test } from "@jest/globals";
import { Doc } from "yjs";
import type { AgentId, KnownRecord } from "../core/record.ts";
import { type LogReading, openLogReader } from "./log-reader.ts";

const ANN = "ann~00000000" as AgentId;
const JOINED = {
  kind: "joined",
  v: 1,
  name: "ann",
  capabilities: ["a"],
  rule: "earliest@1",
  leaseMs: 1000,
};
const DONE = { kind: "completed", task: "task", claim: 1 };

/** Reads a log of these values, given their places. */
function read(values: readonly object[]): LogReading {
  const doc = new Doc();
  const reader = openLogReader(doc, ANN);
  doc
    .getArray(`log/${ANN}/0`)
    .push([JOINED, ...values].map((value, n) => ({ n, at: n + 1, ...value })));
  return reader.readNew(false, false);
}

const parts = (...texts: readonly string[]): readonly object[] =>
  texts.map((text) => ({ kind: "part", text }));

test("[R9] the parts before a completion become its result", () => {
  const { records, flaws } = read([
    ...parts('{"a":', '"b', 'c"}'),
    { ...DONE, parts: 3 },
    ...parts("1"),
    { ...DONE, parts: 1 },
  ]);

  expect(flaws).toEqual([]);
  expect(records.slice(1)).toMatchObject([{ result: { a: "bc" } }, { result: 1 }]);
});

test.each([
  [
    "too few parts",
    [...parts("1"), { ...DONE, parts: 2 }],
    "it names 2 parts, and 1 stand before it",
  ],
  ["too many parts", [...parts("1", "2"), { ...DONE, parts: 1 }], "it names 1 parts, and 2 stand"],
  [
    "parts that stand elsewhere",
    [...parts("1"), { ...DONE, claim: 2 }, { ...DONE, parts: 1 }],
    "0 stand",
  ],
  ["parts that are no JSON", [...parts("{"), { ...DONE, parts: 1 }], "its parts are not JSON"],
  ["a lone surrogate in its parts", [...parts('"\\ud800"'), { ...DONE, parts: 1 }], "plain JSON"],
  [
    "the key __proto__ in its parts",
    [...parts('{"__proto__":1}'), { ...DONE, parts: 1 }],
    "plain JSON",
  ],
  [
    "nine levels in its parts",
    [...parts("[[[[[[[[1]]]]]]]]"), { ...DONE, parts: 1 }],
    "plain JSON",
  ],
  [
    "more than 1 MiB in its parts",
    [...parts('"', ...Array(90).fill("€".repeat(4000)), '"'), { ...DONE, parts: 92 }],
    "larger than 1048576 bytes",
  ],
])("[R9] a completion with %s is set aside", (_, values, reason) => {
  const { records, flaws } = read(values);

  expect(flaws).toEqual([expect.stringContaining(reason)]);
  expect(records.some((record) => record.kind === "completed" && record.parts !== undefined)).toBe(
    false,
  );
});

test("[R9] a result of 1 MiB arrives whole", () => {
  const text = "x".repeat(1_048_574);
  const pieces = Array.from({ length: 105 }, (_, i) => text.slice(i * 10_000, (i + 1) * 10_000));

  const { records, flaws } = read([...parts('"', ...pieces, '"'), { ...DONE, parts: 107 }]);

  expect(flaws).toEqual([]);
  expect(records.at(-1)).toMatchObject({ result: text });
});

test("[R8] the first record says who the agent is, and no later one can", () => {
  const doc = new Doc();
  const reader = openLogReader(doc, ANN);
  expect(reader.joined).toBeNull();

  doc.getArray(`log/${ANN}/0`).push([
    { ...JOINED, n: 0, at: 1 },
    { ...JOINED, n: 1, at: 2, name: "else" },
  ]);
  const { records, flaws } = reader.readNew(false, false);

  expect(records).toHaveLength(1);
  expect(flaws).toEqual([`log ${ANN}, record 1: an agent joins once, with its first record`]);
  expect(reader.joined?.name).toBe("ann");
});

test("[R8] nothing counts in a log that does not begin with joined", () => {
  const doc = new Doc();
  const reader = openLogReader(doc, ANN);
  doc.getArray(`log/${ANN}/0`).push([{ ...DONE, n: 0, at: 1 }]);

  expect(reader.readNew(false, false)).toEqual({
    records: [],
    flaws: [`log ${ANN}, record 0: its log does not begin with joined`],
  });
});

test("[R3] a kind and a field that are not known change nothing, not even between the parts of a result", () => {
  const { records, flaws } = read([
    ...parts("1"),
    { kind: "hoped", parts: 7 },
    { ...DONE, parts: 1 },
    { kind: "noted", task: "task", text: "x", parts: 7 },
  ]);

  expect(flaws).toEqual([]);
  expect(records.slice(1)).toMatchObject([
    { kind: "completed", result: 1 },
    { kind: "noted", parts: 7 },
  ]);
});

test("[Q2] a record beyond a quota is set aside with the quota's name, and those that are free still count", () => {
  const doc = new Doc();
  const reader = openLogReader(doc, ANN, undefined, { tasks: 1 });
  const added = { kind: "added", title: "t" };
  doc.getArray(`log/${ANN}/0`).push(
    [JOINED, { ...added, task: "a" }, { ...added, task: "b" }, DONE].map((value, n) => ({
      ...{ n, at: n + 1 },
      ...value,
    })),
  );

  const { records, flaws } = reader.readNew(false, false);

  expect(records.map(({ kind }) => kind)).toEqual(["joined", "added", "completed"]);
  expect(flaws).toEqual([`log ${ANN}, record 2: it breaks the quota tasks of 1`]);
  expect(reader.foresee([{ n: 4, at: 5, ...added, task: "c" } as KnownRecord])).toEqual({
    limit: "tasks",
    max: 1,
  });
});

test("[P10] damage is reported once, however often the log is read after it", () => {
  const doc = new Doc();
  const reader = openLogReader(doc, ANN);
  const log = doc.getArray(`log/${ANN}/0`);
  log.push([JOINED, DONE].map((value, n) => ({ n, at: n + 1, ...value })));
  const before = reader.readNew(false, true);
  log.delete(1);
  const after = [reader.readNew(false, true), reader.readNew(false, true)];

  expect(before.flaws).toEqual([]);
  expect(after.map(({ flaws }) => flaws)).toEqual([
    [`log ${ANN}: records were deleted from it; what was read before is kept`],
    [],
  ]);
});
