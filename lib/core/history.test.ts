import { expect, test } from "@jest/globals";
import { openLogBook } from "../../property-tests/kit/log-book.ts";
import { historyOf, ledgerOf } from "./history.ts";
import { compareEntries } from "./record.ts";

test("[M3] the history lists every record about a task, who wrote it, and why it was ignored if it was", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("bob");
  book.release(claim);
  book.release(claim);
  book.answer("cyd", { ...claim, n: 9 });

  const history = historyOf(book.entries, book.task());

  expect(history.map(({ agent, record, ignored }) => [agent, record.kind, ignored])).toEqual([
    ["ana", "added", null],
    ["bob", "claimed", null],
    ["bob", "released", null],
    ["bob", "released", "claim-closed"],
    ["cyd", "answered", null],
  ]);
  expect(history[0]?.record).toBe(book.entries[0]?.record);
});

test("[M3] a record of the same position in another log is not taken for the ignored one", () => {
  const book = openLogBook();
  book.add("ana");
  book.note("bob");
  book.confirm({ ...book.note("cyd"), n: 9 });
  book.note("bob");

  const ignored = historyOf(book.entries, book.task()).map((one) => one.ignored);

  expect(ignored).toEqual([null, null, null, "no-such-claim", null]);
});

test("[M3] the order is that of the records, not of their arrival", () => {
  const book = openLogBook();
  book.add("ana", { at: 5 });
  book.note("bob", "early");
  book.write("cyd", { kind: "noted", text: "earlier", at: 2 });
  const entries = [...book.entries].sort(compareEntries);

  expect(historyOf(entries, book.task()).map(({ agent }) => agent)).toEqual(["cyd", "ana", "bob"]);
});

test("[M4] a task that was done without words cost its records and nothing else", () => {
  const book = openLogBook();
  book.add("ana");
  const untouched = ledgerOf(book.entries, book.task());
  book.complete(book.hold("bob"), "done");

  expect(untouched).toEqual({
    records: 1,
    agents: 1,
    claims: 0,
    contested: 0,
    attempts: 0,
    messages: 0,
  });
  expect(ledgerOf(book.entries, book.task())).toEqual({
    records: 4,
    agents: 2,
    claims: 1,
    contested: 0,
    attempts: 1,
    messages: 0,
  });
});

test("[M4] claims beyond the first of an attempt are contested, and all that was said is a message", () => {
  const book = openLogBook();
  book.add("ana", { review: { by: { agent: "eve" } } });
  const claim = book.claim("bob");
  book.yield(book.claim("cyd"));
  book.note("ana");
  book.answer("ana", book.ask(claim));
  const offer = book.offer(claim, "dan");
  book.decline("dan", offer);
  book.withdraw(claim, offer);
  const result = book.complete(claim, "short");
  book.sendBack("eve", result);
  book.claim("bob", { attempt: 2 });
  book.claim("bob", { attempt: 2 });

  expect(ledgerOf(book.entries, book.task())).toEqual({
    records: 14,
    agents: 5,
    claims: 4,
    contested: 2,
    attempts: 2,
    messages: 7,
  });
});
