/** Checks that a resource which refuses the tokens below the highest that it saw takes no stale write. */
import { type FencedWrite, groupBy, type Line, linesOf } from "../history.ts";
import { findLockBreaks } from "./lock.ts";

/**
 * Says what breaks the lock, and which writes the resource should not have taken, or refused. A write that its writer sent
 * and was killed before it heard of may have taken effect or not: the resource's word counts.
 */
export function findFencingBreaks(history: readonly Line[]): readonly string[] {
  return [
    ...findLockBreaks(history),
    ...findStaleWrites(history),
    ...findForeignWrites(history),
    ...findWrongAnswers(history),
  ];
}

/** Tokens that were taken only grow, and none is refused that is the highest. */
function findStaleWrites(history: readonly Line[]): readonly string[] {
  const highest = new Map<string, number>();
  const breaks: string[] = [];
  for (const line of history) {
    if (line.kind !== "took" && line.kind !== "refused") continue;
    const { task, token, value } = line;
    const top = highest.get(task) ?? 0;
    if (line.kind === "took" && token < top)
      breaks.push(`the stale write ${value} to ${task} took effect: ${token} after ${top}`);
    if (line.kind === "refused" && token >= top)
      breaks.push(`the write ${value} to ${task} was refused: ${token} after ${top}`);
    if (line.kind === "took") highest.set(task, Math.max(top, token));
  }
  return breaks;
}

/** What was taken was sent, once, by the only holder of its token. */
function findForeignWrites(history: readonly Line[]): readonly string[] {
  const took = linesOf(history, "took");
  const sent = new Map(linesOf(history, "writing").map((line) => [line.value, line]));
  const isHeld = new Set(
    linesOf(history, "granted").map((line) => `${line.run} ${line.task} ${line.attempt}`),
  );
  const writerOf = ({ value }: FencedWrite): string => sent.get(value)?.run ?? "nobody";
  return [
    ...[...groupBy(took, ({ value }) => value)]
      .filter(([, lines]) => lines.length > 1)
      .map(([value]) => `the write ${value} took effect twice`),
    ...took
      .filter((line) => !isHeld.has(`${writerOf(line)} ${line.task} ${line.token}`))
      .map(
        (line) =>
          `the write ${line.value} to ${line.task} took effect, whose writer ${writerOf(line)} was never granted attempt ${line.token}`,
      ),
    ...[...groupBy(took, ({ task, token }) => `token ${token} of ${task}`)]
      .map(([token, lines]) => [token, new Set(lines.map(writerOf))] as const)
      .filter(([, writers]) => writers.size > 1)
      .map(([token, writers]) => `${token} was used by ${[...writers].join(" and ")}`),
  ];
}

/** Writer and resource say the same of a write. */
function findWrongAnswers(history: readonly Line[]): readonly string[] {
  const took = new Set(linesOf(history, "took").map(({ value }) => value));
  return linesOf(history, "written")
    .filter(({ value, isTaken }) => isTaken !== took.has(value))
    .map(({ run, value }) => `${run} was told otherwise than the resource says of ${value}`);
}
