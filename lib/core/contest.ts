/** The last part of the fold: who won each attempt, and what came of it (docs/spec.md, sections A, W and V). */
import type { Turns } from "./attempts.ts";
import type { Contender, FoldContext, Gathered, Result } from "./contender.ts";
import { type Fields, freezeList, NOTHING } from "./fields.ts";
import type { Basis, TaskId } from "./record.ts";
import { type ClaimFacts, compareClaims } from "./rule.ts";
import type { ClaimStatus, Completion, Task, TaskClaim } from "./task.ts";

/** What came of all claims of a task. */
export interface Contest
  extends Pick<
    Task,
    "attempt" | "winner" | "claims" | "completion" | "inReview" | "alternates" | "failures"
  > {
  /** Whether the current attempt ended in a failure that is not to be retried, or in a rejection. */
  readonly end: "failed" | "rejected" | null;
}

const NO_CONTEST: Omit<Contest, "attempt"> = {
  winner: null,
  claims: NOTHING,
  completion: null,
  inReview: null,
  alternates: NOTHING,
  failures: NOTHING,
  end: null,
};

/** Plays out the contest between the claims of a task. */
export function foldContest(
  id: TaskId,
  { contenders, late }: Gathered,
  { base, next }: Turns,
  fields: Fields,
  context: FoldContext,
): Contest {
  if (contenders.length === 0) return { ...NO_CONTEST, attempt: base - 1 };
  const attempt = currentAttempt(contenders, base, next);
  const better = (a: Contender, b: Contender): Contender =>
    (levelOf(b) - levelOf(a) ||
      compareClaims(context.rule, factsOf(a), factsOf(b), { task: id, attempt: a.attempt })) <= 0
      ? a
      : b;

  let best: Contender | null = null;
  let accepted: Contender | null = null;
  let inReview: Contender | null = null;
  let end: Contest["end"] = null;
  for (const one of contenders) {
    if (!one.isAble || one.attempt > next || one.attempt < base) continue;
    if (one.result !== null) {
      const isFinal = !fields.needsReview || one.result.approvedAt !== null;
      // W3: a higher attempt supersedes, never the other way round
      if (isFinal) {
        if (accepted === null || one.attempt > accepted.attempt) accepted = one;
        else if (one.attempt === accepted.attempt) accepted = better(accepted, one);
      } else if (one.attempt === attempt && one.result.sentBackAt === null)
        inReview = inReview === null ? one : better(inReview, one);
    }
    if (one.attempt !== attempt) continue;
    if (one.isConfirmed && one.closing === "rejected") end = "rejected";
    else if (one.isConfirmed && one.failure?.retryable === false) end ??= "failed";
    if (isStanding(one)) best = best === null ? one : better(best, one);
  }

  let winner: TaskClaim | null = null;
  const claims: TaskClaim[] = [];
  const current = Math.max(attempt, base);
  for (const one of contenders) {
    const view = viewOf(one, statusOf(one, current, next, fields));
    claims.push(view);
    if (one === best) winner = view;
  }
  claims.sort((a, b) => a.attempt - b.attempt); // stable: else in record order
  const shown = accepted === null && best === null ? inReview : null;
  return {
    attempt,
    winner,
    claims: Object.freeze(claims),
    completion: accepted?.result ? completionOf(accepted.result) : null,
    inReview: shown?.result ? completionOf(shown.result) : null,
    alternates: alternatesOf(contenders, accepted ?? shown, late),
    failures: freezeList(contenders.flatMap((one) => one.failure ?? NOTHING)),
    end: best === null ? end : null,
  };
}

/** A4: the highest open attempt of this round with a claim that counts. */
function currentAttempt(contenders: readonly Contender[], base: number, next: number): number {
  let attempt = base - 1;
  for (const one of contenders)
    if (one.isAble && one.attempt <= next && one.attempt > attempt) attempt = one.attempt;
  return attempt;
}

function isStanding(one: Contender): boolean {
  return one.closing === null && one.expiredAt === null;
}

