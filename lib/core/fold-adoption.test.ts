import { expect, test } from "@jest/globals";
import { openLogBook } from "../../property-tests/kit/log-book.ts";

test("[W8] whoever holds a task completes it with another's result, which stays that one's", () => {
  const book = openLogBook();
  book.add("ana");
  const lost = book.claim("bob");
  book.yield(lost);
  const late = book.complete(lost, "good");
  const held = book.claim("cyd");
  const before = book.task();
  const adopted = book.adopt(held, late);

  expect(before).toMatchObject({ state: "working", alternates: [late] });
  expect(book.task()).toMatchObject({ state: "completed", alternates: [late] });
  expect(book.task().completion).toEqual({
    ...adopted,
    claim: held.n,
    attempt: 1,
    result: "good",
    adopts: late,
  });
});

test("[W8] a result that adopts another is not adopted itself", () => {
  const book = openLogBook();
  book.add("ana");
  const result = book.complete(book.claim("bob"), "good");
  const [first, second] = [book.claim("cyd"), book.claim("dan")];
  const adopted = book.adopt(first, result);
  book.adopt(second, adopted);

  expect(book.task().alternates).toMatchObject([{ ...adopted, adopts: result }]);
  expect(book.seen(second).status).toBe("held");
});

test("[W8] [R10] a result is adopted once it is there", () => {
  const book = openLogBook();
  book.add("ana");
  const lost = book.claim("bob");
  book.yield(lost);
  const claim = book.claim("cyd");
  book.write("cyd", { kind: "completed", claim: claim.n, adopts: "1:bob:3", at: 9 });
  const before = book.task();
  const result = book.write("bob", { kind: "completed", claim: lost.n, result: "good", at: 5 });

  expect(before).toMatchObject({ state: "working", winner: claim, alternates: [] });
  expect(book.task()).toMatchObject({ state: "completed", completion: { adopts: result } });
});

test("[A3] who has adopted what has not arrived says nothing more that could count until then", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("bob");
  book.write("bob", { kind: "completed", claim: claim.n, adopts: "1:cyd:2", at: 9 });
  book.release(claim);
  book.offer(claim, "dan");
  const again = book.complete(claim, "mine");
  const before = book.task();
  const early = book.claim("cyd", { at: 3 });
  const result = book.write("cyd", { kind: "completed", claim: early.n, result: "good", at: 4 });

  expect(before).toMatchObject({ state: "working", nextAttempt: 1, alternates: [again] });
  expect(book.ignored()).toEqual(["released: claim-closed", "offered: claim-closed"]);
  expect(book.task()).toMatchObject({
    state: "completed",
    nextAttempt: 1,
    completion: { result: "good", adopts: result },
    alternates: [result, again],
  });
});

test("[W9] after a reopening an alternate is adopted, and what stood before becomes an alternate", () => {
  const book = openLogBook();
  book.add("ana");
  const better = book.claim("bob");
  const other = book.complete(book.claim("cyd"), "other");
  const stood = book.complete(better, "stood");
  book.reopen("ana", "to adopt another result");
  book.adopt(book.claim("ana", { attempt: 2 }), other);

  expect(book.task()).toMatchObject({
    state: "completed",
    attempt: 2,
    completion: { agent: "ana", result: "other", adopts: other },
    alternates: [stood, other],
  });
});

test("[W8] a claim that gave its own result, or was closed, adopts only as an alternate", () => {
  const book = openLogBook();
  book.add("ana");
  const rival = book.complete(book.claim("cyd"), "theirs");
  const claim = book.claim("bob");
  book.release(claim);
  const adopted = book.adopt(claim, rival);

  expect(book.task()).toMatchObject({
    state: "completed",
    completion: rival,
    alternates: [{ ...adopted, result: "theirs", adopts: rival }],
  });
});
