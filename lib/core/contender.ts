/** The second part of the fold: each claim, and what was written about it (docs/spec.md, sections A, H, I, V and M). */
import { isAddressed } from "./audience.ts";
import type { Fields } from "./fields.ts";
import type {
  AgentId,
  Answered,
  Audience,
  Claimed,
  Completed,
  Declined,
  Expired,
  Failed,
  Guarantee,
  Json,
  LogEntry,
  Offered,
  Packet,
  RecordRef,
  Reviewed,
  TaskRecord,
} from "./record.ts";
import { formatRef } from "./record.ts";
import type { Rule } from "./rule.ts";
import type { Failure, IgnoredRecord, IgnoreReason, Offer, Question, Review } from "./task.ts";

/** What the fold needs to know beside the task's own records. */
export interface FoldContext {
  readonly rule: Rule;
  /** The capabilities that an agent joined with; undefined while its first record is not there. */
  capabilitiesOf(agent: AgentId): readonly string[] | undefined;
}

/** A result while its fate is being gathered. */
export interface Result extends RecordRef {
  readonly claim: Contender;
  readonly value: Json;
  readonly adopts: RecordRef | null;
  readonly record: Completed;
  reviews: readonly Review[] | null;
  /** The Lamport time at which it had enough approvals; null while it has not. */
  approvedAt: number | null;
  /** The Lamport time of the first rejection; null while there is none. */
  sentBackAt: number | null;
}

/** An offer while its fate is being gathered. */
export interface OfferDraft extends RecordRef {
  readonly claim: Contender;
  readonly to: Audience;
  readonly packet: Packet;
  readonly declined: Offer["declined"][number][];
  isWithdrawn: boolean;
  acceptedBy: AgentId | null;
}

/** A question while its answers are being gathered. */
export interface QuestionDraft extends RecordRef {
  readonly claim: Contender;
  readonly question: string;
  readonly of: Audience | null;
  readonly answers: Question["answers"][number][];
}

/** A claim while its fate is being gathered. */
export interface Contender {
  readonly agent: AgentId;
  readonly n: number;
  readonly at: number;
  readonly attempt: number;
  readonly guarantee: Guarantee;
  readonly record: Claimed;
  readonly isAble: boolean;
  isConfirmed: boolean;
  /** The Lamport time of the first expiry; null while there is none. */
  expiredAt: number | null;
  isHandedOff: boolean;
  /** Whether it completed with a result that has not arrived; until that has, it says nothing more. */
  isAdopting: boolean;
  /** The first of the holder's own closing records. */
  closing: "yielded" | "released" | "failed" | "rejected" | "completed" | null;
  /** The Lamport time of that; 0 while there is none. */
  closedAt: number;
  /** The result that counts, once reviewed where that is asked for. */
  result: Result | null;
  failure: Failure | null;
}

/** All claims of a task and what was said about them. */
export interface Gathered {
  readonly contenders: readonly Contender[];
  /** Results handed in after their claim had closed. */
  late: Result[] | null;
  offers: OfferDraft[] | null;
  questions: QuestionDraft[] | null;
  packets: (RecordRef & { readonly attempt: number; readonly packet: Packet })[] | null;
  reasons: (RecordRef & { readonly attempt: number; readonly reason: string })[] | null;
  ignored: IgnoredRecord[] | null;
}

/** Gathers all claims, in their order, and the fate of each. */
export function gatherClaims(
  entries: readonly LogEntry[],
  fields: Fields,
  context: FoldContext,
): Gathered {
  const contenders: Contender[] = [];
  for (const { agent, record } of entries) {
    if (record.kind === "claimed")
      contenders.push(startContender(agent, record, entries, fields, context));
  }
  const gathered: Gathered = {
    contenders,
    late: null,
    offers: null,
    questions: null,
    packets: null,
    reasons: null,
    ignored: null,
  };
  for (const entry of entries) {
    const reason = take(gathered, entry, fields, context);
    if (reason !== null) ignore(gathered, entry, reason);
  }
  return gathered;
}

/** Notes a record that is no legal move. */
export function ignore(
  gathered: Gathered,
  { agent, record }: LogEntry,
  reason: IgnoreReason,
): void {
  gathered.ignored ??= [];
  gathered.ignored.push(Object.freeze({ agent, n: record.n, kind: record.kind, reason }));
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
    record,
    // A6: below each wish it does not count; a stricter wish that arrives late undoes no claim (A3, W4)
    isAble:
      (guarantee === "settled" || fields.wasOptimistic) &&
      isCapable(agent, record, entries, fields, context),
    isConfirmed: guarantee === "optimistic",
    expiredAt: null,
    isHandedOff: false,
    isAdopting: false,
    closing: null,
    closedAt: 0,
    result: null,
    failure: null,
  };
}

