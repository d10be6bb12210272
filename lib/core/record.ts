/** Records: the immutable facts that agents append to their own logs, and the one total order over them. */

declare const brand: unique symbol;

/** Names one run of one agent, `name~random`; never used again by another run. */
export type AgentId = string & { readonly [brand]: "AgentId" };

/** Names one task: random, or derived from the task's key. */
export type TaskId = string & { readonly [brand]: "TaskId" };

/** Plain JSON, the only data a record may carry. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** How strong a claim's promise is; see `docs/spec.md`, section G. */
export type Guarantee = "optimistic" | "settled";

/** What every record has: its position in its author's log and its Lamport time. */
export interface RecordBase {
  /** Position in the author's log: 0, 1, 2 … */
  readonly n: number;
  /** Lamport time: 1 + the highest that the author had seen; grows strictly along a log. */
  readonly at: number;
}

/** Opens a log: who the agent is, what it can do, by which rule it plays, and how long its silence is borne. */
export interface Joined extends RecordBase {
  readonly kind: "joined";
  /** Version of the record format in this log. */
  readonly v: 1;
  readonly name: string;
  readonly capabilities: readonly string[];
  /** Name and version of the rule, such as `earliest@1`. */
  readonly rule: string;
  /** After this long without a sign of life others may expire the agent's claims. */
  readonly leaseMs: number;
  /** The agent's public key in base64url; only on a board with signatures. */
  readonly key?: string;
}

/** Closes a log: the agent takes no further part. */
export interface Left extends RecordBase {
  readonly kind: "left";
}

/** The fields of a task that its author sets and that edits may change. */
export interface TaskFields {
  readonly title: string;
  readonly body?: string;
  readonly needs?: readonly TaskId[];
  readonly requires?: readonly string[];
  readonly priority?: number;
}

/** Whom something is meant for: one agent by id, all runs of a name, or whoever joined with a capability. */
export type Audience = { readonly agent: string } | { readonly capability: string };

/** How long to wait before a failed attempt is followed by the next: `delayMs`, then `factor` times as long each time. */
export interface RetryDelay {
  readonly delayMs: number;
  /** 2 where left out. */
  readonly factor?: number;
  /** 3,600,000 where left out. */
  readonly maxDelayMs?: number;
}

/** Who has to approve a result before the task is completed. */
export interface ReviewPolicy {
  readonly by: Audience;
  /** How many different agents; 1 where left out. */
  readonly approvals?: number;
}

/** What becomes of a task when something that it needs, or a child of it, ends without a result. */
export type NeedPolicy = "block" | "fail" | "ignore";

/** How a task is to be carried out; set when it is added, never edited. */
export interface TaskPolicy {
  /** How many attempts may fail, expire or be sent back before the task is a dead letter; no limit where left out. */
  readonly maxAttempts?: number;
  readonly retry?: RetryDelay;
  /** How long one attempt may take by its holder's clock. */
  readonly timeoutMs?: number;
  readonly review?: ReviewPolicy;
  /** `block` where left out. */
  readonly ifNeedFails?: NeedPolicy;
  /** What a claim holds alone, such as `path:src/**` or `port:8080`; see `docs/spec.md`, section X. */
  readonly resources?: readonly string[];
}

/** Adds a task, or adds once more to a task of the same key. */
export interface Added extends RecordBase, TaskFields, TaskPolicy {
  readonly kind: "added";
  readonly task: TaskId;
  readonly key?: string;
  /** The least guarantee under which the task may be claimed. */
  readonly guarantee?: Guarantee;
  /** The task that waits for this one, as for a need. */
  readonly parent?: TaskId;
}

/** Changes the named fields of a task; of two edits of one field the later in the order stands. */
export interface Edited extends RecordBase, Partial<TaskFields> {
  readonly kind: "edited";
  readonly task: TaskId;
}

/** Calls a task off, unless it is completed. */
export interface Cancelled extends RecordBase {
  readonly kind: "cancelled";
  readonly task: TaskId;
  /** The next attempt as the author saw it, so that a later reopening is not called off with it; 1 where left out. */
  readonly attempt?: number;
  readonly reason?: string;
}

/** Starts an ended task over with a higher attempt. */
export interface Reopened extends RecordBase {
  readonly kind: "reopened";
  readonly task: TaskId;
  /** The first attempt that counts from then on. */
  readonly attempt: number;
  readonly reason?: string;
}

/** What a note is about. */
export type NoteKind = "decision" | "question" | "finding" | "dead-end" | "progress";

