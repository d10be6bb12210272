/** The syncs of a connection without a relay: who waits for what to be held by a peer too. */
import { CoordinationError } from "../../../lib/index.ts";
import { includesState } from "../memory/document-state.ts";

interface Pending {
  readonly goal: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** All syncs that wait; a closed list takes none. */
export class PendingSyncs {
  readonly #board: string;
  #pending: Pending[] = [];
  #isClosed = false;

  constructor(board: string) {
    this.#board = board;
  }

  /** Resolves once somebody is known to hold `goal`. */
  wait(goal: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(this.#closedError());
      } else {
        this.#pending.push({ goal, resolve, reject });
      }
    });
  }

  /** A peer holds `state`. */
  confirm(state: Uint8Array): void {
    const waiting = this.#pending;
    this.#pending = waiting.filter(({ goal }) => !includesState(state, goal));
    for (const each of waiting) {
      if (!this.#pending.includes(each)) {
        each.resolve();
      }
    }
  }

  /** Rejects all that waits, and whatever comes. */
  close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#pending.splice(0)) {
      reject(this.#closedError());
    }
  }

  get isEmpty(): boolean {
    return this.#pending.length === 0;
  }

  #closedError(): CoordinationError {
    return new CoordinationError(
      "CONNECTION_CLOSED",
      `The connection of ${this.#board} has ended: it was closed; connect anew to sync`,
      { details: { board: this.#board } },
    );
  }
}
