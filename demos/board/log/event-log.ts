/** The latest events of a board, bounded, each with when it was seen here. */
import { type Board, type BoardEvent, CoordinationError } from "../../../lib/index.ts";
import type { LiveIndex } from "../live/live-index.ts";

/** One entry: an event, or a remark of the page's own where events are left out. */
export interface LogEntry {
  readonly id: number;
  /** The board's Lamport time when it was seen. */
  readonly time: number;
  /** The time of day here. */
  readonly seenAt: Date;
  readonly event: BoardEvent | string;
}

/** The entries, the latest last; replaced by another array at each change. */
export interface EventLog {
  readonly entries: readonly LogEntry[];
  /** How many there were, those that are gone included. */
  readonly total: number;
}

/** So many are kept. */
export const KEPT_EVENTS = 500;

/** Starts to keep a board's events until it is closed. */
export function keepLog(board: Board, live: LiveIndex): EventLog {
  let entries: LogEntry[] = [];
  let total = 0;
  let earlier: number | null = 0;
  let now = { turn: -1, seenAt: new Date(), time: 0 };
  const note = (event: LogEntry["event"]): void => {
    if (now.turn !== live.version)
      now = { turn: live.version, seenAt: new Date(), time: board.time };
    entries.push({ id: total++, time: now.time, seenAt: now.seenAt, event });
    if (entries.length > 2 * KEPT_EVENTS) entries = entries.slice(-KEPT_EVENTS);
  };
  /** The first exchange brings what happened before, task by task and not in its order: it is counted, not told. */
  const take = (event: BoardEvent): void => {
    if (earlier !== null && live.isCatchingUp) {
      earlier++;
      return;
    }
    if (earlier !== null && earlier > 0)
      note(`${earlier} things had happened before; move the history slider to see them.`);
    earlier = null;
    note(event);
  };
  const read = async (): Promise<void> => {
    for (;;) {
      try {
        for await (const event of board.events()) take(event);
        return;
      } catch (fault) {
        // more came at once than a reader is let fall behind
        if (!(fault instanceof CoordinationError) || fault.code !== "EVENTS_OVERFLOW") return;
        note("More happened at once than can be kept here.");
      }
    }
  };
  void read();
  return {
    get entries() {
      return entries.slice(-KEPT_EVENTS);
    },
    get total() {
      return total;
    },
  };
}