/** A5: judged against the version that the claim names; once true it stays true. */
function isCapable(
  agent: AgentId,
  { task, version }: Claimed,
  entries: readonly LogEntry[],
  fields: Fields,
  context: FoldContext,
): boolean {
  if (version === undefined) return fields.wasFree;
  const capabilities = context.capabilitiesOf(agent);
  if (capabilities === undefined) return false;
  for (const { agent: author, record } of entries) {
    if ((record.kind !== "added" && record.kind !== "edited") || record.task !== task) continue;
    if (record.requires !== undefined && formatRef({ agent: author, n: record.n }) === version)
      return record.requires.every((tag) => capabilities.includes(tag));
  }
  return false;
}

/** Takes in one record about a claim; gives the reason when it is no legal move. R10: what lacks its cause is no move yet. */
function take(
  gathered: Gathered,
  { agent, record }: LogEntry,
  fields: Fields,
  context: FoldContext,
): IgnoreReason | null {
  switch (record.kind) {
    case "confirmed":
    case "yielded":
    case "released":
    case "failed":
    case "rejected":
    case "completed":
    case "offered":
    case "withdrawn":
    case "asked": {
      const claim = findContender(gathered.contenders, agent, record.claim);
      return claim === undefined || record.n < claim.n
        ? "no-such-claim"
        : takeOwn(gathered, claim, record);
    }
    case "expired": {
      const claim = findContender(gathered.contenders, record.holder, record.claim);
      if (agent === record.holder) return "own-work";
      // R2: what was written before the claim cannot be about its holder's silence
      if (claim !== undefined && record.at > claim.at) claim.expiredAt ??= record.at;
      return null;
    }
    case "declined":
      return takeDeclined(gathered, agent, record, context);
    case "answered":
      return takeAnswer(gathered, agent, record, context);
    case "reviewed":
      return takeReview(gathered, agent, record, fields, context);
    default:
      return null;
  }
}

type OwnRecord = Exclude<Extract<TaskRecord, { readonly claim: number }>, Expired>;

/** Takes in what a claimant wrote about its own claim. */
function takeOwn(gathered: Gathered, claim: Contender, record: OwnRecord): IgnoreReason | null {
  const { agent } = claim;
  if (record.kind === "completed") return takeResult(gathered, claim, record);
  if (claim.closing !== null || claim.isAdopting) return "claim-closed";
  const ref = { agent, n: record.n, attempt: claim.attempt };
  switch (record.kind) {
    case "confirmed":
      claim.isConfirmed = true;
      return null;
    case "released":
      if (record.packet !== undefined) {
        gathered.packets ??= [];
        gathered.packets.push(Object.freeze({ ...ref, packet: record.packet }));
      }
      break;
    case "failed":
      claim.failure = failureOf(claim, record);
      break;
    case "offered":
      return takeOffer(gathered, claim, record);
    case "withdrawn": {
      const offer = gathered.offers?.find((one) => one.claim === claim && one.n === record.offer);
      if (offer === undefined) return "not-asked-for";
      offer.isWithdrawn = true;
      return null;
    }
    case "asked":
      if (!claim.isConfirmed) return "not-confirmed";
      gathered.questions ??= [];
      gathered.questions.push({
        agent,
        n: record.n,
        claim,
        question: record.question,
        of: record.of ?? null,
        answers: [],
      });
      return null;
  }
  claim.closing = record.kind;
  claim.closedAt = record.at;
  if ((record.kind === "released" || record.kind === "rejected") && record.reason !== undefined) {
    gathered.reasons ??= [];
    gathered.reasons.push(Object.freeze({ ...ref, reason: record.reason }));
  }
  return null;
}

/** W2: only a completion written before the claim's own closing record counts; every other is an alternate. */
function takeResult(gathered: Gathered, claim: Contender, record: Completed): null {
  const original = record.adopts === undefined ? null : findResult(gathered, record.adopts);
  const isInTime = claim.closing === null && claim.isConfirmed && !claim.isAdopting;
  if (original === undefined) {
    claim.isAdopting ||= isInTime; // R10; A3: nothing that it says later may count until then, and no more after
    return null;
  }
  const result: Result = {
    agent: claim.agent,
    n: record.n,
    claim,
    value: (original === null ? record.result : original.value) ?? null,
    adopts: original === null ? null : Object.freeze({ agent: original.agent, n: original.n }),
    record,
    reviews: null,
    approvedAt: null,
    sentBackAt: null,
  };
  if (isInTime) {
    claim.closing = "completed";
    claim.closedAt = record.at;
    claim.result = result;
  } else {
    gathered.late ??= [];
    gathered.late.push(result);
  }
  return null;
}

