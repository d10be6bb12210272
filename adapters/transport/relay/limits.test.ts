import { expect, test } from "@jest/globals";
import { createVirtualClock } from "../memory.ts";
import { Tally, TokenBucket } from "./limits.ts";

test("four seconds' worth may come at once, and what is more waits for its time", () => {
  const clock = createVirtualClock();
  const bucket = new TokenBucket(100, clock);

  expect(bucket.take(400)).toBe(0);
  expect(bucket.take(50)).toBe(500);
  expect(bucket.take(50)).toBe(1_000);
});

test("an idle bucket does not save up more than four seconds' worth", () => {
  const clock = createVirtualClock();
  const bucket = new TokenBucket(100, clock);

  clock.advance(3_600_000);

  expect(bucket.take(400)).toBe(0);
  expect(bucket.take(1)).toBe(10);
});

test("a tally lets in so many of a name, and again once one has left", () => {
  const tally = new Tally();

  const first = [
    tally.enter("a", 2),
    tally.enter("a", 2),
    tally.enter("a", 2),
    tally.enter("b", 2),
  ];
  tally.leave("a");

  expect(first).toEqual([true, true, false, true]);
  expect([tally.enter("a", 2), tally.enter("a", 2)]).toEqual([true, false]);
});
