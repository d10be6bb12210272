/**
 * The fold: one task's state as a pure function of the set of records about it (docs/spec.md, sections R, A, W and M).
 * The caller sorts the entries by {@link compareEntries}; nothing here depends on the order in which they arrived.
 */
import { playRounds, type Turns } from "./attempts.ts";
import { type FoldContext, type Gathered, gatherClaims, ignore } from "./contender.ts";
import { type Contest, foldContest } from "./contest.ts";
import { foldFields, freezeList } from "./fields.ts";
import type { LogEntry, TaskId } from "./record.ts";
import type { Task, TaskState } from "./task.ts";
import { foldThread } from "./thread.ts";

/**
 * Computes a task from all records about it.
 *
 * @param entries - every record about the task or adding a child of it, each once, sorted by `compareEntries`
 * @returns the frozen task, or null while no `added` record has arrived
 */
export function foldTask(
  id: TaskId,
  entries: readonly LogEntry[],
  context: FoldContext,
): Task | null {
  const fields = foldFields(id, entries);
  if (fields === null) return null;
  const gathered = gatherClaims(entries, fields, context);
  const turns = playRounds(gathered, entries, fields, context);
  const contest = foldContest(id, gathered, turns, fields, context);
  const state = stateOf(turns, contest, gathered, fields.policy.maxAttempts);
  if (state === "completed" && turns.isCancelled) ignoreCancels(gathered, entries, turns);
  return Object.freeze({
    id,
    key: fields.key,
    title: fields.title,
    body: fields.body,
    needs: fields.needs,
    requires: fields.requires,
    priority: fields.priority,
    guarantee: fields.guarantee,
    parent: fields.parent,
    policy: fields.policy,
    added: fields.added,
    version: fields.version,
    notes: freezeList(fields.notes),
    state,
    attempt: contest.attempt,
    nextAttempt: turns.next,
    winner: contest.winner,
    claims: contest.claims,
    completion: contest.completion,
    inReview: contest.inReview,
    alternates: contest.alternates,
    failures: contest.failures,
    thread: foldThread(entries, { gathered, turns, fields, contest, state }),
  });
}

/** W4: of the end states completed beats canceled beats rejected beats failed, whatever arrives first. */
function stateOf(
  turns: Turns,
  contest: Contest,
  { questions }: Gathered,
  maxAttempts: number | undefined,
): TaskState {
  const { winner } = contest;
  if (contest.completion !== null) return "completed";
  if (turns.isCancelled) return "canceled";
  if (contest.end === "rejected") return "rejected";
  if (winner?.status === "held") {
    const isAsking = questions?.some(
      ({ agent, claim, answers }) =>
        agent === winner.agent && claim.n === winner.n && answers.length === 0,
    );
    return isAsking ? "input-required" : "working";
  }
  if (winner !== null) return "submitted";
  if (contest.inReview !== null) return "input-required";
  const isSpent = turns.spent >= (maxAttempts ?? Number.POSITIVE_INFINITY);
  return contest.end === "failed" || isSpent || turns.failedNeed !== null ? "failed" : "submitted";
}

function ignoreCancels(gathered: Gathered, entries: readonly LogEntry[], { base }: Turns): void {
  for (const entry of entries) {
    if (entry.record.kind === "cancelled" && (entry.record.attempt ?? 1) >= base)
      ignore(gathered, entry, "already-ended");
  }
}
