/** Samples of what the coordination has cost, one a second, for the lines over time. */
import type { Board } from "../../../lib/index.ts";

/** The samples so far, the latest last. */
export interface CostSamples {
  /** When each was taken, in seconds since the Unix epoch. */
  readonly times: readonly number[];
  readonly records: readonly number[];
  /** Turns of the event loop that changed the board, a second. */
  readonly changes: readonly number[];
  /** How many were taken, those that are gone included. */
  readonly taken: number;
}

const INTERVAL_MS = 1_000;
/** Five minutes. */
const KEPT = 300;

/** Starts to take samples, for as long as the page lives. */
export function sampleCost(board: Board): CostSamples {
  const times: number[] = [];
  const records: number[] = [];
  const changes: number[] = [];
  let taken = 0;
  let turns = 0;
  let last = performance.now();
  board.watch(() => turns++);
  setInterval(() => {
    const now = performance.now();
    times.push(Date.now() / 1000);
    records.push(board.recordCount);
    changes.push((1000 * turns) / (now - last));
    for (const list of [times, records, changes]) if (list.length > KEPT) list.shift();
    [turns, last] = [0, now];
    taken++;
  }, INTERVAL_MS);
  return {
    times,
    records,
    changes,
    get taken() {
      return taken;
    },
  };
}
