import { expect, test } from "@jest/globals";
import { type LogBook, openLogBook } from "../../property-tests/kit/log-book.ts";
import type { RecordRef, TaskId } from "./record.ts";

test("[E1] an end state stays until a reopening, which starts a round with a higher attempt", () => {
  const ends: readonly ((book: LogBook) => void)[] = [
    (book) => book.complete(book.claim("bob"), "done"),
    (book) => book.cancel("ana"),
    (book) => book.reject(book.claim("bob")),
    (book) => book.fail(book.claim("bob"), false),
  ];

  const lives = ends.map((end) => {
    const book = openLogBook();
    book.add("ana");
    end(book);
    book.note("ana");
    const ended = book.task().state;
    book.reopen("ana", "once more");
    return [ended, book.task().state, book.task().nextAttempt];
  });

  expect(lives).toEqual([
    ["completed", "submitted", 2],
    ["canceled", "submitted", 2],
    ["rejected", "submitted", 2],
    ["failed", "submitted", 2],
  ]);
});

test("[E1] results of the round before are alternates, those handed in later included", () => {
  const book = openLogBook();
  book.add("ana");
  const slow = book.claim("dan");
  book.complete(book.claim("bob"), "old");
  const reopened = book.reopen("ana", "too short");
  const before = book.task();
  book.complete(slow, "late");
  const claim = book.claim("cyd", { attempt: 2 });
  const results = book.task().alternates.map((one) => one.result);
  book.complete(claim, "new");

  expect(before).toMatchObject({ state: "submitted", attempt: 1, completion: null, winner: null });
  expect(before.thread.reopened).toEqual({ ...reopened, attempt: 2, reason: "too short" });
  expect(book.seen(slow).status).toBe("completed");
  expect(results).toEqual(["late", "old"]);
  expect(book.task()).toMatchObject({ state: "completed", completion: { result: "new" } });
});

test("[E1] whoever still held a claim when a round began is superseded", () => {
  const book = openLogBook();
  book.add("ana");
  const held = book.claim("bob");
  book.cancel("ana");
  book.reopen("ana");

  expect(book.seen(held).status).toBe("superseded");
  expect(book.task().winner).toBeNull();
});

test("[E1] who called a task off before it was reopened does not call off the new round", () => {
  const book = openLogBook();
  book.add("ana");
  book.cancel("ana", "first");
  book.reopen("bob");
  book.write("cyd", { kind: "cancelled", attempt: 2, at: 1 });
  book.write("cyd", { kind: "cancelled", attempt: 2, at: 3 }); // when bob reopened it
  const reopened = book.task().state;
  book.cancel("ana", "again");

  expect(reopened).toBe("submitted");
  expect(book.task()).toMatchObject({ state: "canceled", thread: { cancelReason: "again" } });
});

test("[E1] a cancellation that ended the round before is no ignored one in the next", () => {
  const book = openLogBook();
  book.add("ana");
  book.cancel("ana", "not needed");
  book.reopen("ana");
  book.complete(book.claim("bob", { attempt: 2 }), "done");

  expect(book.task().state).toBe("completed");
  expect(book.ignored()).toEqual([]);
});

test("[E1] of several cancellations only the one that names the round of the result is ignored", () => {
  const book = openLogBook();
  book.add("ana");
  book.cancel("ana", "not needed");
  book.reopen("ana");
  const claim = book.claim("bob", { attempt: 2 });
  book.cancel("cyd", "not needed either");
  book.complete(claim, "done");

  expect(book.task().thread.ignored).toEqual([
    { agent: "cyd", n: 1, kind: "cancelled", reason: "already-ended" },
  ]);
});

test("[E1] a task that is reopened before anybody has claimed it is at the attempt before its round", () => {
  const book = openLogBook();
  book.add("ana");
  const before = book.task();
  book.cancel("ana");
  book.reopen("ana");

  expect(before).toMatchObject({ attempt: 0, nextAttempt: 1 });
  expect(book.task()).toMatchObject({ attempt: 1, nextAttempt: 2, claims: [] });
});

test("[M2] a cancellation of a completed task leaves not even its reason", () => {
  const book = openLogBook();
  book.add("ana");
  book.complete(book.claim("bob"), "done");
  book.cancel("ana", "not needed");

  expect(book.task()).toMatchObject({ state: "completed", thread: { cancelReason: null } });
  expect(book.ignored()).toEqual(["cancelled: already-ended"]);
});

