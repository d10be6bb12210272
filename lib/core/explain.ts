/** Explanations: why a task stands as it does, in plain sentences that are the same on every replica. */
import { blockingNeed, findCycle, type TaskLookup } from "./ready.ts";
import type { AgentId } from "./record.ts";
import { formatRule, type Rule } from "./rule.ts";
import type { Task, TaskClaim } from "./task.ts";
import { isEnded, isLive } from "./task.ts";

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

/** Explains a task by its records alone. */
export function explainTask(task: Task, rule: Rule, lookup: TaskLookup): Explanation {
  const losers = task.claims.filter((claim) => claim !== task.winner && !isAccepted(task, claim));
  return {
    summary: summaryOf(task, rule, lookup),
    losers: losers.map((claim) => ({
      agent: claim.agent,
      attempt: claim.attempt,
      reason: lossOf(task, claim, rule),
    })),
  };
}

function isAccepted(task: Task, claim: TaskClaim): boolean {
  return task.completion?.agent === claim.agent && task.completion.claim === claim.n;
}

function summaryOf(task: Task, rule: Rule, lookup: TaskLookup): string {
  const { completion, winner } = task;
  if (completion !== null) {
    const others = task.alternates.length;
    const kept =
      others === 0 ? "" : `; ${others} other ${others === 1 ? "result is" : "results are"} kept`;
    return `Completed by ${completion.agent} in attempt ${completion.attempt}${kept}.`;
  }
  if (task.state === "canceled")
    return `Canceled${task.cancelReason ? `: ${task.cancelReason}` : ""}.`;
  if (task.state === "failed")
    return `Failed in attempt ${task.attempt}, and its holder ruled out another try.`;
  if (winner !== null) return winnerSentence(task, winner, rule);
  const by = blockingNeed(task, lookup);
  const cycle = findCycle(task, lookup);
  const inCycle =
    cycle.length > 0
      ? ` It is in a cycle of ${cycle.length} tasks, broken at ${cycle[0]?.id}.`
      : "";
  if (by !== null) {
    const need = lookup(by);
    return `Waits for ${by}, which is ${need === undefined ? "not known yet" : need.state}.${inCycle}`;
  }
  return `Ready for attempt ${task.nextAttempt}: nobody holds it.${inCycle}`;
}

function winnerSentence(task: Task, winner: TaskClaim, rule: Rule): string {
  const rivals = task.claims.filter(
    (claim) => claim !== winner && claim.attempt === winner.attempt && isLive(claim),
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
      return "It yielded to a rival.";
    case "released":
      return "Its holder gave the task back.";
    case "expired":
      return "Its holder was silent for longer than its lease.";
    case "failed":
      return "Its holder reported a failure.";
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
