/** The view of one task that the fold computes: frozen plain data, equal on every replica with the same records. */
import type {
  AgentId,
  Audience,
  Basis,
  ClaimWeights,
  Guarantee,
  Json,
  NoteKind,
  Packet,
  RecordRef,
  TaskId,
  TaskPolicy,
} from "./record.ts";

/**
 * The A2A state of a task. A claim that is not yet confirmed leaves it `submitted`; a question to be answered, or a
 * result to be reviewed, makes it `input-required`.
 */
export type TaskState =
  | "submitted"
  | "working"
  | "input-required"
  | "completed"
  | "canceled"
  | "rejected"
  | "failed";

/**
 * What became of a claim: `pending` (awaits its confirmation), `held` (may work), `superseded` (a later attempt has
 * begun), `unable` (does not count: its agent lacks a capability, its guarantee is below the task's, or what it builds
 * on has not arrived), `in-review` and `sent-back` (its result awaits approval, or was refused it), or how it ended.
 */
export type ClaimStatus =
  | "pending"
  | "held"
  | "superseded"
  | "unable"
  | "yielded"
  | "released"
  | "expired"
  | "handed-off"
  | "failed"
  | "rejected"
  | "in-review"
  | "sent-back"
  | "completed";

/** One claim of one attempt. */
export interface TaskClaim extends RecordRef, ClaimWeights {
  readonly at: number;
  /** The attempt claimed, 1, 2, 3 …; it is the fencing token too. */
  readonly attempt: number;
  readonly guarantee: Guarantee;
  readonly status: ClaimStatus;
  /** How long its holder's silence is borne, where that is not the holder's lease. */
  readonly ttlMs?: number;
  /** What its agent had read; absent where nothing but the task as first added. */
  readonly basis?: Basis;
}

/** A verdict on a result. */
export interface Review extends RecordRef {
  readonly verdict: "approved" | "rejected";
  readonly reason: string | null;
}

/** A result handed in by a claim. */
export interface Completion extends RecordRef {
  /** Position of the claim in the agent's log. */
  readonly claim: number;
  /** The attempt of the claim that it belongs to. */
  readonly attempt: number;
  readonly result: Json;
  /** Who first handed the result in, where it was adopted. */
  readonly adopts?: RecordRef;
  /** What it is based on; absent where on nothing but the task as first added. */
  readonly basis?: Basis;
  /** The verdicts, one per reviewer; absent where there are none. */
  readonly reviews?: readonly Review[];
}

/** A failure reported by the holder of a claim. */
export interface Failure extends RecordRef {
  /** Position of the claim in the agent's log. */
  readonly claim: number;
  readonly attempt: number;
  readonly error: string;
  readonly retryable: boolean;
  /** How long somebody has to wait before the next attempt opens; absent where nobody has to. */
  readonly retryAfterMs?: number;
}

/** A note left on a task. */
export interface Note extends RecordRef {
  readonly about: NoteKind;
  readonly text: string;
  /** Who wrote it first, where it was imported. */
  readonly by?: string;
}

/** A question of a holder, with its answers in their order. */
export interface Question extends RecordRef {
  readonly claim: number;
  readonly attempt: number;
  readonly question: string;
  /** Who may answer; null for anybody but the holder. */
  readonly of: Audience | null;
  readonly answers: readonly (RecordRef & { readonly answer: string })[];
}

/** An offer to hand the task over. */
export interface Offer extends RecordRef {
  readonly claim: number;
  readonly attempt: number;
  readonly to: Audience;
  /** `open` while it may be accepted; `lapsed` when its claim ended otherwise. */
  readonly status: "open" | "accepted" | "withdrawn" | "lapsed";
  /** Whether its holder took it back, maybe while it was being accepted. */
  readonly isWithdrawn: boolean;
  /** The first to accept it. */
  readonly acceptedBy: AgentId | null;
  readonly declined: readonly (RecordRef & { readonly reason: string | null })[];
}

/** A record that is no legal move: it changes nothing, on no replica. */
export interface IgnoredRecord extends RecordRef {
  readonly kind: string;
  readonly reason: IgnoreReason;
}

