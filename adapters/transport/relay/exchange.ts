/** The exchange of updates on one board: lets them in, has them stored, passes them on. */
import type { BoardStore } from "../../../lib/index.ts";
import { closeCode } from "../wire/message.ts";
import { encodeSync, type SyncMessage } from "../wire/traffic.ts";
import type { Barrier } from "./barrier.ts";
import type { Client, Traffic } from "./client.ts";
import type { BoardDocument } from "./document.ts";
import { type Arrival, createFanOut } from "./fan-out.ts";

/** What an exchange works with. */
export interface ExchangeOptions {
  readonly document: BoardDocument;
  readonly store: BoardStore | undefined;
  readonly barrier: Barrier;
  readonly traffic: Traffic;
}

/** The exchange of one board. */
export class Exchange {
  /** Whether anything was stored since the board was opened. */
  hasNews = false;

  readonly #options: ExchangeOptions;
  /** Updates of this turn that are not applied yet, so that one transaction takes them all. */
  #waiting: Arrival[] = [];
  /** Updates of this turn that are in the document. */
  #arrivals: Arrival[] = [];

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /**
   * Asks a client for what it has beyond the board, unless it was asked and has not answered: its answer will hold
   * whatever came from it before.
   */
  askForDifference(client: Client): void {
    if (!client.awaitsDifference) {
      client.awaitsDifference = true;
      const payload = this.#options.document.stateVector();
      client.send(encodeSync({ kind: "state-vector", payload }));
    }
  }

  /** Takes in one message of y-protocols; throws where it cannot be applied. */
  receive(from: Client, { kind, payload }: SyncMessage): void {
    switch (kind) {
      case "state-vector":
        this.#answer(from, payload);
        break;
      case "difference":
        this.#takeDifference(from, payload);
        break;
      case "update":
        this.#waiting.push({ from, update: payload });
    }
  }

  /**
   * Ends the turn: applies what is waiting and has all of the turn stored.
   *
   * @returns a function that sends it to a client
   */
  endTurn(): (client: Client) => void {
    this.#applyWaiting();
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    if (arrivals.length > 0) {
      this.#options.traffic.updates += arrivals.length;
      this.#storeAll(arrivals);
    }
    return createFanOut(arrivals);
  }

  #answer(from: Client, stateVector: Uint8Array): void {
    const payload = this.#options.document.differenceFrom(stateVector);
    from.send(encodeSync({ kind: "difference", payload }));
    from.isSubscribed = true;
  }

  #takeDifference(from: Client, difference: Uint8Array): void {
    this.#applyWaiting();
    const update = this.#options.document.applyDifference(difference);
    from.awaitsDifference = false;
    if (update !== undefined) {
      this.#arrivals.push({ from, update });
    }
  }

  #applyWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const verdicts = this.#options.document.apply(waiting.map(({ update }) => update));
    for (const [index, arrival] of waiting.entries()) {
      const verdict = verdicts[index];
      if (verdict === "new") {
        this.#arrivals.push(arrival);
      } else if (verdict === "gap") {
        this.askForDifference(arrival.from);
      } else if (verdict === "invalid") {
        arrival.from.expel(closeCode.undecodable, "undecodable message: Yjs cannot apply it");
      }
    }
  }

  #storeAll(arrivals: readonly Arrival[]): void {
    const { store, barrier } = this.#options;
    if (store !== undefined) {
      this.hasNews = true;
      barrier.awaitStored(Promise.all(arrivals.map(async ({ update }) => store.append(update))));
    }
  }
}
