/** Ends what a token allowed together with the token. */
import type { Clock } from "../../../../lib/index.ts";
import type { Grant } from "./grant.ts";

/** A timer runs so long at most: 24 days, which is less than tokens last by default. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Calls back once the grant has ended; never for one without an end.
 *
 * @returns cancels
 */
export function endWithToken({ expiresAt }: Grant, clock: Clock, end: () => void): () => void {
  if (expiresAt === null) return () => {};
  const endsAt = clock.now() + Math.max(0, expiresAt - Date.now());
  let cancel: () => void = () => {};
  const look = (): void => {
    const leftMs = endsAt - clock.now();
    if (leftMs <= 0) end();
    else cancel = clock.schedule(Math.min(leftMs, MAX_TIMER_MS), look);
  };
  look();
  return () => cancel();
}
