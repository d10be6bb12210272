import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { AgentId, KnownRecord, TaskId } from "../core/record.ts";
import { findFlaw, isKnownKind, shareTexts } from "./record-check.ts";

type Kind = KnownRecord["kind"];
type FieldsOf<K extends Kind> = Omit<
  Required<Extract<KnownRecord, { readonly kind: K }>>,
  "n" | "at" | "kind"
>;

const HOLDER = "bob~00000000" as AgentId;
const ABOUT = { task: "t1" as TaskId };
const MINE = { ...ABOUT, claim: 1 };
const EDIT = { body: "at length", needs: ["t0" as TaskId], requires: ["ts"], priority: -1.5 };
const POLICY = {
  maxAttempts: 3,
  retry: { delayMs: 0, factor: 1.5, maxDelayMs: 60_000 },
  timeoutMs: 1000,
  review: { by: { capability: "review" }, approvals: 2 },
  ifNeedFails: "block",
  resources: ["path:src/**"],
} as const;
const PACKET = {
  summary: "",
  decisions: [""],
  questions: [""],
  deadEnds: [{ tried: "", why: "" }],
  artifacts: [{ name: "a", mediaType: "text/plain", uri: "", content: "", hash: "h" }],
};
const REVIEW = { ...ABOUT, author: HOLDER, completion: 0 };

/** Of each kind a record with all the fields that it can have. */
const WHOLE: { readonly [K in Kind]: FieldsOf<K> } = {
  joined: {
    v: 1,
    name: "bob",
    capabilities: ["ts"],
    rule: "earliest@1",
    leaseMs: 1,
    key: "A".repeat(43),
  },
  left: {},
  added: {
    ...ABOUT,
    ...EDIT,
    ...POLICY,
    title: "a task",
    key: "k",
    guarantee: "settled",
    parent: "t2" as TaskId,
  },
  edited: { ...ABOUT, ...EDIT, title: "" },
  cancelled: { ...ABOUT, attempt: 1, reason: "" },
  reopened: { ...ABOUT, attempt: 2, reason: "" },
  noted: { ...ABOUT, text: "", about: "dead-end", by: "bob" },
  claimed: {
    ...ABOUT,
    attempt: 1,
    guarantee: "optimistic",
    version: "1:bob~00000000:1",
    ttlMs: 1,
    offer: "1:bob~00000000:2",
    text: "1:bob~00000000:3",
    inputs: ["1:bob~00000000:4"],
    load: 0.5,
    losses: 0,
    priority: -1,
  },
  queued: ABOUT,
  unqueued: ABOUT,
  confirmed: MINE,
  yielded: MINE,
  released: { ...MINE, reason: "", packet: PACKET },
  expired: { ...MINE, holder: HOLDER },
  offered: { ...MINE, to: { agent: "bob" }, packet: PACKET },
  withdrawn: { ...MINE, offer: 0 },
  declined: { ...ABOUT, holder: HOLDER, offer: 0, reason: "" },
  asked: { ...MINE, question: "", of: { agent: "bob" } },
  answered: { ...ABOUT, holder: HOLDER, ask: 0, answer: "" },
  completed: {
    ...MINE,
    result: null,
    parts: 1,
    adopts: "1:bob~00000000:1",
    basis: { text: "1:bob~00000000:3", inputs: [] },
  },
  reviewed: { ...REVIEW, verdict: "approved", reason: "" },
  failed: { ...MINE, error: "", retryable: false, retryAfterMs: 1 },
  rejected: { ...MINE, reason: "" },
  waited: { ...ABOUT, attempt: 2 },
  "need-failed": { ...ABOUT, need: "t0" as TaskId, attempt: 1 },
  part: { text: "" },
  signed: { from: 0, to: 1, prev: "", sig: "A".repeat(86) },
};

