/** The second half of the fold: who claimed a task, who won, and what came of it (docs/spec.md, sections A and W). */
import { type Fields, freezeList, NOTHING } from "./fields.ts";
import type { AgentId, Claimed, Completed, Failed, Guarantee, LogEntry, TaskId } from "./record.ts";
import { formatRef } from "./record.ts";
import type { Rule } from "./rule.ts";
import { compareClaims } from "./rule.ts";
import type { ClaimStatus, Completion, Failure, Task, TaskClaim } from "./task.ts";

/** What the fold needs to know beside the task's own records. */
export interface FoldContext {
  readonly rule: Rule;
  /** The capabilities that an agent joined with; undefined while its first record is not there. */
  capabilitiesOf(agent: AgentId): readonly string[] | undefined;
}

/** A claim while its fate is being gathered. */
interface Contender {
  readonly agent: AgentId;
  readonly n: number;
  readonly at: number;
  readonly attempt: number;
  readonly guarantee: Guarantee;
  readonly isAble: boolean;
  isConfirmed: boolean;
  isExpired: boolean;
  /** The first of the holder's own closing records. */
  closing: "yielded" | "released" | "failed" | "completed" | null;
  completion: Completion | null;
  failure: Failure | null;
}

/** What came of all claims of a task. */
export interface Contest
  extends Pick<
    Task,
    "attempt" | "nextAttempt" | "winner" | "claims" | "completion" | "alternates" | "failures"
  > {
  /** Whether the current attempt ended in a failure that is not to be retried. */
  readonly isFailed: boolean;
}

const NO_CONTEST: Contest = {
  attempt: 0,
  nextAttempt: 1,
  winner: null,
  claims: NOTHING,
  completion: null,
  alternates: NOTHING,
  failures: NOTHING,
  isFailed: false,
};

/** Plays out the contest from the sorted entries. */
export function foldContest(
  id: TaskId,
  entries: readonly LogEntry[],
  fields: Fields,
  context: FoldContext,
): Contest {
  const contenders: Contender[] = [];
  for (const { agent, record } of entries) {
    if (record.kind === "claimed")
      contenders.push(startContender(agent, record, entries, fields, context));
  }
  if (contenders.length === 0) return NO_CONTEST;
  const late = gatherFates(contenders, entries);
  const valid = highestValidAttempt(contenders);
  const attempt = currentAttempt(contenders, valid);
  const better = (a: Contender, b: Contender): Contender =>
    (levelOf(b) - levelOf(a) ||
      compareClaims(context.rule, a, b, { task: id, attempt: a.attempt })) <= 0
      ? a
      : b;

  let best: Contender | null = null;
  let accepted: Contender | null = null;
  let isFailed = false;
  for (const one of contenders) {
    if (!one.isAble || one.attempt > valid) continue;
    if (one.completion !== null) {
      // W3: a higher attempt supersedes, never the other way round
      if (accepted === null || one.attempt > accepted.attempt) accepted = one;
      else if (one.attempt === accepted.attempt) accepted = better(accepted, one);
    }
    if (one.attempt !== attempt) continue;
    if (one.isConfirmed && one.failure?.retryable === false) isFailed = true;
    if (isStanding(one)) best = best === null ? one : better(best, one);
  }

  let winner: TaskClaim | null = null;
  const claims: TaskClaim[] = [];
  for (const one of contenders) {
    const view = viewOf(one, attempt, valid);
    claims.push(view);
    if (one === best) winner = view;
  }
  if (claims.length > 1) claims.sort((a, b) => a.attempt - b.attempt); // stable: else in record order
  return {
    attempt,
    nextAttempt: valid,
    winner,
    claims: Object.freeze(claims),
    completion: accepted?.completion ?? null,
    alternates: alternatesOf(contenders, accepted, late),
    failures: freezeList(contenders.flatMap((one) => one.failure ?? NOTHING)),
    isFailed: isFailed && best === null,
  };
}

function startContender(
  agent: AgentId,
  record: Claimed,
  entries: readonly LogEntry[],
  fields: Fields,
  context: FoldContext,
): Contender {
  const guarantee = record.guarantee ?? "optimistic";
  return {
    agent,
    n: record.n,
    at: record.at,
    attempt: record.attempt ?? 1,
    guarantee,
    // A6: below each wish it does not count; a stricter wish that arrives late undoes no claim (A3, W4)
    isAble:
      (guarantee === "settled" || fields.wasOptimistic) &&
      isCapable(agent, record.version, entries, fields, context),
    isConfirmed: guarantee === "optimistic",
    isExpired: false,
    closing: null,
    completion: null,
    failure: null,
  };
}

