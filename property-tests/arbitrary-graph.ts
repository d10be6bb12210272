/** Arbitrary graphs of tasks, their needs and children, cycles and unknown ones included, and what can come to them. */
import fc from "fast-check";
import type { TaskId } from "../lib/core/record.ts";
import { type Completion, isEnded, type Task, type TaskClaim } from "../lib/core/task.ts";
import { openLogBook } from "./kit/log-book.ts";

const SIZE = 9;

const ACTS = [
  "add",
  "rewire",
  "beget",
  "reorder",
  "prioritize",
  "complete",
  "claim",
  "review",
  "delay",
  "free",
  "end",
  "reopen",
] as const;

/** One change of a board: a task is added or its needs, children, priority or fate change. */
export interface GraphStep {
  readonly task: number;
  readonly act: (typeof ACTS)[number];
  readonly needs: readonly number[];
}

/** Any changes, additions above all. */
export const anyGraphSteps: fc.Arbitrary<GraphStep[]> = fc.array(
  fc.record({
    task: fc.nat(SIZE - 1),
    act: fc.constantFrom<GraphStep["act"]>("add", "add", "complete", "reopen", ...ACTS),
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
const written = book.claim("ana");
const claim: TaskClaim = book.seen(written);
book.complete(written, "done");
const result: Completion | null = book.task().completion;

/** The id of the task with a number. */
export function idOf(number: number): TaskId {
  return `t${number}` as TaskId;
}

/**
 * A task added at a time that its number gives, in an order that is not that of the numbers. It waits for two needs at most,
 * and for others as its children; every third task goes on when one of them ends without a result.
 */
function taskOf(number: number, needs: readonly number[]): Task {
  const added = { ...plain.added, at: 1 + ((number * 5) % 7) };
  const policy = number % 3 === 0 ? { ifNeedFails: "ignore" as const } : {};
  const task = { ...plain, id: idOf(number), added, policy, needs: needs.slice(0, 2).map(idOf) };
  return beget(task, needs.slice(2));
}

function beget(task: Task, children: readonly number[]): Task {
  return { ...task, thread: { ...task.thread, children: children.map(idOf) } };
}

/** A task that nobody holds, reviews or waits for. */
function freed(old: Task): Task {
  const thread = { ...old.thread, delay: null };
  return { ...old, thread, state: "submitted", claims: [], inReview: null };
}

/** The task after a step, or undefined where the step does not apply to it. */
export function changeTask(old: Task | undefined, step: GraphStep): Task | undefined {
  if (old === undefined) return step.act === "add" ? taskOf(step.task, step.needs) : undefined;
  if (step.act === "rewire") return { ...old, needs: step.needs.map(idOf) };
  if (step.act === "beget") return beget(old, step.needs);
  if (step.act === "reorder") return { ...old, added: { ...old.added, at: step.needs.length + 1 } };
  if (step.act === "prioritize") return { ...old, priority: step.needs.length };
  if (step.act === "complete") return { ...freed(old), state: "completed" };
  if (isEnded(old)) return step.act === "reopen" ? freed(old) : undefined;
  if (step.act === "claim")
    return step.needs.length > 1
      ? { ...old, state: "working", claims: [claim] }
      : { ...old, claims: [{ ...claim, status: "pending" }] };
  if (step.act === "review") return { ...freed(old), state: "input-required", inReview: result };
  if (step.act === "delay")
    return { ...old, thread: { ...old.thread, delay: { attempt: 2, delayMs: 9 } } };
  if (step.act === "free") return freed(old);
  return step.act === "end" ? { ...old, state: "canceled" } : undefined;
}
