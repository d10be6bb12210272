/** Events: the difference of two views of a task, as facts in the past tense. */
import type { AgentId, RecordRef, TaskId } from "./record.ts";
import type { Failure, Offer, Review, Task, TaskClaim, TaskThread } from "./task.ts";

/** What happened to one task. */
export interface TaskEvent {
  readonly kind:
    | "task-added"
    | "task-edited"
    | "task-noted"
    | "task-claimed"
    | "claim-confirmed"
    | "claim-yielded"
    | "claim-released"
    | "claim-expired"
    | "claim-superseded"
    | "claim-failed"
    | "winner-changed"
    | "task-completed"
    | "result-superseded"
    | "alternate-added"
    | "task-failed"
    | "task-canceled"
    | "task-rejected"
    | "task-reopened"
    | "claim-handed-off"
    | "claim-rejected"
    | "question-asked"
    | "question-answered"
    | "offer-made"
    | "offer-declined"
    | "offer-withdrawn"
    | "packet-passed"
    | "review-requested"
    | "result-reviewed"
    | "attempt-delayed"
    | "child-added"
    | "record-ignored";
  readonly task: TaskId;
  /** Whose doing it was: the author, the claimant, the new winner; null where nobody is named. */
  readonly agent: AgentId | null;
  /** The attempt concerned; 0 where none is. */
  readonly attempt: number;
  /** Why a record was ignored; only there. */
  readonly reason?: string;
}

/** What happened among the agents, or to records that could not be taken. */
export type BoardEvent =
  | TaskEvent
  | {
      readonly kind: "agent-joined" | "agent-left";
      readonly agent: AgentId;
      readonly task: null;
      readonly attempt: 0;
    }
  | {
      /** The event loop of this process stood still for so long that others may have taken the agent for dead. */
      readonly kind: "agent-stalled";
      readonly agent: AgentId;
      readonly task: null;
      readonly attempt: 0;
      readonly stalledMs: number;
    }
  | {
      /** A record was set aside: malformed, out of place, or too large. */
      readonly kind: "record-rejected";
      readonly agent: AgentId | null;
      readonly task: null;
      readonly attempt: 0;
      /** The log and what is wrong. */
      readonly reason: string;
    };

/**
 * Lists what led from one view of a task to the next, in a fixed order. Equal views give no event, so events are exactly
 * the difference of two snapshots, whatever arrived between them.
 */
export function diffTask(before: Task | undefined, after: Task): readonly TaskEvent[] {
  if (before === after) return [];
  const events: TaskEvent[] = [];
  const push: Push = (kind, agent, attempt = 0, reason = undefined) => {
    const event = { kind, task: after.id, agent, attempt };
    events.push(reason === undefined ? event : { ...event, reason });
  };
  if (before === undefined) push("task-added", after.added.agent);
  else if (hasEdits(before, after)) push("task-edited", null);
  if (after.notes !== before?.notes) {
    for (const note of newRefs(before?.notes ?? [], after.notes)) push("task-noted", note.agent);
  }
  if (after.claims !== before?.claims) diffClaims(before?.claims ?? [], after.claims, push);
  if (after.thread !== before?.thread) diffThread(before?.thread, after.thread, push);
  if (after.inReview !== null && !isSameRef(before?.inReview ?? null, after.inReview))
    push("review-requested", after.inReview.agent, after.inReview.attempt);
  diffReviews(before, after, push);
  const winner = after.winner;
  if (!isSameRef(before?.winner ?? null, winner))
    push("winner-changed", winner?.agent ?? null, winner?.attempt ?? after.attempt);
  diffEnd(before, after, push);
  return events;
}

type Push = (
  kind: TaskEvent["kind"],
  agent: AgentId | null,
  attempt?: number,
  reason?: string,
) => void;

function diffClaims(before: readonly TaskClaim[], after: readonly TaskClaim[], push: Push): void {
  for (const claim of after) {
    const old = before.find((one) => isSameRef(one, claim));
    if (old === undefined) push("task-claimed", claim.agent, claim.attempt);
    if (old?.status === claim.status) continue;
    const kind = CLAIM_EVENTS[claim.status];
    if (kind !== undefined && (claim.status !== "held" || claim.guarantee === "settled"))
      push(kind, claim.agent, claim.attempt);
  }
}

