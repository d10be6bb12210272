import { expect, test } from "@jest/globals";
import { openLogBook, TASK } from "../../property-tests/kit/log-book.ts";
import { foldTask } from "./fold.ts";
import { type AgentId, compareEntries, type LogEntry, type TaskPolicy } from "./record.ts";
import { earliest } from "./rule.ts";

const context = { rule: earliest, capabilitiesOf: (): readonly string[] => [] };
const agent = "ana" as AgentId;

test("[R1] folding the same records again gives an equal task", () => {
  const book = openLogBook();
  book.add("ana");
  book.complete(book.claim("bob"), "done");

  expect(book.task()).toEqual(book.task());
});

test("[R2] records are ordered by Lamport time, then agent, then position", () => {
  const entry = (author: string, at: number, n: number): LogEntry => ({
    agent: author as AgentId,
    record: { kind: "noted", task: TASK, text: "", at, n },
  });
  const sorted = [entry("bob", 1, 9), entry("ana", 2, 3), entry("ana", 2, 4), entry("bob", 2, 1)];

  expect([...sorted].reverse().sort(compareEntries)).toEqual(sorted);
  expect(compareEntries(entry("ana", 1, 1), entry("ana", 1, 1))).toBe(0);
});

test("[R3] a kind from a newer version and a field from a newer version change nothing", () => {
  const added = { kind: "added", task: TASK, title: "a task", n: 1, at: 1 };
  const known = [{ agent, record: added }] as unknown as LogEntry[];
  const newer = [
    { agent, record: { ...added, colour: "red" } },
    { agent, record: { kind: "voted", task: TASK, claim: 1, n: 2, at: 2 } },
  ] as unknown as LogEntry[];

  expect(foldTask(TASK, newer, context)).toEqual(foldTask(TASK, known, context));
});

test("[R4] of a task added twice the first in the order gives every field", () => {
  const book = openLogBook();
  book.add("bob", { title: "later", body: "b", priority: 3, needs: [TASK], key: "k", at: 6 });
  book.add("ana", { title: "first", key: "k", at: 5 });

  const task = book.task();

  expect(task).toMatchObject({ title: "first", body: "", priority: 0, needs: [], key: "k" });
  expect(task.added).toEqual({ agent: "ana", n: 1, at: 5 });
});

test("[R4] of a task added twice the strictest guarantee wished stands", () => {
  const book = openLogBook();
  book.add("ana");
  book.add("bob", { guarantee: "settled" });

  expect(book.task().guarantee).toBe("settled");
});

test("[R4] added once more a task only gets looser: the highest limit, and the first review while every one asks for one", () => {
  const [first, other] = [{ by: { agent: "eve" } }, { by: { agent: "fay" } }];
  const policyOf = (...wishes: readonly TaskPolicy[]): TaskPolicy => {
    const book = openLogBook();
    for (const wish of wishes) book.add("ana", wish);
    return book.task().policy;
  };

  expect(policyOf({ review: first, timeoutMs: 9 }, {})).toStrictEqual({ timeoutMs: 9 });
  expect(policyOf({ review: first }, { review: other })).toStrictEqual({ review: first });
  expect(policyOf({ review: first }, { review: other }, {})).toStrictEqual({});
  expect(policyOf({ review: first }, { review: other, maxAttempts: 3 })).toStrictEqual({
    review: first,
  });
  expect(policyOf({ maxAttempts: 2 }, { maxAttempts: 3, review: other })).toStrictEqual({
    maxAttempts: 3,
  });
  expect(policyOf({ maxAttempts: 2 }, {})).toStrictEqual({});
  expect(policyOf({}, { maxAttempts: 2, review: first })).toStrictEqual({});
});

test("[R5] of two edits of one field the later stands, and the other fields stay", () => {
  const book = openLogBook();
  book.add("ana", { title: "old", body: "old", priority: 1, requires: ["ts"] });
  book.edit("bob", { title: "later", at: 8 });
  book.edit("ana", { title: "earlier", body: "", at: 7 });
  const untouched = book.task();
  book.edit("ana", { needs: [TASK], priority: 0, requires: [], at: 9 });

  expect(untouched).toMatchObject({ needs: [], priority: 1, requires: ["ts"] });
  expect(book.task()).toMatchObject({
    title: "later",
    body: "",
    needs: [TASK],
    priority: 0,
    requires: [],
    version: null,
  });
});

test("[R6] every note is kept, in the order", () => {
  const book = openLogBook();
  book.add("ana");
  book.write("bob", { kind: "noted", text: "second", at: 5 });
  book.write("ana", { kind: "noted", text: "first", at: 5 });

  expect(book.task().notes).toStrictEqual([
    { agent: "ana", n: 2, about: "progress", text: "first" },
    { agent: "bob", n: 1, about: "progress", text: "second" },
  ]);
});

test("[R10] a task that nobody has added yet is not known", () => {
  const book = openLogBook();
  book.edit("ana", { title: "new" });
  book.claim("bob");

  expect(foldTask(TASK, book.entries, context)).toBeNull();
});

test("[R10] what is said about a claim that has not arrived changes nothing", () => {
  const book = openLogBook();
  book.add("ana");
  book.claim("cyd");
  const before = book.task();
  const unknown = { agent: "bob" as AgentId, n: 7 };
  book.expire("ana", unknown);
  book.confirm(unknown);
  book.yield(unknown);
  book.release(unknown);
  book.fail(unknown);
  book.complete(unknown, "early");
  const { thread, ...after } = book.task();

  expect({ ...after, thread: before.thread }).toEqual(before);
  expect(thread.ignored.map(({ reason }) => reason)).toEqual(Array(5).fill("no-such-claim"));
});

test("[R10] a record that names a later claim of its own log is about no claim", () => {
  const book = openLogBook();
  book.add("ana");
  book.complete({ agent: "bob" as AgentId, n: 2 }, "before the claim");
  const claim = book.claim("bob");

  expect(book.seen(claim).status).toBe("held");
  expect(book.task().alternates).toEqual([]);
});

test("[R10] a claim of an attempt that is not open counts once it is", () => {
  const book = openLogBook();
  book.add("ana");
  const second = book.claim("bob", { attempt: 2 });
  const early = book.seen(second).status;
  book.release(book.claim("ana"));

  expect(early).toBe("unable");
  expect(book.seen(second).status).toBe("held");
});

test("[P3] tasks share what most of them have none of", () => {
  const [plain, claimed] = [openLogBook(), openLogBook()];
  for (const book of [plain, claimed]) book.add("ana");
  claimed.claim("bob");
  const [a, b] = [plain.task(), claimed.task()];

  expect(a.policy).toBe(b.policy);
  expect(a.thread).toBe(b.thread);
  expect(a.notes).toBe(b.notes);
  expect(a.failures).toBe(b.failures);
  expect(a.alternates).toBe(b.alternates);
});

test("[P3] a task is frozen with all that hangs on it", () => {
  const book = openLogBook();
  book.add("ana");
  book.write("ana", { kind: "noted", text: "a note" });
  book.fail(book.claim("ana"));
  const claim = book.claim("bob", { attempt: 2 });
  book.complete(claim, "done");
  book.complete(claim, "again");

  const task = book.task();

  const parts = [task.added, task.completion, task.claims, task.alternates, task.failures];
  for (const part of [task, ...parts, task.notes, task.claims[0], task.failures[0], task.notes[0]])
    expect(Object.isFrozen(part)).toBe(true);
});
