/** A claim in its holder's hand: the right, as far as its guarantee goes, to work on one attempt of a task. */
import { CoordinationError } from "../../core/error.ts";
import { checkPacket } from "../../core/packet.ts";
import type {
  AgentId,
  Audience,
  Basis,
  Guarantee,
  Json,
  NoteKind,
  Packet,
  RecordRef,
  TaskId,
} from "../../core/record.ts";
import { formatRef } from "../../core/record.ts";
import { findStale, readBasis, type StaleInput } from "../../core/stale.ts";
import type { Completion, Task, TaskClaim } from "../../core/task.ts";
import { dependenciesOf, findClaim, isLive } from "../../core/task.ts";
import { copyJson } from "../../replica/plain-json.ts";
import type { RecordBody } from "../../replica/replica.ts";
import { withFirstAbort } from "../abort.ts";
import type { BoardHost, HeldClaim } from "../host.ts";
import {
  type HandoffOptions,
  type HandoffOutcome,
  type HandoffSource,
  handOver,
  makeOffer,
  type OfferOutcome,
} from "./handoff.ts";
import type { LossReason } from "./loss.ts";
import { type AskOutcome, awaitAnswer } from "./question.ts";
import { completionBodies, cut } from "./result.ts";
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
  readonly #stop: AbortSignal | undefined;
  readonly #onStop: (() => void) | undefined;
  readonly #cancelTimeout: (() => void) | undefined;
  #basis: Basis | null;
  #isRefreshed = false;
  #staleListeners: Set<(stale: readonly StaleInput[]) => void> | null = null;
  #lastRead = "";
  #alternateListeners: Set<(alternate: Completion) => void> | null = null;
  #alternates: readonly Completion[] = [];
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
    this.#basis = grant.basis;
    this.#lastRead = JSON.stringify(grant.basis);
    this.#host = host;
    this.#n = grant.n;
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
    return this.#staleListeners !== null;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#abortReason !== null) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  get inputs(): readonly TaskInput[] {
    const { replica } = this.#host;
    return dependenciesOf(this.#now()).flatMap((id) => {
      const need = replica.task(id);
      const completion = need?.completion ?? null;
      return need === undefined || completion === null
        ? []
        : [{ task: id, title: need.title, result: completion.result }];
    });
  }

  get packet(): Packet | null {
    const { packets } = this.#now().thread;
    return packets.findLast(({ attempt }) => attempt < this.attempt)?.packet ?? null;
  }

  get stale(): readonly StaleInput[] {
    return findStale(this.#now(), this.#basis ?? undefined, this.#host.replica.task);
  }

  watchAlternates(listener: (alternate: Completion) => void): () => void {
    this.#alternates = this.#now().alternates;
    this.#alternateListeners ??= new Set();
    this.#alternateListeners.add(listener);
    return () => this.#alternateListeners?.delete(listener);
  }

  watchStale(listener: (stale: readonly StaleInput[]) => void): () => void {
    this.#staleListeners ??= new Set();
    this.#staleListeners.add(listener);
    if (!this.#isOver()) this.#host.claims.single(this);
    return () => this.#staleListeners?.delete(listener);
  }

  refresh(): Task {
    const now = this.#now();
    this.#basis = readBasis(now, this.#host.replica.task);
    this.#isRefreshed = true;
    this.#lastRead = JSON.stringify(this.#basis);
    return now;
  }

  async complete(
    result: unknown = null,
    { ifStale = "mark" }: CompleteOptions = {},
  ): Promise<CompletionOutcome> {
    if (this.#isClosed || this.#isForsaken) return { ok: false, reason: "closed" };
    const { stale } = this;
    if (stale.length > 0 && ifStale === "refuse") return { ok: false, reason: "stale", stale };
    const basis = this.#isRefreshed ? (this.#basis ?? {}) : undefined;
    this.#write(completionBodies(this.task.id, this.#n, copyJson(result, "result", 1), basis));
    return this.#completed(stale);
  }

  async adopt(alternate: RecordRef): Promise<CompletionOutcome> {
    if (this.#isClosed || this.#isForsaken) return { ok: false, reason: "closed" };
    const found = findResult(this.#now(), alternate);
    const basis = found.basis ?? {};
    const adopts = formatRef(found.adopts ?? found);
    this.#write([{ kind: "completed", ...this.#ref(), adopts, basis }]);
    return this.#completed(findStale(this.#now(), basis, this.#host.replica.task));
  }

  fail(error: string, options: { readonly retryable?: boolean } = {}): Promise<ClosingOutcome> {
    const { retryable = true } = options;
    const { policy, thread } = this.#now();
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
    this.judge(this.#now()); // what was accepted is over now, and not with the next turn
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
    const reason = mine === undefined ? null : this.#lossOf(task, mine);
    if (mine === undefined || reason === null) {
      if (this.#staleListeners !== null) this.#tellStale();
      if (this.#alternateListeners !== null) this.#tellAlternates(task.alternates);
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

  #now(): Task {
    return this.#host.replica.task(this.task.id) ?? this.task;
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
    const { completion, inReview } = this.#now();
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
    const { policy, thread } = this.#now();
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
    this.#staleListeners = null;
    this.#alternateListeners = null;
    if (this.#onStop !== undefined) this.#stop?.removeEventListener("abort", this.#onStop);
  }

  #tellAlternates(now: readonly Completion[]): void {
    const known = this.#alternates;
    this.#alternates = now;
    for (const one of now) {
      if (!known.some((old) => old.n === one.n && old.agent === one.agent))
        this.#tell(this.#alternateListeners, one);
    }
  }

  /** Y2: once for each change. */
  #tellStale(): void {
    const { stale } = this;
    const read = JSON.stringify(readBasis(this.#now(), this.#host.replica.task));
    if (read === this.#lastRead) return;
    this.#lastRead = read;
    if (stale.length > 0) this.#tell(this.#staleListeners, stale);
  }

  /** P7: what a listener throws reaches the global handler and nobody else. */
  #tell<T>(listeners: ReadonlySet<(value: T) => void> | null, value: T): void {
    for (const listener of [...(listeners ?? [])]) {
      try {
        listener(value);
      } catch (error) {
        this.#host.clock.schedule(0, () => {
          throw error;
        });
      }
    }
  }

  #lossOf(task: Task, mine: TaskClaim): LossReason | null {
    if (task.state === "completed") return mine.status === "completed" ? null : "completed";
    if (task.state === "canceled") return "canceled";
    switch (mine.status) {
      case "expired":
      case "superseded":
      case "unable":
      case "handed-off":
        return mine.status;
    }
    if (!isLive(mine)) return null;
    if (this.hasResources) return lossAmongAll(this.#host, task, mine);
    return task.winner === mine ? null : "lost";
  }
}

/** X7, X10: where there are resources, rivals for the task and for them are in one order, so that none go in a circle. */
function lossAmongAll({ contention }: BoardHost, task: Task, mine: TaskClaim): LossReason | null {
  const outdoes = (claim: TaskClaim): boolean =>
    claim.status === "held" && contention.compare(claim, mine) < 0;
  if (task.claims.some((one) => one.attempt === mine.attempt && outdoes(one))) return "lost";
  return contention.rivalsOf(task).some(({ claim }) => outdoes(claim)) ? "resource" : null;
}

/**
 * Finds a result of a task that may be adopted.
 *
 * @throws RangeError when the task has none of this reference
 */
export function findResult({ id, completion, alternates }: Task, ref: RecordRef): Completion {
  const found = [completion, ...alternates].find(
    (one) => one?.n === ref.n && one.agent === ref.agent,
  );
  if (found) return found;
  throw new RangeError(`Task ${id} has no result ${formatRef(ref)}; take one of its alternates`);
}

function checkedPacket(packet: Packet): Packet {
  checkPacket(packet);
  return copyJson(packet, "packet", 1) as unknown as Packet;
}

/** The error for a call on behalf of an agent that takes no further part here. */
export function agentLeft(agent: AgentId): CoordinationError {
  const message = `Agent ${agent} has left the board; join again.`;
  return new CoordinationError("AGENT_LEFT", message, { details: { agent } });
}

/** The error for a guarantee that cannot be had, and why not. */
export function guaranteeUnavailable(task: TaskId, why: string): CoordinationError {
  const options = { details: { task } };
  return new CoordinationError("GUARANTEE_UNAVAILABLE", `A claim of task ${task} ${why}.`, options);
}
