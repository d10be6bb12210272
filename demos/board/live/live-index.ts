/** The lists of a board while it lives: fed by what changes, with word to whoever shows them. */
import { type Board, type BoardChange, tasksOf } from "../../../lib/index.ts";
import { type BoardIndex, createBoardIndex } from "../board-index.ts";

/** An index that grows with its board. */
export interface LiveIndex {
  readonly index: BoardIndex;
  /** Whether what arrives now may have happened before: until the first exchange after a connect is through. */
  readonly isCatchingUp: boolean;
  /** How many turns of the event loop have changed it. */
  readonly version: number;
  /** Calls back after each turn that changed the board, once the index has it. */
  subscribe(listener: (change: BoardChange) => void): () => void;
}

/** Starts to follow a board, for as long as it is open. */
export function followBoard(board: Board): LiveIndex {
  const listeners = new Set<(change: BoardChange) => void>();
  // the board alone knows which resources overlap; its sentence about that is the only one that begins so
  const index = createBoardIndex(({ id }) => {
    const { summary } = board.explain(id);
    return summary.startsWith("Waits for ") ? summary : null;
  });
  let version = 0;
  let isCatchingUp = true;
  board.watchStatus((status) => {
    if (status !== "synced") isCatchingUp = true;
    else
      setTimeout(() => {
        isCatchingUp = board.status !== "synced"; // in the turn after the one that tells of what was missed
      });
  });
  index.apply(tasksOf(board.snapshot()));
  board.watch((change) => {
    index.apply(change.tasks.map(({ after }) => after));
    version++;
    for (const listener of [...listeners]) listener(change);
  });
  return {
    index,
    get isCatchingUp() {
      return isCatchingUp;
    },
    get version() {
      return version;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
