/** The boards of one relay: each is opened for its first client and freed some time after its last. */
import * as Y from "yjs";
import {
  type BoardStore,
  type Clock,
  CoordinationError,
  type Random,
  type Storage,
} from "../../../lib/index.ts";
import { closeCode } from "../wire/message.ts";
import { Board } from "./board.ts";
import type { Client, Traffic } from "./client.ts";
import { BoardDocument } from "./document.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import type { RelayLimits } from "./limits.ts";

/** What boards are opened with. */
export interface BoardsOptions {
  readonly storage: Storage | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly idleMs: number;
  readonly presenceIntervalMs: number;
  readonly maxHoldMs: number;
  /** How long the first echoes of a board with an unknown past are held at least. */
  readonly holdMs: number;
  /** Whether nobody can have worked here before, though nothing is stored. */
  readonly isFresh: boolean;
  readonly allowsText: (board: string) => boolean;
  readonly limits: RelayLimits;
  readonly traffic: Traffic;
  /** Hears of faults that the relay's owner should know. */
  readonly onFault: (error: unknown) => void;
  /** Hears of each update that was not let in. */
  readonly onRefusal: (board: string, from: Client, reason: string) => void;
  /** Hears of each that was. */
  readonly onAdmission: (bytes: number, records: number) => void;
}

/** There is no room for another board. */
export class RelayFullError extends Error {}

interface OpenBoard {
  readonly board: Board;
  store: BoardStore | undefined;
}

interface Entry {
  readonly name: string;
  readonly opening: Promise<OpenBoard>;
  /** Set once it is open. */
  open?: OpenBoard;
  visitors: number;
  cancelIdle: () => void;
  cancelMend: () => void;
  /** Set once the board is being closed; whoever comes now waits for the end, and opens it anew. */
  closing?: Promise<void>;
}

const FIRST_MEND_MS = 250;
const LAST_MEND_MS = 5_000;

/** The open boards, by name. */
export class Boards {
  readonly #options: BoardsOptions;
  readonly #entries = new Map<string, Entry>();
  /** Boards without a store that were freed: what was on them is forgotten. */
  readonly #forgotten = new Set<string>();
  #ledger: Promise<Ledger> | undefined;
  #isClosed = false;

  constructor(options: BoardsOptions) {
    this.#options = options;
  }

  /** How many boards are open. */
  get size(): number {
    return this.#entries.size;
  }

