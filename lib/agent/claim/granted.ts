/** Claims that were granted: what their holders do is written, and when one is lost its work is told to stop. */
import { agentLeft } from "../../core/error.ts";
import {
  type AgentId,
  type Audience,
  type Basis,
  formatRef,
  type Guarantee,
  type NoteKind,
  type Packet,
  type RecordRef,
  type TaskId,
} from "../../core/record.ts";
import type { StaleInput } from "../../core/stale.ts";
import { type Completion, findClaim, type Task } from "../../core/task.ts";
import { copyJson } from "../../replica/plain-json.ts";
import type { RecordBody } from "../../replica/replica.ts";
import { withFirstAbort } from "../abort.ts";
import type { BoardHost, HeldClaim } from "../host.ts";
import type {
  Claim,
  ClosingOutcome,
  CompleteOptions,
  CompletionOutcome,
  TaskInput,
} from "./claim.ts";
import {
  type HandoffOptions,
  type HandoffOutcome,
  type HandoffSource,
  handOver,
  makeOffer,
  type OfferOutcome,
} from "./handoff.ts";
import { findLoss, type LossReason } from "./loss.ts";
import { type AskOutcome, awaitAnswer } from "./question.ts";
import { Reading } from "./reading.ts";
import { checkedPacket, completionBodies, cut, findResult } from "./result.ts";
import { retryDelay } from "./retry.ts";

/** What the handle of a claim is made of. */
export interface ClaimGrant {
  readonly agent: AgentId;
  readonly task: Task;
  /** Position of the claim in the agent's log. */
  readonly n: number;
  readonly attempt: number;
  readonly guarantee: Guarantee;
  readonly ttlMs: number;
  readonly basis: Basis | null;
  /** Aborts the claim's signal too, with the reason `stopped`; the claim itself stays open. */
  readonly stop?: AbortSignal | undefined;
}

/** Makes the handle of a claim that was written at position `n` of its agent's log. */
export function createClaim(host: BoardHost, grant: ClaimGrant): Claim {
  const claim = new GrantedClaim(host, grant);
  const leaseMs = host.agents.get(grant.agent)?.leaseMs;
  if (leaseMs !== undefined && grant.ttlMs < leaseMs) host.beat(); // L7
  return claim;
}

/** Tells the handle of a granted claim from a claim that is still pending. */
export function isGranted(held: HeldClaim): held is HeldClaim & Claim {
  return held instanceof GrantedClaim;
}

/** A class, since agents hold many: methods are shared, and a controller is made only for who asks for the signal. */
class GrantedClaim implements Claim, HeldClaim {
  readonly task: Task;
  readonly agent: AgentId;
  readonly attempt: number;
  readonly guarantee: Guarantee;
  readonly ttlMs: number;
  readonly #host: BoardHost;
  readonly #n: number;
  readonly #reading: Reading;
  readonly #stop: AbortSignal | undefined;
  readonly #onStop: (() => void) | undefined;
  readonly #cancelTimeout: (() => void) | undefined;
  #controller: AbortController | null = null;
  #abortReason: LossReason | "stopped" | null = null;
  #loss: LossReason | null = null;
  #isClosed = false;
  /** Whether the log may go on in another process, where two writers would spoil it. */
  #isForsaken = false;

