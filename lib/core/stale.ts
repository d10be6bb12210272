/** Stale work: what a claimant had read, and what of it has changed since (docs/spec.md, section Y). */
import type { TaskLookup } from "./ready.ts";
import { type Basis, formatRef, type TaskId } from "./record.ts";
import { dependenciesOf, type Task } from "./task.ts";

/** Something that changed after it was read: the task's own text, or the result of a task that it needs. */
export type StaleInput =
  | { readonly kind: "text" }
  | { readonly kind: "need"; readonly task: TaskId };

/** What somebody who reads the task now has read; null where that is nothing but the task as first added. */
export function readBasis(task: Task, lookup: TaskLookup): Basis | null {
  const { text } = task.thread;
  const needs = dependenciesOf(task);
  if (text === null && needs.length === 0) return null;
  const inputs = needs.flatMap((id) => {
    const completion = lookup(id)?.completion ?? null;
    return completion === null ? [] : [formatRef(completion)];
  });
  return {
    ...(text === null ? {} : { text: formatRef(text) }),
    ...(inputs.length === 0 ? {} : { inputs }),
  };
}

/** Lists what has changed since a claimant or a result read it: the text first, then needs in their order. */
export function findStale(
  task: Task,
  basis: Basis | undefined,
  lookup: TaskLookup,
): readonly StaleInput[] {
  const stale: StaleInput[] = [];
  const { text } = task.thread;
  if ((text === null ? undefined : formatRef(text)) !== basis?.text) stale.push({ kind: "text" });
  for (const id of dependenciesOf(task)) {
    const need = lookup(id);
    if (need === undefined || isCurrent(need, basis?.inputs ?? [])) continue;
    stale.push({ kind: "need", task: id });
  }
  return stale;
}

/** Whether the need's accepted result is the one that was read; where it has none, whether none was read. */
function isCurrent(need: Task, inputs: readonly string[]): boolean {
  if (need.completion !== null) return inputs.includes(formatRef(need.completion));
  return !need.alternates.some((alternate) => inputs.includes(formatRef(alternate)));
}