test("[E1] a cancellation of an attempt far ahead does not outlive reopenings", () => {
  const book = openLogBook();
  book.add("ana");
  book.write("mal", { kind: "cancelled", attempt: 1_000_000 });

  expect(book.task().state).toBe("submitted");
});

test("[E2] a reopening of a task that has not ended changes nothing, then or later", () => {
  const book = openLogBook();
  book.add("ana");
  book.reopen("ana");
  book.release(book.claim("bob"));
  const held = book.claim("bob", { attempt: 2 });
  book.reopen("ana");
  const before = book.task();
  book.complete(held, "done");

  expect(before).toMatchObject({ state: "working", nextAttempt: 2, thread: { reopened: null } });
  expect(book.task().state).toBe("completed");
  expect(book.ignored()).toEqual(["reopened: not-ended", "reopened: not-ended"]);
});

test("[E2] a reopening by somebody who cannot have seen the end changes nothing", () => {
  const ends: readonly ((book: LogBook) => void)[] = [
    (book) => book.cancel("ana"),
    (book) => book.complete(book.claim("ana"), "done"),
    (book) => book.fail(book.claim("ana")),
  ];

  for (const end of ends) {
    const book = openLogBook();
    book.add("ana", { maxAttempts: 1 });
    end(book);
    const { record } = book.entries.at(-1) ?? {};
    book.write("bob", { kind: "reopened", attempt: 2, at: record?.at ?? 0 });

    expect(book.ignored()).toEqual(["reopened: not-ended"]);
  }
});

test("[E2] a reopening from before the last attempt was spent changes nothing, then or later", () => {
  const book = openLogBook();
  book.add("ana", { maxAttempts: 2 });
  book.fail(book.claim("bob"));
  const last = book.claim("cyd", { attempt: 2 });
  book.reopen("ana");
  book.fail(last);

  expect(book.task()).toMatchObject({ state: "failed", thread: { spent: 2 } });
  expect(book.ignored()).toEqual(["reopened: not-ended"]);
});

test("[E2] what a claim says that does not count, or is not confirmed, has ended nothing", () => {
  const book = openLogBook();
  book.add("ana", { guarantee: "settled" });
  book.reject(book.claim("bob"));
  book.reject(book.claim("cyd", { guarantee: "settled" }));
  book.complete(book.claim("dan"), "done");
  book.reopen("ana");

  expect(book.ignored()).toEqual(["reopened: not-ended"]);
});

test("[E2] in a later round too, a reopening of what has not ended changes nothing", () => {
  const book = openLogBook();
  book.add("ana");
  book.complete(book.claim("bob"), "old");
  book.reopen("ana");
  const claim = book.claim("bob", { attempt: 2 });
  book.reopen("cyd");

  expect(book.seen(claim).status).toBe("held");
  expect(book.task()).toMatchObject({ state: "working", nextAttempt: 2 });
  expect(book.ignored()).toEqual(["reopened: not-ended"]);
});

test("[E2] a reopening with an attempt that is past, or far ahead, changes nothing", () => {
  const book = openLogBook();
  book.add("ana");
  book.complete(book.claim("bob"), "done");
  for (const attempt of [1, 3, Number.MAX_SAFE_INTEGER])
    book.write("ana", { kind: "reopened", attempt });

  expect(book.task()).toMatchObject({ state: "completed", nextAttempt: 1 });
  expect(book.ignored()).toEqual(["reopened: not-ended"]); // the others are not due yet
});

test("[E2] of two who reopen at once one begins the round, and neither is ignored", () => {
  const book = openLogBook();
  book.add("ana");
  book.complete(book.claim("bob"), "done");
  const attempt = 2;
  const first = book.write("cyd", { kind: "reopened", attempt, at: 9, reason: "theirs" });
  book.write("dan", { kind: "reopened", attempt, at: 9, reason: "mine" });

  expect(book.task().thread).toMatchObject({
    reopened: { ...first, reason: "theirs" },
    ignored: [],
  });
  expect(book.task().nextAttempt).toBe(2);
});

