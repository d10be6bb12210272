/** Echoes markers: only what is stored, only after what came before, and not while another memory may matter. */
import type { Clock } from "../../../lib/index.ts";
import { encodeMarker } from "../wire/traffic.ts";
import type { Client } from "./client.ts";

/** What a barrier is told about its board. */
export interface BarrierOptions {
  readonly clock: Clock;
  readonly clients: ReadonlySet<Client>;
  /** Hears of each failure to store; no marker is echoed after one. */
  readonly onFailure: (error: unknown) => void;
}

/** The barrier of one board. */
export class Barrier {
  readonly #options: BarrierOptions;
  readonly #openedAt: number;
  #heldUntil = Number.NEGATIVE_INFINITY;
  #cancelTimer: () => void = () => {};
  /** Undefined while nothing is being stored, so that an echo need not wait a turn. */
  #storing: Promise<void> | undefined;

  constructor(options: BarrierOptions) {
    this.#options = options;
    this.#openedAt = options.clock.now();
  }

  /** Makes every later echo wait for this write, too. */
  awaitStored(write: Promise<unknown>): void {
    const storing = Promise.all([this.#storing, write]).then(() => {
      if (this.#storing === storing) {
        this.#storing = undefined;
      }
    });
    this.#storing = storing;
    storing.catch(this.#options.onFailure);
  }

  /** Resolves once all that is being stored is. */
  async whenStored(): Promise<void> {
    await this.#storing;
  }

  /**
   * Holds every echo until this board has been open for a lease: by then whoever worked under an earlier memory of
   * the board, and has not come back, has stopped itself.
   */
  hold(leaseMs: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, this.#openedAt + leaseMs);
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.schedule(this.#holdMs(), () => this.#releaseAll());
  }

  /** Echoes the client's markers as soon as that is right. */
  release(client: Client): void {
    if (
      client.markers.length === 0 ||
      !client.isSubscribed ||
      client.awaitsDifference ||
      client.behind !== null ||
      this.#isHeld()
    ) {
      return;
    }
    const markers = client.markers.splice(0);
    if (this.#storing === undefined) {
      echo(client, markers);
      return;
    }
    this.#storing.then(
      () => this.#echoStored(client, markers),
      () => {}, // onFailure hears of it
    );
  }

  /** What could not be stored is stored now, by somebody else. */
  forgetFailure(): void {
    this.#storing = undefined;
  }

  /** Lets the timer go. */
  close(): void {
    this.#cancelTimer();
  }

  #echoStored(client: Client, markers: readonly number[]): void {
    if (this.#isHeld()) {
      client.markers.unshift(...markers);
    } else {
      echo(client, markers);
    }
  }

  #releaseAll(): void {
    if (this.#isHeld()) {
      this.hold(0);
    }
    for (const client of this.#options.clients) {
      this.release(client);
    }
  }

  #isHeld(): boolean {
    return this.#holdMs() > 0;
  }

  #holdMs(): number {
    return Math.max(0, this.#heldUntil - this.#options.clock.now());
  }
}

function echo(client: Client, markers: readonly number[]): void {
  client.openMarkers -= markers.length;
  for (const marker of markers) {
    client.send(encodeMarker(marker));
  }
}
