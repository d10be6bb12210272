/**
 * The fold: one task's state as a pure function of the set of records about it (docs/spec.md, sections R, A and W).
 * The caller sorts the entries by {@link compareEntries}; nothing here depends on the order in which they arrived.
 */
import { type Contest, type FoldContext, foldContest } from "./contest.ts";
import { type Fields, foldFields, freezeList } from "./fields.ts";
import type { LogEntry, TaskId } from "./record.ts";
import type { Task, TaskState } from "./task.ts";

/**
 * Computes a task from all records about it.
 *
 * @param entries - every record about the task, each once, sorted by `compareEntries`
 * @returns the frozen task, or null while no `added` record has arrived
 */
export function foldTask(
  id: TaskId,
  entries: readonly LogEntry[],
  context: FoldContext,
): Task | null {
  const fields = foldFields(entries);
  if (fields === null) return null;
  const contest = foldContest(id, entries, fields, context);
  return Object.freeze({
    id,
    key: fields.key,
    title: fields.title,
    body: fields.body,
    needs: fields.needs,
    requires: fields.requires,
    priority: fields.priority,
    guarantee: fields.guarantee,
    added: fields.added,
    version: fields.version,
    notes: freezeList(fields.notes),
    cancelReason: fields.cancelReason,
    state: stateOf(fields, contest),
    attempt: contest.attempt,
    nextAttempt: contest.nextAttempt,
    winner: contest.winner,
    claims: contest.claims,
    completion: contest.completion,
    alternates: contest.alternates,
    failures: contest.failures,
  });
}

/** W4: of the end states completed beats canceled beats failed, whatever arrives first. */
function stateOf(fields: Fields, contest: Contest): TaskState {
  if (contest.completion !== null) return "completed";
  if (fields.isCancelled) return "canceled";
  if (contest.winner?.status === "held") return "working";
  return contest.isFailed ? "failed" : "submitted";
}
