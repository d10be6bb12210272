/** The third part of the fold: which attempts are open, and where the current round began (docs/spec.md, sections A and E). */
import { isAddressed } from "./audience.ts";
import { type Contender, type FoldContext, type Gathered, ignore } from "./contender.ts";
import type { Fields } from "./fields.ts";
import type { LogEntry, TaskId } from "./record.ts";
import { formatRef } from "./record.ts";
import type { TaskThread } from "./task.ts";

/** What was written about the task as a whole that ends it, or starts it over. */
export interface Turns {
  /** The highest open attempt; the one that a new claim names. */
  readonly next: number;
  /** The first attempt of the current round: 1, or where the last reopening began. */
  readonly base: number;
  /** How many attempts of this round failed, expired or were sent back. */
  readonly spent: number;
  readonly isCancelled: boolean;
  readonly cancelReason: string | null;
  readonly failedNeed: TaskId | null;
  readonly reopened: TaskThread["reopened"];
  readonly delay: TaskThread["delay"];
}

/** A round of attempts. */
interface Round {
  readonly base: number;
  /** The highest that is open. */
  readonly next: number;
  /** The Lamport time of the reopening that began it. */
  readonly since: number;
}

/** All that a round can begin or end with. */
interface Facts {
  readonly gathered: Gathered;
  readonly turning: readonly LogEntry[];
  readonly opened: Openings;
  readonly fields: Fields;
}

/** The turns of most tasks: nothing but their first attempt. */
const CALM: Turns = Object.freeze({
  next: 1,
  base: 1,
  spent: 0,
  isCancelled: false,
  cancelReason: null,
  failedNeed: null,
  reopened: null,
  delay: null,
});

/** Plays the rounds: a task is open from attempt 1, or from where it was last reopened. */
export function playRounds(
  gathered: Gathered,
  entries: readonly LogEntry[],
  fields: Fields,
  context: FoldContext,
): Turns {
  const turning = turningOf(gathered, entries, fields);
  const opened = openedAttempts(gathered, turning, context);
  if (turning.length === 0 && opened.size === 0) return CALM;
  const { base, next, since, reopened } = findRound({ gathered, turning, opened, fields });
  const inRound = turning.filter(
    (one) => endsAfter(one, since) && isIn(attemptOf(one), base, next + 1),
  );
  const cancel = inRound.find(({ record }) => record.kind === "cancelled");
  const needFailed = inRound.find(({ record }) => record.kind === "need-failed")?.record;
  const delayMs = opened.get(next)?.delayMs ?? null;
  return {
    next,
    base,
    spent: spentBetween(opened, base, next + 1),
    isCancelled: cancel !== undefined,
    cancelReason: cancel === undefined ? null : reasonOf(cancel),
    failedNeed: needFailed?.kind === "need-failed" ? needFailed.need : null,
    reopened,
    delay: delayMs === null ? null : Object.freeze({ attempt: next + 1, delayMs }),
  };
}

/**
 * Which round it is. A3: a reopening counts if it ended any round that its author may have seen, so that of two made at
 * once, knowing of different attempts, neither undoes the other.
 */
function findRound(facts: Facts): Round & { readonly reopened: Turns["reopened"] } {
  const { gathered, turning, opened } = facts;
  let latest: Round = { base: 1, next: climb(opened, 1), since: 0 };
  let reopened: Turns["reopened"] = null;
  const rounds = [latest];
  for (const entry of reopeningsOf(turning)) {
    const { agent, record } = entry;
    const from = attemptOf(entry);
    if (from > latest.next + 1) continue; // R10
    if (!rounds.some((round) => hasEnded(round, entry, facts))) {
      ignore(gathered, entry, "not-ended");
      continue;
    }
    if (from === latest.base) continue; // two at once
    latest = { base: from, next: climb(opened, from), since: record.at };
    rounds.push(latest);
    reopened = Object.freeze({ agent, n: record.n, attempt: from, reason: reasonOf(entry) });
  }
  return { ...latest, reopened };
}

/** E2: whether a round had ended before a reopening that may be meant for it, for whoever knew no more than that. */
function hasEnded(
  { base, next, since }: Round,
  reopening: LogEntry,
  { gathered, turning, opened, fields }: Facts,
): boolean {
  const from = attemptOf(reopening);
  if (from > next + 1) return false;
  const wasSo = (attempt: number, at: number | null): boolean =>
    at !== null && at < reopening.record.at && isIn(attempt, base, from);
  let spent = 0;
  for (const [attempt, { spentAt }] of opened) if (wasSo(attempt, spentAt)) spent++;
  return (
    spent >= fields.lowestLimit ||
    gathered.contenders.some((one) => wasSo(one.attempt, endedAt(one, fields))) ||
    turning.some((one) => endsAfter(one, since) && wasSo(attemptOf(one), one.record.at))
  );
}

/** E1: when a claim ended its task for good, until it is reopened; null where it did not. */
function endedAt(one: Contender, fields: Fields): number | null {
  if (!one.isAble || !one.isConfirmed) return null;
  if (one.result !== null && fields.needsReview) return one.result.approvedAt;
  const isEnd = one.result !== null || one.closing === "rejected" || isFinal(one);
  return isEnd ? one.closedAt : null;
}

