/** The board as of an earlier time, computed at most once at a time while somebody drags through the past. */
import { useEffect, useRef, useState } from "preact/hooks";
import { type Board, tasksOf } from "../../../lib/index.ts";
import { createBoardIndex } from "../board-index.ts";
import type { Past } from "../live/page-context.tsx";

/** Gives the past moment, the last one computed until the next is, or null for now. */
export function usePast(board: Board, at: number | null): Past | null {
  const [past, setPast] = useState<Past | null>(null);
  const wanted = useRef<number | null>(at);
  const restMs = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  wanted.current = at;
  useEffect(() => {
    if (at === null) {
      setPast(null);
      return;
    }
    const compute = (): void => {
      timer.current = undefined;
      if (wanted.current === null) return;
      const start = performance.now();
      setPast(momentOf(board, wanted.current));
      // leave as much time for frames as this took
      restMs.current = Math.min(500, performance.now() - start);
    };
    timer.current ??= setTimeout(compute, restMs.current);
  }, [board, at]);
  // what arrives late may belong to that time
  useEffect(() => {
    if (at === null) return;
    const stop = board.watchStatus((status) => {
      if (status === "synced") setTimeout(() => setPast(momentOf(board, at)));
    });
    return () => void stop();
  }, [board, at]);
  return at === null ? null : past;
}

function momentOf(board: Board, time: number): Past {
  const snapshot = board.at(time);
  const index = createBoardIndex();
  index.apply(tasksOf(snapshot));
  return { time, snapshot, index };
}
