import { expect, test } from "@jest/globals";
import { type LogBook, openLogBook, TASK } from "../../property-tests/kit/log-book.ts";
import { exportTasks, type PortableTask } from "./portable.ts";
import type { TaskId } from "./record.ts";

test("[O1] a task at its defaults is its id and its title", () => {
  const book = openLogBook();
  book.add("ana");

  expect(exportOf(book)).toStrictEqual({ id: TASK, title: "a task" });
});

test("[O1] every field, policy and note is exported, each note with who wrote it first", () => {
  const book = openLogBook();
  const need = "need" as TaskId;
  const fields = {
    title: "all of it",
    body: "at length",
    key: "key",
    needs: [need],
    requires: ["ts"],
    priority: -1,
    guarantee: "settled",
    parent: "parent" as TaskId,
    maxAttempts: 3,
    retry: { delayMs: 5, factor: 3 },
    timeoutMs: 1000,
    review: { by: { capability: "review" }, approvals: 2 },
    ifNeedFails: "fail",
    resources: ["port:8080"],
  } as const;
  book.add("ana", fields);
  book.note("bob", "a note");
  book.write("cyd", { kind: "noted", text: "imported", about: "decision", by: "dan~0a1b2c3d" });

  expect(exportOf(book)).toEqual({
    id: TASK,
    ...fields,
    notes: [
      { kind: "progress", text: "a note", by: "bob" },
      { kind: "decision", text: "imported", by: "dan~0a1b2c3d" },
    ],
  });
});

test("[O1] what is held, said or in review stays where it is", () => {
  const book = openLogBook();
  const review = { by: { agent: "eve" } };
  book.add("ana", { review });
  const claim = book.claim("bob");
  book.ask(claim);
  book.complete(claim, "in review");

  expect(exportOf(book)).toEqual({ id: TASK, title: "a task", review });
});

test("[O1] a completed task is exported with its result, and its review is not asked for again", () => {
  const book = openLogBook();
  book.add("ana", { review: { by: { agent: "eve" } }, maxAttempts: 2 });
  book.approve("eve", book.complete(book.claim("bob"), "done"));

  expect(exportOf(book)).toEqual({
    id: TASK,
    title: "a task",
    maxAttempts: 2,
    end: { state: "completed", result: "done" },
  });
});

test("[O1] a task that was done and reopened is exported open, with the review that it needs", () => {
  const book = openLogBook();
  book.add("ana");
  book.complete(book.claim("bob"), "done");
  book.reopen("ana");

  expect(exportOf(book)).toEqual({ id: TASK, title: "a task" });
});

const ends: readonly (readonly [how: string, end: (book: LogBook) => void, PortableTask["end"]])[] =
  [
    ["canceled", (book) => book.cancel("ana"), { state: "canceled" }],
    [
      "canceled with a reason",
      (book) => book.cancel("ana", "not needed"),
      { state: "canceled", reason: "not needed" },
    ],
    [
      "rejected, though a rival gave it back later with a reason of its own",
      (book) => {
        const rival = book.claim("cyd");
        book.reject(book.claim("bob"), "against the rules");
        book.release(rival, "no time");
      },
      { state: "rejected", reason: "against the rules" },
    ],
    [
      "canceled without a reason, though a holder gave it back with one",
      (book) => {
        book.release(book.claim("bob"), "no time");
        book.cancel("ana");
      },
      { state: "canceled" },
    ],
    [
      "rejected, though its holder gave back a claim of another attempt with a reason",
      (book) => {
        const early = book.claim("bob", { attempt: 2 });
        book.reject(book.claim("bob"), "against the rules");
        book.release(early, "too early");
      },
      { state: "rejected", reason: "against the rules" },
    ],
    [
      "rejected, though a rival yielded later",
      (book) => {
        const claim = book.claim("bob");
        const rival = book.claim("cyd");
        book.reject(claim, "against the rules");
        book.yield(rival);
      },
      { state: "rejected", reason: "against the rules" },
    ],
    [
      "failed",
      (book) => book.fail(book.claim("bob"), false),
      { state: "failed", reason: "broken" },
    ],
    [
      "failed without a word, as a dead letter whose holders fell silent",
      (book) => book.expire("ana", book.claim("bob")),
      { state: "failed" },
    ],
    [
      "failed with a need, whatever had failed in the round before",
      (book) => {
        book.fail(book.claim("bob"), false);
        book.reopen("ana");
        book.write("ana", { kind: "need-failed", need: "need" as TaskId, attempt: 2 });
      },
      { state: "failed", reason: "a need failed" },
    ],
  ];

for (const [how, end, expected] of ends) {
  test(`[O1] a task that was ${how} is exported so`, () => {
    const book = openLogBook();
    book.add("ana", { maxAttempts: 1, ifNeedFails: "fail" });
    end(book);

    expect(exportOf(book)).toMatchObject({ end: expected });
    expect(exportOf(book)?.end).toEqual(expected);
  });
}

test("[O1] tasks are exported in the order in which they were added", () => {
  const book = openLogBook();
  book.add("ana");
  const task = book.task();
  const first = { ...task, id: "z" as TaskId, added: { ...task.added, at: 0 } };
  const last = { ...task, id: "a" as TaskId, added: { ...task.added, at: 9 } };

  expect(exportTasks([last, task, first]).map(({ id }) => id)).toEqual(["z", TASK, "a"]);
});

function exportOf(book: LogBook): PortableTask | undefined {
  return exportTasks([book.task()])[0];
}
