/** The ready set: which tasks may be claimed now, kept up to date change by change. */
import type { TaskId } from "./record.ts";
import { compareText } from "./record.ts";
import type { Task } from "./task.ts";
import { dependenciesOf, isEnded, isLive, isLost } from "./task.ts";

/** Finds a task by id; undefined while it is not known. */
export type TaskLookup = (id: TaskId) => Task | undefined;

/**
 * Says why a task is not ready: `ended`, `claimed`, `in-review`, `delayed` (somebody waits before the next attempt), or
 * `blocked` by a need or child that is not completed; `isLost` where that one has ended without a result.
 */
export type Unready =
  | { readonly reason: "ended" | "claimed" | "in-review" | "delayed" }
  | { readonly reason: "blocked"; readonly by: TaskId; readonly isLost: boolean };

/**
 * Says why a task cannot be claimed now, or null when it is ready. Cost: its needs; where all open ones were added after
 * it, also theirs, and so on.
 */
export function whyUnready(task: Task, lookup: TaskLookup): Unready | null {
  if (isEnded(task)) return { reason: "ended" };
  if (task.inReview !== null) return { reason: "in-review" };
  if (task.claims.some(isLive)) return { reason: "claimed" };
  if (task.thread.delay !== null) return { reason: "delayed" };
  const by = blockingNeed(task, lookup);
  if (by === null) return null;
  const need = lookup(by);
  return { reason: "blocked", by, isLost: need !== undefined && isLost(need) };
}

/**
 * A need or child that holds the task back, or null; one that has ended without a result before all others. D2: the first
 * task of a cycle ignores its needs in that cycle.
 */
export function blockingNeed(task: Task, lookup: TaskLookup): TaskId | null {
  const open = dependenciesOf(task).filter((id) => isOpenNeed(task, lookup(id)));
  if (open.length === 0) return null;
  open.sort((a, b) => lostFirst(lookup(a)) - lostFirst(lookup(b))); // stable
  // most tasks are added after what they need; such a need blocks in a cycle too, so that no cycle has to be searched
  const certain = open.find((id) => {
    const need = lookup(id);
    return need === undefined || compareTasks(need, task) < 0;
  });
  if (certain !== undefined) return certain;
  const cycle = findCycle(task, lookup);
  const isBreaker = cycle[0] === task;
  return open.find((id) => !isBreaker || !cycle.some((member) => member.id === id)) ?? null;
}

function lostFirst(need: Task | undefined): number {
  return need !== undefined && isLost(need) ? 0 : 1;
}

/** Whether the task still waits for a need; D7: one that is to ignore failed needs waits for their end only. */
function isOpenNeed(task: Task, need: Task | undefined): boolean {
  if (need === undefined) return true;
  return !(need.state === "completed" || (isLost(need) && task.policy.ifNeedFails === "ignore"));
}

/**
 * All tasks that need this one and are needed by it, directly or not, itself included; empty when it is in no cycle.
 * In the order in which the tasks were added, so that everybody breaks the cycle at the same place.
 */
export function findCycle(task: Task, lookup: TaskLookup): readonly Task[] {
  const needers = new Map<Task, Task[]>();
  const stack = [task];
  const seen = new Set(stack);
  for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
    for (const id of dependenciesOf(one)) {
      const need = lookup(id);
      if (need === undefined || !isOpenNeed(one, need)) continue;
      const list = needers.get(need);
      if (list === undefined) needers.set(need, [one]);
      else list.push(one);
      if (!seen.has(need)) {
        seen.add(need);
        stack.push(need);
      }
    }
  }
  const needersOf = (one: Task): readonly Task[] => needers.get(one) ?? [];
  // a set iterates what is added to it while it is iterated
  const members = new Set(needersOf(task));
  for (const one of members) {
    for (const needer of needersOf(one)) members.add(needer);
  }
  return [...members].sort(compareTasks);
}

/** Orders tasks by when they were first added, then by id. */
export function compareTasks(a: Task, b: Task): number {
  return (
    a.added.at - b.added.at ||
    compareText(a.added.agent, b.added.agent) ||
    a.added.n - b.added.n ||
    compareText(a.id, b.id)
  );
}

/** The ready tasks of a board, by falling priority; within one priority in the order in which they became ready. */
export interface ReadySet {
  /** Takes in the new view of a task. */
  update(task: Task): void;
  /** Iterates the ready tasks; do not update while iterating. */
  [Symbol.iterator](): Iterator<Task>;
}

/** Makes an empty ready set. Cost of an update: the task's open needs, theirs, and so on, and those who wait for it. */
export function createReadySet(lookup: TaskLookup): ReadySet {
  /** One bucket per priority, the highest first. */
  const buckets: Bucket[] = [];
  const bucketOf = new Map<TaskId, Bucket>();
  const waitingFor = new Map<TaskId, Set<TaskId>>();
  /** All that have been in a cycle; a change of one may break the cycles of the others elsewhere. */
  const cyclic = new Set<TaskId>();

  const remove = (id: TaskId): void => {
    bucketOf.get(id)?.tasks.delete(id);
    bucketOf.delete(id);
  };

  const bucketAt = (priority: number): Bucket => {
    let bucket = buckets.find((one) => one.priority === priority);
    if (bucket === undefined) {
      bucket = { priority, tasks: new Map() };
      buckets.push(bucket);
      buckets.sort((a, b) => b.priority - a.priority);
    }
    return bucket;
  };

  const put = (task: Task): void => {
    const { id, priority } = task;
    let bucket = bucketOf.get(id);
    if (bucket?.priority !== priority) {
      remove(id);
      bucket = bucketAt(priority);
      bucketOf.set(id, bucket);
    }
    bucket.tasks.set(id, task);
  };

  const judge = (task: Task): void => {
    const unready = whyUnready(task, lookup);
    if (unready === null) put(task);
    else remove(task.id);
  };

  const update = (task: Task): void => {
    for (const need of dependenciesOf(task)) {
      let waiting = waitingFor.get(need);
      if (waiting === undefined) {
        waiting = new Set();
        waitingFor.set(need, waiting);
      }
      waiting.add(task.id);
    }
    judge(task);
    const dependents = waitingFor.get(task.id);
    if (dependents === undefined) return;
    // a cycle that this change closes or opens runs, or ran, through this task
    for (const member of findCycle(task, lookup)) cyclic.add(member.id);
    const affected = new Set([...dependents, ...(cyclic.has(task.id) ? cyclic : [])]);
    for (const id of affected) {
      const dependent = lookup(id);
      if (dependent !== undefined) judge(dependent);
    }
    if (task.state === "completed") cyclic.delete(task.id);
  };

  return {
    update,
    *[Symbol.iterator]() {
      for (const { tasks } of buckets) yield* tasks.values();
    },
  };
}

interface Bucket {
  readonly priority: number;
  readonly tasks: Map<TaskId, Task>;
}
