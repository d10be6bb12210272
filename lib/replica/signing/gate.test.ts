import { expect, test } from "@jest/globals";
import { applyUpdate, Doc, encodeStateAsUpdate } from "yjs";
import {
  type Author,
  BOARD,
  createAuthor,
  logToUpdate,
  openReader,
  readLog,
  TASK,
  type Value,
  writeBatches,
} from "../../../property-tests/signed-log.ts";
import type { AgentId } from "../../core/record.ts";
import { logName } from "../log.ts";
import { createAgentKey, openSigningKey } from "./agent-key.ts";
import { verifyLog } from "./verify-log.ts";

/** A log of two batches: joined, added, noted, noted, signed, noted, noted, signed. */
async function honest(): Promise<Author> {
  const author = await createAuthor();
  await writeBatches(author, 2);
  return author;
}

const FIRST = [1, 2, 3];
const BOTH = [1, 2, 3, 5, 6];

function replaced(log: readonly Value[], n: number, fields: object): readonly unknown[] {
  return log.map((value) => (value.n === n ? { ...value, ...fields } : value));
}

/** One reason, that names the log and says this. */
const because = (agent: AgentId, ...words: readonly string[]) => [
  expect.stringMatching(new RegExp(`^log ${agent}, record .*${words.join(".*")}`)),
];

test("[J22] what its author signed counts, all of it", async () => {
  const { agent, log } = await honest();

  expect(await readLog(agent, log)).toEqual({ counted: BOTH, reasons: [] });
});

test("[J20] a long log of many batches counts in whole, in the order of the log", async () => {
  const author = await createAuthor();
  await writeBatches(author, 200);
  const written = author.log.filter(({ kind }) => kind === "added" || kind === "noted");

  expect(author.log.length).toBeGreaterThan(512);
  expect(await readLog(author.agent, author.log)).toEqual({
    counted: written.map(({ n }) => n),
    reasons: [],
  });
});

test("[J27] a proof against the author is found in every chunk of its log", async () => {
  const author = await createAuthor();
  await writeBatches(author, 100);
  const run = author.fork();
  await writeBatches(author, 1);
  run.write({ kind: "noted", task: TASK, text: "elsewhere" });
  await run.sign();
  const doc = new Doc({ gc: false });
  applyUpdate(doc, logToUpdate(author.agent, author.log));
  const tail = doc.getArray(logName(author.agent, 1));
  doc.clientID = 2;
  tail.push(run.log.slice(-2));
  const reader = openReader();

  await reader.receive(encodeStateAsUpdate(doc));

  expect(reader.counted(author.agent)).toHaveLength(203);
  expect(await reader.reasons()).toEqual(because(author.agent, "equivocation"));
});

test("[J22] an unsigned tail does not count, and nothing is said of it, as its signature may be under way", async () => {
  const author = await honest();
  author.write({ kind: "noted", task: TASK, text: "three" });

  expect(await readLog(author.agent, author.log)).toEqual({ counted: BOTH, reasons: [] });
});

test("[J23] a record in the log that was never signed is left out, and what its author signs later counts", async () => {
  const author = await honest();
  author.write({ kind: "cancelled", task: TASK }); // by somebody else
  author.disown();
  author.write({ kind: "noted", task: TASK, text: "three" });
  await author.sign();

  expect(await readLog(author.agent, author.log)).toEqual({
    counted: [...BOTH, 9],
    reasons: because(author.agent, "8: it was never signed, so it is left out"),
  });
});

test.each([
  ["a text", 5, { text: "other" }],
  ["a Lamport time", 5, { at: 7 }],
  ["a field more", 5, { about: "decision" }],
  ["its kind", 5, { kind: "left" }],
])(
  "[J24] an altered record, by %s, is noticed, and what came before it counts",
  async (_, n, fields) => {
    const { agent, log } = await honest();

    const { counted, reasons } = await readLog(agent, replaced(log, n, fields));

    expect(counted).toEqual(FIRST);
    expect(reasons).toEqual(because(agent, "bad signature", "the rest of the log is set aside"));
  },
);

test("[J25] what a signature says of itself beside what it signs changes nothing", async () => {
  const { agent, log } = await honest();

  expect(await readLog(agent, replaced(log, 4, { at: 2 ** 50, more: 1 }))).toEqual({
    counted: BOTH,
    reasons: [],
  });
});

test("[J24] what follows a bad signature is set aside, and other logs are not", async () => {
  const [ann, ben] = [await honest(), await createAuthor({ name: "ben" })];
  await writeBatches(ben, 1);
  const reader = openReader();
  const bad = replaced(ann.log, 2, { text: "other" });

  await reader.receive(logToUpdate(ann.agent, bad), logToUpdate(ben.agent, ben.log, 2));

  expect(reader.counted(ann.agent)).toEqual([]);
  expect(reader.counted(ben.agent)).toEqual(FIRST);
  expect(await reader.reasons()).toEqual(because(ann.agent, "bad signature"));
});