const CLAIM_EVENTS: { readonly [status in TaskClaim["status"]]?: TaskEvent["kind"] } = {
  held: "claim-confirmed",
  yielded: "claim-yielded",
  released: "claim-released",
  expired: "claim-expired",
  superseded: "claim-superseded",
  failed: "claim-failed",
  rejected: "claim-rejected",
  "handed-off": "claim-handed-off",
};

function diffThread(before: TaskThread | undefined, after: TaskThread, push: Push): void {
  const fresh = <T extends RecordRef>(list: (thread: TaskThread) => readonly T[]): readonly T[] =>
    newRefs(before === undefined ? [] : list(before), list(after));
  for (const { agent, attempt } of fresh((one) => one.questions))
    push("question-asked", agent, attempt);
  for (const { agent } of fresh((one) => one.questions.flatMap(({ answers }) => answers)))
    push("question-answered", agent);
  for (const { agent, attempt } of fresh((one) => one.offers)) push("offer-made", agent, attempt);
  for (const { agent } of fresh((one) => one.offers.flatMap(({ declined }) => declined)))
    push("offer-declined", agent);
  const withdrawn = (one: TaskThread): readonly Offer[] =>
    one.offers.filter(({ status }) => status === "withdrawn");
  for (const { agent, attempt } of fresh(withdrawn)) push("offer-withdrawn", agent, attempt);
  for (const { agent, attempt } of fresh((one) => one.packets))
    push("packet-passed", agent, attempt);
  if (after.delay !== null && after.delay.attempt !== before?.delay?.attempt)
    push("attempt-delayed", null, after.delay.attempt);
  for (const _ of after.children.slice(before?.children.length ?? 0)) push("child-added", null);
  const { reopened } = after;
  if (reopened !== null && startsAnew(before, after))
    push("task-reopened", reopened.agent, reopened.attempt);
  for (const { agent, kind, reason } of fresh((one) => one.ignored))
    push("record-ignored", agent, 0, `${kind}: ${reason}`);
}

/** Whether a round began in between; then how the task stands is told again, though the last round may have ended alike. */
function startsAnew(before: TaskThread | undefined, { reopened }: TaskThread): boolean {
  return !isSameRef(before?.reopened ?? null, reopened);
}

function diffReviews(before: Task | undefined, after: Task, push: Push): void {
  const old = before === undefined ? [] : reviewsOf(before);
  for (const { agent } of newRefs(old, reviewsOf(after))) push("result-reviewed", agent);
}

function reviewsOf({ completion, inReview, alternates }: Task): readonly Review[] {
  return [completion, inReview, ...alternates].flatMap((one) => one?.reviews ?? []);
}

function diffEnd(before: Task | undefined, after: Task, push: Push): void {
  const accepted = after.completion;
  const last = startsAnew(before?.thread, after.thread) ? undefined : before;
  if (accepted !== null && !isSameRef(last?.completion ?? null, accepted))
    push(
      last?.completion ? "result-superseded" : "task-completed",
      accepted.agent,
      accepted.attempt,
    );
  for (const alternate of newRefs(before?.alternates ?? [], after.alternates))
    push("alternate-added", alternate.agent, alternate.attempt);
  if (after.state === last?.state) return;
  if (after.state === "rejected") push("task-rejected", null, after.attempt);
  const isFinal = ({ attempt, retryable }: Failure): boolean =>
    attempt === after.attempt && !retryable && after.thread.failedNeed === null;
  if (after.state === "failed")
    push("task-failed", after.failures.find(isFinal)?.agent ?? null, after.attempt);
  if (after.state === "canceled") push("task-canceled", null);
}

/** What is in the second list and not in the first; both are in the order of the records, so mostly the end of it is new. */
function newRefs<T extends RecordRef>(before: readonly T[], after: readonly T[]): readonly T[] {
  let same = 0;
  while (same < before.length && isSameRef(before[same] ?? null, after[same] ?? null)) same++;
  const [old, now] = [before.slice(same), after.slice(same)];
  return now.length === 0 ? now : now.filter((one) => !old.some((other) => isSameRef(other, one)));
}

function isSameRef(a: RecordRef | null, b: RecordRef | null): boolean {
  return a === b || (a !== null && b !== null && a.n === b.n && a.agent === b.agent);
}

function hasEdits(before: Task, after: Task): boolean {
  return (
    before.title !== after.title ||
    before.body !== after.body ||
    before.priority !== after.priority ||
    before.guarantee !== after.guarantee ||
    !isSameList(before.needs, after.needs) ||
    !isSameList(before.requires, after.requires)
  );
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((one, i) => one === b[i]));
}
