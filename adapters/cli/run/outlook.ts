/** Whether anything can still happen to the tasks of a run. */
import {
  dependenciesOf,
  getTask,
  isLive,
  type Snapshot,
  type Task,
  type TaskId,
  whyUnready,
} from "../../../lib/index.ts";

/** How the tasks of a run stand. */
export interface Standing {
  readonly completed: number;
  /** Failed for good, or rejected. */
  readonly failed: number;
  readonly canceled: number;
  /** Tasks whose results await review. */
  readonly inReview: readonly Task[];
  /** Tasks that wait for one that will never be completed. */
  readonly blocked: readonly Task[];
}

/** Answers {@link Outlook} questions about one set of tasks. */
export interface Outlook {
  /** False once no task is ready, being worked on or to be tried again, and no need of one is. Usually costs a look at one task. */
  isAnythingPossible(snapshot: Snapshot): boolean;
  /** Counts the tasks by how they stand. */
  standing(snapshot: Snapshot): Standing;
}

/** Makes the outlook on these tasks. */
export function createOutlook(ids: readonly TaskId[]): Outlook {
  const own = new Set<string>(ids);
  let cursor = 0; // whatever was possible last time likely still is

  const isPossible = (task: Task | undefined, snapshot: Snapshot): boolean => {
    if (task === undefined) return false;
    const why = whyUnready(task, (id) => getTask(snapshot, id));
    if (why?.reason !== "blocked")
      return why === null || why.reason === "claimed" || why.reason === "delayed";
    return dependenciesOf(task).some(
      (id) => !own.has(id) && getTask(snapshot, id)?.claims.some(isLive),
    );
  };

  return {
    isAnythingPossible(snapshot) {
      for (let i = 0; i < ids.length; i++) {
        const id = ids[(cursor + i) % ids.length];
        if (id === undefined || !isPossible(getTask(snapshot, id), snapshot)) continue;
        cursor = (cursor + i) % ids.length;
        return true;
      }
      return false;
    },
    standing(snapshot) {
      const tasks = ids.flatMap((id) => getTask(snapshot, id) ?? []);
      const count = (state: Task["state"]): number =>
        tasks.filter((task) => task.state === state).length;
      return {
        completed: count("completed"),
        failed: count("failed") + count("rejected"),
        canceled: count("canceled"),
        inReview: tasks.filter(({ inReview }) => inReview !== null),
        blocked: tasks.filter(
          (task) => whyUnready(task, (id) => getTask(snapshot, id))?.reason === "blocked",
        ),
      };
    },
  };
}
