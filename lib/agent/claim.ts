/** A claim in its holder's hand: the right, as far as its guarantee goes, to work on one attempt of a task. */
import { CoordinationError } from "../core/error.ts";
import type { AgentId, Guarantee, Json, TaskId } from "../core/record.ts";
import type { Task, TaskClaim } from "../core/task.ts";
import { findClaim, isLive } from "../core/task.ts";
import { copyJson, jsonBytes, MAX_RECORD_BYTES, MAX_RESULT_BYTES } from "../replica/plain-json.ts";
import type { RecordBody } from "../replica/replica.ts";
import type { BoardHost, HeldClaim } from "./host.ts";

/** Why a claim's work is to stop; the `reason` of its aborted signal. */
export type LossReason =
  | "lost"
  | "expired"
  | "superseded"
  | "completed"
  | "canceled"
  | "unable"
  | "cut-off"
  | "closed";

/** What the handle of a claim is made of. */
export interface ClaimGrant {
  readonly agent: AgentId;
  readonly task: Task;
  /** Position of the claim in the agent's log. */
  readonly n: number;
  readonly attempt: number;
  readonly guarantee: Guarantee;
  /** Aborts the claim's signal too, with the reason `stopped`; the claim itself stays open. */
  readonly stop?: AbortSignal | undefined;
}

/** What became of a result that was handed in. */
export type CompletionOutcome =
  /** `accepted` is false when another result stands; then this one is kept as an alternate. */
  | { readonly ok: true; readonly accepted: boolean }
  | { readonly ok: false; readonly reason: "closed" };

/** Whether the claim could be closed; `closed` when it was before. */
export type ClosingOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: LossReason };

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
  /**
   * Hands in the result, at most 1 MiB of JSON; also after a loss, when it becomes an alternate.
   *
   * @throws RangeError when the result is no plain JSON or too large; the claim stays open
   */
  complete(result?: unknown): Promise<CompletionOutcome>;
  /** Reports a failure; the task may be tried again unless `retryable` is false. */
  fail(error: string, options?: { readonly retryable?: boolean }): Promise<ClosingOutcome>;
  /** Gives the task back for somebody else. */
  release(reason?: string): Promise<ClosingOutcome>;
}

// in UTF-16 units; as bytes in a record, JSON text takes 3 a unit at most, and free text 6, as in \u0001
const PART_LENGTH = 4096;
const MAX_TEXT_LENGTH = 2048;

/** Makes the handle of a claim that was written at position `n` of its agent's log. */
export function createClaim(host: BoardHost, grant: ClaimGrant): Claim {
  return new GrantedClaim(host, grant);
}

/** A class, since agents hold many: methods are shared, and a controller is made only for who asks for the signal. */
class GrantedClaim implements Claim, HeldClaim {
  readonly task: Task;
  readonly agent: AgentId;
  readonly attempt: number;
  readonly guarantee: Guarantee;
  readonly #host: BoardHost;
  readonly #n: number;
  readonly #stop: AbortSignal | undefined;
  readonly #onStop: (() => void) | undefined;
  #controller: AbortController | null = null;
  #abortReason: LossReason | "stopped" | null = null;
  #loss: LossReason | null = null;
  #isClosed = false;

