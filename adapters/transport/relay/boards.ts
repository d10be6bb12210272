/** The boards of one relay: each is opened for its first client and freed some time after its last. */
import {
  type BoardStore,
  type Clock,
  CoordinationError,
  type Random,
  type Storage,
} from "../../../lib/index.ts";
import { closeCode } from "../wire/message.ts";
import { Board } from "./board.ts";
import type { Traffic } from "./client.ts";
import { BoardDocument } from "./document.ts";

/** What boards are opened with. */
export interface BoardsOptions {
  readonly storage: Storage | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly idleMs: number;
  readonly presenceIntervalMs: number;
  readonly maxHoldMs: number;
  readonly traffic: Traffic;
  /** Hears of faults that the relay's owner should know. */
  readonly onFault: (error: unknown) => void;
}

interface OpenBoard {
  readonly board: Board;
  readonly store: BoardStore | undefined;
}

interface Entry {
  readonly name: string;
  readonly opening: Promise<OpenBoard>;
  visitors: number;
  cancelIdle: () => void;
  /** What went wrong, mostly with the store. */
  failure?: unknown;
  /** Set once the board is being closed; whoever comes now waits for the end, and opens it anew. */
  closing?: Promise<void>;
}

/** The open boards, by name. */
export class Boards {
  readonly #options: BoardsOptions;
  readonly #entries = new Map<string, Entry>();
  #isClosed = false;

  constructor(options: BoardsOptions) {
    this.#options = options;
  }

  /** How many boards are open. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Gives the board, opened if need be, and keeps it open until `leave` is called.
   *
   * @throws CoordinationError of the storage, when the board cannot be loaded
   */
  async enter(name: string): Promise<{ readonly board: Board; readonly leave: () => void }> {
    let entry = this.#entries.get(name);
    while (entry?.closing !== undefined) {
      await entry.closing;
      entry = this.#entries.get(name);
    }
    if (this.#isClosed) {
      throw new CoordinationError("CONNECTION_CLOSED", `The relay closed before ${name} was open`);
    }
    return this.#visit(entry ?? this.#createEntry(name));
  }

  /** Drains and closes every board; none can be entered any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#entries.values()].map((entry) => this.#close(entry)));
  }

  async #visit(entry: Entry): Promise<{ readonly board: Board; readonly leave: () => void }> {
    entry.cancelIdle();
    entry.visitors++;
    const { board } = await entry.opening;
    return { board, leave: () => this.#leave(entry) };
  }

  #leave(entry: Entry): void {
    entry.visitors--;
    if (entry.visitors === 0 && entry.closing === undefined) {
      const { clock, idleMs } = this.#options;
      entry.cancelIdle = clock.schedule(idleMs, () => void this.#close(entry));
    }
  }

  #createEntry(name: string): Entry {
    const opening = this.#open(name, (error) => this.#fail(entry, error));
    const entry: Entry = { name, opening, visitors: 0, cancelIdle: () => {} };
    this.#entries.set(name, entry);
    opening.catch(() => this.#forget(entry)); // whoever enters hears of the error
    return entry;
  }

  async #open(name: string, onFailure: (error: unknown) => void): Promise<OpenBoard> {
    const { storage, random } = this.#options;
    const store = await storage?.open(name);
    const document = new BoardDocument();
    document.load((await store?.load()) ?? []);
    const incarnation = store?.id ?? Buffer.from(random(16)).toString("hex");
    const board = new Board({ ...this.#options, name, incarnation, document, store, onFailure });
    return { board, store };
  }

  /** Closes a board that failed: what it was sent is not safe, and its clients must not believe it is. */
  #fail(entry: Entry, error: unknown): void {
    if (entry.failure === undefined) {
      entry.failure = error;
      this.#options.onFault(error);
      void this.#close(entry);
    }
  }

  #close(entry: Entry): Promise<void> {
    entry.cancelIdle();
    entry.closing ??= this.#shut(entry)
      .catch(this.#options.onFault)
      .finally(() => this.#forget(entry));
    return entry.closing;
  }

  async #shut(entry: Entry): Promise<void> {
    const { board, store } = await entry.opening;
    await board.drain().catch(() => {}); // #fail hears of it first
    if (entry.failure === undefined) {
      board.expelAll(closeCode.restarting, "the relay is closing");
    } else {
      board.expelAll(closeCode.storageFailed, `the board cannot be kept: ${entry.failure}`);
    }
    board.close();
    if (entry.failure === undefined && board.hasNews && !this.#isClosed) {
      await store?.compact().catch(this.#options.onFault);
    }
    await store?.close();
  }

  #forget(entry: Entry): void {
    if (this.#entries.get(entry.name) === entry) {
      this.#entries.delete(entry.name);
    }
  }
}