test("[A3] of two who reopen at once, one knowing of an attempt more, neither undoes what the other opened", () => {
  const book = openLogBook();
  book.add("ana");
  const lost = book.claim("bob");
  book.complete(book.claim("cyd"), "done");
  book.expire("ana", lost);
  book.write("ana", { kind: "reopened", attempt: 3, at: 9 });
  const claim = book.claim("ana", { attempt: 3 });
  const held = book.seen(claim).status;
  book.write("dan", { kind: "reopened", attempt: 2, at: 9 }); // had not seen the expiry

  expect(held).toBe("held");
  expect(book.seen(claim).status).toBe("held");
  expect(book.task()).toMatchObject({ attempt: 3, nextAttempt: 3 });
});

test("[A3] what ended a round ended it then, though the same is said again later", () => {
  const review = { by: { capability: "review" } };
  const capabilities = { eve: ["review"], fay: ["review"] };
  const again: readonly ((book: LogBook, claim: RecordRef) => () => RecordRef)[] = [
    (book, claim) => {
      const result = book.complete(claim, "done");
      book.approve("eve", result);
      return () => book.approve("fay", result);
    },
    (book, claim) => {
      const result = book.complete(claim, "done");
      book.sendBack("eve", result);
      return () => book.sendBack("fay", result);
    },
    (book, claim) => {
      book.expire("dan", claim);
      return () => book.expire("eve", claim);
    },
    (book, claim) => {
      const rival = book.claim("cyd");
      book.fail(claim);
      book.yield(rival);
      return () => book.expire("eve", rival);
    },
  ];

  const rounds = again.map((end) => {
    const book = openLogBook({ capabilities });
    book.add("ana", { maxAttempts: 1, review });
    const repeat = end(book, book.claim("bob"));
    book.reopen("ana");
    const reopened = book.task().thread.reopened;
    repeat();
    return [reopened === null, book.task().thread.reopened?.attempt === reopened?.attempt];
  });

  expect(rounds).toEqual(again.map(() => [false, true]));
});

test("[A3] an expired holder that is heard again does not undo the redrive of its dead letter", () => {
  const book = openLogBook();
  book.add("ana", { maxAttempts: 1 });
  const silent = book.claim("bob");
  book.expire("ana", silent);
  const dead = book.task().state;
  book.reopen("ana");
  const claim = book.claim("cyd", { attempt: 3 });
  book.release(silent, "cut off from the others for a whole lease");

  expect(dead).toBe("failed");
  expect(book.task().thread.spent).toBe(0);
  expect(book.seen(claim).status).toBe("held");
});

test("[A3] a failure that an expired holder reports later does not undo it either", () => {
  const book = openLogBook();
  book.add("ana", { maxAttempts: 1 });
  const silent = book.claim("bob");
  book.expire("ana", silent);
  book.reopen("ana");
  const claim = book.claim("cyd", { attempt: 3 });
  book.fail(silent);

  expect(book.seen(claim).status).toBe("held");
  expect(book.ignored()).toEqual([]);
});

test("[A3] a looser wish that arrives late does not undo a redrive", () => {
  const book = openLogBook();
  book.add("ana", { maxAttempts: 1 });
  book.fail(book.claim("bob"));
  book.reopen("ana");
  const claim = book.claim("cyd", { attempt: 3 });
  book.add("dan", { at: 3 });

  expect(book.task().policy).toEqual({});
  expect(book.seen(claim).status).toBe("held");
});

test("[E3] after a failure with a delay the next attempt opens once somebody says that it has waited", () => {
  const book = openLogBook();
  book.add("ana");
  book.failForNow(book.claim("bob"));
  const delayed = book.task();
  book.write("cyd", { kind: "waited", attempt: 2 });

  expect(delayed).toMatchObject({
    state: "submitted",
    nextAttempt: 1,
    thread: { delay: { attempt: 2, delayMs: 1000 } },
    failures: [{ retryAfterMs: 1000 }],
  });
  expect(book.task()).toMatchObject({ nextAttempt: 2, thread: { delay: null } });
});

test("[E3] who says that it has waited before the failure, or for another attempt, has not", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("bob");
  book.write("mal", { kind: "waited", attempt: 2 });
  const failed = book.failForNow(claim);
  book.write("mal", { kind: "waited", attempt: 2, at: failed.n + 2 }); // as the failure itself
  book.write("mal", { kind: "cancelled", attempt: 2 }); // says nothing of the kind
  book.write("cyd", { kind: "waited", attempt: 3 });

  expect(book.task()).toMatchObject({ nextAttempt: 1, thread: { delay: { attempt: 2 } } });
});

