/** A claim as its holder has it in hand: the right, as far as its guarantee goes, to work on one attempt of a task. */
import type {
  AgentId,
  Audience,
  Guarantee,
  Json,
  NoteKind,
  Packet,
  RecordRef,
  TaskId,
} from "../../core/record.ts";
import type { StaleInput } from "../../core/stale.ts";
import type { Completion, Task } from "../../core/task.ts";
import type { HandoffOptions, HandoffOutcome, OfferOutcome } from "./handoff.ts";
import type { LossReason } from "./loss.ts";
import type { AskOutcome } from "./question.ts";

/** What became of a result that was handed in. */
export type CompletionOutcome =
  | {
      readonly ok: true;
      /** False when another result stands, and this one is kept as an alternate, or while it awaits review. */
      readonly accepted: boolean;
      /** Whether it awaits review; see `Agent.review`. */
      readonly isInReview: boolean;
      /** What had changed since it was read: the result is marked as based on it. */
      readonly stale: readonly StaleInput[];
    }
  /** `stale`: it was not handed in, as {@link CompleteOptions.ifStale} asked. */
  | { readonly ok: false; readonly reason: "closed" }
  | { readonly ok: false; readonly reason: "stale"; readonly stale: readonly StaleInput[] };

/** How to hand in a result. */
export interface CompleteOptions {
  /** What to do when what was read has changed: `mark` the result as based on it (the default), or `refuse` it. */
  readonly ifStale?: "mark" | "refuse";
}

/** Whether the claim could be closed; `closed` when it was before. */
export type ClosingOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: LossReason };

/** The result of a task that the claimed one needs. */
export interface TaskInput {
  readonly task: TaskId;
  readonly title: string;
  readonly result: Json;
}

/** A claim that stands, or stood: watch its signal. */
export interface Claim {
  /** The task as it was when the claim was granted. */
  readonly task: Task;
  readonly agent: AgentId;
  /** The attempt held; hand it to resources as a fencing token, they refuse tokens below the highest seen. */
  readonly attempt: number;
  /** What the claim promises: see `docs/spec.md`, section G. */
  readonly guarantee: Guarantee;
  /** Aborts when the claim is lost, with a {@link LossReason} as its reason, or `stopped` when its agent is told to stop. */
  readonly signal: AbortSignal;
  /** The accepted results of what the task needs, and of its children, as of now. */
  readonly inputs: readonly TaskInput[];
  /** What the last holder passed on, or null. */
  readonly packet: Packet | null;
  /** What has changed since the claim, or {@link Claim.refresh}, read it. */
  readonly stale: readonly StaleInput[];
  /** Calls back when something that was read changes; returns the way to stop it. */
  watchStale(listener: (stale: readonly StaleInput[]) => void): () => void;
  /** Calls back with each further result by a claim that did not win; {@link Claim.adopt} takes one over. */
  watchAlternates(listener: (alternate: Completion) => void): () => void;
  /** Reads task and inputs anew: the result is then based on them. Gives the task as it is now. */
  refresh(): Task;
  /**
   * Hands in the result, at most 1 MiB of JSON; also after a loss, when it becomes an alternate.
   *
   * @throws RangeError when the result is no plain JSON or too large; the claim stays open
   */
  complete(result?: unknown, options?: CompleteOptions): Promise<CompletionOutcome>;
  /** Completes with a result that another claim of this task handed in. */
  adopt(alternate: RecordRef): Promise<CompletionOutcome>;
  /** Reports a failure; the task may be tried again unless `retryable` is false, after the delay that its policy asks for. */
  fail(error: string, options?: { readonly retryable?: boolean }): Promise<ClosingOutcome>;
  /** Says that the task itself is not to be done; it ends as `rejected`. */
  reject(reason: string): Promise<ClosingOutcome>;
  /**
   * Gives the task back for somebody else, with what was learned where a packet is given.
   *
   * @throws TypeError when the packet lacks a part
   */
  release(reason?: string, packet?: Packet): Promise<ClosingOutcome>;
  /**
   * Offers the task to somebody; resolves when it is accepted, and then this claim is over, or when it was taken back.
   * Do not go on with the work meanwhile.
   *
   * @throws TypeError when the packet lacks a part
   */
  handoff(packet: Packet, options: HandoffOptions): Promise<HandoffOutcome>;
  /**
   * Offers the task to somebody and returns at once, for a holder whose process does not stay: the offer stands until it
   * is accepted or this claim ends. Unlike {@link Claim.handoff} nothing takes it back when it is declined.
   *
   * @throws TypeError when the packet lacks a part
   */
  offer(packet: Packet, to: Audience): Promise<OfferOutcome>;
  /** Asks for input and waits for the first answer by somebody entitled; the task is `input-required` meanwhile. */
  ask(
    question: string,
    options?: { readonly of?: Audience; readonly signal?: AbortSignal },
  ): Promise<AskOutcome>;
  /** Leaves a note on the task. */
  note(text: string, about?: NoteKind): Promise<void>;
}
