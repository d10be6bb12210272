/** Explanations: why a task stands as it does, in plain sentences that are the same on every replica. */
import { formatAudience } from "./audience.ts";
import { blockingNeed, findCycle, type TaskLookup } from "./ready.ts";
import type { AgentId, TaskId } from "./record.ts";
import { compareClaims, formatRule, type Rule } from "./rule.ts";
import { findStale, type StaleInput } from "./stale.ts";
import type { Completion, Task, TaskClaim } from "./task.ts";
import { isEnded, isLive, isLost } from "./task.ts";

/** Why a task stands as it does. */
export interface Explanation {
  /** One sentence about the task, and about the winner where there is one. */
  readonly summary: string;
  /** One sentence per claim that neither won nor completed, in the order of the claims. */
  readonly losers: readonly {
    readonly agent: AgentId;
    readonly attempt: number;
    readonly reason: string;
  }[];
}

/** What keeps a task from being claimed beside its own records: another task that holds one of its resources. */
export interface Obstacle {
  readonly resource: string;
  readonly agent: AgentId;
  readonly task: TaskId;
}

/** Explains a task by the board's records alone. */
export function explainTask(
  task: Task,
  rule: Rule,
  lookup: TaskLookup,
  obstacle: Obstacle | null = null,
): Explanation {
  const losers = task.claims.filter(
    (claim) => claim !== task.winner && !isAccepted(task, claim) && !isInReview(task, claim),
  );
  return {
    summary: `${summaryOf(task, rule, lookup, obstacle)}${ignoredSentence(task)}`,
    losers: losers.map((claim) => ({
      agent: claim.agent,
      attempt: claim.attempt,
      reason: lossOf(task, claim, rule),
    })),
  };
}

function isInReview({ inReview }: Task, claim: TaskClaim): boolean {
  return inReview?.agent === claim.agent && inReview.claim === claim.n;
}

function isAccepted(task: Task, claim: TaskClaim): boolean {
  return task.completion?.agent === claim.agent && task.completion.claim === claim.n;
}

function summaryOf(task: Task, rule: Rule, lookup: TaskLookup, obstacle: Obstacle | null): string {
  const { winner, inReview, thread } = task;
  if (isEnded(task)) return endSentence(task, lookup);
  if (inReview !== null) return reviewSentence(task, inReview);
  if (winner !== null) return `${winnerSentence(task, winner, rule)}${claimTalk(task, winner)}`;
  if (thread.delay !== null)
    return `Attempt ${thread.delay.attempt} opens once somebody has waited ${thread.delay.delayMs} ms after the failure of the one before.`;
  const by = blockingNeed(task, lookup);
  const cycle = cycleSentence(task, lookup);
  if (by !== null) return `${blockSentence(by, task, lookup)}${cycle}`;
  if (obstacle !== null)
    return `Waits for ${obstacle.resource}, which ${obstacle.agent} holds for ${obstacle.task}.${cycle}`;
  return `Ready for attempt ${task.nextAttempt}: nobody holds it.${cycle}`;
}

function endSentence(task: Task, lookup: TaskLookup): string {
  const { completion, thread, policy } = task;
  if (completion !== null) return completionSentence(task, completion, lookup);
  if (task.state === "canceled")
    return sentence(`Canceled${thread.cancelReason === null ? "" : `: ${thread.cancelReason}`}`);
  if (task.state === "rejected")
    return `Rejected in attempt ${task.attempt}: its holder said that it is not to be done.`;
  if (thread.failedNeed !== null)
    return `Failed because ${thread.failedNeed}, which it needs, did.`;
  if (task.failures.some((one) => one.attempt === task.attempt && !one.retryable))
    return `Failed in attempt ${task.attempt}, and its holder ruled out another try.`;
  return `Failed: ${thread.spent} of at most ${policy.maxAttempts} attempts are spent; it waits to be redriven.`;
}

function completionSentence(task: Task, completion: Completion, lookup: TaskLookup): string {
  const { agent, attempt, adopts, basis, reviews } = completion;
  const approvals = reviews?.filter(({ verdict }) => verdict === "approved") ?? [];
  const others = task.alternates.length;
  const stale = findStale(task, basis, lookup);
  return [
    `Completed by ${agent} in attempt ${attempt}`,
    adopts === undefined ? "" : `, who adopted the result of ${adopts.agent}`,
    approvals.length === 0 ? "" : `, approved by ${approvals.map((one) => one.agent).join(", ")}`,
    stale.length === 0 ? "" : `, based on a stale ${stale.map(formatStale).join(", ")}`,
    others === 0 ? "" : `; ${others} other ${others === 1 ? "result is" : "results are"} kept`,
    ".",
  ].join("");
}

function formatStale(stale: StaleInput): string {
  return stale.kind === "text" ? "text" : `result of ${stale.task}`;
}

function reviewSentence({ policy }: Task, { agent, attempt, reviews = [] }: Completion): string {
  const { by, approvals = 1 } = policy.review ?? {};
  const who = by === undefined ? "anyone" : formatAudience(by);
  return `The result of ${agent} in attempt ${attempt} awaits review by ${who}: ${reviews.length} of ${approvals} approvals are given.`;
}

