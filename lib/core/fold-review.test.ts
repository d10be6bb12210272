import { expect, test } from "@jest/globals";
import { type LogBook, openLogBook } from "../../property-tests/kit/log-book.ts";
import type { RecordRef, ReviewPolicy } from "./record.ts";

test("[V1] a result that needs a review completes its task once somebody entitled to it has approved", () => {
  const { book, claim, result } = handedIn({ by: { agent: "eve" } });
  const before = book.task();
  const approved = book.approve("eve", result);

  expect(before).toMatchObject({
    state: "input-required",
    winner: null,
    nextAttempt: 1,
    completion: null,
    inReview: { ...result, result: "done" },
    claims: [{ ...claim, status: "in-review" }],
    alternates: [],
  });
  expect(book.task()).toMatchObject({ state: "completed", inReview: null, nextAttempt: 1 });
  expect(book.task().completion?.reviews).toEqual([
    { ...approved, verdict: "approved", reason: null },
  ]);
  expect(book.seen(claim).status).toBe("completed");
});

test("[V1] as many different agents have to approve as the policy says", () => {
  const { book, result } = handedIn(BY_TWO);
  const states = ["eve", "eve", "fay"].map((reviewer) => {
    book.approve(reviewer, result);
    return book.task().state;
  });

  expect(states).toEqual(["input-required", "input-required", "completed"]);
});

test("[V1] nobody else's approval counts", () => {
  const { book, result } = handedIn({ by: { agent: "eve" } });
  book.approve("dan", result);

  expect(book.task().state).toBe("input-required");
  expect(book.ignored()).toEqual(["reviewed: not-addressed"]);
});

test("[V1] a result in review is not shown while a rival still works, and is no alternate when it has given way", () => {
  const book = openLogBook();
  book.add("ana", { review: { by: { agent: "eve" } } });
  const claim = book.claim("bob");
  const rival = book.claim("cyd");
  const result = book.complete(claim, "done");
  const during = book.task();
  book.yield(rival);

  expect(during).toMatchObject({ state: "working", inReview: null, alternates: [result] });
  expect(book.task()).toMatchObject({
    state: "input-required",
    inReview: result,
    alternates: [],
  });
});

test("[V1] of two results of one attempt that need a review the better claim's is in review", () => {
  const book = openLogBook();
  book.add("ana", { review: { by: { agent: "eve" } } });
  const better = book.claim("bob");
  const worse = book.complete(book.claim("cyd"), "worse");
  const result = book.complete(better, "better");
  const both = book.task();
  book.approve("eve", worse);

  expect(both).toMatchObject({ inReview: result, alternates: [worse] });
  expect(book.task()).toMatchObject({ state: "completed", completion: worse });
});

test("[V1] beside an accepted result the one of a rival is an alternate, and not in review", () => {
  const book = openLogBook();
  book.add("ana", { review: { by: { agent: "eve" } } });
  const rival = book.claim("bob");
  const result = book.complete(book.claim("cyd"), "done");
  book.approve("eve", result);
  const other = book.complete(rival, "done too");

  expect(book.task()).toMatchObject({ completion: result, inReview: null, alternates: [other] });
  expect(book.seen(rival).status).toBe("in-review");
});

test("[V1] once the next attempt has begun a result of the one before is not in review, yet its approval counts", () => {
  const { book, claim, result } = handedIn({ by: { agent: "eve" } });
  book.expire("ana", claim);
  const expired = book.task();
  const next = book.claim("cyd", { attempt: 2 });
  book.release(next);
  const begun = book.task();
  book.approve("eve", result);

  expect(expired).toMatchObject({ state: "input-required", inReview: result, nextAttempt: 2 });
  expect(begun).toMatchObject({ state: "submitted", inReview: null, alternates: [result] });
  expect(book.task()).toMatchObject({ state: "completed", completion: result });
});