/** Why a record is no legal move; each is explained in `docs/spec.md`, section M. */
export type IgnoreReason =
  | "no-such-claim"
  | "claim-closed"
  | "not-confirmed"
  | "own-work"
  | "not-addressed"
  | "said-before"
  | "not-in-review"
  | "not-ended"
  | "already-ended"
  | "not-asked-for";

/** What was said about a task beside its notes; one shared empty thread for all tasks that have none. */
export interface TaskThread {
  readonly questions: readonly Question[];
  readonly offers: readonly Offer[];
  /** What holders passed on, in the order. */
  readonly packets: readonly (RecordRef & {
    readonly attempt: number;
    readonly packet: Packet;
  })[];
  /** Every claim that its holder gave back with a reason, or the task that it rejected. */
  readonly reasons: readonly (RecordRef & { readonly attempt: number; readonly reason: string })[];
  /** Agents that wait for the task; see `ClaimOptions.wait`. */
  readonly waiters: readonly (RecordRef & { readonly at: number })[];
  /** Tasks added with this one as their parent: it waits for them as for its needs. */
  readonly children: readonly TaskId[];
  /** The edit that gave title and body; null while they are as first added. */
  readonly text: RecordRef | null;
  /** What has to be waited for before the next attempt opens. */
  readonly delay: { readonly attempt: number; readonly delayMs: number } | null;
  /** How many attempts failed, expired or were sent back since the task was added, or last reopened. */
  readonly spent: number;
  /** Why it was called off, while it is. */
  readonly cancelReason: string | null;
  /** The need that failed, where that ended the task. */
  readonly failedNeed: TaskId | null;
  /** What began this round: its first attempt, and why; null in the first round. */
  readonly reopened:
    | (RecordRef & { readonly attempt: number; readonly reason: string | null })
    | null;
  readonly ignored: readonly IgnoredRecord[];
}

/** All that is known of one task. */
export interface Task {
  readonly id: TaskId;
  readonly key: string | null;
  readonly title: string;
  readonly body: string;
  readonly needs: readonly TaskId[];
  readonly requires: readonly string[];
  /** Higher goes first; 0 by default. */
  readonly priority: number;
  /** The least guarantee under which it may be claimed. */
  readonly guarantee: Guarantee;
  readonly parent: TaskId | null;
  readonly policy: TaskPolicy;
  /** The record that first added it, with its Lamport time. */
  readonly added: RecordRef & { readonly at: number };
  /** The record that set `requires`, or null while nothing is required. */
  readonly version: RecordRef | null;
  readonly state: TaskState;
  /** The highest valid attempt that has a claim; 0 before the first. */
  readonly attempt: number;
  /** The attempt that a new claim would name. */
  readonly nextAttempt: number;
  /** The best live claim of the current attempt. */
  readonly winner: TaskClaim | null;
  /** Every claim, by attempt and then in the order of the records. */
  readonly claims: readonly TaskClaim[];
  /** The accepted result. */
  readonly completion: Completion | null;
  /** The result that awaits approval. */
  readonly inReview: Completion | null;
  /** Every other result handed in; none is ever lost. */
  readonly alternates: readonly Completion[];
  readonly failures: readonly Failure[];
  readonly notes: readonly Note[];
  readonly thread: TaskThread;
}

/** Says whether a claim still stands in the contest of its attempt. */
export function isLive(claim: TaskClaim): boolean {
  return claim.status === "pending" || claim.status === "held";
}

/** Says whether nothing can happen to the task any more but an alternate result or a reopening. */
export function isEnded(task: Pick<Task, "state">): boolean {
  return task.state === "completed" || isLost(task);
}

/** Says whether the task has ended without a result. */
export function isLost(task: Pick<Task, "state">): boolean {
  return task.state === "failed" || task.state === "canceled" || task.state === "rejected";
}

/** All that must be completed before: what the task needs, and its children. */
export function dependenciesOf(task: Task): readonly TaskId[] {
  const { children } = task.thread;
  return children.length === 0 ? task.needs : [...task.needs, ...children];
}

/** Finds a claim by its agent and position. */
export function findClaim(task: Task, ref: RecordRef): TaskClaim | undefined {
  return task.claims.find((claim) => claim.n === ref.n && claim.agent === ref.agent);
}
