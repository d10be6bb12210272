/** The ports through which time and randomness enter the library; only adapters and defaults touch the real ones. */

/** A monotonic clock with timers; a virtual one makes whole runs repeatable. */
export interface Clock {
  /** Milliseconds since an arbitrary origin; never goes back and knows no time of day. */
  now(): number;
  /**
   * Runs `callback` once, `delayMs` from now; 0 means right after the current turn of the event loop.
   *
   * @returns a function that cancels the call; cancelling twice, or too late, does nothing
   */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** Gives `byteCount` random bytes, fit for ids that must never collide. */
export type Random = (byteCount: number) => Uint8Array;
