/** Arbitrary task graphs, cycles and unknown needs included, and the changes that can come to them. */
import fc from "fast-check";
import type { TaskId } from "../lib/core/record.ts";
import { findClaim, isEnded, type Task, type TaskClaim } from "../lib/core/task.ts";
import { openLogBook } from "./log-book.ts";

const SIZE = 9;

/** One change of a board: a task is added or its needs, priority or fate change. */
export interface GraphStep {
  readonly task: number;
  readonly act: "add" | "rewire" | "reorder" | "prioritize" | "complete" | "claim" | "free" | "end";
  readonly needs: readonly number[];
}

/** Any changes, additions above all. */
export const anyGraphSteps: fc.Arbitrary<GraphStep[]> = fc.array(
  fc.record({
    task: fc.nat(SIZE - 1),
    act: fc.constantFrom(
      ...(["add", "add", "add", "rewire", "reorder", "prioritize"] as const),
      ...(["complete", "complete", "claim", "free", "end"] as const),
    ),
    needs: fc.array(fc.nat(SIZE), { maxLength: 3 }),
  }),
  { maxLength: 40, size: "max" },
);

/** Tasks and what they need, all of them there. */
export const anyGraph: fc.Arbitrary<readonly Task[]> = fc
  .array(fc.array(fc.nat(SIZE * 2 - 1), { maxLength: 4 }), { minLength: 1, maxLength: SIZE * 2 })
  .map((graph) =>
    graph.map((needs, i) =>
      taskOf(
        i,
        needs.map((need) => need % graph.length),
      ),
    ),
  );

const book = openLogBook();
book.add("ana");
const plain = book.task();
const claim: TaskClaim | undefined = findClaim(plain, book.claim("ana")) ?? book.task().claims[0];

/** The id of the task with a number. */
export function idOf(number: number): TaskId {
  return `t${number}` as TaskId;
}

/** A task added at a time that its number gives, in an order that is not that of the numbers. */
function taskOf(number: number, needs: readonly number[]): Task {
  const added = { ...plain.added, at: 1 + ((number * 5) % 7) };
  return { ...plain, id: idOf(number), added, needs: needs.map(idOf) };
}

/** The task after a step, or undefined where the step does not apply to it. */
export function changeTask(old: Task | undefined, step: GraphStep): Task | undefined {
  if (old === undefined) return step.act === "add" ? taskOf(step.task, step.needs) : undefined;
  if (step.act === "rewire") return { ...old, needs: step.needs.map(idOf) };
  if (step.act === "reorder") return { ...old, added: { ...old.added, at: step.needs.length + 1 } };
  if (step.act === "prioritize") return { ...old, priority: step.needs.length };
  if (step.act === "complete") return { ...old, state: "completed", claims: [] };
  if (isEnded(old)) return undefined;
  if (step.act === "claim" && claim !== undefined)
    return step.needs.length > 1
      ? { ...old, state: "working", claims: [claim] }
      : { ...old, claims: [{ ...claim, status: "pending" }] };
  if (step.act === "free") return { ...old, state: "submitted", claims: [] };
  return step.act === "end" ? { ...old, state: "canceled" } : undefined;
}