  /** How many of them cannot be written to. */
  get readOnlyCount(): number {
    let count = 0;
    for (const { board } of this.#open()) if (board.readOnlyReason !== null) count++;
    return count;
  }

  /** How many agents ever joined the open boards. */
  get agentCount(): number {
    let count = 0;
    for (const { board } of this.#open()) count += board.document.logCount;
    return count;
  }

  /** Bytes of updates on all open boards. */
  get memoryBytes(): number {
    let sum = 0;
    for (const { board } of this.#open()) sum += board.document.sizeBytes;
    return sum;
  }

  /**
   * Gives the board, opened if need be, and keeps it open until `leave` is called.
   *
   * @throws CoordinationError of the storage, when the board cannot be loaded
   * @throws RelayFullError when there is no room for it
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
    await (await this.#ledger?.catch(() => undefined))?.close();
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
    const { limits } = this.#options;
    if (this.#entries.size >= limits.boards && !this.#freeIdle())
      throw new RelayFullError(`the relay has its ${limits.boards} boards open`);
    if (this.memoryBytes >= limits.memoryBytes)
      throw new RelayFullError("the memory of the relay is full");
    const opening = this.#load(name, (error) => this.#fail(entry, error));
    const entry: Entry = {
      name,
      opening,
      visitors: 0,
      cancelIdle: () => {},
      cancelMend: () => {},
    };
    this.#entries.set(name, entry);
    opening.then(
      (open) => {
        entry.open = open;
      },
      () => this.#forget(entry), // whoever enters hears of the error
    );
    return entry;
  }

  /** Frees a board that nobody is on, before its time. */
  #freeIdle(): boolean {
    for (const entry of this.#entries.values()) {
      if (entry.visitors > 0 || entry.closing !== undefined) continue;
      void this.#close(entry);
      return true;
    }
    return false;
  }

  async #load(name: string, onFailure: (error: unknown) => void): Promise<OpenBoard> {
    const { storage, random, allowsText, limits, onRefusal } = this.#options;
    const store = await storage?.open(name);
    const stored = (await store?.load()) ?? [];
    const holdMs = await this.#holdMs(name, store, stored.length > 0);
    const isText = allowsText(name);
    const rules = {
      allowsText: isText,
      maxLogs: limits.agentsPerBoard,
      maxTasks: limits.tasksPerBoard,
    };
    const document = new BoardDocument(rules, stored);
    const incarnation = store?.id ?? Buffer.from(random(16)).toString("hex");
    const board = new Board({
      ...this.#options,
      name,
      incarnation,
      document,
      store,
      holdMs,
      allowsText: isText,
      isFull: () => this.memoryBytes >= limits.memoryBytes,
      onFailure,
      onRefusal: (from, reason) => onRefusal(name, from, reason),
    });
    return { board, store };
  }

  /** How long to hold the echoes of a board that was just opened. */
  async #holdMs(name: string, store: BoardStore | undefined, hasPast: boolean): Promise<number> {
    const { storage, isFresh, holdMs } = this.#options;
    if (storage === undefined || store === undefined)
      return isFresh && !this.#forgotten.has(name) ? 0 : holdMs;
    this.#ledger ??= openLedger(storage, this.#options.onFault);
    this.#ledger.catch(() => {
      this.#ledger = undefined; // tried anew with the next board
    });
    const ledger = await this.#ledger;
    const isUnknown = !isFresh && ledger.isPastUnknown(name, store.id, hasPast);
    ledger.remember(name, store.id);
    return isUnknown ? holdMs : 0;
  }

  /** What was sent and not stored must not be believed safe; what is here can still be read. */
  #fail(entry: Entry, error: unknown): void {
    const { open } = entry;
    if (open === undefined || open.board.readOnlyReason !== null) return;
    this.#options.onFault(error);
    open.board.becomeReadOnly(error instanceof Error ? error.message : String(error));
    this.#mendLater(entry, open, FIRST_MEND_MS);
  }

  #mendLater(entry: Entry, open: OpenBoard, waitMs: number): void {
    entry.cancelMend = this.#options.clock.schedule(waitMs, async () => {
      if (entry.closing !== undefined || (await this.#tryToMend(entry, open))) return;
      if (entry.closing === undefined)
        this.#mendLater(entry, open, Math.min(2 * waitMs, LAST_MEND_MS));
    });
  }

  /** Opens the store anew, and has it keep what it lacks. */
  async #tryToMend(entry: Entry, open: OpenBoard): Promise<boolean> {
    const { storage } = this.#options;
    let store: BoardStore | undefined;
    try {
      await open.store?.close().catch(() => {}); // it has failed before
      store = await storage?.open(entry.name);
      if (store === undefined) return false;
      if (store.id !== open.store?.id) {
        await store.close();
        void this.#close(entry); // another memory: everybody is to be greeted anew
        return true;
      }
      const held = new Y.Doc();
      for (const update of await store.load()) Y.applyUpdate(held, update);
      await store.append(open.board.document.differenceFrom(Y.encodeStateVector(held)));
      held.destroy();
    } catch {
      await store?.close().catch(() => {});
      return false;
    }
    open.store = store;
    open.board.becomeWritable(store);
    return true;
  }

  #close(entry: Entry): Promise<void> {
    entry.cancelIdle();
    entry.cancelMend();
    entry.closing ??= this.#shut(entry)
      .catch(this.#options.onFault)
      .finally(() => this.#forget(entry));
    return entry.closing;
  }

  async #shut(entry: Entry): Promise<void> {
    const open = await entry.opening;
    const { board } = open;
    await board.drain().catch(() => {}); // #fail hears of it
    board.expelAll(closeCode.restarting, "the relay is closing");
    const isHealthy = board.readOnlyReason === null;
    board.close();
    if (open.store === undefined) this.#forgotten.add(entry.name);
    if (isHealthy && board.hasNews && !this.#isClosed) {
      await open.store?.compact().catch(this.#options.onFault);
    }
    await open.store?.close();
  }

  #forget(entry: Entry): void {
    if (this.#entries.get(entry.name) === entry) {
      this.#entries.delete(entry.name);
    }
  }

  *#open(): Iterable<OpenBoard> {
    for (const { open } of this.#entries.values()) if (open !== undefined) yield open;
  }
}
