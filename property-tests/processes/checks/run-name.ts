/** The names of runs, `process.number`: which process a run is of, and which runs of it came before. */
import type { Line } from "../history.ts";
import { linesOf } from "../history.ts";

/** The name of the process that a run is of. */
export function processOf(run: string): string {
  return run.slice(0, run.lastIndexOf("."));
}

/** Whether a later wiping took away what this run had stored: that of the run itself, or of a later run in its place. */
export function isWiped(history: readonly Line[], run: string): boolean {
  return linesOf(history, "killing").some(
    (line) =>
      line.isWiped &&
      processOf(line.victim) === processOf(run) &&
      numberOf(line.victim) >= numberOf(run),
  );
}

function numberOf(run: string): number {
  return Number(run.slice(run.lastIndexOf(".") + 1));
}
