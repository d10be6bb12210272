/**
 * A clock that moves only when it is told to, so that a run of many replicas is one repeatable sequence of steps.
 * It uses no real timer: where promises are in play, microtasks run between two steps.
 */
import type { Clock } from "../../../lib/index.ts";

/** A clock under the control of its owner. Timers run in the order of their due time, then of their creation. */
export interface VirtualClock extends Clock {
  /** How many timers wait. */
  readonly pendingCount: number;
  /** When the next timer is due, in the clock's milliseconds; undefined where none waits. */
  readonly nextAt: number | undefined;
  /** Moves to the next timer and runs it, and nothing else; false where none waits. */
  step(): boolean;
  /** Runs all that falls due within the next `durationMs`, what that schedules included, and ends exactly there. */
  advance(durationMs: number): void;
  /**
   * Runs timers until none waits and gives their number.
   *
   * @param limit - the most timers to run
   * @throws RangeError when more than `limit` timers come, as with one that schedules itself for ever
   */
  runUntilIdle(limit?: number): number;
  /** As {@link VirtualClock.advance}, but lets promise reactions run before, between and after the timers. */
  advanceAsync(durationMs: number): Promise<void>;
  /**
   * Steps, with promise reactions in between, until `condition` holds.
   *
   * @param limitMs - the most that the clock may move for it, in milliseconds
   * @throws RangeError when nothing is left to happen, or the limit is reached, and the condition does not hold
   */
  settle(condition: () => boolean, limitMs?: number): Promise<void>;
}

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
}

const STEP_LIMIT = 1_000_000;
const SETTLE_LIMIT_MS = 600_000;

// Between two steps a promise chain may go this deep; a deeper one goes on, as repeatably, after the next step.
const TURNS_PER_STEP = 64;
const TURNS_WHEN_IDLE = 4_096;

/** Makes a clock that stands at 0. */
export function createVirtualClock(): VirtualClock {
  const timers: Timer[] = [];
  let time = 0;

  const step = (): boolean => {
    const timer = timers.shift();
    if (timer === undefined) {
      return false;
    }
    time = timer.dueAt;
    timer.callback();
    return true;
  };
  const isDueBy = (end: number): boolean => (timers[0]?.dueAt ?? Number.POSITIVE_INFINITY) <= end;

  return {
    now: () => time,
    schedule(delayMs, callback) {
      const timer: Timer = { dueAt: time + checkDuration(delayMs), callback };
      timers.splice(findPlace(timers, timer.dueAt), 0, timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) {
          timers.splice(index, 1);
        }
      };
    },
    get pendingCount() {
      return timers.length;
    },
    get nextAt() {
      return timers[0]?.dueAt;
    },
    step,
    advance(durationMs) {
      const end = time + checkDuration(durationMs);
      const countStep = createStepCounter(STEP_LIMIT);
      while (isDueBy(end)) {
        countStep();
        step();
      }
      time = end;
    },
    runUntilIdle(limit = STEP_LIMIT) {
      const countStep = createStepCounter(limit);
      let count = 0;
      while (timers.length > 0) {
        count = countStep();
        step();
      }
      return count;
    },
    async advanceAsync(durationMs) {
      const end = time + checkDuration(durationMs);
      const countStep = createStepCounter(STEP_LIMIT);
      await runMicrotasks(TURNS_PER_STEP);
      while (isDueBy(end)) {
        countStep();
        step();
        await runMicrotasks(TURNS_PER_STEP);
      }
      time = end;
    },
    async settle(condition, limitMs = SETTLE_LIMIT_MS) {
      const end = time + checkDuration(limitMs);
      const countStep = createStepCounter(STEP_LIMIT);
      await runMicrotasks(TURNS_PER_STEP);
      while (!condition()) {
        if (isDueBy(end)) {
          countStep();
          step();
          await runMicrotasks(TURNS_PER_STEP);
        } else {
          await awaitTimer(() => condition() || isDueBy(end), time);
        }
      }
    },
  };
}

/** Finds the index after every timer that is due no later, by bisection. */
function findPlace(timers: readonly Timer[], dueAt: number): number {
  let [low, high] = [0, timers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timers[middle]?.dueAt ?? dueAt) <= dueAt) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Gives deep promise chains a last chance before nothing more can happen. */
async function awaitTimer(isAwake: () => boolean, time: number): Promise<void> {
  for (let turn = 0; turn < TURNS_WHEN_IDLE; turn++) {
    await undefined;
    if (isAwake()) {
      return;
    }
  }
  throw new RangeError(`at ${time} ms nothing is left to happen within the limit, in vain`);
}

async function runMicrotasks(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    await undefined;
  }
}

function createStepCounter(limit: number): () => number {
  let count = 0;
  return () => {
    count++;
    if (count > limit) {
      throw new RangeError(`the clock is not idle after ${limit} timers`);
    }
    return count;
  };
}

function checkDuration(durationMs: number): number {
  if (!(durationMs >= 0 && durationMs < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`a duration is a number of milliseconds from 0 on, not ${durationMs}`);
  }
  return durationMs;
}