/** What the holder waits for, where it does. */
function claimTalk({ thread }: Task, winner: TaskClaim): string {
  const isMine = (one: { agent: AgentId; claim: number }): boolean =>
    one.agent === winner.agent && one.claim === winner.n;
  const open = thread.questions.filter((one) => isMine(one) && one.answers.length === 0).length;
  const offer = thread.offers.find((one) => isMine(one) && one.status === "open");
  return [
    open === 0 ? "" : ` It waits for ${open === 1 ? "an answer" : `${open} answers`}.`,
    offer === undefined ? "" : ` It offers the task to ${formatAudience(offer.to)}.`,
  ].join("");
}

function blockSentence(by: TaskId, task: Task, lookup: TaskLookup): string {
  const need = lookup(by);
  const what = task.thread.children.includes(by) ? "its child " : "";
  const state = need === undefined ? "not known yet" : need.state;
  const remedy = need !== undefined && isLost(need) ? "; reopen that, or edit the needs" : "";
  return `Waits for ${what}${by}, which is ${state}${remedy}.`;
}

function cycleSentence(task: Task, lookup: TaskLookup): string {
  const cycle = findCycle(task, lookup);
  return cycle.length === 0
    ? ""
    : ` It is in a cycle of ${cycle.length} tasks, broken at ${cycle[0]?.id}.`;
}

function ignoredSentence({ thread }: Task): string {
  const count = thread.ignored.length;
  if (count === 0) return "";
  return ` ${count} ${count === 1 ? "record is no legal move and is" : "records are no legal moves and are"} ignored.`;
}

function winnerSentence(task: Task, winner: TaskClaim, rule: Rule): string {
  const rivals = task.claims.filter(
    (claim) => claim !== winner && isLive(claim), // only of the current attempt
  );
  const lead = `${winner.agent} ${winner.status === "held" ? "holds" : "leads"} attempt ${winner.attempt}`;
  if (rivals.length === 0) return `${lead}: no rival claim stands.`;
  const equal = rivals.find((rival) => isAsFirm(rival, winner));
  if (equal === undefined)
    return winner.guarantee === "settled"
      ? `${lead}: it is confirmed, and its rivals are not.`
      : `${lead}: it needs no confirmation, and its rivals await theirs.`;
  const why = rule.reason(winner, equal, { task: task.id, attempt: winner.attempt });
  return `${lead}: by ${formatRule(rule)} it ${why}.`;
}

/** W1: the rule decides only between claims of which both are confirmed, both optimistic or both pending. */
function isAsFirm(a: TaskClaim, b: TaskClaim): boolean {
  return a.status === b.status && a.guarantee === b.guarantee;
}

function lossOf(task: Task, claim: TaskClaim, rule: Rule): string {
  switch (claim.status) {
    case "yielded":
      return yieldSentence(task, claim, rule);
    case "released":
      return "Its holder gave the task back.";
    case "expired":
      return "Its holder was silent for longer than its lease.";
    case "failed":
      return "Its holder reported a failure.";
    case "handed-off":
      return "Its holder handed the task over.";
    case "rejected":
      return "Its holder said that the task is not to be done.";
    case "sent-back":
      return sentence(`Its result was sent back${sentBackBy(task, claim)}`);
    case "in-review":
      return "Its result awaits review.";
    case "superseded":
      return `Attempt ${task.attempt} has begun since.`;
    case "unable":
      return "It does not count: a capability or guarantee is missing, or what it builds on has not arrived.";
    case "completed":
      return "Its result is kept as an alternate: another one was accepted.";
    default:
      return standingLoss(task, claim, rule);
  }
}

/** Ends what an agent wrote with a full stop, unless it did so itself. */
function sentence(text: string): string {
  return /[.!?]$/u.test(text) ? text : `${text}.`;
}

function sentBackBy({ alternates }: Task, { agent, n }: TaskClaim): string {
  const result = alternates.find((one) => one.agent === agent && one.claim === n);
  const verdict = result?.reviews?.find((one) => one.verdict === "rejected");
  if (verdict === undefined) return "";
  return ` by ${verdict.agent}${verdict.reason === null ? "" : `: ${verdict.reason}`}`;
}

/** Why a claim yielded stays true after it did: by the rule where the rule decided. */
function yieldSentence(task: Task, claim: TaskClaim, rule: Rule): string {
  const { attempt, guarantee } = claim;
  const rivals = task.claims.filter(
    (one) => one.attempt === attempt && one.status !== "yielded" && one.status !== "unable",
  );
  const rival = rivals.find((one) => one === task.winner) ?? rivals[0];
  if (rival === undefined) return "It was given up before it was decided.";
  const context = { task: task.id, attempt };
  if (rival.guarantee !== guarantee || compareClaims(rule, rival, claim, context) > 0)
    return `It yielded to the claim of ${rival.agent}.`;
  return `It yielded: by ${formatRule(rule)} the claim of ${rival.agent} ${rule.reason(rival, claim, context)}.`;
}

function standingLoss(task: Task, claim: TaskClaim, rule: Rule): string {
  const winner = task.winner;
  if (winner === null || isEnded(task)) return "The task is over; its holder is told to stop.";
  if (!isAsFirm(winner, claim))
    return winner.guarantee === "settled"
      ? `${winner.agent} is confirmed, this claim is not.`
      : `It awaits its confirmation, and ${winner.agent} needs none.`;
  const why = rule.reason(winner, claim, { task: task.id, attempt: claim.attempt });
  return `By ${formatRule(rule)} the claim of ${winner.agent} ${why}.`;
}