test("[J24] a log moved to another board, or to another agent, does not count", async () => {
  const elsewhere = await createAuthor({ board: "other#1" });
  await writeBatches(elsewhere, 1);
  const { agent, log } = await honest();
  const mallory = await createAuthor({ name: "mallory" });

  const moved = await readLog(elsewhere.agent, elsewhere.log);
  const renamed = `zoe~${agent.slice(-8)}` as AgentId;

  expect(moved).toEqual({ counted: [], reasons: because(elsewhere.agent, "bad signature") });
  expect(await readLog(renamed, log)).toEqual({
    counted: [],
    reasons: because(renamed, "bad signature"),
  });
  expect(await readLog(mallory.agent, log)).toEqual({
    counted: [],
    reasons: because(mallory.agent, "its key is not the one"),
  });
});

test("[J18] a key that is not that of the agent's name, or none, sets the whole log aside", async () => {
  const author = await createAuthor();
  const { publicKey } = await createAgentKey();
  const other = author.fork();
  await writeBatches(other, 1);

  const wrong = await readLog(author.agent, replaced(other.log, 0, { key: publicKey }));
  const none = await readLog(author.agent, replaced(other.log, 0, { key: undefined }));

  expect(wrong).toEqual({ counted: [], reasons: because(author.agent, "its key is not the one") });
  expect(none).toEqual(wrong);
});

test("[J18] a key with which anybody can sign sets the whole log aside", async () => {
  const publicKey = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  const author = await createAuthor({ key: { publicKey, privateKey: "" } });
  // R is the neutral point and S is 0: it holds for every text
  const sig = `AQ${"A".repeat(84)}`;
  author.write({ kind: "left" }, { kind: "signed", from: 0, to: 2, prev: "", sig });

  expect(await readLog(author.agent, author.log)).toEqual({
    counted: [],
    reasons: because(author.agent, "its key is not the one"),
  });
});

test("[J18] a log that opens with anything but joined has no key", async () => {
  const { agent, log } = await honest();

  expect(await readLog(agent, replaced(log, 0, { kind: "hello" }))).toEqual({
    counted: [],
    reasons: because(agent, "its key is not the one"),
  });
});

test.each([
  ["what was signed before", { from: 0, to: 4 }],
  ["itself", { from: 8, to: 9 }],
  ["nothing", { from: 8, to: 8 }],
  ["what is not there yet", { from: 2000, to: 3001 }],
])("[J24] a signature that covers %s sets the log aside", async (_, range) => {
  const { agent, log } = await honest();
  const first = log[4] as Value;

  const { counted, reasons } = await readLog(agent, [...log, { ...first, ...range, n: 8 }]);

  expect(counted).toEqual(BOTH);
  expect(reasons).toEqual(because(agent, "its signature covers what it cannot"));
});

test("[J30] a batch of 1,000 records counts, and one of more does not", async () => {
  const note = { kind: "noted", task: TASK, text: "" };
  const judge = async (count: number) => {
    const author = await createAuthor();
    author.write({ kind: "added", task: TASK, title: "a task" }, ...Array(count - 2).fill(note));
    await author.sign();
    return verifyLog({ board: BOARD, agent: author.agent, records: author.log });
  };

  expect([await judge(1000), await judge(1001)]).toEqual([1001, 0]);
});

test("[J29] a process that goes on with its log lets nothing in that another wrote there meanwhile", async () => {
  const author = await createAuthor();
  await writeBatches(author, 1);
  const { agent, log, key } = author;
  const reader = openReader();
  const base = logToUpdate(agent, log);
  await reader.receive(base);
  const thief = author.fork();
  thief.disown();
  thief.write({ kind: "noted", task: TASK, text: "stolen" });
  await thief.sign();
  const doc = new Doc({ gc: false });
  applyUpdate(doc, base);
  doc.getArray(logName(agent, 0)).push(thief.log.slice(log.length));

  expect(reader.replica.signAs(agent, await openSigningKey(key))).toBe(true);
  reader.replica.receive([encodeStateAsUpdate(doc)], "peer");
  reader.replica.append(agent, [{ kind: "noted", task: TASK, text: "mine" }]);

  expect(await reader.reasons()).toEqual(because(agent, "another process writes it"));
  expect(reader.counted(agent)).toEqual([...FIRST, 7]);
  expect(reader.replica.signAs(agent, await openSigningKey(key))).toBe(false);
});

