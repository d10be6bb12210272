import { expect, test } from "@jest/globals";
import { applyPatches } from "immer";
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector, Map as YMap } from "yjs";
import { createVirtualClock, type VirtualClock } from "../../adapters/transport/memory.ts";
import { diffTask } from "../core/event.ts";
import type { AgentId, TaskId } from "../core/record.ts";
import { earliest, type Rule } from "../core/rule.ts";
import { type BoardChange, createReplica, type Replica } from "./replica.ts";
import { getTask, listTasks } from "./snapshot.ts";

const ANN = "ann~00000000" as AgentId;
const BEN = "ben~11111111" as AgentId;
const JOINED = { kind: "joined", v: 1, capabilities: [], rule: "earliest@1", leaseMs: 1000 };

const joined = (n = 0, at = 1): object => ({ ...JOINED, name: "ann", n, at });
const added = (n: number, task: string, at = n + 1): object => ({
  n,
  at,
  kind: "added",
  task,
  title: `Title of ${task}`,
});
const id = (text: string): TaskId => text as TaskId;

interface Bench {
  readonly doc: Doc;
  readonly clock: VirtualClock;
  readonly replica: Replica;
  readonly changes: BoardChange[];
  /** What was reported since the start. */
  readonly rejections: () => readonly string[];
}

function openReplica({
  doc = new Doc({ gc: false }),
  rule = earliest,
}: {
  doc?: Doc;
  rule?: Rule;
} = {}): Bench {
  const clock = createVirtualClock();
  const replica = createReplica({ board: "docs#1", doc, rule, clock });
  const changes: BoardChange[] = [];
  replica.onChange((change) => changes.push(change));
  const rejections = () => {
    clock.advance(0);
    return changes
      .flatMap(({ events }) => events)
      .flatMap((event) => (event.kind === "record-rejected" ? [event.reason] : []));
  };
  return { doc, clock, replica, changes, rejections };
}

/** A document written to by hand, as by a replica that obeys nothing. */
function writeLog(
  values: readonly unknown[],
  agent: AgentId = ANN,
  doc: Doc = new Doc({ gc: false }),
): Doc {
  values.forEach((value, i) => {
    doc.getArray(`log/${agent}/${Math.floor(i / 256)}`).push([value]);
  });
  return doc;
}

const titles = (replica: Replica): readonly string[] =>
  listTasks(replica.snapshot()).map(({ id }) => id);
const join = (replica: Replica, agent: AgentId = ANN): void => {
  replica.append(agent, [{ ...JOINED, name: "x" } as never]);
};
const add = (replica: Replica, task: string, agent: AgentId = ANN): number =>
  replica.append(agent, [{ kind: "added", task: id(task), title: task }]);

const nest = (levels: number): unknown => (levels === 0 ? 1 : { deeper: nest(levels - 1) });

const MALFORMED: readonly (readonly [what: string, value: (n: number) => unknown])[] = [
  ["a wrong position", (n) => added(n + 7, "bad", n + 1)],
  ["no position", (n) => ({ kind: "added", at: n + 1, task: "bad", title: "" })],
  ["a Lamport time that does not grow", (n) => added(n, "bad", n)],
  ["a Lamport time that is no integer", (n) => added(n, "bad", n + 1.5)],
  ["a Lamport time beyond all safe integers", (n) => added(n, "bad", 2 ** 53)],
  ["no kind", (n) => ({ n, at: n + 1, task: "bad", title: "" })],
  ["a kind that is no text", (n) => ({ ...added(n, "bad"), kind: 5 })],
  ["a missing field", (n) => ({ n, at: n + 1, kind: "added", task: "bad" })],
  ["a field of another type", (n) => ({ ...added(n, "bad"), priority: "high" })],
  ["a list with something else in it", (n) => ({ ...added(n, "bad"), needs: ["a", 5] })],
  ["too long a list", (n) => ({ ...added(n, "bad"), requires: Array(1001).fill("x") })],
  ["too long a name", (n) => ({ ...added(n, "bad"), key: "k".repeat(257) })],
  ["too many levels", (n) => ({ ...added(n, "bad"), more: nest(8) })],
  ["a deep list", (n) => ({ ...added(n, "bad"), more: [[[[[[[[1]]]]]]]] })],
  ["too many bytes", (n) => ({ ...added(n, "bad"), body: "é".repeat(8200) })],
  ["too many bytes once escaped", (n) => ({ ...added(n, "bad"), body: "\u0001".repeat(3000) })],
  ["a number that is none", (n) => ({ ...added(n, "bad"), priority: Number.NaN })],
  ["an infinite number", (n) => ({ ...added(n, "bad"), more: Number.POSITIVE_INFINITY })],
  ["a big integer", (n) => ({ ...added(n, "bad"), more: 5n })],
  ["a field that is undefined", (n) => ({ ...added(n, "bad"), more: undefined })],
  ["null", () => null],
  ["a text", () => "hello"],
  ["a number", () => 5],
  ["a list", () => [1, 2]],
  ["bytes", () => new Uint8Array([1, 2, 3])],
  ["a shared type", () => new YMap([["kind", "added"]])],
  [
    "a changed prototype",
    (n) => ({ ...added(n, "bad"), ...JSON.parse('{"__proto__":{"evil":1}}') }),
  ],
  ["a second joined", (n) => joined(n, n + 1)],
  [
    "a completion whose parts are missing",
    (n) => ({ n, at: n + 1, kind: "completed", task: "bad", claim: 1, parts: 2 }),
  ],
];

