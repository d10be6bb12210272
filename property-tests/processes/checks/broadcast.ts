/** Checks that every note reached everybody once, and in its author's order. */
import { groupBy, type Line, linesOf } from "../history.ts";
import { acknowledged } from "./grow-only-set.ts";

/**
 * Says where an event is missing, told twice, out of its author's order, or about nothing that was written. A run is told by
 * events of what its store did not hold when it was opened. One that was killed has seen some first part of each author's
 * notes; one that finished has seen all that were acknowledged.
 */
export function findBroadcastBreaks(history: readonly Line[]): readonly string[] {
  const written = groupBy(linesOf(history, "invoked"), ({ agent }) => agent);
  const authorOf = new Map(linesOf(history, "invoked").map(({ item, agent }) => [item, agent]));
  const required = acknowledged(history);
  const finished = new Set(linesOf(history, "finished").map(({ run }) => run));
  return linesOf(history, "opened").flatMap(({ run, notes }) => {
    const told = linesOf(history, "saw").filter((line) => line.run === run);
    const seen = [...notes, ...told.map(({ item }) => item)];
    const known = new Set(seen);
    const missing = finished.has(run) ? [...required].filter((item) => !known.has(item)) : [];
    return [
      ...notes
        .filter((item) => !authorOf.has(item))
        .map((item) => `${run} found "${item}" in its store, which nobody wrote`),
      ...told
        .filter(({ item, author }) => authorOf.get(item) !== author)
        .map(({ item, author }) => `${run} was told of "${item}" by ${author}, who wrote no such`),
      ...missing.map((item) => `${run} was never told of ${item}, which was acknowledged`),
      ...[...written].flatMap(([author, lines]) => {
        const order = lines.map(({ item }) => item);
        const items = seen.filter((item) => authorOf.get(item) === author);
        const at = items.findIndex((item, i) => item !== order[i]);
        return at === -1
          ? []
          : [`${run} was told of ${items[at]} where ${author} had written ${order[at]}`];
      }),
    ];
  });
}
