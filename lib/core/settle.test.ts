import { expect, test } from "@jest/globals";
import { type LogBook, openLogBook } from "../../property-tests/kit/log-book.ts";
import type { RecordRef } from "./record.ts";
import { decideSettled, type SettleDecision } from "./settle.ts";

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