/** Leaves a note on a task. */
export interface Noted extends RecordBase {
  readonly kind: "noted";
  readonly task: TaskId;
  readonly text: string;
  /** `progress` where left out. */
  readonly about?: NoteKind;
  /** Who wrote it first, where it was imported from another board. */
  readonly by?: string;
}

/** What a claimant had read: references of records. */
export interface Basis {
  /** The edit that gave title and body; left out where they are as first added. */
  readonly text?: string;
  /** The accepted results of what the task needs. */
  readonly inputs?: readonly string[];
}

/** What a rule may weigh beside time and identity; written only where the board's rule weighs it. */
export interface ClaimWeights {
  /** How many live claims the claimant had. */
  readonly load?: number;
  /** How many contests the claimant had lost in a row. */
  readonly losses?: number;
  /** How much the claimant wants the task; higher goes first. */
  readonly priority?: number;
}

/** Claims one attempt of a task. */
export interface Claimed extends RecordBase, Basis, ClaimWeights {
  readonly kind: "claimed";
  readonly task: TaskId;
  /** The attempt claimed; 1 where left out. */
  readonly attempt?: number;
  /** `optimistic` where left out. */
  readonly guarantee?: Guarantee;
  /** The reference of the record that set the requirements which the claimant saw; left out where it saw none. */
  readonly version?: string;
  /** How long the holder's silence is borne for this claim; its agent's lease where left out. */
  readonly ttlMs?: number;
  /** The reference of the offer that this claim accepts. */
  readonly offer?: string;
}

/** States that the author waits for a task that it cannot claim yet; ends with its next claim of it, or `unqueued`. */
export interface Queued extends RecordBase {
  readonly kind: "queued";
  readonly task: TaskId;
}

/** States that the author no longer waits for a task. */
export interface Unqueued extends RecordBase {
  readonly kind: "unqueued";
  readonly task: TaskId;
}

/** States that the author's claim, at position `claim` of its own log, passed its barrier unrivalled. */
export interface Confirmed extends RecordBase {
  readonly kind: "confirmed";
  readonly task: TaskId;
  readonly claim: number;
}

/** Gives way to a rival: the claim is out of the contest. */
export interface Yielded extends RecordBase {
  readonly kind: "yielded";
  readonly task: TaskId;
  readonly claim: number;
}

/** Gives the task back; the next attempt may be claimed. */
export interface Released extends RecordBase {
  readonly kind: "released";
  readonly task: TaskId;
  readonly claim: number;
  readonly reason?: string;
  readonly packet?: Packet;
}

/** Something that a worker made or used. */
export interface Artifact {
  readonly name: string;
  readonly mediaType: string;
  /** Where it is; or `content`, for a small text. */
  readonly uri?: string;
  readonly content?: string;
  /** SHA-256 of the content in hexadecimal. */
  readonly hash?: string;
}

/** What a holder passes on with a task: all that the next one would otherwise have to find out again. */
export interface Packet {
  readonly summary: string;
  readonly decisions: readonly string[];
  readonly questions: readonly string[];
  /** What was tried, and why it failed. */
  readonly deadEnds: readonly { readonly tried: string; readonly why: string }[];
  readonly artifacts: readonly Artifact[];
}

/** Offers the claimed task to others; a claim of the next attempt that names this record accepts it. */
export interface Offered extends RecordBase {
  readonly kind: "offered";
  readonly task: TaskId;
  readonly claim: number;
  readonly to: Audience;
  readonly packet: Packet;
}

/** Takes an offer back: the holder goes on, unless it was accepted before. */
export interface Withdrawn extends RecordBase {
  readonly kind: "withdrawn";
  readonly task: TaskId;
  readonly claim: number;
  /** Position of the offer in the author's log. */
  readonly offer: number;
}

/** Declines an offer. */
export interface Declined extends RecordBase {
  readonly kind: "declined";
  readonly task: TaskId;
  readonly holder: AgentId;
  /** Position of the offer in the holder's log. */
  readonly offer: number;
  readonly reason?: string;
}

/** Asks for input that the work cannot go on without. */
export interface Asked extends RecordBase {
  readonly kind: "asked";
  readonly task: TaskId;
  readonly claim: number;
  readonly question: string;
  /** Who may answer; anybody but the author where left out. */
  readonly of?: Audience;
}

/** Answers a question. */
export interface Answered extends RecordBase {
  readonly kind: "answered";
  readonly task: TaskId;
  readonly holder: AgentId;
  /** Position of the question in the holder's log. */
  readonly ask: number;
  readonly answer: string;
}

