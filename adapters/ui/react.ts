/** Hooks for React 18 and later, and for Preact where `react` is `preact/compat`. */
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useRef,
  useSyncExternalStore,
} from "react";
import type { Board } from "../../lib/index.ts";
import { type BoardState, type BoardStore, boardStore } from "./store.ts";

const BoardContext = createContext<BoardStore | null>(null);

/** Gives a board to all components below it. The children are those of the renderer in use, which need not be React's. */
export function BoardProvider(props: {
  readonly board: Board;
  readonly children?: unknown;
}): ReactElement {
  const value = boardStore(props.board);
  return createElement(BoardContext.Provider, { value }, props.children as ReactNode);
}

/**
 * Reads a part of the board: the component renders anew only when that part is another value than before, by `Object.is`
 * unless told how. A selector that makes a new array or object each time needs an `isEqual` that looks into it.
 *
 * @throws Error outside a {@link BoardProvider}
 */
export function useBoard<T>(
  selector: (state: BoardState) => T,
  isEqual: (a: T, b: T) => boolean = Object.is,
): T {
  const { getState, subscribe } = useStore();
  const last = useRef<Selected<T> | null>(null);
  const get = (): T => {
    const state = getState();
    const before = last.current;
    if (before?.state === state && before.selector === selector) return before.value;
    const selected = selector(state);
    const value = before !== null && isEqual(before.value, selected) ? before.value : selected;
    last.current = { state, selector, value };
    return value;
  };
  return useSyncExternalStore(subscribe, get, get);
}

/**
 * The board itself, to act on and to ask; it never causes a render.
 *
 * @throws Error outside a {@link BoardProvider}
 */
export function useBoardHandle(): Board {
  return useStore().board;
}

interface Selected<T> {
  readonly state: BoardState;
  readonly selector: (state: BoardState) => T;
  readonly value: T;
}

function useStore(): BoardStore {
  const store = useContext(BoardContext);
  if (store === null)
    throw new Error("There is no board here; put the component below a <BoardProvider board={…}>");
  return store;
}