/** Finds the result that a reference names; one that adopts another is none of its own. */
function findResult({ contenders, late }: Gathered, ref: string): Result | undefined {
  const isIt = (one: Result): boolean => one.adopts === null && formatRef(one) === ref;
  for (const { result } of contenders) if (result !== null && isIt(result)) return result;
  return late?.find(isIt);
}

function takeOffer(gathered: Gathered, claim: Contender, record: Offered): IgnoreReason | null {
  if (!claim.isConfirmed) return "not-confirmed";
  const { agent, attempt } = claim;
  const { n, to, packet } = record;
  gathered.offers ??= [];
  gathered.offers.push({
    agent,
    n,
    claim,
    to,
    packet,
    declined: [],
    isWithdrawn: false,
    acceptedBy: null,
  });
  gathered.packets ??= [];
  gathered.packets.push(Object.freeze({ agent, n, attempt, packet }));
  return null;
}

function takeDeclined(
  { offers }: Gathered,
  agent: AgentId,
  record: Declined,
  context: FoldContext,
): IgnoreReason | null {
  const offer = offers?.find((one) => one.n === record.offer && one.agent === record.holder);
  if (offer === undefined) return null;
  if (agent === offer.agent || !isAddressed(offer.to, agent, context.capabilitiesOf(agent)))
    return "not-addressed";
  offer.declined.push(Object.freeze({ agent, n: record.n, reason: record.reason ?? null }));
  return null;
}

function takeAnswer(
  { questions }: Gathered,
  agent: AgentId,
  record: Answered,
  context: FoldContext,
): IgnoreReason | null {
  const asked = questions?.find((one) => one.n === record.ask && one.agent === record.holder);
  if (agent === record.holder) return "own-work";
  if (asked === undefined) return null;
  if (asked.of !== null && !isAddressed(asked.of, agent, context.capabilitiesOf(agent)))
    return "not-addressed";
  asked.answers.push(Object.freeze({ agent, n: record.n, answer: record.answer }));
  return null;
}

function takeReview(
  { contenders, late }: Gathered,
  agent: AgentId,
  record: Reviewed,
  { reviews }: Fields,
  context: FoldContext,
): IgnoreReason | null {
  if (late?.some((one) => one.n === record.completion && one.agent === record.author))
    return "not-in-review";
  const isIt = (one: Contender): boolean =>
    one.agent === record.author && one.result?.n === record.completion;
  const result = contenders.find(isIt)?.result ?? null;
  if (result === null) return null;
  if (reviews === null) return "not-in-review";
  if (agent === result.agent || agent === result.adopts?.agent) return "own-work"; // V3
  if (result.reviews?.some((one) => one.agent === agent)) return "said-before";
  const mine = reviews.filter(({ by }) => isAddressed(by, agent, context.capabilitiesOf(agent)));
  if (mine.length === 0) return "not-addressed";
  const { n, verdict, reason = null } = record;
  const said = [...(result.reviews ?? []), Object.freeze({ agent, n, verdict, reason })];
  result.reviews = said;
  if (verdict === "rejected") result.sentBackAt ??= record.at;
  else if (mine.some((review) => isEnough(said, review, context))) result.approvedAt ??= record.at;
  return null;
}

function isEnough(
  reviews: readonly Review[],
  { by, approvals = 1 }: NonNullable<Fields["reviews"]>[number],
  context: FoldContext,
): boolean {
  const isApproval = ({ agent, verdict }: Review): boolean =>
    verdict === "approved" && isAddressed(by, agent, context.capabilitiesOf(agent));
  return reviews.filter(isApproval).length >= approvals;
}

function findContender(
  contenders: readonly Contender[],
  agent: AgentId,
  n: number,
): Contender | undefined {
  for (const one of contenders) if (one.n === n && one.agent === agent) return one;
  return undefined;
}

function failureOf(claim: Contender, record: Failed): Failure {
  const { agent, n, attempt } = claim;
  const failure = {
    agent,
    n: record.n,
    claim: n,
    attempt,
    error: record.error,
    retryable: record.retryable !== false,
  };
  const { retryAfterMs } = record;
  return Object.freeze(retryAfterMs === undefined ? failure : { ...failure, retryAfterMs });
}
