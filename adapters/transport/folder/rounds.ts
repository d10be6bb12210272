/** Runs looks at the folder one after another: a full one every so often, and one at once for what a hint has named. */
import type { Clock } from "../../../lib/index.ts";

/** When to look, and how. */
export interface RoundsOptions {
  readonly clock: Clock;
  /** Gives the delay from the end of a full look to the next. */
  readonly delayMs: () => number;
  /** Looks at the named files, or at all; never rejects. */
  readonly look: (names?: ReadonlySet<string>) => Promise<void>;
}

/** The looks of one connection. */
export interface Rounds {
  /** Asks for a look at the named file, or for a full one, soon. */
  hint(name?: string): void;
  /** Resolves when the look under way has ended, and no other will begin; idempotent. */
  stop(): Promise<void>;
}

/** So that one look finds all that was written together. */
const HINT_DELAY_MS = 2;

/** Starts with a full look, right after the current turn of promises. */
export function startRounds({ clock, delayMs, look }: RoundsOptions): Rounds {
  const hinted = new Set<string>();
  let cancelPoll = (): void => {};
  let cancelHint: (() => void) | undefined;
  let isStopped = false;
  let last = Promise.resolve();

  const lookAtAll = (): void => {
    cancelPoll();
    last = last.then(async () => {
      cancelPoll();
      await look();
      if (!isStopped) {
        cancelPoll = clock.schedule(delayMs(), lookAtAll);
      }
    });
  };

  const lookAtHinted = (): void => {
    cancelHint = undefined;
    const names = new Set(hinted);
    hinted.clear();
    last = last.then(() => look(names));
  };

  lookAtAll();
  return {
    hint(name) {
      if (isStopped) {
        return;
      }
      if (name === undefined) {
        lookAtAll();
        return;
      }
      hinted.add(name);
      cancelHint ??= clock.schedule(HINT_DELAY_MS, lookAtHinted);
    },
    stop() {
      isStopped = true;
      cancelPoll();
      cancelHint?.();
      return last;
    },
  };
}
