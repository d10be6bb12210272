/** What happened on the board lately, numbered, so that an agent that asks now and then misses nothing. */
import type { AgentId, Board, BoardEvent, LossReason, TaskId } from "../../lib/index.ts";

/** One thing that others did, or that befell a claim of this agent. */
export type Change = {
  /** The library's name of the event, or `claim-lost`, `claim-decided`. */
  readonly what: string;
  /** Null where it is about an agent. */
  readonly task_id: TaskId | null;
  /** Whose doing it was; null where nobody is named. */
  readonly by: AgentId | null;
  /** Why a claim was lost; only there. */
  readonly reason?: LossReason;
};

/** What a reader has not seen. */
export interface News {
  readonly changes: readonly Change[];
  /** Whether more happened than is kept, or the cursor is that of another run: then only a fresh look tells all. */
  readonly isIncomplete: boolean;
}

/** The changes of one agent's time on a board. */
export interface ChangeLog {
  /** Where it ends now. */
  readonly cursor: string;
  /** @throws RangeError when the cursor was never given out by anyone */
  since(cursor: string): News;
  push(change: Change): void;
  /** Resolves at the next change, after `timeoutMs`, or when the signal aborts. */
  next(timeoutMs: number, signal: AbortSignal | undefined): Promise<void>;
  close(): void;
}

const KEPT = 1000;
const CURSOR = /^([^\s.]{1,300})\.(\d{1,15})$/u;

/** What an agent did itself is no news to it; this is what befalls its own claims. */
const BEFALLS_CLAIMANT: ReadonlySet<BoardEvent["kind"]> = new Set([
  "claim-expired",
  "claim-superseded",
  "claim-handed-off",
  "result-superseded",
  "result-reviewed",
]);
/** Whoever can write to the board can cause these at will, and they change nothing. */
const NOISE: ReadonlySet<BoardEvent["kind"]> = new Set([
  "record-rejected",
  "record-ignored",
  "agent-stalled",
]);

/** Starts to listen. */
export function createChangeLog(board: Board, me: AgentId): ChangeLog {
  const run = me.split("~").at(-1) ?? "";
  const kept: Change[] = [];
  let end = 0;
  let wake: Set<() => void> = new Set();

  const push = (change: Change): void => {
    kept.push(change);
    end++;
    if (kept.length > KEPT) kept.shift();
    const sleepers = wake;
    wake = new Set();
    for (const rouse of sleepers) rouse();
  };
  const isNews = ({ kind, agent }: BoardEvent): boolean =>
    !NOISE.has(kind) && (agent !== me || BEFALLS_CLAIMANT.has(kind));
  const stop = board.watch(({ events }) => {
    for (const event of events)
      if (isNews(event)) push({ what: event.kind, task_id: event.task, by: event.agent });
  });

  return {
    get cursor() {
      return `${run}.${end}`;
    },
    since(cursor) {
      const [, itsRun, place] = CURSOR.exec(cursor) ?? [];
      if (place === undefined) throw new RangeError("the cursor is none that a tool gave");
      const from = Number(place);
      if (itsRun !== run || from > end) return { changes: [...kept], isIncomplete: true };
      const missing = Math.max(0, end - kept.length - from);
      return {
        changes: kept.slice(Math.max(0, from - (end - kept.length))),
        isIncomplete: missing > 0,
      };
    },
    push,
    next(timeoutMs, signal) {
      return new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          wake.delete(done);
          signal?.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, timeoutMs);
        wake.add(done);
        signal?.addEventListener("abort", done);
        if (signal?.aborted) done();
      });
    },
    close() {
      stop();
      for (const rouse of wake) rouse();
    },
  };
}