/** What a field of this name may not be, beside null and values of another type. */
const NO_NAME: readonly unknown[] = ["", "x".repeat(257)];
const NO_NAMES: readonly unknown[] = [["a", ""], Array(1001).fill("a"), "ab"];
const NO_COUNT: readonly unknown[] = [-1, 0.5, 2 ** 53];
const NO_POSITIVE: readonly unknown[] = [...NO_COUNT, 0];
const NO_AUDIENCE: readonly unknown[] = [{}, { agent: "" }, { capability: 5 }, "bob"];
const NO_PACKET: readonly unknown[] = [
  ...Object.keys(PACKET).map((part) => ({ ...PACKET, [part]: undefined })),
  ...["summary", "decisions", "questions", "deadEnds", "artifacts"].map((part) => ({
    ...PACKET,
    [part]: part === "summary" ? 5 : [5],
  })),
  { ...PACKET, decisions: Array(1001).fill("") },
  { ...PACKET, decisions: { length: 0 } },
  { ...PACKET, decisions: ["", 5] },
  ...[{ why: "" }, { tried: "" }, { tried: 5, why: "" }, null].map((end) => ({
    ...PACKET,
    deadEnds: [end],
  })),
  ...[
    { mediaType: "text/plain" },
    { name: "a" },
    { name: "", mediaType: "text/plain" },
    ...["uri", "content", "hash"].map((part) => ({ ...PACKET.artifacts[0], [part]: 5 })),
    { ...PACKET.artifacts[0], hash: "" },
  ].map((artifact) => ({ ...PACKET, artifacts: [artifact] })),
];
const NOT: Readonly<Record<string, readonly unknown[]>> = {
  ...byName(NO_NAME, "task key parent name rule holder author need by"),
  ...byName(NO_NAMES, "capabilities needs requires inputs"),
  ...byName(NO_COUNT, "claim offer ask completion"),
  ...byName(NO_POSITIVE, "leaseMs attempt ttlMs maxAttempts timeoutMs parts retryAfterMs"),
  ...byName(NO_AUDIENCE, "to of"),
  ...byName(NO_PACKET, "packet"),
  from: NO_COUNT,
  prev: ["A", "A".repeat(42), `${"A".repeat(42)}B`, `${"A".repeat(42)}=`],
  sig: ["", "A".repeat(85), "A".repeat(87), `${"A".repeat(85)}B`, `${"A".repeat(85)}=`],
  v: [0, 2, "1"],
  resources: [...NO_NAMES, Array(33).fill("port:1")],
  guarantee: ["granted"],
  about: ["idea"],
  verdict: ["maybe"],
  ifNeedFails: ["retry"],
  retry: [
    {},
    { delayMs: -1 },
    { delayMs: "1" },
    { delayMs: 1, factor: "2" },
    { delayMs: 1, maxDelayMs: -1 },
    { delayMs: 1, maxDelayMs: 0.5 },
  ],
  review: [
    {},
    ...NO_AUDIENCE.map((by) => ({ by })),
    ...[...NO_POSITIVE, "1"].map((approvals) => ({ by: { agent: "bob" }, approvals })),
  ],
  basis: [{ text: 5 }, { inputs: [5] }, { inputs: "a" }],
};

describe.each(Object.keys(WHOLE) as Kind[])("a record %s", (kind) => {
  const whole: Readonly<Record<string, unknown>> = WHOLE[kind];
  const { required, optional } = fieldsInProtocol(kind);

  test("[R7] has the fields of the protocol, and fits with all of them", () => {
    expect(Object.keys(whole).sort()).toEqual([...required, ...optional].sort());
    expect(flawOf(kind, whole)).toBeNull();
  });

  test("[R7] is set aside without a required field, and fits without any other", () => {
    for (const name of required)
      expect(flawOf(kind, { ...whole, [name]: undefined })).toBe(misfit(kind, name));
    for (const name of optional) expect(flawOf(kind, { ...whole, [name]: undefined })).toBeNull();
  });

  test("[R7] is set aside with a field of another type or out of its range", () => {
    for (const name of [...required, ...optional].filter((name) => name !== "result"))
      for (const wrong of [null, typeof whole[name] === "number" ? "1" : 5, ...(NOT[name] ?? [])])
        expect([wrong, flawOf(kind, { ...whole, [name]: wrong })]).toEqual([
          wrong,
          misfit(kind, name),
        ]);
  });
});

test("[R7] names of 1 and 256 characters, 1,000 names and 32 resources fit", () => {
  const { added } = WHOLE;
  const most = { key: "k".repeat(256), needs: Array(1000).fill("a"), parent: "p" };

  expect(flawOf("added", { ...added, ...most })).toBeNull();
  expect(flawOf("added", { ...added, resources: Array(32).fill("port:1") })).toBeNull();
  expect(
    flawOf("released", { ...MINE, packet: { ...PACKET, decisions: Array(1000).fill("") } }),
  ).toBeNull();
});

