import { expect, test } from "@jest/globals";
import { type LogBook, openLogBook } from "../../property-tests/kit/log-book.ts";
import { createContention } from "./contention.ts";
import { type AgentId, formatRef, type RecordRef, type TaskId } from "./record.ts";
import { earliest } from "./rule.ts";
import { decideSettled, type SettleDecision } from "./settle.ts";
import type { Task } from "./task.ts";

test("[G2] a claim without a rival waits for the echo, then is confirmed", () => {
  const { book, best } = contest();

  expect(decideSettled(book.task(), best, false)).toBe("wait");
  expect(decideSettled(book.task(), best, true)).toBe("confirm");
});

test("[G2] a claim that is confirmed already goes on", () => {
  const { book, best } = contest();
  book.confirm(best);

  expect(decide(book, best)).toBe("confirm");
});

test("[G3] whoever sees a confirmed rival yields, even the best by the rule", () => {
  const { book, best, other } = contest("other");
  book.confirm(other);

  expect(decide(book, best)).toBe("yield");
});

test("[G3] whoever sees an optimistic rival yields", () => {
  const book = openLogBook();
  book.add("ana");
  const best = book.claim("ana", { guarantee: "settled" });
  book.claim("cyd");

  expect(decide(book, best)).toBe("yield");
});

test("[G3] whoever is not the best by the rule yields", () => {
  const { book, other } = contest("other");

  expect(decide(book, other)).toBe("yield");
});

test("[G3] whoever waits for a task that has ended yields", () => {
  const { book, best } = contest();
  book.write("ana", { kind: "cancelled" });

  expect(decideSettled(book.task(), best, false)).toBe("yield");
});

test("[G4] the best claim waits while a rival stands, and is confirmed once it has yielded", () => {
  const { book, best, other } = contest("other");
  const rivalled = decide(book, best);
  book.yield(other);

  expect(rivalled).toBe("wait");
  expect(decide(book, best)).toBe("confirm");
});

test("[G4] claims that do not count, or of another attempt, are no rivals", () => {
  const { book, best } = contest();
  book.claim("cyd", { attempt: 7, guarantee: "settled" });

  expect(decide(book, best)).toBe("confirm");
});

test("[G5] when a rival is expired, whoever waited yields, echo or not", () => {
  const { book, best, other } = contest("other");
  book.expire("ana", other);

  expect(decide(book, best)).toBe("yield");
  expect(decideSettled(book.task(), best, false)).toBe("yield");
});

test("[G5] whoever waited yields when the attempt which an expiry opened has been claimed", () => {
  const { book, best, other } = contest("other");
  book.expire("cyd", other);
  const next = book.claim("cyd", { attempt: 2, guarantee: "settled" });

  expect(book.seen(best).status).toBe("superseded");
  expect(decide(book, best)).toBe("yield");
  expect(decide(book, next)).toBe("confirm");
});

test("[G5] a claim that is expired, yielded, unable or not there is over", () => {
  const { book, best, other } = contest("other");
  book.expire("cyd", best);
  book.yield(other);
  const unable = book.claim("cyd", { attempt: 9, guarantee: "settled" });
  const missing = { ...unable, n: 99 };

  expect([best, other, unable, missing].map((one) => decide(book, one))).toEqual([
    "over",
    "over",
    "over",
    "over",
  ]);
});

test.each([
  ["failed, with a wait before the next attempt", "failForNow"],
  ["rejected the task", "reject"],
  ["released it", "release"],
] as const)("[G2] whoever waited yields when a rival was confirmed and has %s", (_, end) => {
  const { book, best, other } = contest("other");
  book.confirm(other);
  book[end](other);

  expect(decide(book, best)).toBe("yield");
  expect(decideSettled(book.task(), best, false)).toBe("yield");
});

test("[G2] whoever waited yields when the result of a rival is in review, or was sent back", () => {
  const book = openLogBook();
  book.add("ana", { guarantee: "settled", review: { by: { agent: "rev" } } });
  const held = book.hold("ana");
  const late = book.claim("bob", { guarantee: "settled" });
  const result = book.complete(held, "done");
  const inReview = decide(book, late);
  book.sendBack("rev", result);

  expect([inReview, decide(book, late)]).toEqual(["yield", "yield"]);
});

test("[H4] a claim that accepts an offer is not confirmed once that was taken back", () => {
  const book = openLogBook();
  book.add("ana", { guarantee: "settled" });
  const held = book.hold("ana");
  const offer = book.offer(held, "bob");
  const claim = book.accept("bob", offer, { guarantee: "settled" });
  const pending = { ...claim, offer: formatRef(offer) };
  const standing = decideSettled(book.task(), pending, true);
  book.withdraw(held, offer);

  expect(standing).toBe("confirm");
  expect(decideSettled(book.task(), pending, false)).toBe("wait");
  expect(decideSettled(book.task(), pending, true)).toBe("taken-back");
  expect(decideSettled(book.task(), claim, true)).toBe("confirm");
});

test.each([
  ["is worse", "wait", "pending", 9],
  ["is better", "yield", "pending", 0],
  ["is worse but confirmed", "yield", "held", 9],
  ["is over", "confirm", "yielded", 0],
] as const)(
  "[X11] where a claim of another task that overlaps %s, the decision is to %s",
  (_, decision, status, at) => {
    const { book, best } = contest();
    const task: Task = { ...book.task(), policy: { resources: ["db:x"] } };
    const claim = { ...book.seen(best), agent: "zoe" as AgentId, at, status };
    const contention = createContention(earliest);
    contention.update({ ...task, id: "other" as TaskId, claims: [claim] });

    expect(decideSettled(task, best, true, { contention })).toBe(decision);
    expect(decideSettled(task, best, false, { contention })).toBe("wait");
    expect(decideSettled(task, best, true)).toBe("confirm");
  },
);

/** A task that asks for settled claims, with one claim, or two of which `best` came first. */
function contest(rival?: "other"): { book: LogBook; best: RecordRef; other: RecordRef } {
  const book = openLogBook();
  book.add("ana", { guarantee: "settled" });
  const best = book.claim("ana", { guarantee: "settled" });
  const other = rival === undefined ? best : book.claim("bob", { guarantee: "settled" });
  return { book, best, other };
}

function decide(book: LogBook, claim: RecordRef): SettleDecision {
  return decideSettled(book.task(), claim, true);
}
