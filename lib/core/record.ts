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

/** Adds a task, or adds once more to a task of the same key. */
export interface Added extends RecordBase, TaskFields {
  readonly kind: "added";
  readonly task: TaskId;
  readonly key?: string;
  /** The least guarantee under which the task may be claimed. */
  readonly guarantee?: Guarantee;
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
  readonly reason?: string;
}

/** Leaves a note on a task. */
export interface Noted extends RecordBase {
  readonly kind: "noted";
  readonly task: TaskId;
  readonly text: string;
}

/** Claims one attempt of a task. */
export interface Claimed extends RecordBase {
  readonly kind: "claimed";
  readonly task: TaskId;
  /** The attempt claimed; 1 where left out. */
  readonly attempt?: number;
  /** `optimistic` where left out. */
  readonly guarantee?: Guarantee;
  /** The reference of the record that set the requirements which the claimant saw; left out where it saw none. */
  readonly version?: string;
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
}

/** States that an attempt failed; unless `retryable` is false the next attempt may be claimed. */
export interface Failed extends RecordBase {
  readonly kind: "failed";
  readonly task: TaskId;
  readonly claim: number;
  readonly error: string;
  readonly retryable?: boolean;
}

/** A piece of the JSON text of a result that is too large for one record. */
export interface Part extends RecordBase {
  readonly kind: "part";
  readonly text: string;
}

/** Every record about one task. */
export type TaskRecord =
  | Added
  | Edited
  | Cancelled
  | Noted
  | Claimed
  | Confirmed
  | Yielded
  | Released
  | Expired
  | Completed
  | Failed;

/** Every record that this version knows. */
export type KnownRecord = Joined | Left | Part | TaskRecord;

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