test("[E3] nobody has to wait for the next attempt of a task that has ended", () => {
  const book = openLogBook();
  book.add("ana");
  book.failForNow(book.claim("bob"));
  book.cancel("ana");

  expect(book.task()).toMatchObject({ state: "canceled", thread: { delay: null } });
});

test("[E3] where a rival fails without a delay, or is expired, nobody has to wait", () => {
  const book = openLogBook();
  book.add("ana");
  const rival = book.claim("cyd");
  book.failForNow(book.claim("bob"));
  book.fail(rival);

  expect(book.task()).toMatchObject({ nextAttempt: 2, thread: { delay: null } });
});

test("[E5] failed, expired and sent-back attempts are spent, released and handed-over ones are not", () => {
  const book = openLogBook();
  book.add("ana", { review: { by: { agent: "eve" } } });
  const spent = [book.task().thread.spent];
  const look = (): number => spent.push(book.task().thread.spent);
  book.fail(book.claim("bob"));
  look();
  book.expire("ana", book.claim("bob", { attempt: 2 }));
  look();
  book.release(book.claim("bob", { attempt: 3 }));
  look();
  const accepted = book.accept("cyd", book.offer(book.claim("bob", { attempt: 4 }), "cyd"));
  look();
  book.sendBack("eve", book.complete(accepted, "short"));
  look();

  expect(spent).toEqual([0, 1, 2, 2, 2, 3]);
});

test("[E5] an attempt is spent once, however many fail in it, and not where none of them was confirmed", () => {
  const book = openLogBook();
  book.add("ana", { guarantee: "settled" });
  book.fail(book.claim("ana", { guarantee: "settled" }));
  const unconfirmed = book.task().thread.spent;
  book.fail(book.hold("bob"));
  book.expire("ana", book.claim("cyd", { guarantee: "settled" }));

  expect(unconfirmed).toBe(0);
  expect(book.task().thread.spent).toBe(1);
});

test("[E5] a result in review, or approved after all, has not spent its attempt", () => {
  const book = openLogBook();
  book.add("ana", { review: { by: { agent: "eve" } } });
  book.add("ana", { review: { by: { agent: "fay" } } });
  const result = book.complete(book.claim("bob"), "done");
  const spent = [book.task().thread.spent];
  book.sendBack("eve", result);
  spent.push(book.task().thread.spent);
  book.approve("fay", result);
  spent.push(book.task().thread.spent);

  expect(spent).toEqual([0, 1, 0]);
});

test("[E5] an attempt that was expired stays spent, whatever its holder says of it later", () => {
  const book = openLogBook();
  book.add("ana", { maxAttempts: 1 });
  const silent = book.claim("bob");
  book.expire("ana", silent);
  book.release(silent);

  expect(book.task()).toMatchObject({ state: "failed", thread: { spent: 1 } });
});

test("[E5] a task whose attempts are all spent is a dead letter, unless somebody still works on it", () => {
  const book = openLogBook();
  book.add("ana", { maxAttempts: 2 });
  book.fail(book.claim("bob"));
  const states = [book.task().state];
  const rival = book.claim("cyd", { attempt: 2 });
  book.fail(book.claim("bob", { attempt: 2 }));
  states.push(book.task().state);
  book.yield(rival);
  states.push(book.task().state);

  expect(states).toEqual(["submitted", "working", "failed"]);
  expect(book.task().thread.spent).toBe(2);
});

test("[E5] [R4] of a task added more than once the highest limit stands, and none where one set none", () => {
  const policies = [
    [{ maxAttempts: 2 }, { maxAttempts: 3 }],
    [{ maxAttempts: 3 }, { maxAttempts: 2 }],
    [{ maxAttempts: 2 }, {}],
    [{}, { maxAttempts: 2 }],
    [{ maxAttempts: 2, timeoutMs: 5 }, { timeoutMs: 9 }],
  ].map((wishes) => {
    const book = openLogBook();
    for (const wish of wishes) book.add("ana", wish);
    return book.task().policy;
  });

  expect(policies).toEqual([{ maxAttempts: 3 }, { maxAttempts: 3 }, {}, {}, { timeoutMs: 5 }]);
});

