/** What a worker can still expect on a board, so that it knows when to go home. */
import {
  dependenciesOf,
  getTask,
  listTasks,
  type Snapshot,
  type Task,
  type TaskId,
  type TaskLookup,
  whyUnready,
} from "../../../lib/index.ts";

/**
 * What a worker can expect. `some`: a task that it can take is ready, or will be after a delay; or somebody works on it and
 * may give it back; or it waits only for what is done or being worked on. `few`: its tasks await review, or wait for others
 * on which nobody works right now.
 * `none`: no task that it could ever take is open.
 */
export type Prospects = "some" | "few" | "none";

/** Says what a worker can expect of the tasks that it can take. Cost: the size of the board. */
export function prospectsOf(snapshot: Snapshot, canTake: (task: Task) => boolean): Prospects {
  const lookup: TaskLookup = (id) => getTask(snapshot, id);
  const waiting: Task[] = [];
  for (const task of listTasks(snapshot)) {
    const why = whyUnready(task, lookup);
    if (why?.reason === "ended" || !canTake(task)) continue;
    if (why?.reason !== "blocked" && why?.reason !== "in-review") return "some";
    waiting.push(task);
  }
  if (waiting.length === 0) return "none";
  const hopeless = hopelessAmong(waiting, lookup);
  return waiting.some(({ id }) => !hopeless.has(id)) ? "some" : "few";
}

/** The tasks, with all that they need, that those who work now will not lead to: somebody else must start first. */
function hopelessAmong(waiting: readonly Task[], lookup: TaskLookup): ReadonlySet<TaskId> {
  const neededBy = new Map<TaskId, TaskId[]>();
  const hopeless = new Set<TaskId>();
  const seen = new Set(waiting.map(({ id }) => id));
  for (const id of seen) {
    const task = lookup(id);
    const why = task === undefined ? null : whyUnready(task, lookup);
    if (task?.state === "completed" || why?.reason === "claimed" || why?.reason === "delayed")
      continue;
    if (task === undefined || why?.reason !== "blocked") hopeless.add(id);
    else
      for (const need of dependenciesOf(task)) {
        seen.add(need); // a set that grows is iterated to its end
        neededBy.set(need, [...(neededBy.get(need) ?? []), id]);
      }
  }
  for (const id of hopeless) for (const needer of neededBy.get(id) ?? []) hopeless.add(needer);
  return hopeless;
}