test.each(MALFORMED)("[R7] %s is set aside and reported, and hides no other record", (_, value) => {
  const { replica, changes, rejections } = openReplica();
  const hostile = writeLog([joined(), added(1, "first"), value(2), added(3, "second")]);
  writeLog([joined(), added(1, "other")], BEN, hostile);

  replica.receive([encodeStateAsUpdate(hostile)], "test");

  expect(titles(replica).toSorted()).toEqual(["first", "other", "second"]);
  expect(rejections()).toEqual([expect.stringContaining(`log ${ANN}, record 2: `)]);
  expect(changes).toHaveLength(1);
});

test("[R7] what is malformed in a stored document is reported to whoever listens first", () => {
  const doc = writeLog([joined(), 5, added(2, "task")]);

  const { replica, rejections } = openReplica({ doc });

  expect(titles(replica)).toEqual(["task"]);
  expect(rejections()).toHaveLength(1);
});

test("[R7] a Date and a lone surrogate are what is left of them on another replica: harmless", () => {
  const { replica, rejections } = openReplica();
  const hostile = writeLog([
    joined(),
    { ...added(1, "dated"), more: new Date(0) },
    { ...added(2, "torn"), body: "\ud800" },
    { ...added(3, "cut"), title: new Date(0) },
  ]);

  replica.receive([encodeStateAsUpdate(hostile)], "test");

  expect(titles(replica)).toEqual(["dated", "torn"]);
  expect(getTask(replica.snapshot(), id("torn"))?.body).toBe("\ufffd");
  expect(rejections()).toEqual([expect.stringContaining("record 3")]);
});

test("[R7] a text or a map under the name of a log hides no other log", () => {
  const { replica, rejections } = openReplica();
  const hostile = new Doc();
  hostile.getText(`log/${ANN}/0`).insert(0, "hi", { bold: true });
  hostile.getMap("log/map~00000000/0").set("kind", "added");
  writeLog([joined(), added(1, "task")], BEN, hostile);

  replica.receive([encodeStateAsUpdate(hostile)], "test");

  expect(titles(replica)).toEqual(["task"]);
  expect(rejections()).toHaveLength(2);
});

test("[R3] kinds and fields of newer versions stay in the document and change nothing", () => {
  const { doc, replica, rejections } = openReplica();
  const newer = writeLog([
    joined(),
    { n: 1, at: 2, kind: "teleported", task: "task", to: [1, 2] },
    { ...added(2, "task"), colour: "red" },
  ]);

  replica.receive([encodeStateAsUpdate(newer)], "test");

  expect(titles(replica)).toEqual(["task"]);
  expect(rejections()).toEqual([]);
  expect(doc.getArray(`log/${ANN}/0`).get(1)).toMatchObject({ kind: "teleported" });
  expect(doc.getArray(`log/${ANN}/0`).get(2)).toMatchObject({ colour: "red" });
});

test("[R8] a log that does not begin with joined does not count", () => {
  const { replica, rejections } = openReplica();
  const hostile = writeLog([added(0, "task"), joined(1, 2), added(2, "other")]);

  replica.receive([encodeStateAsUpdate(hostile)], "test");

  expect(titles(replica)).toEqual([]);
  expect(replica.agent(ANN)).toBeUndefined();
  expect(rejections()).toHaveLength(3);
});