test.each([
  ["noted", "about", ["decision", "question", "finding", "dead-end", "progress"]],
  ["added", "guarantee", ["optimistic", "settled"]],
  ["added", "ifNeedFails", ["block", "fail", "ignore"]],
  ["reviewed", "verdict", ["approved", "rejected"]],
  ["added", "review", [{ by: { agent: "bob" } }, { by: { capability: "ts" } }]],
  ["failed", "retryable", [true, false]],
] as const)("[R7] of a record %s the field %s may be any of its words", (kind, name, values) => {
  for (const value of values) expect(flawOf(kind, { ...WHOLE[kind], [name]: value })).toBeNull();
});

test("[R3] a kind that is not known fits whatever its fields, one that is no text does not", () => {
  expect(isKnownKind("hoped")).toBe(false);
  expect(isKnownKind("added")).toBe(true);
  expect(findFlaw({ kind: "hoped", n: 3, at: 9, task: 5 }, 3, 8)).toBeNull();
  expect(findFlaw({ kind: 5, n: 3, at: 9 }, 3, 8)).toBe("it has no kind");
});

test("[R9] a record of 16,384 bytes fits, and one of a byte more does not", () => {
  const record = { kind: "left", n: 1, at: 2, more: "" };
  const room = 16_384 - JSON.stringify(record).length;

  expect(findFlaw({ ...record, more: "x".repeat(room) }, 1, 1)).toBeNull();
  expect(findFlaw({ ...record, more: "x".repeat(room + 1) }, 1, 1)).toBe(
    "it is larger than 16384 bytes",
  );
});

test("[R7] what is no object, or no plain JSON, is no record", () => {
  for (const value of [null, 5, "left", true, [{ kind: "left", n: 1, at: 2 }]])
    expect(findFlaw(value, 1, 1)).toBe("it is not an object");
  for (const value of [undefined, new Date(0), { kind: "left", n: 1, at: 2, more: Number.NaN }])
    expect(findFlaw(value, 1, 1)).toBe("it is not plain JSON");
});

test("[R11] a record carries its own position, and a Lamport time above all before it", () => {
  const record = { kind: "left", n: 1, at: 2 };

  expect(findFlaw({ ...record }, 1, 1)).toBeNull();
  expect(findFlaw({ ...record }, 2, 1)).toBe("its n is 1, not its position");
  for (const at of [1, 0, 1.5, 2 ** 53, "2"])
    expect(findFlaw({ ...record, at }, 1, 1)).toBe("its Lamport time does not grow");
});

test("[R9] what is checked is frozen through and through", () => {
  const record = { kind: "hoped", n: 1, at: 2, more: { deep: [] } };

  findFlaw(record, 1, 1);

  expect([record, record.more, record.more.deep].every(Object.isFrozen)).toBe(true);
});

test("[R9] a decoded record shares the text of its kind and of its task id", () => {
  const shared: string[] = [];
  const share = (id: string): string => {
    shared.push(id);
    return "t1";
  };
  const record = { kind: "added", task: "t9" };
  const frozen = Object.freeze({ kind: "added", task: "t9" });

  for (const value of [record, frozen, null, "added", { kind: "hoped", task: "t9" }])
    shareTexts(value, share);
  shareTexts({ kind: "added", task: 5 }, share);

  expect(record).toEqual({ kind: "added", task: "t1" });
  expect(shared).toEqual(["t9"]);
});

/** What is wrong with a record as it comes from another replica: as JSON. */
function flawOf(kind: Kind, fields: object): string | null {
  return findFlaw(JSON.parse(JSON.stringify({ kind, n: 3, at: 9, ...fields })), 3, 8);
}

function misfit(kind: Kind, name: string): string {
  return `its field ${name} does not fit ${kind}`;
}

function byName(wrong: readonly unknown[], names: string): Record<string, readonly unknown[]> {
  return Object.fromEntries(names.split(" ").map((name) => [name, wrong]));
}

/** Reads the fields of a kind in the table of docs/protocol.md, where those in brackets may be left out. */
function fieldsInProtocol(kind: Kind): Record<"required" | "optional", readonly string[]> {
  const protocol = readFileSync(join(import.meta.dirname, "../../docs/protocol.md"), "utf8");
  const rows = protocol.split("\n").map((line) => line.split("|"));
  const cell = rows.find(([, kinds = ""]) => kinds.includes(`\`${kind}\``))?.[2] ?? "";
  const [required = "", optional = ""] = cell.replace(/ = [^,\]]*/g, "").split("[");
  const namesIn = (text: string): readonly string[] => text.match(/(?<=`)\w+(?=`)/g) ?? [];
  return {
    required: namesIn(required),
    optional: [
      ...namesIn(optional),
      ...(optional.includes("policy below") ? Object.keys(POLICY) : []),
    ],
  };
}
