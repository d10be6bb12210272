import { expect, test } from "@jest/globals";
import { openLogBook } from "../../property-tests/kit/log-book.ts";
import { rendezvous } from "./rule.ts";

test("[W1] a confirmed claim beats an optimistic one, which beats one that awaits its confirmation", () => {
  const book = openLogBook();
  book.add("ana");
  const pending = book.claim("ana", { guarantee: "settled" });
  const winners = [book.task().winner];
  const optimistic = book.claim("bob");
  winners.push(book.task().winner);
  const confirmed = book.hold("cyd");
  winners.push(book.task().winner);

  expect(winners.map((one) => one?.n && one.agent)).toEqual(["ana", "bob", "cyd"]);
  expect([pending, optimistic, confirmed].map((one) => book.seen(one).status)).toEqual([
    "pending",
    "held",
    "held",
  ]);
});

test("[W1] among equals the rule decides, then the claim's reference", () => {
  const book = openLogBook({ rule: rendezvous });
  book.add("ana");
  const second = book.claim("ana");
  const first = book.claim("bob");
  book.yield(first);
  const third = book.claim("ana");

  expect(book.task().winner).toEqual(book.seen(second));
  expect(book.seen(third).status).toBe("held");
});

test("[W2] a completion before the claim's own closing record counts", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("bob");
  const done = book.complete(claim, "done");
  book.release(claim);

  expect(book.task()).toMatchObject({ state: "completed", nextAttempt: 1, attempt: 1 });
  expect(book.task().completion).toEqual({ ...done, claim: claim.n, attempt: 1, result: "done" });
  expect(book.seen(claim).status).toBe("completed");
});

test("[W2] a completion after a release or a yield does not count", () => {
  const book = openLogBook();
  book.add("ana");
  const released = book.claim("ana");
  book.release(released);
  book.complete(released, "late");
  const yielded = book.claim("bob");
  book.yield(yielded);
  book.complete(yielded, "later");

  expect(book.task()).toMatchObject({ state: "submitted", completion: null });
  expect(book.task().alternates.map((one) => one.result)).toEqual(["late", "later"]);
});

test("[W2] under settled a completion counts once the claim is confirmed", () => {
  const book = openLogBook();
  book.add("ana", { guarantee: "settled" });
  const claim = book.claim("ana", { guarantee: "settled" });
  book.complete(claim, "unconfirmed");
  const before = book.task();
  book.confirm(claim);
  book.complete(claim, "confirmed");

  expect(before.state).toBe("submitted");
  expect(book.task().completion?.result).toBe("confirmed");
});

test("[W2] an expiry by another does not undo a completion, before it or after", () => {
  const book = openLogBook();
  book.add("ana");
  const before = book.claim("ana");
  book.complete(before, "one");
  book.expire("bob", before);
  const after = book.claim("cyd");
  book.expire("bob", after);
  book.complete(after, "two");

  const { completion, alternates } = book.task();

  expect([completion, ...alternates].map((one) => one?.result)).toEqual(["one", "two"]);
  expect(book.seen(before).status).toBe("completed");
});

test("[W2] a completion by a claim that does not count is not accepted", () => {
  const book = openLogBook();
  book.add("ana");
  book.complete(book.claim("bob", { attempt: 2 }), "too early");

  expect(book.task()).toMatchObject({ state: "submitted", completion: null });
  expect(book.task().alternates).toHaveLength(1);
});

test("[W3] the completion of a higher attempt supersedes a lower one, never the other way round", () => {
  const book = openLogBook();
  book.add("ana");
  const old = book.claim("ana");
  book.expire("bob", old);
  book.complete(book.claim("bob", { attempt: 2 }), "new");
  const before = book.task().completion?.result;
  book.complete(old, "old");

  expect(before).toBe("new");
  expect(book.task().completion?.result).toBe("new");
  expect(book.task().alternates.map((one) => one.result)).toEqual(["old"]);
});

test("[W3] the result of attempt 2 replaces the one of attempt 1 that was accepted before", () => {
  const book = openLogBook();
  book.add("ana");
  const old = book.claim("ana");
  const next = book.claim("bob", { attempt: 2 });
  book.complete(old, "old");
  book.expire("bob", old);
  book.complete(next, "new");

  expect(book.task().completion?.result).toBe("new");
});