/** A5: judged against the version that the claim names; once true it stays true. */
function isCapable(
  agent: AgentId,
  version: string | undefined,
  entries: readonly LogEntry[],
  fields: Fields,
  context: FoldContext,
): boolean {
  if (version === undefined) return fields.wasFree;
  const capabilities = context.capabilitiesOf(agent);
  if (capabilities === undefined) return false;
  for (const { agent: author, record } of entries) {
    if (record.kind !== "added" && record.kind !== "edited") continue;
    if (record.requires !== undefined && formatRef({ agent: author, n: record.n }) === version)
      return record.requires.every((tag) => capabilities.includes(tag));
  }
  return false;
}

/** Attaches what was written about each claim; returns the completions that came after their claim had closed. */
function gatherFates(
  contenders: readonly Contender[],
  entries: readonly LogEntry[],
): Completion[] | null {
  let late: Completion[] | null = null;
  for (const { agent, record } of entries) {
    switch (record.kind) {
      case "expired": {
        const claim = findContender(contenders, record.holder, record.claim);
        if (claim !== undefined && claim.agent !== agent) claim.isExpired = true;
        break;
      }
      case "confirmed":
      case "yielded":
      case "released":
      case "failed":
      case "completed": {
        const claim = findContender(contenders, agent, record.claim);
        if (claim === undefined || record.n < claim.n) break;
        if (record.kind === "confirmed") {
          if (claim.closing === null) claim.isConfirmed = true;
        } else if (
          claim.closing === null &&
          (record.kind === "yielded" || record.kind === "released")
        ) {
          claim.closing = record.kind;
        } else if (claim.closing === null && record.kind === "failed") {
          claim.closing = "failed";
          claim.failure = failureOf(claim, record);
        } else if (record.kind === "completed") {
          const completion = completionOf(claim, record);
          // W2: only a completion written before the claim's own closing record counts
          if (claim.closing === null && claim.isConfirmed) {
            claim.closing = "completed";
            claim.completion = completion;
          } else {
            late ??= [];
            late.push(completion);
          }
        }
      }
    }
  }
  return late;
}

function findContender(
  contenders: readonly Contender[],
  agent: AgentId,
  n: number,
): Contender | undefined {
  for (const one of contenders) if (one.n === n && one.agent === agent) return one;
  return undefined;
}

function completionOf(claim: Contender, record: Completed): Completion {
  const { agent, n, attempt } = claim;
  return Object.freeze({ agent, n: record.n, claim: n, attempt, result: record.result ?? null });
}

function failureOf(claim: Contender, record: Failed): Failure {
  const { agent, n, attempt } = claim;
  return Object.freeze({
    agent,
    n: record.n,
    claim: n,
    attempt,
    error: record.error,
    retryable: record.retryable !== false,
  });
}

/** A2: a release or failure (where confirmation is required: a confirmed one), or an expiry, opens the next attempt. */
function opensNext(one: Contender): boolean {
  if (!one.isAble) return false;
  return (
    one.isExpired || (one.isConfirmed && (one.closing === "released" || one.closing === "failed"))
  );
}

function highestValidAttempt(contenders: readonly Contender[]): number {
  if (contenders.length === 1) {
    const [only] = contenders;
    return only !== undefined && only.attempt === 1 && opensNext(only) ? 2 : 1;
  }
  const opened = new Set<number>();
  for (const one of contenders) if (opensNext(one)) opened.add(one.attempt);
  let valid = 1;
  while (opened.has(valid)) valid++;
  return valid;
}

function currentAttempt(contenders: readonly Contender[], valid: number): number {
  let attempt = 0;
  for (const one of contenders)
    if (one.isAble && one.attempt <= valid && one.attempt > attempt) attempt = one.attempt;
  return attempt;
}

function isStanding(one: Contender): boolean {
  return one.closing === null && !one.isExpired;
}

/** W1: a confirmed claim beats an optimistic one, which beats one that still waits for its confirmation. */
function levelOf(one: Contender): number {
  if (!one.isConfirmed) return 0;
  return one.guarantee === "optimistic" ? 1 : 2;
}

function viewOf(one: Contender, attempt: number, valid: number): TaskClaim {
  const { agent, n, at, guarantee } = one;
  return Object.freeze({
    agent,
    n,
    at,
    attempt: one.attempt,
    guarantee,
    status: statusOf(one, attempt, valid),
  });
}

function statusOf(one: Contender, attempt: number, valid: number): ClaimStatus {
  if (!one.isAble || one.attempt > valid) return "unable";
  if (one.closing !== null) return one.closing;
  if (one.isExpired) return "expired";
  if (one.attempt < attempt) return "superseded";
  return one.isConfirmed ? "held" : "pending";
}

function alternatesOf(
  contenders: readonly Contender[],
  accepted: Contender | null,
  late: readonly Completion[] | null,
): readonly Completion[] {
  let alternates: Completion[] | null = null;
  for (const one of contenders) {
    if (one.completion === null || one === accepted) continue;
    alternates ??= [];
    alternates.push(one.completion);
  }
  if (late !== null) alternates = [...(alternates ?? []), ...late];
  return freezeList(alternates);
}