test("[R8] a second joined does not change the agent", () => {
  const { replica } = openReplica();
  const hostile = writeLog([joined(), { ...joined(1, 2), name: "else", capabilities: ["all"] }]);

  replica.receive([encodeStateAsUpdate(hostile)], "test");

  expect(replica.agent(ANN)).toMatchObject({ name: "ann", capabilities: [] });
});

test("[R9] what is no plain JSON, or too large, is refused before it is written", () => {
  const { doc, replica } = openReplica();
  join(replica);
  const before = encodeStateAsUpdate(doc);
  const append = (more: object) => () =>
    replica.append(ANN, [{ kind: "noted", task: id("task"), text: "", ...more }]);

  expect(append({ text: "x".repeat(16_384) })).toThrow(
    expect.objectContaining({ code: "RECORD_TOO_LARGE", details: { agent: ANN } }),
  );
  expect(append({ text: "\u0000".repeat(3000) })).toThrow(
    expect.objectContaining({ code: "RECORD_TOO_LARGE" }),
  );
  for (const more of [{ text: "\ud800" }, { text: 5 }, { more: new Date(0) }, { more: nest(8) }])
    expect(append(more)).toThrow(expect.objectContaining({ code: "RECORD_INVALID" }));

  expect(encodeStateAsUpdate(doc)).toEqual(before);
});

test("[R9] what an author could write arrives everywhere", () => {
  const { doc, replica } = openReplica();
  join(replica);
  add(replica, "task");
  const largest = "\u0001".repeat(2700);
  replica.append(ANN, [{ kind: "noted", task: id("task"), text: largest }]);
  replica.append(ANN, [{ kind: "noted", task: id("task"), text: "x".repeat(16_000) }]);

  const other = openReplica();
  other.replica.receive([encodeStateAsUpdate(doc)], "test");

  expect(other.replica.snapshot()).toEqual(replica.snapshot());
  expect(other.rejections()).toEqual([]);
});

test("[R11] a log lies in chunks of 256 records that carry their positions", () => {
  const { doc, replica } = openReplica();
  join(replica);
  const bodies = Array.from({ length: 600 }, (_, i) => ({
    kind: "added" as const,
    task: id(`t${i}`),
    title: "",
  }));
  replica.append(ANN, bodies.slice(0, 200));
  replica.append(ANN, bodies.slice(200));

  const other = openReplica();
  other.replica.receive([encodeStateAsUpdate(doc)], "test");

  expect([...doc.share.keys()].toSorted()).toEqual([0, 1, 2].map((n) => `log/${ANN}/${n}`));
  expect(doc.getArray(`log/${ANN}/0`).length).toBe(256);
  expect(doc.getArray(`log/${ANN}/1`).get(0)).toMatchObject({ n: 256 });
  expect(doc.getArray(`log/${ANN}/2`).length).toBe(601 - 512);
  expect(other.replica.snapshot()).toEqual(replica.snapshot());
});

test("[R11] a chunk that comes before the one that it follows waits for it", () => {
  const { replica, rejections } = openReplica();
  const values = [joined(), ...Array.from({ length: 299 }, (_, i) => added(i + 1, `t${i + 1}`))];
  const early = new Doc();
  early.getArray(`log/${ANN}/1`).push(values.slice(256));
  const late = new Doc();
  late.getArray(`log/${ANN}/0`).push(values.slice(0, 256));

  replica.receive([encodeStateAsUpdate(early)], "test");
  expect(titles(replica)).toEqual([]);
  replica.receive([encodeStateAsUpdate(late)], "test");

  expect(titles(replica)).toHaveLength(299);
  expect(rejections()).toEqual([]);
});

test("[R11] what lies in a chunk beyond 256 records is no part of the log", () => {
  const { replica, rejections } = openReplica();
  const hostile = new Doc();
  hostile
    .getArray(`log/${ANN}/0`)
    .push([joined(), ...Array.from({ length: 260 }, (_, i) => added(i + 1, `t${i + 1}`))]);
  hostile.getArray(`log/${ANN}/1`).push([added(256, "next", 300)]);

  replica.receive([encodeStateAsUpdate(hostile)], "test");

  expect(titles(replica)).toHaveLength(256);
  expect(titles(replica)).toContain("next");
  expect(rejections()).toEqual([]);
});