function isFinal({ failure }: Contender): boolean {
  return failure?.retryable === false;
}

/** What turns the task as a whole. D7: it fails with a need only where that was asked for. */
function turningOf(
  gathered: Gathered,
  entries: readonly LogEntry[],
  { mayFailWithNeeds }: Fields,
): readonly LogEntry[] {
  return entries.filter((entry) => {
    const isMeant = entry.record.kind !== "need-failed" || mayFailWithNeeds;
    if (!isMeant) ignore(gathered, entry, "not-asked-for");
    return isMeant && isTurning(entry);
  });
}

function isTurning({ record: { kind } }: LogEntry): boolean {
  return kind === "cancelled" || kind === "need-failed" || kind === "reopened" || kind === "waited";
}

/** Who called the task off before it was reopened meant the round before, whatever attempt it named. */
function endsAfter({ record: { kind, at } }: LogEntry, since: number): boolean {
  return at > since && (kind === "cancelled" || kind === "need-failed");
}

/** E3: whether somebody has waited for an attempt since the failure before it. */
function hasWaited(turning: readonly LogEntry[], attempt: number, since: number): boolean {
  return turning.some(
    (one) => one.record.kind === "waited" && attemptOf(one) === attempt && one.record.at > since,
  );
}

/** Lower attempts first: what ends a round comes after what began it. */
function reopeningsOf(turning: readonly LogEntry[]): readonly LogEntry[] {
  return turning
    .filter(({ record }) => record.kind === "reopened")
    .sort((a, b) => attemptOf(a) - attemptOf(b));
}

function climb(opened: Openings, from: number): number {
  let attempt = from;
  while (opened.get(attempt)?.isOpener) attempt++;
  return attempt;
}

function spentBetween(opened: Openings, from: number, end: number): number {
  let spent = 0;
  for (const [attempt, { isSpent }] of opened) if (isSpent && isIn(attempt, from, end)) spent++;
  return spent;
}

function reasonOf({ record }: LogEntry): string | null {
  return ("reason" in record ? record.reason : undefined) ?? null;
}

/** What is known of the attempts of which something is. */
type Openings = ReadonlyMap<number, Opening>;

interface Opening {
  isOpener: boolean;
  isSpent: boolean;
  /** When it was, for whoever did not know of a later approval; null where it never was. */
  spentAt: number | null;
  /** How long somebody has to wait, where only that is missing. */
  delayMs: number | null;
}

const NONE: Openings = new Map();

/** A2: which attempts have a fact that opens the next one. */
function openedAttempts(
  gathered: Gathered,
  turning: readonly LogEntry[],
  context: FoldContext,
): Openings {
  let opened: Map<number, Opening> | null = null;
  const at = (attempt: number): Opening => {
    opened ??= new Map();
    let opening = opened.get(attempt);
    if (opening === undefined) {
      opening = { isOpener: false, isSpent: false, spentAt: null, delayMs: null };
      opened.set(attempt, opening);
    }
    return opening;
  };
  for (const one of gathered.contenders) {
    if (!one.isAble) continue;
    const { attempt, closing, closedAt, expiredAt, result, failure } = one;
    acceptOffer(gathered, one, at, context);
    const isFailed = one.isConfirmed && closing === "failed";
    const sentBackAt = result?.sentBackAt ?? null;
    // A3: what its holder says of an expired claim later makes it no less spent, nor does an approval of what was sent back
    const spentAt = earlier(earlier(isFailed ? closedAt : null, expiredAt), sentBackAt);
    if (spentAt !== null) at(attempt).spentAt = earlier(at(attempt).spentAt, spentAt);
    if (isFailed || expiredAt !== null || (sentBackAt !== null && result?.approvedAt === null))
      at(attempt).isSpent = true;
    // A3: V4 may complete the task all the same, but what was open stays open
    if (expiredAt !== null || sentBackAt !== null || (one.isConfirmed && closing === "released"))
      at(attempt).isOpener = true;
    if (!isFailed || isFinal(one)) continue;
    const delayMs = failure?.retryAfterMs;
    if (delayMs === undefined || hasWaited(turning, attempt + 1, closedAt))
      at(attempt).isOpener = true;
    else at(attempt).delayMs = delayMs;
  }
  return opened ?? NONE;
}

/** H2: a claim of the next attempt by somebody to whom the task was offered opens that attempt. */
function acceptOffer(
  { offers }: Gathered,
  one: Contender,
  at: (attempt: number) => Opening,
  context: FoldContext,
): void {
  const offer = offers?.find(
    ({ agent, n, claim }) =>
      claim.isAble &&
      claim.attempt === one.attempt - 1 &&
      formatRef({ agent, n }) === one.record.offer,
  );
  if (offer === undefined || offer.agent === one.agent) return;
  if (!isAddressed(offer.to, one.agent, context.capabilitiesOf(one.agent))) return;
  offer.acceptedBy ??= one.agent;
  offer.claim.isHandedOff = true;
  at(offer.claim.attempt).isOpener = true;
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function isIn(attempt: number, from: number, end: number): boolean {
  return attempt >= from && attempt < end;
}

function attemptOf({ record }: LogEntry): number {
  return ("attempt" in record ? record.attempt : undefined) ?? 1;
}
