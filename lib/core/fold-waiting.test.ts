import { expect, test } from "@jest/globals";
import { openLogBook } from "../../property-tests/kit/log-book.ts";

test("[X12] whoever queued waits for the task, in the order in which they began", () => {
  const book = openLogBook();
  book.add("ana");
  const [first, second] = [
    book.write("cyd", { kind: "queued" }),
    book.write("bob", { kind: "queued" }),
  ];

  expect(book.task().thread.waiters).toEqual([
    { ...first, at: 2 },
    { ...second, at: 3 },
  ]);
});

test("[X12] who has claimed the task, or given up, waits no more, and who queues again is last", () => {
  const book = openLogBook();
  book.add("ana");
  for (const agent of ["bob", "cyd", "dan", "eve"]) book.write(agent, { kind: "queued" });
  book.claim("bob");
  book.note("dan");
  book.write("cyd", { kind: "unqueued" });
  const waiting = book.task().thread.waiters;
  book.write("cyd", { kind: "queued" });

  expect(waiting.map(({ agent }) => agent)).toEqual(["dan", "eve"]);
  expect(book.task().thread.waiters.map(({ agent }) => agent)).toEqual(["dan", "eve", "cyd"]);
});

test("[X12] a task that nobody waits for any more is as one that nobody ever waited for", () => {
  const [plain, book] = [openLogBook(), openLogBook()];
  for (const one of [plain, book]) one.add("ana");
  book.write("bob", { kind: "unqueued" });
  book.write("bob", { kind: "queued" });
  book.write("bob", { kind: "unqueued" });

  expect(book.task().thread).toBe(plain.task().thread);
});