test("[V1] [R4] where the task was added again without a review a result needs none", () => {
  const { book, result } = handedIn({ by: { agent: "eve" } });
  book.add("dan");
  book.approve("eve", result);

  expect(book.task()).toMatchObject({ state: "completed", completion: result });
  book.reopen("ana");
  expect(book.task()).toMatchObject({ state: "submitted", nextAttempt: 2 });
});

test("[V1] [R4] where it was added first without a review one may be given all the same", () => {
  const book = openLogBook();
  book.add("ana");
  book.add("dan", { review: { by: { agent: "eve" } } });
  const approved = book.approve("eve", book.complete(book.claim("bob"), "done"));

  expect(book.ignored()).toEqual([]);
  expect(book.task().completion?.reviews).toMatchObject([approved]);
});

test("[V1] [R4] where it was added again with another review one of the two is enough", () => {
  const { book, result } = handedIn({ by: { agent: "eve" }, approvals: 2 });
  book.add("dan", { review: { by: { agent: "gus" } } });
  book.approve("eve", result);
  const before = book.task().state;
  book.approve("gus", result);

  expect(before).toBe("input-required");
  expect(book.task().state).toBe("completed");
});

test("[V2] a rejection sends the result back, opens the next attempt, and keeps its reason", () => {
  const { book, claim, result } = handedIn({ by: { agent: "eve" } });
  const review = book.sendBack("eve", result, "no tests");

  expect(book.task()).toMatchObject({
    state: "submitted",
    nextAttempt: 2,
    inReview: null,
    completion: null,
  });
  expect(book.task().alternates).toEqual([
    {
      ...result,
      claim: claim.n,
      attempt: 1,
      result: "done",
      reviews: [{ ...review, verdict: "rejected", reason: "no tests" }],
    },
  ]);
  expect(book.seen(claim).status).toBe("sent-back");
});

test("[V2] the result of the next attempt is reviewed in its turn", () => {
  const { book, result } = handedIn({ by: { agent: "eve" } });
  book.sendBack("eve", result);
  const again = book.complete(book.claim("cyd", { attempt: 2 }), "better");
  const before = book.task();
  book.approve("eve", again);

  expect(before).toMatchObject({ state: "input-required", inReview: again });
  expect(book.task()).toMatchObject({ state: "completed", completion: again });
});

test("[V3] nobody reviews their own work, nor a result of theirs that another adopted", () => {
  const book = openLogBook({ capabilities: { bob: ["review"], cyd: ["review"] } });
  book.add("ana", { review: { by: { capability: "review" } } });
  const first = book.claim("bob");
  const second = book.claim("cyd");
  book.yield(first);
  const result = book.complete(first, "mine");
  const adopted = book.adopt(second, result);
  book.approve("bob", adopted);
  book.approve("cyd", adopted);

  expect(book.task()).toMatchObject({ state: "input-required", inReview: { adopts: result } });
  expect(book.ignored()).toEqual(["reviewed: own-work", "reviewed: own-work"]);
});

test("[V1] a rejection is no approval, whoever else approves", () => {
  const { book, result } = handedIn(BY_TWO);
  book.sendBack("gus", result);
  book.approve("eve", result);

  expect(book.task()).toMatchObject({ state: "submitted", completion: null });
});

test("[V1] [R4] of two reviews that somebody may give the one that needs fewer approvals is enough", () => {
  const { book, result } = handedIn(BY_TWO);
  book.add("ana", { review: { by: { agent: "eve" } } });
  book.approve("eve", result);

  expect(book.task()).toMatchObject({ state: "completed", completion: result });
});

test("[V1] [R4] an approval counts only for the reviews that its author may give", () => {
  const { book, result } = handedIn(BY_TWO);
  book.add("ana", { review: { by: { agent: "dan" }, approvals: 2 } });
  book.approve("dan", result);
  book.approve("eve", result);
  const one = book.task().state;
  book.approve("fay", result);

  expect([one, book.task().state]).toEqual(["input-required", "completed"]);
});