  constructor(host: BoardHost, grant: ClaimGrant) {
    const { task, stop } = grant;
    this.task = task;
    this.agent = grant.agent;
    this.attempt = grant.attempt;
    this.guarantee = grant.guarantee;
    this.ttlMs = grant.ttlMs;
    this.#host = host;
    this.#n = grant.n;
    this.#reading = new Reading(host, task, grant.basis);
    this.#stop = stop;
    host.claims.add(this);
    const leaseMs = host.agents.get(grant.agent)?.leaseMs;
    if (this.hasResources || grant.ttlMs !== leaseMs) host.claims.single(this);
    const { timeoutMs } = task.policy;
    if (timeoutMs !== undefined)
      this.#cancelTimeout = host.clock.schedule(timeoutMs, () => this.#timeOut(timeoutMs));
    if (stop === undefined) return;
    this.#onStop = () => this.#abort("stopped");
    if (stop.aborted) this.#onStop();
    else stop.addEventListener("abort", this.#onStop);
  }

  get taskId(): TaskId {
    return this.task.id;
  }

  get hasResources(): boolean {
    return this.task.policy.resources !== undefined;
  }

  get readsOthers(): boolean {
    return this.#reading.isWatched;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#abortReason !== null) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  get inputs(): readonly TaskInput[] {
    return this.#reading.inputs;
  }

  get packet(): Packet | null {
    return this.#reading.packetFor(this.attempt);
  }

  get stale(): readonly StaleInput[] {
    return this.#reading.stale;
  }

  watchAlternates(listener: (alternate: Completion) => void): () => void {
    return this.#reading.watchAlternates(listener);
  }

  watchStale(listener: (stale: readonly StaleInput[]) => void): () => void {
    if (!this.#isOver()) this.#host.claims.single(this);
    return this.#reading.watchStale(listener);
  }

  refresh(): Task {
    return this.#reading.refresh();
  }

  async complete(
    result: unknown = null,
    { ifStale = "mark" }: CompleteOptions = {},
  ): Promise<CompletionOutcome> {
    if (this.#isClosed || this.#isForsaken) return { ok: false, reason: "closed" };
    const { stale } = this;
    if (stale.length > 0 && ifStale === "refuse") return { ok: false, reason: "stale", stale };
    const { refreshed } = this.#reading;
    this.#write(completionBodies(this.task.id, this.#n, copyJson(result, "result", 1), refreshed));
    return this.#completed(stale);
  }

  async adopt(alternate: RecordRef): Promise<CompletionOutcome> {
    if (this.#isClosed || this.#isForsaken) return { ok: false, reason: "closed" };
    const found = findResult(this.#reading.now, alternate);
    const basis = found.basis ?? {};
    const adopts = formatRef(found.adopts ?? found);
    this.#write([{ kind: "completed", ...this.#ref(), adopts, basis }]);
    return this.#completed(this.#reading.staleOf(basis));
  }

  fail(error: string, options: { readonly retryable?: boolean } = {}): Promise<ClosingOutcome> {
    const { retryable = true } = options;
    const { policy, thread } = this.#reading.now;
    return this.#closeWith({
      kind: "failed",
      ...this.#ref(),
      error: cut(error),
      retryable: retryable ? undefined : false,
      retryAfterMs: retryable
        ? retryDelay(policy.retry, thread.spent, this.#host.random)
        : undefined,
    });
  }

  reject(reason: string): Promise<ClosingOutcome> {
    return this.#closeWith({ kind: "rejected", ...this.#ref(), reason: cut(reason) });
  }

  async release(reason?: string, packet?: Packet): Promise<ClosingOutcome> {
    return this.#closeWith({
      kind: "released",
      ...this.#ref(),
      reason: reason === undefined ? undefined : cut(reason),
      packet: packet === undefined ? undefined : checkedPacket(packet),
    });
  }

  async handoff(packet: Packet, options: HandoffOptions): Promise<HandoffOutcome> {
    const loss = this.#lossNow();
    const copy = checkedPacket(packet);
    if (loss !== null) return { ok: false, reason: loss, declined: [] };
    const outcome = await withFirstAbort([this.#stop, options.signal], (signal) =>
      handOver(this.#handoffSource(), copy, { ...options, signal }),
    );
    this.judge(this.#reading.now); // what was accepted is over now, and not with the next turn
    return outcome;
  }

  async offer(packet: Packet, to: Audience): Promise<OfferOutcome> {
    const loss = this.#lossNow();
    const copy = checkedPacket(packet);
    if (loss !== null) return { ok: false, reason: loss };
    return { ok: true, offer: await makeOffer(this.#handoffSource(), copy, to) };
  }

  async ask(
    question: string,
    { of, signal }: { readonly of?: Audience; readonly signal?: AbortSignal } = {},
  ): Promise<AskOutcome> {
    const loss = this.#lossNow();
    if (loss !== null) return { ok: false, reason: loss };
    const { agent } = this;
    const body = { kind: "asked", ...this.#ref(), question: cut(question), of } as const;
    const n = this.#host.replica.append(agent, [body]);
    await this.#host.durable();
    const lossNow = (): LossReason | null => this.#lossNow();
    return withFirstAbort([this.#stop, signal], (first) =>
      awaitAnswer(this.#host, this.task.id, { agent, n }, lossNow, first),
    );
  }

  async note(text: string, about?: NoteKind): Promise<void> {
    if (this.#isForsaken) throw agentLeft(this.agent);
    this.#write([
      { kind: "noted", task: this.task.id, text, about: about === "progress" ? undefined : about },
    ]);
    await this.#host.durable();
  }

  judge(task: Task): void {
    if (this.#isOver()) return;
    const mine = findClaim(task, { agent: this.agent, n: this.#n });
    const reason = mine === undefined ? null : findLoss(this.#host, task, mine);
    if (reason === null) {
      this.#reading.tell(task);
      return;
    }
    // closed by its own word too, so that nobody counts it among its open claims
    this.#write([{ kind: "yielded", ...this.#ref() }]);
    this.#lose(reason);
  }

  cutOff(): void {
    this.#surrender("cut-off", "cut off from the others for a whole lease");
  }

  giveBack(): void {
    this.#surrender("closed", "its agent left");
  }

  forsake(): void {
    this.#isForsaken = true;
    if (!this.#isOver()) this.#lose("closed");
  }

  #ref(): { readonly task: TaskId; readonly claim: number } {
    return { task: this.task.id, claim: this.#n };
  }

  #handoffSource(): HandoffSource {
    return {
      host: this.#host,
      taskId: this.task.id,
      agent: this.agent,
      claim: this.#n,
      isSettled: this.guarantee === "settled",
      lossNow: () => this.#lossNow(),
    };
  }

  #isOver(): boolean {
    return this.#loss !== null || this.#isClosed;
  }

  #lossNow(): LossReason | null {
    return this.#loss ?? (this.#isClosed ? "closed" : null);
  }

  #write(bodies: readonly RecordBody[]): void {
    this.#host.replica.append(this.agent, bodies);
  }

  async #completed(stale: readonly StaleInput[]): Promise<CompletionOutcome> {
    this.#close();
    await this.#host.durable();
    const { completion, inReview } = this.#reading.now;
    const isMine = (one: Task["completion"]): boolean =>
      one?.agent === this.agent && one.claim === this.#n;
    return { ok: true, accepted: isMine(completion), isInReview: isMine(inReview), stale };
  }

  async #closeWith(body: RecordBody): Promise<ClosingOutcome> {
    const loss = this.#lossNow();
    if (loss !== null) return { ok: false, reason: loss };
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

  #timeOut(timeoutMs: number): void {
    if (this.#isOver()) return;
    const error = `took longer than ${timeoutMs} ms`;
    const { policy, thread } = this.#reading.now;
    const retryAfterMs = retryDelay(policy.retry, thread.spent, this.#host.random);
    this.#write([{ kind: "failed", ...this.#ref(), error, retryAfterMs }]);
    this.#lose("timeout");
  }

  #lose(reason: LossReason): void {
    this.#loss = reason;
    const local = this.#host.agents.get(this.agent);
    if (local !== undefined && (reason === "lost" || reason === "resource")) local.losses++;
    this.#forget();
    this.#abort(reason);
  }

  #abort(reason: LossReason | "stopped"): void {
    this.#abortReason ??= reason;
    this.#controller?.abort(reason);
  }

  #forget(): void {
    this.#host.claims.delete(this);
    this.#cancelTimeout?.();
    this.#reading.end();
    if (this.#onStop !== undefined) this.#stop?.removeEventListener("abort", this.#onStop);
  }
}
