/** Tasks as portable data: what a task is and what came of it, without the contest; exported, imported and exported again the same. */

import { compareTasks } from "./ready.ts";
import type { AgentId, Guarantee, Json, NoteKind, TaskId, TaskPolicy } from "./record.ts";
import { isEnded, type Task } from "./task.ts";

/** One task on its way to another board. Fields that are at their default are left out. */
export interface PortableTask extends TaskPolicy {
  readonly id: TaskId;
  readonly title: string;
  readonly body?: string;
  readonly key?: string;
  readonly needs?: readonly TaskId[];
  readonly requires?: readonly string[];
  readonly priority?: number;
  readonly guarantee?: Guarantee;
  readonly parent?: TaskId;
  readonly notes?: readonly {
    readonly kind: NoteKind;
    readonly text: string;
    /** Who wrote it. */
    readonly by: string;
  }[];
  /** How it ended; left out while it is open. */
  readonly end?:
    | { readonly state: "completed"; readonly result: Json }
    | { readonly state: "canceled" | "rejected" | "failed"; readonly reason?: string };
}

/** Makes tasks portable, in the order in which they were added. What is held, said or in review elsewhere stays there. */
export function exportTasks(tasks: Iterable<Task>): readonly PortableTask[] {
  return [...tasks].sort(compareTasks).map(portable);
}

function portable(task: Task): PortableTask {
  const { id, title, body, key, needs, requires, priority, guarantee, parent, notes } = task;
  const { review, ...policy } = task.policy;
  const end = endOf(task);
  return {
    id,
    title,
    ...(body === "" ? {} : { body }),
    ...(key === null ? {} : { key }),
    ...(needs.length === 0 ? {} : { needs }),
    ...(requires.length === 0 ? {} : { requires }),
    ...(priority === 0 ? {} : { priority }),
    ...(guarantee === "optimistic" ? {} : { guarantee }),
    ...(parent === null ? {} : { parent }),
    ...policy,
    // a review that is over is not asked for again
    ...(review === undefined || end !== undefined ? {} : { review }),
    ...(notes.length === 0
      ? {}
      : {
          notes: notes.map(({ about, text, by, agent }) => ({
            kind: about,
            text,
            by: by ?? agent,
          })),
        }),
    ...(end === undefined ? {} : { end }),
  };
}

function endOf(task: Task): PortableTask["end"] {
  if (!isEnded(task)) return undefined;
  if (task.completion !== null) return { state: "completed", result: task.completion.result };
  const { thread, failures, claims } = task;
  const state = task.state as "canceled" | "rejected" | "failed";
  const rejected = claims.findLast(({ status }) => status === "rejected");
  const isIts = (one: { agent: AgentId; attempt: number }): boolean =>
    one.agent === rejected?.agent && one.attempt === rejected.attempt;
  const reason = {
    canceled: thread.cancelReason,
    rejected: thread.reasons.findLast(isIts)?.reason,
    failed: thread.failedNeed === null ? failures.at(-1)?.error : "a need failed",
  }[state];
  return reason ? { state, reason } : { state }; // who gave no reason has given none after an import either
}