test("[R11] roots of other names are left alone, whatever they are read as later", () => {
  const { doc, replica } = openReplica();
  const stranger = new Doc();
  stranger.getArray("log/ann/0").push([joined(), added(1, "task")]);
  stranger.getArray(`log/${ANN}`).push([joined()]);
  stranger.getText("notes").insert(0, "hi");
  replica.receive([encodeStateAsUpdate(stranger)], "test");
  doc.getText("notes");
  replica.receive([encodeStateAsUpdate(writeLog([joined()]))], "test");

  replica.receive([encodeStateAsUpdate(writeLog([joined(), added(1, "task")], BEN))], "test");

  expect(titles(replica)).toEqual(["task"]);
});

test("[P1] the changes of one turn become one snapshot and one list of events", () => {
  const { clock, replica, changes } = openReplica();
  join(replica);
  add(replica, "one");
  add(replica, "two");
  replica.receive([encodeStateAsUpdate(writeLog([joined(), added(1, "three")], BEN))], "test");
  expect(changes).toHaveLength(0);

  clock.advance(0);

  expect(changes).toHaveLength(1);
  expect(changes[0]?.snapshot).toBe(replica.snapshot());
  expect(changes[0]?.events.map(({ kind }) => kind)).toEqual([
    "agent-joined",
    "agent-joined",
    "task-added",
    "task-added",
    "task-added",
  ]);
  expect([...(changes[0]?.authors ?? [])]).toEqual([ANN, BEN]);
});

test("[P1] a turn in which nothing happened calls nobody", () => {
  const { clock, doc, replica, changes } = openReplica();
  doc.getMap("other").set("a", 1);
  replica.receive([], "test");

  clock.advance(1000);

  expect(changes).toEqual([]);
});

test("[P2] the events are the difference of the two snapshots, whatever came between", () => {
  const { clock, replica, changes } = openReplica();
  join(replica);
  add(replica, "task");
  clock.advance(0);
  const claim = replica.append(ANN, [{ kind: "claimed", task: id("task") }]);
  replica.append(ANN, [{ kind: "released", task: id("task"), claim }]);
  replica.append(ANN, [{ kind: "edited", task: id("task"), title: "else" }]);
  replica.append(ANN, [{ kind: "edited", task: id("task"), title: "task" }]);
  replica.snapshot();
  replica.append(ANN, [{ kind: "noted", task: id("unknown"), text: "hm" }]);

  clock.advance(0);

  expect(changes).toHaveLength(2);
  for (const { events, previous, snapshot } of changes) {
    const difference = listTasks(snapshot).flatMap((task) =>
      diffTask(getTask(previous, task.id), task),
    );
    expect(events.filter(({ task }) => task !== null)).toEqual(difference);
  }
  expect(changes[1]?.events.map(({ kind }) => kind)).toEqual(["task-claimed", "claim-released"]);
});

test("[P2] a listener that comes later sees changes from then on", () => {
  const clock = createVirtualClock();
  const replica = createReplica({
    board: "docs#1",
    doc: new Doc({ gc: false }),
    rule: earliest,
    clock,
  });
  join(replica);
  add(replica, "one");
  const seen: BoardChange[] = [];
  const stop = replica.onChange((change) => seen.push(change));
  add(replica, "two");
  clock.advance(0);
  stop();
  add(replica, "three");
  clock.advance(0);
  replica.onChange((change) => seen.push(change));
  add(replica, "four");
  clock.advance(0);

  expect(seen.map(({ events }) => events.map(({ task }) => task))).toEqual([["two"], ["four"]]);
  expect(seen[1]?.tasks).toEqual([
    { before: undefined, after: getTask(replica.snapshot(), id("four")) },
  ]);
});

test("[P3] task views are frozen, and what did not change is shared between snapshots", () => {
  const { replica } = openReplica();
  join(replica);
  for (let i = 0; i < 50; i++) add(replica, `t${i}`);
  const before = replica.snapshot();
  replica.append(ANN, [{ kind: "claimed", task: id("t7") }]);

  const after = replica.snapshot();

  for (const task of listTasks(after)) {
    expect(getTask(before, task.id) === task).toBe(task.id !== "t7");
    for (const part of [task, task.claims, task.needs, task.added, task.winner ?? task])
      expect(Object.isFrozen(part)).toBe(true);
  }
  expect(replica.snapshot()).toBe(after);
  expect(after.agents).toBe(before.agents);
});