test("[W3] a claim of a lower attempt that was written later does not supersede either", () => {
  const book = openLogBook();
  book.add("ana");
  book.release(book.claim("ana"));
  book.complete(book.claim("bob", { attempt: 2 }), "new");
  book.complete(book.claim("cyd"), "old");
  const weak = book.task().completion?.result;
  book.complete(book.hold("dan"), "old, by a confirmed claim");

  expect(weak).toBe("new");
  expect(book.task().completion?.result).toBe("new");
});

test("[W3] within an attempt the completion of the better claim is accepted", () => {
  const book = openLogBook();
  book.add("ana");
  const better = book.claim("ana");
  const worse = book.claim("bob");
  book.complete(worse, "first in time");
  book.complete(better, "better claim");

  expect(book.task().completion?.result).toBe("better claim");
});

test("[W1] [W3] within an attempt the completion of a confirmed claim is accepted before an optimistic one", () => {
  const book = openLogBook();
  book.add("ana");
  book.complete(book.claim("ana"), "optimistic");
  book.complete(book.hold("bob"), "confirmed");

  expect(book.task().completion?.result).toBe("confirmed");
});

test("[W4] completed beats canceled, and canceled beats failed", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("ana");
  book.fail(book.claim("bob"), false);
  const states = [book.task().state];
  book.yield(claim);
  states.push(book.task().state);
  book.write("cyd", { kind: "cancelled", reason: "not needed" });
  book.write("dan", { kind: "cancelled", reason: "second" });
  states.push(book.task().state);
  const { cancelReason } = book.task().thread;
  book.complete(book.claim("ana"), "done");
  states.push(book.task().state);

  expect(states).toEqual(["working", "failed", "canceled", "completed"]);
  expect(cancelReason).toBe("not needed");
});

test("[W4] a cancellation without a reason leaves none", () => {
  const book = openLogBook();
  book.add("ana");
  book.write("ana", { kind: "cancelled" });

  expect(book.task()).toMatchObject({
    state: "canceled",
    thread: { cancelReason: null },
  });
});

test("[W5] a second result of the same claim and the result of a rival are alternates", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("ana");
  const rival = book.claim("bob");
  book.write("ana", { kind: "completed", claim: claim.n });
  book.complete(claim, "again");
  book.complete(rival, "rival");

  expect(book.task().completion?.result).toBeNull();
  expect(book.task().alternates.map((one) => one.result)).toEqual(["rival", "again"]);
});

test("[W7] a task fails when its holder rules out another try and no live claim is left", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("ana");
  const rival = book.claim("bob");
  const failed = book.fail(claim, false);
  const whileRivalled = book.task().state;
  book.yield(rival);

  expect(whileRivalled).toBe("working");
  expect(book.task().state).toBe("failed");
  expect(book.task().failures).toEqual([
    { ...failed, claim: claim.n, attempt: 1, error: "broken", retryable: false },
  ]);
});

test("[W7] a failure that may be retried leaves the task open", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("ana");
  book.write("ana", { kind: "failed", claim: claim.n, error: "broken" });

  expect(book.task()).toMatchObject({ state: "submitted", nextAttempt: 2 });
  expect(book.task().failures[0]?.retryable).toBe(true);
});

test("[W7] a failure shows what its holder said of it, and nothing else", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("bob");
  const { n } = book.fail(claim);

  expect(book.task().failures).toStrictEqual([
    { agent: "bob", n, claim: claim.n, attempt: 1, error: "broken", retryable: true },
  ]);
});

test("[W7] under settled only a confirmed holder can rule out another try", () => {
  const book = openLogBook();
  book.add("ana", { guarantee: "settled" });
  book.fail(book.claim("ana", { guarantee: "settled" }), false);
  const unconfirmed = book.task().state;
  book.fail(book.hold("bob"), false);

  expect(unconfirmed).toBe("submitted");
  expect(book.task().state).toBe("failed");
});

test("[W7] a second failure of one claim changes nothing", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("ana");
  book.fail(claim);
  const before = book.task();
  book.fail(claim, false);
  const { thread, ...after } = book.task();

  expect({ ...after, thread: { ...thread, ignored: [] } }).toEqual(before);
  expect(thread.ignored).toMatchObject([{ kind: "failed", reason: "claim-closed" }]);
});
