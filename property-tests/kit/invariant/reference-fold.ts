/**
 * A second, plain reading of what a task's records mean, written to be seen through and not to be fast: docs/spec.md,
 * sections A and W. It leaves out reviews, offers, reopenings, required capabilities and delays, and says so.
 */
import {
  type Claimed,
  type ClaimFacts,
  formatRef,
  type HistoryEntry,
  type Rule,
  type TaskState,
} from "../../../lib/index.ts";

/** What the plain reading finds. */
export interface ReferenceTask {
  readonly state: TaskState;
  readonly attempt: number;
  readonly nextAttempt: number;
  /** The claim's reference. */
  readonly winner: string | null;
  /** The accepted result's reference. */
  readonly completion: string | null;
}

interface PlainClaim extends ClaimFacts {
  readonly ref: string;
  readonly attempt: number;
  readonly isSettled: boolean;
  readonly counts: boolean;
  readonly isConfirmed: boolean;
  readonly isExpired: boolean;
  readonly closing: HistoryEntry | undefined;
}

const LEFT_OUT: ReadonlySet<string> = new Set(["reviewed", "offered", "reopened", "need-failed"]);
const CLOSING: ReadonlySet<string> = new Set([
  "yielded",
  "released",
  "failed",
  "rejected",
  "completed",
]);

/** Reads a task's records, in the order; null where there is something among them that this reading leaves out. */
export function foldPlainly(history: readonly HistoryEntry[], rule: Rule): ReferenceTask | null {
  if (history.some(({ record }) => LEFT_OUT.has(record.kind))) return null;
  const task = history[0]?.record.task;
  if (task === undefined) return null;
  const adds = history.filter(({ record }) => record.kind === "added" && record.task === task);
  const allowsOptimistic = adds.some(
    ({ record }) => record.kind === "added" && record.guarantee !== "settled",
  );
  const claims = history.flatMap((entry) =>
    entry.record.kind === "claimed"
      ? [readClaim(entry.agent, entry.record, history, allowsOptimistic)]
      : [],
  );
  const counting = claims.filter(({ counts }) => counts);

  let nextAttempt = 1;
  while (counting.some((claim) => claim.attempt === nextAttempt && opensNext(claim))) nextAttempt++;
  const open = counting.filter((claim) => claim.attempt <= nextAttempt);
  const attempt = Math.max(0, ...open.map((claim) => claim.attempt));
  const better = (a: PlainClaim, b: PlainClaim): number =>
    firmness(b) - firmness(a) ||
    rule.compare(a, b, { task, attempt: a.attempt }) ||
    (a.agent === b.agent ? a.n - b.n : a.agent < b.agent ? -1 : 1);
  const live = open.filter(
    (claim) => claim.attempt === attempt && claim.closing === undefined && !claim.isExpired,
  );
  const winner = live.sort(better)[0];
  const done = open.filter(({ closing }) => closing?.record.kind === "completed");
  const accepted = done.sort((a, b) => b.attempt - a.attempt || better(a, b))[0];
  const isFailed = open.some(
    ({ attempt: own, isConfirmed, closing }) =>
      own === attempt &&
      isConfirmed &&
      closing?.record.kind === "failed" &&
      closing.record.retryable === false,
  );
  const isCancelled = history.some(({ record }) => record.kind === "cancelled");

  const state = (): TaskState => {
    if (accepted !== undefined) return "completed";
    if (isCancelled) return "canceled";
    if (winner !== undefined) return winner.isConfirmed ? "working" : "submitted";
    return isFailed ? "failed" : "submitted";
  };
  const result = accepted?.closing;
  return {
    state: state(),
    attempt,
    nextAttempt,
    winner: winner?.ref ?? null,
    completion:
      result === undefined ? null : formatRef({ agent: result.agent, n: result.record.n }),
  };
}

function readClaim(
  agent: HistoryEntry["agent"],
  claim: Claimed,
  history: readonly HistoryEntry[],
  allowsOptimistic: boolean,
): PlainClaim {
  const { n, at, load, losses, priority } = claim;
  const isSettled = claim.guarantee === "settled";
  let isConfirmed = !isSettled;
  let closing: HistoryEntry | undefined;
  for (const entry of history) {
    const { record } = entry;
    if (entry.agent !== agent || record.n < n || !("claim" in record) || record.claim !== n)
      continue;
    if (record.kind === "expired" || closing !== undefined) continue;
    if (record.kind === "confirmed") isConfirmed = true;
    // a result of a claim that was never confirmed is an alternate, and closes nothing
    else if (CLOSING.has(record.kind) && (record.kind !== "completed" || isConfirmed))
      closing = entry;
  }
  const isExpired = history.some(
    ({ agent: observer, record }) =>
      record.kind === "expired" &&
      observer !== agent &&
      record.holder === agent &&
      record.claim === n &&
      record.at > at,
  );
  const weights = {
    ...(load === undefined ? {} : { load }),
    ...(losses === undefined ? {} : { losses }),
    ...(priority === undefined ? {} : { priority }),
  };
  return {
    agent,
    n,
    at,
    ...weights,
    ref: formatRef({ agent, n }),
    attempt: claim.attempt ?? 1,
    isSettled,
    counts: isSettled || allowsOptimistic,
    isConfirmed,
    isExpired,
    closing,
  };
}

function opensNext({ isExpired, isConfirmed, closing }: PlainClaim): boolean {
  if (isExpired) return true;
  if (!isConfirmed || closing === undefined) return false;
  const { record } = closing;
  return record.kind === "released" || (record.kind === "failed" && record.retryable !== false);
}

/** W1: a confirmed claim beats an optimistic one, which beats one that awaits its confirmation. */
function firmness({ isSettled, isConfirmed }: PlainClaim): number {
  if (!isSettled) return 1;
  return isConfirmed ? 2 : 0;
}