test("[P3] a result is frozen too, whether it came in parts or whole", () => {
  const { replica } = openReplica();
  const claim = { kind: "claimed", task: "task" };
  const done = { kind: "completed", task: "task" };
  const text = JSON.stringify({ list: [{ deep: "parts" }] });
  const hostile = writeLog([
    joined(),
    added(1, "task"),
    { ...claim, n: 2, at: 3 },
    { ...claim, n: 3, at: 4 },
    { ...done, n: 4, at: 5, claim: 2, result: { list: [{ deep: "whole" }] } },
    { n: 5, at: 6, kind: "part", text: text.slice(0, 9) },
    { n: 6, at: 7, kind: "part", text: text.slice(9) },
    { ...done, n: 7, at: 8, claim: 3, parts: 2 },
  ]);

  replica.receive([encodeStateAsUpdate(hostile)], "test");

  const task = replica.task(id("task"));
  const results = [task?.completion, ...(task?.alternates ?? [])].map((one) => one?.result);
  expect(results).toEqual([{ list: [{ deep: "whole" }] }, { list: [{ deep: "parts" }] }]);
  for (const result of results as { list: object[] }[])
    for (const part of [result, result.list, result.list[0]])
      expect(Object.isFrozen(part)).toBe(true);
});

test("[P4] the patches of a change lead from its previous snapshot to its next", () => {
  const { clock, replica, changes } = openReplica();
  join(replica);
  for (let i = 0; i < 2000; i++) add(replica, `t${i}`);
  replica.snapshot();
  for (let i = 0; i < 2000; i += 3) replica.append(ANN, [{ kind: "claimed", task: id(`t${i}`) }]);
  add(replica, "late");
  clock.advance(0);
  replica.append(ANN, [{ kind: "left" }]);
  replica.append(ANN, [{ kind: "cancelled", task: id("t1") }]);
  clock.advance(0);

  expect(changes).toHaveLength(2);
  for (const { previous, snapshot, patches } of changes)
    expect(applyPatches(previous, [...patches])).toEqual(snapshot);
  expect(changes[1]?.previous).toBe(changes[0]?.snapshot);
});

test("[P6] a gap shows until what is missing has come", () => {
  const author = new Doc();
  const updates: Uint8Array[] = [];
  author.on("update", (update) => updates.push(update));
  writeLog([joined(), added(1, "task")], ANN, author);
  const { replica } = openReplica();

  replica.receive(updates.slice(1), "test");
  expect(replica.hasGap()).toBe(true);
  replica.receive(updates.slice(0, 1), "test");

  expect(replica.hasGap()).toBe(false);
  expect(titles(replica)).toEqual(["task"]);
});

test("[P7] a listener that throws stops neither the others nor the replica", () => {
  const { clock, replica, changes } = openReplica();
  const stop = replica.onChange(() => {
    throw new Error("a listener's own fault");
  });
  const seen: BoardChange[] = [];
  replica.onChange((change) => seen.push(change));
  join(replica);

  expect(() => clock.advance(0)).toThrow("a listener's own fault");
  stop();
  add(replica, "task");
  clock.advance(0);

  expect(seen).toEqual(changes);
  expect(seen).toHaveLength(2);
});

test("[P8] a record re-folds only the task that it is about", () => {
  let compared: string[] = [];
  const rule: Rule = {
    ...earliest,
    compare: (a, b, context) => {
      compared.push(context.task);
      return earliest.compare(a, b, context);
    },
  };
  const { replica } = openReplica({ rule });
  for (const agent of [ANN, BEN]) join(replica, agent);
  for (const task of ["one", "two", "three"]) {
    add(replica, task);
    for (const agent of [ANN, BEN]) replica.append(agent, [{ kind: "claimed", task: id(task) }]);
  }
  replica.snapshot();
  compared = [];

  replica.append(ANN, [{ kind: "noted", task: id("two"), text: "hm" }]);
  replica.snapshot();
  replica.snapshot();

  expect(new Set(compared)).toEqual(new Set(["two"]));
});

test("[P9] an update that cannot be applied is reported and hides none that come with it", () => {
  const { replica, changes, rejections } = openReplica();
  const good = [
    encodeStateAsUpdate(writeLog([joined(), added(1, "one")])),
    encodeStateAsUpdate(writeLog([joined(), added(1, "two")], BEN)),
  ] as const;

  replica.receive([good[0], new Uint8Array([9, 9, 9, 9]), new Uint8Array(), good[1]], "test");

  expect(rejections()).toEqual([
    expect.stringContaining("an update could not be applied"),
    expect.stringContaining("an update could not be applied"),
  ]);
  expect(titles(replica)).toEqual(["one", "two"]);
  expect(changes).toHaveLength(1);
});