/** W1: a confirmed claim beats an optimistic one, which beats one that still waits for its confirmation. */
function levelOf(one: Contender): number {
  if (!one.isConfirmed) return 0;
  return one.guarantee === "optimistic" ? 1 : 2;
}

/** What a rule may weigh: the claim's author and position, and what travels in its record. */
function factsOf({ agent, n, at, record }: Contender): ClaimFacts {
  return { agent, n, at, ...weightsOf(record) };
}

function viewOf(one: Contender, status: ClaimStatus): TaskClaim {
  const { agent, n, at, attempt, guarantee, record } = one;
  const { ttlMs } = record;
  const basis = basisOf(record);
  const weights = weightsOf(record);
  // few claims have more, and boards hold many: what is spread takes twice the memory
  if (ttlMs === undefined && basis === null && weights === NOTHING_ELSE)
    return Object.freeze({ agent, n, at, attempt, guarantee, status });
  return Object.freeze({
    agent,
    n,
    at,
    attempt,
    guarantee,
    status,
    ...weights,
    ...(ttlMs === undefined ? NOTHING_ELSE : { ttlMs }),
    ...(basis === null ? NOTHING_ELSE : { basis }),
  });
}

const NOTHING_ELSE = Object.freeze({});

function weightsOf({ load, losses, priority }: Contender["record"]): {
  load?: number;
  losses?: number;
  priority?: number;
} {
  if (load === undefined && losses === undefined && priority === undefined) return NOTHING_ELSE;
  return {
    ...(load === undefined ? NOTHING_ELSE : { load }),
    ...(losses === undefined ? NOTHING_ELSE : { losses }),
    ...(priority === undefined ? NOTHING_ELSE : { priority }),
  };
}

function basisOf({ text, inputs }: Basis): Basis | null {
  if (text === undefined && inputs === undefined) return null;
  return Object.freeze({
    ...(text === undefined ? NOTHING_ELSE : { text }),
    ...(inputs === undefined ? NOTHING_ELSE : { inputs }),
  });
}

function statusOf(one: Contender, current: number, next: number, fields: Fields): ClaimStatus {
  if (!one.isAble || one.attempt > next) return "unable";
  if (one.result !== null) {
    if (!fields.needsReview || one.result.approvedAt !== null) return "completed";
    return one.result.sentBackAt !== null ? "sent-back" : "in-review";
  }
  if (one.isConfirmed && one.closing !== null && one.closing !== "yielded") return one.closing;
  if (one.expiredAt !== null) return "expired";
  if (one.isHandedOff) return "handed-off";
  // A2: who was never confirmed can give up no more than the contest, whatever it calls that
  if (one.closing !== null) return "yielded";
  if (one.attempt < current) return "superseded";
  return one.isConfirmed ? "held" : "pending";
}

function completionOf({ agent, n, claim, value, adopts, record, reviews }: Result): Completion {
  const basis = record.basis ?? basisOf(claim.record);
  const { n: position, attempt } = claim;
  if (adopts === null && basis === null && reviews === null)
    return Object.freeze({ agent, n, claim: position, attempt, result: value });
  return Object.freeze({
    agent,
    n,
    claim: position,
    attempt,
    result: value,
    ...(adopts === null ? NOTHING_ELSE : { adopts }),
    ...(basis === null ? NOTHING_ELSE : { basis }),
    ...(reviews === null ? NOTHING_ELSE : { reviews: Object.freeze(reviews) }),
  });
}

/** W5: every result but the accepted one, or the one in review. */
function alternatesOf(
  contenders: readonly Contender[],
  shown: Contender | null,
  late: readonly Result[] | null,
): readonly Completion[] {
  let alternates: Completion[] | null = null;
  for (const one of contenders) {
    if (one.result === null || one === shown) continue;
    alternates ??= [];
    alternates.push(completionOf(one.result));
  }
  if (late !== null) alternates = [...(alternates ?? []), ...late.map(completionOf)];
  return freezeList(alternates);
}
