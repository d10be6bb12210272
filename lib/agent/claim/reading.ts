/** What a holder reads of its task and of what the task needs, and is told of when that changes. */
import type { Basis, Packet } from "../../core/record.ts";
import { findStale, readBasis, type StaleInput } from "../../core/stale.ts";
import { type Completion, dependenciesOf, type Task } from "../../core/task.ts";
import type { BoardHost } from "../host.ts";
import type { TaskInput } from "./claim.ts";

type StaleListener = (stale: readonly StaleInput[]) => void;
type AlternateListener = (alternate: Completion) => void;

/** The reading of one claim. */
export class Reading {
  readonly #host: BoardHost;
  readonly #task: Task;
  #basis: Basis | null;
  #isRefreshed = false;
  #staleListeners: Set<StaleListener> | null = null;
  #lastRead: string;
  #alternateListeners: Set<AlternateListener> | null = null;
  #alternates: readonly Completion[] = [];

  constructor(host: BoardHost, task: Task, basis: Basis | null) {
    this.#host = host;
    this.#task = task;
    this.#basis = basis;
    this.#lastRead = JSON.stringify(basis);
  }

  /** The task as it is now. */
  get now(): Task {
    return this.#host.replica.task(this.#task.id) ?? this.#task;
  }

  /** Whether somebody wants to be told when what was read changes. */
  get isWatched(): boolean {
    return this.#staleListeners !== null;
  }

  /** What a result is based on that is not what its claim says already. */
  get refreshed(): Basis | undefined {
    return this.#isRefreshed ? (this.#basis ?? {}) : undefined;
  }

  get inputs(): readonly TaskInput[] {
    const { replica } = this.#host;
    return dependenciesOf(this.now).flatMap((id) => {
      const need = replica.task(id);
      const completion = need?.completion ?? null;
      return need === undefined || completion === null
        ? []
        : [{ task: id, title: need.title, result: completion.result }];
    });
  }

  get stale(): readonly StaleInput[] {
    return this.staleOf(this.#basis);
  }

  /** What has changed since `basis` was read. */
  staleOf(basis: Basis | null): readonly StaleInput[] {
    return findStale(this.now, basis ?? undefined, this.#host.replica.task);
  }

  /** What was passed on last before an attempt. */
  packetFor(attempt: number): Packet | null {
    return this.now.thread.packets.findLast((one) => one.attempt < attempt)?.packet ?? null;
  }

  refresh(): Task {
    const { now } = this;
    this.#basis = readBasis(now, this.#host.replica.task);
    this.#isRefreshed = true;
    this.#lastRead = JSON.stringify(this.#basis);
    return now;
  }

  watchStale(listener: StaleListener): () => void {
    this.#staleListeners ??= new Set();
    this.#staleListeners.add(listener);
    return () => this.#staleListeners?.delete(listener);
  }

  watchAlternates(listener: AlternateListener): () => void {
    this.#alternates = this.now.alternates;
    this.#alternateListeners ??= new Set();
    this.#alternateListeners.add(listener);
    return () => this.#alternateListeners?.delete(listener);
  }

  /** Tells those who watch what is new. */
  tell({ alternates }: Task): void {
    if (this.#staleListeners !== null) this.#tellStale();
    if (this.#alternateListeners !== null) this.#tellAlternates(alternates);
  }

  /** Nobody is told anything any more. */
  end(): void {
    this.#staleListeners = null;
    this.#alternateListeners = null;
  }

  /** Y2: once for each change. */
  #tellStale(): void {
    const read = JSON.stringify(readBasis(this.now, this.#host.replica.task));
    if (read === this.#lastRead) return;
    this.#lastRead = read;
    const { stale } = this;
    if (stale.length > 0) this.#call(this.#staleListeners, stale);
  }

  #tellAlternates(now: readonly Completion[]): void {
    const known = this.#alternates;
    this.#alternates = now;
    for (const one of now) {
      if (!known.some((old) => old.n === one.n && old.agent === one.agent))
        this.#call(this.#alternateListeners, one);
    }
  }

  /** P7: what a listener throws reaches the global handler and nobody else. */
  #call<T>(listeners: ReadonlySet<(value: T) => void> | null, value: T): void {
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
}
