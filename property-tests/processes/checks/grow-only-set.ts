/** Checks that a set which only grows has lost nothing that was acknowledged, and holds nothing that nobody added. */
import { type Line, linesOf } from "../history.ts";
import { isWiped } from "./run-name.ts";

/**
 * Says what is missing, twice, or too much on the replicas that finished. What was invoked and never acknowledged, since its
 * run was killed, may be there or not. What is durable in a run's own store has to be there unless that was wiped; what was
 * stored at the relay has to be there in any case.
 */
export function findSetBreaks(history: readonly Line[]): readonly string[] {
  const invoked = new Set(linesOf(history, "invoked").map(({ item }) => item));
  const required = acknowledged(history);
  return linesOf(history, "finished").flatMap(({ run, tasks }) => {
    const items = tasks.flatMap(({ title, notes }) => [title, ...notes]).filter(isItem);
    const counts = new Map<string, number>();
    for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
    return [
      ...[...required]
        .filter((item) => !counts.has(item))
        .map((item) => `${run} lacks ${item}, which was acknowledged`),
      ...[...counts].flatMap(([item, count]) => [
        ...(invoked.has(item) ? [] : [`${run} holds ${item}, which nobody added`]),
        ...(count === 1 ? [] : [`${run} holds ${item} ${count} times`]),
      ]),
    ];
  });
}

/** What has to be there in the end. */
export function acknowledged(history: readonly Line[]): ReadonlySet<string> {
  const durable = linesOf(history, "durable").filter(({ run }) => !isWiped(history, run));
  return new Set([...durable, ...linesOf(history, "synced")].map(({ item }) => item));
}

/** Tells items, `run/number`, from the tasks that are only there to be claimed or noted on. */
function isItem(text: string): boolean {
  return text.includes("/");
}