  constructor(host: BoardHost, { agent, task, n, attempt, guarantee, stop }: ClaimGrant) {
    this.task = task;
    this.agent = agent;
    this.attempt = attempt;
    this.guarantee = guarantee;
    this.#host = host;
    this.#n = n;
    this.#stop = stop;
    host.claims.add(this);
    if (stop === undefined) return;
    this.#onStop = () => this.#abort("stopped");
    if (stop.aborted) this.#onStop();
    else stop.addEventListener("abort", this.#onStop);
  }

  get taskId(): TaskId {
    return this.task.id;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#abortReason !== null) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  async complete(result: unknown = null): Promise<CompletionOutcome> {
    if (this.#isClosed) return { ok: false, reason: "closed" };
    this.#write(completionBodies(this.task.id, this.#n, copyJson(result, "result", 1)));
    this.#close();
    await this.#host.durable();
    const accepted = this.#host.replica.task(this.task.id)?.completion;
    return { ok: true, accepted: accepted?.agent === this.agent && accepted.claim === this.#n };
  }

  fail(error: string, options: { readonly retryable?: boolean } = {}): Promise<ClosingOutcome> {
    const { retryable = true } = options;
    return this.#closeWith({
      kind: "failed",
      ...this.#ref(),
      error: cut(error),
      retryable: retryable ? undefined : false,
    });
  }

  release(reason?: string): Promise<ClosingOutcome> {
    return this.#closeWith({
      kind: "released",
      ...this.#ref(),
      reason: reason === undefined ? undefined : cut(reason),
    });
  }

  judge(task: Task): void {
    const mine = findClaim(task, { agent: this.agent, n: this.#n });
    const reason = mine === undefined ? null : lossOf(task, mine);
    if (mine === undefined || reason === null || this.#isOver()) return;
    if (isLive(mine)) this.#write([{ kind: "yielded", ...this.#ref() }]);
    this.#lose(reason);
  }

  cutOff(): void {
    this.#surrender("cut-off", "cut off from the others for a whole lease");
  }

  giveBack(): void {
    this.#surrender("closed", "its agent left");
  }

  #ref(): { readonly task: TaskId; readonly claim: number } {
    return { task: this.task.id, claim: this.#n };
  }

  #isOver(): boolean {
    return this.#loss !== null || this.#isClosed;
  }

  #write(bodies: readonly RecordBody[]): void {
    this.#host.replica.append(this.agent, bodies);
  }

  async #closeWith(body: RecordBody): Promise<ClosingOutcome> {
    if (this.#loss !== null) return { ok: false, reason: this.#loss };
    if (this.#isClosed) return { ok: false, reason: "closed" };
    this.#write([body]);
    this.#close();
    await this.#host.durable();
    return { ok: true };
  }

  #close(): void {
    this.#isClosed = true;
    this.#forget();
  }

  #surrender(loss: LossReason, reason: string): void {
    if (this.#isOver()) return;
    this.#write([{ kind: "released", ...this.#ref(), reason }]);
    this.#lose(loss);
  }

  #lose(reason: LossReason): void {
    this.#loss = reason;
    this.#forget();
    this.#abort(reason);
  }

  #abort(reason: LossReason | "stopped"): void {
    this.#abortReason ??= reason;
    this.#controller?.abort(reason);
  }

  #forget(): void {
    this.#host.claims.delete(this);
    if (this.#onStop !== undefined) this.#stop?.removeEventListener("abort", this.#onStop);
  }
}

function lossOf(task: Task, mine: TaskClaim): LossReason | null {
  if (task.state === "completed") return mine.status === "completed" ? null : "completed";
  if (task.state === "canceled") return "canceled";
  if (mine.status === "expired" || mine.status === "superseded" || mine.status === "unable")
    return mine.status;
  return isLive(mine) && task.winner !== mine ? "lost" : null;
}

/** One `completed` record, or the parts of a large result and then the record that joins them. */
function completionBodies(task: TaskId, claim: number, result: Json): readonly RecordBody[] {
  const size = jsonBytes(result);
  if (size > MAX_RESULT_BYTES)
    throw new RangeError(
      `The result of task ${task} takes ${size} bytes, more than ${MAX_RESULT_BYTES}; store it elsewhere and return its address`,
    );
  if (size < MAX_RECORD_BYTES / 2)
    return [{ kind: "completed", task, claim, result: result ?? undefined }];
  const text = JSON.stringify(result);
  const parts: RecordBody[] = [];
  for (let i = 0; i < text.length; ) {
    let end = Math.min(i + PART_LENGTH, text.length);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end--;
    parts.push({ kind: "part", text: text.slice(i, end) });
    i = end;
  }
  return [...parts, { kind: "completed", task, claim, parts: parts.length }];
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

/** Keeps a free text within a record; what a failing program prints has no bound. */
function cut(text: string): string {
  const whole = text.toWellFormed();
  return whole.length <= MAX_TEXT_LENGTH
    ? whole
    : `${whole.slice(0, MAX_TEXT_LENGTH).toWellFormed()}…`;
}

/** The error for a guarantee that cannot be had, and why not. */
export function guaranteeUnavailable(task: TaskId, why: string): CoordinationError {
  const options = { details: { task } };
  return new CoordinationError("GUARANTEE_UNAVAILABLE", `A claim of task ${task} ${why}.`, options);
}
