/** The exchange of updates on one board: lets them in, has them stored, passes them on. */
import type { BoardStore, Clock } from "../../../lib/index.ts";
import { ByteReader } from "../wire/bounded.ts";
import { closeCode } from "../wire/message.ts";
import { encodeSync, type SyncMessage } from "../wire/traffic.ts";
import { UNREADABLE } from "./admission/admission.ts";
import type { Barrier } from "./barrier.ts";
import type { Client, Traffic } from "./client.ts";
import { type BoardDocument, findSigned, type Verdict } from "./document.ts";
import { type Arrival, createFanOut } from "./fan-out.ts";

/** What an exchange works with. */
export interface ExchangeOptions {
  readonly document: BoardDocument;
  readonly store: BoardStore | undefined;
  readonly barrier: Barrier;
  readonly traffic: Traffic;
  readonly clock: Clock;
  /** The board's document name with its generation. */
  readonly name: string;
  /** Whether those present play with signatures. */
  readonly isSigned: () => boolean;
  /** Has the turn ended soon, though no message came. */
  readonly wake: () => void;
  /** Whether the relay has no room for anything more. */
  readonly isFull: () => boolean;
  /** Hears of each update that was not let in. */
  readonly onRefusal: (from: Client, reason: string) => void;
  /** Hears of each that was. */
  readonly onAdmission: (bytes: number, records: number) => void;
}

/** What an answer costs of the rate, since it takes the relay so much longer than other messages. */
const MESSAGES_PER_ANSWER = 50;

/** After this long a client is asked again for what was left out of its answer. */
const ASK_AGAIN_MS = 1_000;

/** The exchange of one board. */
export class Exchange {
  /** Whether anything was stored since the board was opened. */
  hasNews = false;
  /** Where updates go; another one after the first has failed. */
  store: BoardStore | undefined;
  /** Why nothing can be stored; then nothing is let in. */
  readOnlyReason: string | null = null;

  readonly #options: ExchangeOptions;
  /** Updates of this turn that are not applied yet, so that one transaction takes them all. */
  #waiting: Arrival[] = [];
  /** Updates of this turn that are in the document. */
  #arrivals: Arrival[] = [];
  /** Who was given an answer in this turn. */
  readonly #answered = new Set<Client>();
  /** Whose records of others are being checked. */
  readonly #proving = new Set<Client>();
  readonly #askingAgain = new Map<Client, () => void>();

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.store = options.store;
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