test("[E5] a dead letter that was done after all is completed", () => {
  const book = openLogBook();
  book.add("ana", { maxAttempts: 1 });
  const slow = book.claim("bob");
  book.expire("ana", slow);
  const dead = book.task().state;
  book.complete(slow, "done");

  expect([dead, book.task().state]).toEqual(["failed", "completed"]);
});

test("[E6] a redriven task counts its attempts anew", () => {
  const book = openLogBook();
  book.add("ana", { maxAttempts: 1 });
  book.fail(book.claim("bob"));
  book.reopen("ana");
  const redriven = book.task();
  book.fail(book.claim("bob", { attempt: 3 }));

  expect(redriven).toMatchObject({ state: "submitted", nextAttempt: 3, thread: { spent: 0 } });
  expect(book.task()).toMatchObject({ state: "failed", thread: { spent: 1 } });
});

test("[E8] a holder's rejection ends the task, and opens no attempt", () => {
  const book = openLogBook();
  book.add("ana");
  const rejected = book.reject(book.claim("bob"), "against the rules");

  expect(book.task()).toMatchObject({ state: "rejected", nextAttempt: 1 });
  expect(book.task().thread.reasons).toEqual([
    { ...rejected, attempt: 1, reason: "against the rules" },
  ]);
});

test("[E8] a failure that is not to be retried fails the task, opens no attempt, and asks for no delay", () => {
  const book = openLogBook();
  book.add("ana");
  const { agent, n } = book.claim("bob");
  book.write(agent, { kind: "failed", claim: n, error: "", retryable: false, retryAfterMs: 9 });

  expect(book.task()).toMatchObject({ state: "failed", nextAttempt: 1, thread: { delay: null } });
});

test("[E8] under settled the word of an unconfirmed claim ends nothing", () => {
  const book = openLogBook();
  book.add("ana", { guarantee: "settled" });
  book.reject(book.claim("bob", { guarantee: "settled" }));

  expect(book.task().state).toBe("submitted");
});

test("[W4] of a rejection and a failure that is final the rejection stands, whichever came first", () => {
  const books = [0, 1].map((order) => {
    const book = openLogBook();
    book.add("ana");
    const claims = [book.claim("bob"), book.claim("cyd")] as const;
    if (order === 0) book.reject(claims[0]);
    book.fail(claims[1], false);
    if (order === 1) book.reject(claims[0]);
    return book;
  });

  expect(books.map((book) => book.task().state)).toEqual(["rejected", "rejected"]);
});

test("[D7] a task that is to fail with its needs fails when somebody says that one of them did", () => {
  const book = openLogBook();
  const need = "need" as TaskId;
  book.add("ana", { needs: [need], ifNeedFails: "fail" });
  book.write("bob", { kind: "need-failed", need, attempt: 1 });
  const failed = book.task();
  book.reopen("ana");

  expect(failed).toMatchObject({ state: "failed", thread: { failedNeed: "need" } });
  expect(book.task()).toMatchObject({ state: "submitted", thread: { failedNeed: null } });
});

test("[D7] whoever holds a task goes on though a need has failed, and it fails when they give it back", () => {
  const book = openLogBook();
  book.add("ana", { ifNeedFails: "fail" });
  const claim = book.claim("bob");
  book.write("ana", { kind: "need-failed", need: "need" as TaskId, attempt: 1 });
  const held = book.task();
  book.release(claim);

  expect(held).toMatchObject({ state: "working", thread: { failedNeed: null } });
  expect(book.task()).toMatchObject({ state: "failed", thread: { failedNeed: "need" } });
});

test("[D7] nobody fails a task for its needs that is to wait for them, or to go on without", () => {
  const ignored = ([undefined, "block", "ignore"] as const).map((policy) => {
    const book = openLogBook();
    book.add("ana", policy === undefined ? {} : { ifNeedFails: policy });
    book.write("mal", { kind: "need-failed", need: "need" as TaskId, attempt: 1 });
    return [book.task().state, ...book.ignored()];
  });

  expect(ignored).toEqual(Array(3).fill(["submitted", "need-failed: not-asked-for"]));
});