const CHUNKS = [joined(), ...Array.from({ length: 599 }, (_, i) => added(i + 1, `t${i + 1}`))];

test.each([
  ["the newest record", 10, 0, 9],
  ["an older record", 10, 0, 4],
  ["a whole log", 10, 0, 0],
  ["a record of a full chunk", 256, 0, 3],
  ["a record of a chunk long past", 600, 0, 200],
  ["the first record of a chunk", 600, 2, 0],
])(
  "[P10] deleting %s is reported once, and what was read before is kept",
  (_, length, chunk, index) => {
    const { doc, replica, rejections } = openReplica();
    const author = writeLog(CHUNKS.slice(0, length));
    replica.receive([encodeStateAsUpdate(author)], "test");
    const before = replica.snapshot();
    const hostile = new Doc({ gc: false });
    applyUpdate(hostile, encodeStateAsUpdate(doc));
    const log = hostile.getArray(`log/${ANN}/${chunk}`);
    log.delete(index, index === 0 && chunk === 0 ? log.length : 1);

    replica.receive([encodeStateAsUpdate(hostile, encodeStateVector(doc))], "test");
    replica.receive([encodeStateAsUpdate(hostile)], "test");

    expect(rejections()).toEqual([
      `log ${ANN}: records were deleted from it; what was read before is kept`,
    ]);
    expect(replica.snapshot()).toEqual(before);
  },
);

test("[P10] after a deletion the log's own agent goes on, and everybody reads it", () => {
  const { doc, replica } = openReplica();
  join(replica);
  for (const task of ["one", "two", "three"]) add(replica, task);
  const reader = openReplica();
  reader.replica.receive([encodeStateAsUpdate(doc)], "test");
  const hostile = new Doc({ gc: false });
  applyUpdate(hostile, encodeStateAsUpdate(doc));
  hostile.getArray(`log/${ANN}/0`).delete(1, 2);
  replica.receive([encodeStateAsUpdate(hostile)], "test");

  add(replica, "four");
  reader.replica.receive([encodeStateAsUpdate(doc)], "test");

  expect(titles(replica)).toEqual(["one", "two", "three", "four"]);
  expect(titles(reader.replica)).toEqual(["one", "two", "three", "four"]);
});

test("[P10] a late joiner is told of the deletion, and reads what is left", () => {
  const doc = writeLog(CHUNKS.slice(0, 5));
  doc.getArray(`log/${ANN}/0`).delete(2, 1);
  const early = openReplica({ doc });

  const late = openReplica();
  late.replica.receive([encodeStateAsUpdate(doc)], "test");

  for (const { replica, rejections } of [early, late]) {
    expect(titles(replica)).toEqual(["t1", "t3", "t4"]);
    expect(rejections()).toEqual([expect.stringContaining("records were deleted from it")]);
  }
});

test("[P10] a deletion that is no log's is nobody's concern", () => {
  const { doc, rejections } = openReplica({ doc: writeLog(CHUNKS.slice(0, 5)) });
  const notes = doc.getText("notes");
  notes.insert(0, "draft");

  notes.delete(0, 3);

  expect(rejections()).toEqual([]);
});

test("[R2] a record made after another was seen has the higher Lamport time, and writing cannot overrule it", () => {
  const { doc, replica } = openReplica();
  replica.receive([encodeStateAsUpdate(writeLog([joined(), added(1, "far", 500)], BEN))], "test");
  join(replica);

  replica.append(ANN, [{ kind: "added", task: id("near"), title: "", n: 7, at: 3 } as never]);

  expect(doc.getArray(`log/${ANN}/0`).toArray()).toMatchObject([
    { n: 0, at: 501 },
    { n: 1, at: 502 },
  ]);
});

test("[B3][B5] a closed replica has told all that happened, takes no more records and waits for nothing", () => {
  const { clock, doc, replica, changes } = openReplica();
  join(replica);

  replica.close();
  replica.close();

  expect(clock.pendingCount).toBe(0);
  expect(changes.flatMap(({ events }) => events)).toMatchObject([{ kind: "agent-joined" }]);
  expect(() => add(replica, "task")).toThrow(expect.objectContaining({ code: "BOARD_CLOSED" }));
  expect(doc.getArray(`log/${ANN}/0`).length).toBe(1);
});
