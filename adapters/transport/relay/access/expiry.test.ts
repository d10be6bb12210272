import { expect, test } from "@jest/globals";
import { createVirtualClock } from "../../memory/virtual-clock.ts";
import { endWithToken } from "./expiry.ts";

const DAY_MS = 86_400_000;

function grantFor(days: number | null) {
  const expiresAt = days === null ? null : Date.now() + days * DAY_MS;
  return { subject: "ada", board: "docs", role: "write", expiresAt, quotas: {} } as const;
}

test("[T58] a token's end is met however far it is", () => {
  const clock = createVirtualClock();
  let ends = 0;
  endWithToken(grantFor(60), clock, () => ends++);

  clock.advance(59.9 * DAY_MS);
  const before = ends;
  clock.advance(0.1 * DAY_MS);

  expect([before, ends]).toEqual([0, 1]);
});

test("[T58] a connection that has ended, and one without an end, leave no timer", () => {
  const clock = createVirtualClock();

  endWithToken(grantFor(60), clock, () => {})();
  endWithToken(grantFor(null), clock, () => {});

  expect(clock.pendingCount).toBe(0);
});
