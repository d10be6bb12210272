/** The clock of one simulated process: it may run fast or slow, stand still with its process, and end with it. */
import type { VirtualClock } from "../../../adapters/transport/memory.ts";
import type { Clock } from "../../../lib/index.ts";

/** A clock that somebody else has in hand. */
export interface ProcessClock extends Clock {
  readonly isStalled: boolean;
  /** Runs at once, or, while the process stands still, when it goes on; never once it has ended. */
  whenAwake(run: () => void): void;
  /** Sets the pace from now on, in hundredths of the true one. */
  setPace(percent: number): void;
  stall(): void;
  wake(): void;
  /** Nothing that was planned happens any more. */
  end(): void;
}

/** Makes the clock of a process that starts now. */
export function createProcessClock(world: VirtualClock, percent: number): ProcessClock {
  let pace = percent / 100;
  let since = world.now();
  let passed = 0;
  let isStalled = false;
  let hasEnded = false;
  const waiting: (() => void)[] = [];
  const now = (): number => passed + (world.now() - since) * pace;

  const whenAwake = (run: () => void): void => {
    if (hasEnded) return;
    if (isStalled) waiting.push(run);
    else run();
  };

  return {
    get isStalled() {
      return isStalled;
    },
    now,
    schedule(delayMs, callback) {
      if (hasEnded) return () => {};
      let isCancelled = false;
      const cancel = world.schedule(delayMs / pace, () =>
        whenAwake(() => {
          if (!isCancelled) callback();
        }),
      );
      return () => {
        isCancelled = true;
        cancel();
      };
    },
    whenAwake,
    setPace(next) {
      passed = now();
      since = world.now();
      pace = next / 100;
    },
    stall() {
      isStalled = true;
    },
    wake() {
      isStalled = false;
      for (const run of waiting.splice(0)) whenAwake(run);
    },
    end() {
      hasEnded = true;
    },
  };
}
