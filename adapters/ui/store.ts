/** A board as a store for user interfaces of any kind: one state at a time, and word when it is another one. */
import {
  type Board,
  type ConnectionStatus,
  CoordinationError,
  type Snapshot,
} from "../../lib/index.ts";

/** What there is to show at one moment; the same object until something changes. */
export interface BoardState {
  readonly snapshot: Snapshot;
  readonly status: ConnectionStatus;
}

/** A part of the state. */
export interface Selection<T> {
  /** What is selected now; where the selector's value equals the one before, that very one. */
  get(): T;
  /** Calls back when another value is selected; returns the way to stop it. */
  subscribe(listener: (value: T, previous: T) => void): () => void;
}

/** One board's store. Its functions need no `this`. */
export interface BoardStore {
  readonly board: Board;
  /** What there is to show now. */
  readonly getState: () => BoardState;
  /** Calls back when the state may be another one, once a turn of the event loop; returns the way to stop it. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Selects a part; by `Object.is` unless told how, a value that equals the one before is no change. */
  readonly select: <T>(
    selector: (state: BoardState) => T,
    isEqual?: (a: T, b: T) => boolean,
  ) => Selection<T>;
}

const stores = new WeakMap<Board, BoardStore>();

/** Gives the store of a board, always the same one. The board is watched only for those who have subscribed. */
export function boardStore(board: Board): BoardStore {
  const known = stores.get(board);
  if (known !== undefined) return known;
  const store = createStore(board);
  stores.set(board, store);
  return store;
}

function createStore(board: Board): BoardStore {
  let state: BoardState = { snapshot: board.snapshot(), status: board.status };

  const getState = (): BoardState => {
    const snapshot = board.snapshot();
    const { status } = board;
    if (state.snapshot !== snapshot || state.status !== status) state = { snapshot, status };
    return state;
  };

  const subscribe = (listener: () => void): (() => void) => {
    let isStopped = false; // the board may be about to call all who were there when something changed
    const tell = (): void => {
      if (!isStopped) listener();
    };
    const stops = unlessClosed(() => [board.watch(tell), board.watchStatus(tell)]);
    return () => {
      isStopped = true;
      for (const stop of stops) stop();
    };
  };

  return {
    board,
    getState,
    subscribe,
    select(selector, isEqual = Object.is) {
      const get = memoize(getState, selector, isEqual);
      return {
        get,
        subscribe(listener) {
          let previous = get();
          return subscribe(() => {
            const value = get();
            if (Object.is(value, previous)) return;
            const old = previous;
            previous = value;
            listener(value, old);
          });
        },
      };
    },
  };
}

/** A closed board does not change any more, and what shows it need not know that it was closed. */
function unlessClosed(watch: () => readonly (() => void)[]): readonly (() => void)[] {
  try {
    return watch();
  } catch (error) {
    if (error instanceof CoordinationError && error.code === "BOARD_CLOSED") return [];
    throw error;
  }
}

/** Runs a selector once for each state, and keeps its value while it is equal to the next. */
function memoize<T>(
  getState: () => BoardState,
  selector: (state: BoardState) => T,
  isEqual: (a: T, b: T) => boolean,
): () => T {
  let last: { readonly state: BoardState; readonly value: T } | null = null;
  return () => {
    const state = getState();
    if (last?.state === state) return last.value;
    const value = selector(state);
    last = { state, value: last !== null && isEqual(last.value, value) ? last.value : value };
    return last.value;
  };
}