  /** Takes in one message of y-protocols; throws where it cannot be read. */
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
    this.#answered.clear();
    this.#applyWaiting();
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    if (arrivals.length > 0) {
      this.#options.traffic.updates += arrivals.length;
      this.#storeAll(arrivals);
    }
    return createFanOut(arrivals);
  }

  /** Forgets a client. */
  forget(client: Client): void {
    this.#askingAgain.get(client)?.();
    this.#askingAgain.delete(client);
  }

  /** Lets the timers go. */
  close(): void {
    for (const cancel of this.#askingAgain.values()) cancel();
    this.#askingAgain.clear();
  }

  #answer(from: Client, stateVector: Uint8Array): void {
    const { document } = this.#options;
    const vector = checkedVector(stateVector);
    // a few bytes ask for the whole board; whoever does not read the answers is given no more
    const asksOn = from.isPaused && this.#answered.has(from);
    if (from.isClogged || asksOn) {
      from.expel(closeCode.tryLater, "it asks for more than it reads");
      return;
    }
    const payload = document.differenceFrom(vector);
    this.#answered.add(from);
    from.meter("messages", MESSAGES_PER_ANSWER);
    from.meter("bytes", payload.length); // whoever asks for the whole board again and again waits for it
    from.send(encodeSync({ kind: "difference", payload }));
    from.isSubscribed = true;
  }

  #takeDifference(from: Client, difference: Uint8Array): void {
    this.#applyWaiting();
    const closed = this.#whyClosed();
    if (closed !== null && difference.length > EMPTY_UPDATE_BYTES) {
      this.#sendAway(from, closed);
      return;
    }
    const { verdict, news, hasGap } = this.#options.document.applyDifference({
      update: difference,
      author: from.author,
    });
    if (hasGap) this.#askAgainLater(from);
    else from.awaitsDifference = false;
    this.#judged({ from, update: difference }, verdict);
    if (news !== undefined) this.#arrivals.push({ from, update: news });
    if (verdict.kind !== "refused" && this.#options.isSigned())
      this.#takeSigned(from, difference).catch((error) =>
        from.expel(closeCode.undecodable, String(error)),
      );
  }

  /** What others have signed may come from anybody, after the relay has lost it; checking that takes a while. */
  async #takeSigned(from: Client, difference: Uint8Array): Promise<void> {
    const { document, name } = this.#options;
    if (difference.length <= EMPTY_UPDATE_BYTES || this.#proving.has(from)) return;
    const logs = document.logsWith(difference);
    for (const records of logs.values()) from.meter("messages", records.length); // all are hashed
    this.#proving.add(from);
    const signed = await findSigned(logs, name).finally(() => this.#proving.delete(from));
    if (signed.size === 0 || from.isExpelled || this.readOnlyReason !== null) return;
    const { news, verdict } = document.applySigned(difference, signed);
    if (news === undefined || verdict.kind !== "new") return;
    this.#arrivals.push({ from, update: news });
    this.#options.wake();
  }

  /** What it builds upon may come from somebody else; until then none of its markers is echoed. */
  #askAgainLater(from: Client): void {
    if (this.#askingAgain.has(from)) return;
    const cancel = this.#options.clock.schedule(ASK_AGAIN_MS, () => {
      this.#askingAgain.delete(from);
      from.awaitsDifference = false;
      this.askForDifference(from);
    });
    this.#askingAgain.set(from, cancel);
  }

  #applyWaiting(): void {
    const waiting = this.#waiting.filter(({ from }) => !from.isExpelled);
    this.#waiting = [];
    if (waiting.length === 0) return;
    const closed = this.#whyClosed();
    if (closed !== null) {
      for (const { from } of waiting) this.#sendAway(from, closed);
      return;
    }
    const verdicts = this.#options.document.apply(
      waiting.map(({ from, update }) => ({ update, author: from.author })),
    );
    for (const [i, arrival] of waiting.entries()) {
      const verdict = verdicts[i];
      if (verdict === undefined) continue;
      this.#judged(arrival, verdict);
      if (verdict.kind === "new")
        this.#arrivals.push({ from: arrival.from, update: verdict.update });
      if (verdict.kind === "gap") this.askForDifference(arrival.from);
    }
  }

  /** Counts what was let in, and sends away whoever sent what cannot be. */
  #judged({ from, update }: Arrival, verdict: Verdict): void {
    const { traffic, onRefusal, onAdmission } = this.#options;
    if (verdict.kind === "new") {
      traffic.records += verdict.records;
      onAdmission(update.length, verdict.records);
      from.meter("records", verdict.records);
    } else if (verdict.kind === "refused") {
      traffic.refusals++;
      onRefusal(from, verdict.reason);
      const isUnreadable = verdict.reason.startsWith(UNREADABLE);
      from.expel(
        isUnreadable ? closeCode.undecodable : closeCode.forbidden,
        `an update was refused: ${verdict.reason}`,
      );
    }
  }

  #whyClosed(): string | null {
    return this.readOnlyReason ?? (this.#options.isFull() ? "the relay is full" : null);
  }

  /** It comes back, and tries again. */
  #sendAway(from: Client, reason: string): void {
    from.expel(closeCode.storageFailed, `the board cannot be kept: ${reason}`);
  }

  #storeAll(arrivals: readonly Arrival[]): void {
    const { store } = this;
    if (store !== undefined) {
      this.hasNews = true;
      this.#options.barrier.awaitStored(
        Promise.all(arrivals.map(async ({ update }) => store.append(update))),
      );
    }
  }
}

/** An update without structs is two zeros: no clients with structs, none with deletions. */
const EMPTY_UPDATE_BYTES = 2;

/** Ten times what a board with the most agents has. */
const MAX_VECTOR_ENTRIES = 100_000;

/**
 * Reads a state vector before Yjs does, which believes its length.
 *
 * @throws RangeError when it is cut off or too long
 */
function checkedVector(vector: Uint8Array): Uint8Array {
  const reader = new ByteReader(vector);
  const count = reader.count();
  if (count > MAX_VECTOR_ENTRIES) throw new RangeError("a state vector is too long");
  for (let left = count; left > 0; left--) {
    reader.varUint();
    reader.varUint();
  }
  return vector;
}
