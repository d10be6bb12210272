/** The real clock and randomness, the defaults of `openBoard`; works in Node and in browsers. */
import type { Clock, Random } from "../replica/clock.ts";

/** The machine's monotonic clock and timers. A delay of 0 runs right after the current turn, without a timer's wait. */
export const systemClock: Clock = {
  now: () => performance.now(),
  schedule(delayMs, callback) {
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
