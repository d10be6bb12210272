/** The real clock and randomness, the defaults of `openBoard`; works in Node and in browsers. */
import type { Clock, Random } from "../replica/clock.ts";

/** What a platform's timer takes at most; it would run a longer one at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** The machine's monotonic clock and timers. A delay of 0 runs right after the current turn, without a timer's wait. */
export const systemClock: Clock = {
  now: () => performance.now(),
  schedule(delayMs, callback) {
    if (delayMs > MAX_TIMER_MS) {
      const rest = (): void => {
        cancel = systemClock.schedule(delayMs - MAX_TIMER_MS, callback);
      };
      let cancel = systemClock.schedule(MAX_TIMER_MS, rest);
      return () => cancel();
    }
    if (delayMs === 0 && typeof setImmediate === "function") {
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Random bytes from the platform's cryptographic source. */
export const systemRandom: Random = (byteCount) =>
  crypto.getRandomValues(new Uint8Array(byteCount));