test("[J24] records moved to another position, and a batch that is replayed, are noticed", async () => {
  const { agent, log } = await honest();
  const swapped = [...log.slice(0, 5), log[6], log[5], log[7]];
  const renumbered = swapped.map((value, n) => ({ ...value, n }));
  const replayed = [...log, ...log.slice(5)];
  const skipped = [...log.slice(0, 2), ...log.slice(3)];

  expect(await readLog(agent, swapped)).toEqual({
    counted: FIRST,
    reasons: because(agent, "bad signature"),
  });
  expect((await readLog(agent, renumbered)).counted).toEqual(FIRST);
  expect(await readLog(agent, replayed)).toEqual({
    counted: BOTH,
    reasons: because(agent, "its n is 7, not its position"),
  });
  expect((await readLog(agent, skipped)).counted).toEqual([]);
});

test("[J24][J27] a batch that is missing is noticed, and its author is not accused", async () => {
  const author = await createAuthor();
  await writeBatches(author, 1);
  author.disown(); // as a later process does, which signs what it wrote itself
  await writeBatches(author, 1);
  const { agent, log } = author;
  const filler = log.slice(1, 5).map(({ n, at }) => ({ n, at, kind: "left" }));

  const { counted, reasons } = await readLog(agent, [log[0], ...filler, ...log.slice(5)]);

  expect(counted).toEqual([]);
  expect(reasons).toEqual(because(agent, "what its author signed before it is missing here"));
});

test("[J27] an author who tells two replicas different things is caught when it goes on", async () => {
  const author = await createAuthor();
  await writeBatches(author, 1);
  const [left, right] = [author.fork(), author.fork()];
  left.write({ kind: "noted", task: TASK, text: "to the left" });
  right.write({ kind: "noted", task: TASK, text: "to the right" });
  await Promise.all([left.sign(), right.sign()]);
  const [ben, cleo] = [openReader(), openReader()];
  await ben.receive(logToUpdate(author.agent, left.log));
  await cleo.receive(logToUpdate(author.agent, right.log));
  expect([ben.counted(author.agent), cleo.counted(author.agent)]).toEqual([
    [1, 2, 3, 5],
    [1, 2, 3, 5],
  ]);

  left.write({ kind: "noted", task: TASK, text: "to both" });
  await left.sign();
  for (const reader of [ben, cleo]) await reader.receive(logToUpdate(author.agent, left.log));

  expect(ben.counted(author.agent)).toEqual([1, 2, 3, 5, 7]);
  expect(await ben.reasons()).toEqual([]);
  expect(cleo.counted(author.agent)).toEqual([1, 2, 3, 5]);
  expect(await cleo.reasons()).toEqual(because(author.agent, "equivocation"));
});

test.each([
  [1, 2],
  [2, 1],
])(
  "[J27] two runs with one key, as the Yjs clients %i and %i, are caught by all when they meet",
  async (first, second) => {
    const author = await createAuthor();
    await writeBatches(author, 1);
    const base = logToUpdate(author.agent, author.log, 9);
    const updates: Uint8Array[] = [];
    for (const client of [first, second]) {
      const run = author.fork();
      run.write({ kind: "noted", task: TASK, text: `by ${client}` });
      await run.sign();
      const doc = new Doc({ gc: false });
      applyUpdate(doc, base);
      doc.clientID = client;
      doc.getArray(logName(author.agent, 0)).push(run.log.slice(author.log.length));
      updates.push(encodeStateAsUpdate(doc));
    }
    const [ben, cleo] = [openReader(), openReader()];
    await ben.receive(base, ...updates.slice(0, 1));
    await cleo.receive(base, ...updates.slice(1));

    await ben.receive(...updates);
    await cleo.receive(...updates);

    for (const reader of [ben, cleo]) {
      expect(reader.counted(author.agent)).toEqual([1, 2, 3, 5]);
      expect(await reader.reasons()).toEqual(because(author.agent, "equivocation"));
    }
  },
);

test("[J30] a log without a signature for 100,000 records is set aside", async () => {
  const author = await createAuthor();
  const values = Array.from({ length: 100_002 }, (_, n) => ({ n, at: n + 1, kind: "left" }));
  const length = await verifyLog({ board: BOARD, agent: author.agent, records: values });

  expect(length).toBe(0);
});

test("[J26] verifyLog says how much of a log its author signed", async () => {
  const { agent, log } = await honest();
  const judge = (records: readonly unknown[]) => verifyLog({ board: BOARD, agent, records });

  expect(await judge(log)).toBe(8);
  expect(await judge(log.slice(0, 7))).toBe(5);
  expect(await judge([...log, log[1]])).toBe(8);
  expect(await judge(replaced(log, 6, { text: "" }))).toBe(5);
  expect(await judge(replaced(log, 1, { title: "" }))).toBe(0);
  expect(await judge([])).toBe(0);
});
