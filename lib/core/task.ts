/** The view of one task that the fold computes: frozen plain data, equal on every replica with the same records. */
import type { Guarantee, Json, RecordRef, TaskId } from "./record.ts";

/** The A2A state of a task; a claim that is not yet confirmed leaves it `submitted`. */
export type TaskState = "submitted" | "working" | "completed" | "failed" | "canceled";

/**
 * What became of a claim: `pending` (awaits its confirmation), `held` (may work), `superseded` (a later attempt has
 * begun), `unable` (does not count: its agent lacks a capability, its guarantee is below the task's, or what it builds
 * on has not arrived), or how it ended.
 */
export type ClaimStatus =
  | "pending"
  | "held"
  | "superseded"
  | "unable"
  | "yielded"
  | "released"
  | "expired"
  | "failed"
  | "completed";

/** One claim of one attempt. */
export interface TaskClaim extends RecordRef {
  readonly at: number;
  /** The attempt claimed, 1, 2, 3 …; it is the fencing token too. */
  readonly attempt: number;
  readonly guarantee: Guarantee;
  readonly status: ClaimStatus;
}

/** A result handed in by a claim. */
export interface Completion extends RecordRef {
  /** Position of the claim in the agent's log. */
  readonly claim: number;
  /** The attempt of the claim that it belongs to. */
  readonly attempt: number;
  readonly result: Json;
}

/** A failure reported by the holder of a claim. */
export interface Failure extends RecordRef {
  /** Position of the claim in the agent's log. */
  readonly claim: number;
  readonly attempt: number;
  readonly error: string;
  readonly retryable: boolean;
}

/** A note left on a task. */
export interface Note extends RecordRef {
  readonly text: string;
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
  /** Every other result handed in; none is ever lost. */
  readonly alternates: readonly Completion[];
  readonly failures: readonly Failure[];
  readonly notes: readonly Note[];
  readonly cancelReason: string | null;
}

/** Says whether a claim still stands in the contest of its attempt. */
export function isLive(claim: TaskClaim): boolean {
  return claim.status === "pending" || claim.status === "held";
}

/** Says whether nothing can happen to the task any more but an alternate result. */
export function isEnded(task: Task): boolean {
  return task.state === "completed" || task.state === "failed" || task.state === "canceled";
}

/** Finds a claim by its agent and position. */
export function findClaim(task: Task, ref: RecordRef): TaskClaim | undefined {
  return task.claims.find((claim) => claim.n === ref.n && claim.agent === ref.agent);
}