test("[V4] enough approvals stand, whatever rejection arrives later", () => {
  const { book, result } = handedIn(BY_TWO);
  book.approve("eve", result);
  book.sendBack("gus", result);
  const sentBack = book.task();
  book.approve("fay", result);

  expect(sentBack).toMatchObject({ state: "submitted", nextAttempt: 2 });
  expect(book.task()).toMatchObject({ state: "completed", completion: result });
});

test("[V4] [A3] the attempt that a rejection opened stays open, and its result may supersede", () => {
  const { book, result } = handedIn({ by: { agent: "eve" } });
  book.add("dan", { review: { by: { agent: "fay" } } });
  book.sendBack("eve", result);
  const claim = book.claim("cyd", { attempt: 2 });
  book.approve("fay", result);
  const completed = book.task();
  const again = book.complete(claim, "better");
  book.approve("eve", again);

  expect(completed).toMatchObject({ state: "completed", completion: result, nextAttempt: 2 });
  expect(book.task()).toMatchObject({ completion: again, alternates: [result] });
});

test("[V4] [A3] an attempt that a rejection opened stays open when nobody needed to review", () => {
  const { book, result } = handedIn({ by: { agent: "eve" } });
  book.sendBack("eve", result);
  const claim = book.claim("cyd", { attempt: 2 });
  book.add("dan", { at: 1 });

  expect(book.seen(claim).status).toBe("held");
  expect(book.task()).toMatchObject({ state: "completed", completion: result, nextAttempt: 2 });
});

test("[V5] a reviewer's first verdict on a result counts", () => {
  const { book, result } = handedIn({ by: { agent: "eve" } });
  book.sendBack("eve", result);
  book.approve("eve", result);

  expect(book.task().state).toBe("submitted");
  expect(book.ignored()).toEqual(["reviewed: said-before"]);
});

test("[V5] nor does it when others have given theirs meanwhile", () => {
  const { book, result } = handedIn({ ...BY_TWO, approvals: 3 });
  for (const reviewer of ["eve", "fay", "eve"]) book.approve(reviewer, result);

  expect(book.ignored()).toEqual(["reviewed: said-before"]);
});

test("[M2] of results that came too late none is in review, and they keep no other from it", () => {
  const book = openLogBook();
  book.add("ana", { review: { by: { agent: "eve" } } });
  const [result, ...late] = ["bob", "cyd", "dan"].map((agent) => {
    const claim = book.claim(agent);
    if (agent === "bob")
      book.note("bob"); // all three results have the position 3
    else book.yield(claim);
    return book.complete(claim, "done");
  });
  for (const one of late) book.approve("eve", one);
  if (result) book.approve("eve", result);

  expect(new Set([result, ...late].map((one) => one?.n)).size).toBe(1);
  expect(book.ignored()).toEqual(["reviewed: not-in-review", "reviewed: not-in-review"]);
  expect(book.task()).toMatchObject({ state: "completed", completion: result });
});

test("[M2] a result that needs no review, or came too late, is not in review", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("bob");
  const result = book.complete(claim, "done");
  const late = book.complete(claim, "again");
  const nothing = { ...late, n: 99 };
  for (const one of [result, late, nothing]) book.approve("eve", one);

  expect(book.ignored()).toEqual(["reviewed: not-in-review", "reviewed: not-in-review"]);
});

const BY_TWO: ReviewPolicy = { by: { capability: "review" }, approvals: 2 };

/** A task that has a result of bob's to be reviewed, by eve, fay or gus where by capability. */
function handedIn(review: ReviewPolicy): { book: LogBook; claim: RecordRef; result: RecordRef } {
  const capabilities = { eve: ["review"], fay: ["review"], gus: ["review"] };
  const book = openLogBook({ capabilities });
  book.add("ana", { review });
  const claim = book.claim("bob");
  return { book, claim, result: book.complete(claim, "done") };
}