/** States that the author saw no sign of life of `holder` for its lease; the next attempt may be claimed. */
export interface Expired extends RecordBase {
  readonly kind: "expired";
  readonly task: TaskId;
  readonly holder: AgentId;
  /** Position of the expired claim in the holder's log. */
  readonly claim: number;
}

/** Hands in the result of a claim. */
export interface Completed extends RecordBase {
  readonly kind: "completed";
  readonly task: TaskId;
  readonly claim: number;
  readonly result?: Json;
  /** How many `part` records right before this one hold the result as JSON text. */
  readonly parts?: number;
  /** The reference of another completion of the task whose result is adopted. */
  readonly adopts?: string;
  /** What the result is based on, where that is no longer what the claim says. */
  readonly basis?: Basis;
}

/** Approves a result, or sends it back; the latter opens the next attempt. */
export interface Reviewed extends RecordBase {
  readonly kind: "reviewed";
  readonly task: TaskId;
  /** Who handed the result in. */
  readonly author: AgentId;
  /** Position of the completion in the author's log. */
  readonly completion: number;
  readonly verdict: "approved" | "rejected";
  readonly reason?: string;
}

/** States that an attempt failed; unless `retryable` is false the next attempt may be claimed. */
export interface Failed extends RecordBase {
  readonly kind: "failed";
  readonly task: TaskId;
  readonly claim: number;
  readonly error: string;
  readonly retryable?: boolean;
  /** Somebody has to wait this long, and say so by `waited`, before the next attempt opens. */
  readonly retryAfterMs?: number;
}

/** States that the task itself is not to be done: it ends here. */
export interface Rejected extends RecordBase {
  readonly kind: "rejected";
  readonly task: TaskId;
  readonly claim: number;
  readonly reason: string;
}

/** States that the author has waited for as long as the failure before this attempt asked for. */
export interface Waited extends RecordBase {
  readonly kind: "waited";
  readonly task: TaskId;
  readonly attempt: number;
}

/** States that the author saw a need of the task, or a child of it, end without a result. */
export interface NeedFailed extends RecordBase {
  readonly kind: "need-failed";
  readonly task: TaskId;
  readonly need: TaskId;
  /** The next attempt as the author saw it, so that a later reopening is not undone. */
  readonly attempt: number;
}

/** A piece of the JSON text of a result that is too large for one record. */
export interface Part extends RecordBase {
  readonly kind: "part";
  readonly text: string;
}

/** Signs the records of its author's log from `from` up to, but not including, `to`; see `docs/protocol.md`. */
export interface Signed extends RecordBase {
  readonly kind: "signed";
  readonly from: number;
  readonly to: number;
  /** SHA-256 of the batch signed before in base64url; empty for the first. */
  readonly prev: string;
  /** The Ed25519 signature in base64url. */
  readonly sig: string;
}

/** Every record about one task. */
export type TaskRecord =
  | Added
  | Edited
  | Cancelled
  | Reopened
  | Noted
  | Claimed
  | Queued
  | Unqueued
  | Confirmed
  | Yielded
  | Released
  | Expired
  | Offered
  | Withdrawn
  | Declined
  | Asked
  | Answered
  | Completed
  | Reviewed
  | Failed
  | Rejected
  | Waited
  | NeedFailed;

/** Every record that this version knows. */
export type KnownRecord = Joined | Left | Part | Signed | TaskRecord;

/** A record with its author: the unit that core sorts and folds. */
export interface LogEntry<R extends RecordBase = TaskRecord> {
  readonly agent: AgentId;
  readonly record: R;
}

/** Names one record: its author and its position in the author's log. */
export interface RecordRef {
  readonly agent: AgentId;
  readonly n: number;
}

/** Compares two texts by their UTF-16 code units, the same in every locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Orders entries by `(at, agent, n)`: total, and the same on every replica. */
export function compareEntries(a: LogEntry<RecordBase>, b: LogEntry<RecordBase>): number {
  return a.record.at - b.record.at || compareText(a.agent, b.agent) || a.record.n - b.record.n;
}

/** The generation of a board's document; names, handshakes and references carry it from the first release on. */
export const GENERATION = 1;

/** Writes a reference as `generation:agent:n`, as records carry it and people read it. */
export function formatRef(ref: RecordRef): string {
  return `${GENERATION}:${ref.agent}:${ref.n}`;
}
