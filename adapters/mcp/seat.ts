/** One agent's seat at a board: taken when it is first needed, and taken anew when the connection has ended for good. */
import type { Agent, Board } from "../../lib/index.ts";
import { createTools, type ToolKit } from "../tools/index.ts";

/** A board that is in sync, and the agent that joined it. */
export interface Party {
  readonly board: Board;
  readonly agent: Agent;
}

/** How a seat is made. */
export interface SeatOptions {
  /** Opens the board and joins it, for a client of this name where it is known; the signal ends the wait. */
  readonly open: (client: string | undefined, signal: AbortSignal) => Promise<Party>;
  /** How long an agent that leaves waits until the others can know. */
  readonly farewellMs: number;
}

/** A seat, whether or not it could be taken so far. */
export interface Seat {
  /** Takes the seat, or waits until it is taken; a seat that could not be taken is tried again at the next call. */
  take(client?: string): Promise<Party & ToolKit>;
  /** The party and its tools, where the seat is taken now. */
  readonly taken: (Party & ToolKit) | null;
  /** Calls back at most once a second while the board changes; returns the way to stop it. */
  watch(listener: () => void): () => void;
  /** Gives back what the agent holds, with a reason, but stays. */
  letGo(reason: string): Promise<void>;
  /** Leaves the board; idempotent. */
  close(): Promise<void>;
}

const TELL_MS = 1000;

/** Makes a seat; nothing is opened yet. */
export function createSeat({ open, farewellMs }: SeatOptions): Seat {
  const listeners = new Set<() => void>();
  const ending = new AbortController();
  let taken: (Party & ToolKit) | null = null;
  let taking: Promise<Party & ToolKit> | null = null;
  let closing: Promise<void> | null = null;
  let telling: NodeJS.Timeout | undefined;

  const tell = (): void => {
    telling ??= setTimeout(() => {
      telling = undefined;
      for (const listener of [...listeners]) listener();
    }, TELL_MS);
  };
  const sit = async (client: string | undefined): Promise<Party & ToolKit> => {
    if (taken !== null) await giveUp(taken);
    const party = await open(client, ending.signal);
    taken = { ...party, ...createTools(party) };
    party.board.watch(tell);
    return taken;
  };
  const giveUp = async ({ board, close }: Party & ToolKit): Promise<void> => {
    taken = null;
    close();
    await board.close();
  };

  return {
    get taken() {
      return taken;
    },
    take(client) {
      if (closing !== null) return Promise.reject(new Error("the seat is given up"));
      if (taken !== null && taken.board.status !== "closed") return Promise.resolve(taken);
      taking ??= sit(client).finally(() => {
        taking = null;
      });
      return taking;
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async letGo(reason) {
      await taken?.letGo(reason);
    },
    close() {
      closing ??= (async () => {
        clearTimeout(telling);
        ending.abort();
        await taking?.catch(() => {});
        if (taken === null) return;
        const { agent, board } = taken;
        await agent.leave();
        // who cannot be told now is told by the lease
        if (board.status === "synced") await board.sync({ timeoutMs: farewellMs }).catch(() => {});
        await giveUp(taken);
      })();
      return closing;
    },
  };
}
