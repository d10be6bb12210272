/** How long the next attempt has to wait after a failure. */
import type { RetryDelay } from "../../core/record.ts";
import type { Random } from "../../replica/clock.ts";

const MAX_DELAY_MS = 3_600_000;

/**
 * The delay after a failure: exponential in the attempts spent before, of which a random half is kept, so that what failed
 * together does not come back together.
 *
 * @returns whole milliseconds, at least 1; undefined where no delay is asked for
 */
export function retryDelay(
  retry: RetryDelay | undefined,
  spent: number,
  random: Random,
): number | undefined {
  if (retry === undefined || retry.delayMs === 0) return undefined;
  const { delayMs, factor = 2, maxDelayMs = MAX_DELAY_MS } = retry;
  const whole = Math.min(delayMs * factor ** spent, maxDelayMs);
  const share = 0.5 + (random(1)[0] ?? 0) / 512;
  return Math.max(1, Math.round(whole * share));
}
