/** What the relay lets anybody use of it, and the buckets that pace those who are too fast. */
import type { Clock } from "../../../lib/index.ts";

/** The limits of a relay. Rates are averages: four seconds' worth may come at once. */
export interface RelayLimits {
  /** The longest message taken, in bytes; 32 MiB. What an agent wrote offline comes as one. */
  readonly messageBytes: number;
  /** Per bearer on a board, over all its connections; whoever is faster is read more slowly. 5,000, and 4 times as many messages. */
  readonly recordsPerSecond: number;
  /** Per bearer on a board, over all its connections; whoever is faster is read more slowly. 8 MiB. */
  readonly bytesPerSecond: number;
  /** At once, in all; 2,000. */
  readonly connections: number;
  /** At once, from one address; 1,000. */
  readonly connectionsPerAddress: number;
  /** At once, on one board with tokens of one subject; 64. */
  readonly connectionsPerSubject: number;
  /** Open at once; 1,000. */
  readonly boards: number;
  /** On one board, all that ever joined; 10,000. */
  readonly agentsPerBoard: number;
  /** On one board, all that were ever added; 500,000. */
  readonly tasksPerBoard: number;
  /** Of updates, on all open boards; 512 MiB. */
  readonly memoryBytes: number;
  /** What may wait for a client before it is sent no more until it has caught up; 4 MiB. */
  readonly sendBufferBytes: number;
  /** How long a client may lag before it is sent away, in milliseconds; 30,000. */
  readonly lagMs: number;
}

/** The limits of a relay that is not told otherwise. */
export const DEFAULT_LIMITS: RelayLimits = {
  messageBytes: 32 << 20,
  recordsPerSecond: 5_000,
  bytesPerSecond: 8 << 20,
  connections: 2_000,
  connectionsPerAddress: 1_000,
  connectionsPerSubject: 64,
  boards: 1_000,
  agentsPerBoard: 10_000,
  tasksPerBoard: 500_000,
  memoryBytes: 512 << 20,
  sendBufferBytes: 4 << 20,
  lagMs: 30_000,
};

const BURST_SECONDS = 4;

/** A bucket that fills by the clock and may be overdrawn. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #clock: Clock;
  #level: number;
  #filledAt: number;

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#level = perSecond * BURST_SECONDS;
    this.#filledAt = clock.now();
  }

  /** Whether it holds all that it can. */
  get isFull(): boolean {
    this.#fill();
    return this.#level >= this.#perSecond * BURST_SECONDS;
  }

  /**
   * Takes out what was used.
   *
   * @returns how long to wait until it is no longer overdrawn, in milliseconds
   */
  take(amount: number): number {
    this.#fill();
    this.#level -= amount;
    return this.#level >= 0 ? 0 : (-this.#level / this.#perSecond) * 1000;
  }

  #fill(): void {
    const now = this.#clock.now();
    const filled = this.#level + ((now - this.#filledAt) / 1000) * this.#perSecond;
    this.#filledAt = now;
    this.#level = Math.min(filled, this.#perSecond * BURST_SECONDS);
  }
}

/** Counts by name, for limits of so many each. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** Adds one, unless there are as many as allowed. */
  enter(name: string, max: number): boolean {
    const count = this.#counts.get(name) ?? 0;
    if (count >= max) return false;
    this.#counts.set(name, count + 1);
    return true;
  }

  leave(name: string): void {
    const count = this.#counts.get(name) ?? 0;
    if (count > 1) this.#counts.set(name, count - 1);
    else this.#counts.delete(name);
  }
}
