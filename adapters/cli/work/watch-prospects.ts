/** Tells a worker when nothing is left for it on its board. */
import type { Board, Task } from "../../../lib/index.ts";
import { prospectsOf } from "./prospects.ts";

/** A watch over a board. */
export interface ProspectsWatch {
  /** Aborts once nothing is left. */
  readonly nothingLeft: AbortSignal;
  close(): void;
}

/** How long changes gather before the worker looks what is left. */
const LOOK_MS = 50;

/** A look at a large board costs more; this many times what it took pass before the next. */
const REST = 20;

/** How long a worker with few prospects stays: others may be between two tasks. */
const PATIENCE_MS = 1000;

/** Starts to watch for an agent that can take the given tasks. */
export function watchProspects(board: Board, canTake: (task: Task) => boolean): ProspectsWatch {
  const controller = new AbortController();
  let hopefulAtMs = performance.now();
  let lookMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let isLookDue = false;

  const lookIn = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(look, ms);
  };
  const look = (): void => {
    isLookDue = false;
    const startedAtMs = performance.now();
    const prospects = prospectsOf(board.snapshot(), canTake);
    const now = performance.now();
    lookMs = now - startedAtMs;
    if (prospects === "some") hopefulAtMs = now;
    const patienceMs = prospects === "none" ? 0 : hopefulAtMs + PATIENCE_MS - now;
    if (patienceMs <= 0) controller.abort("nothing is left");
    else if (prospects === "few") lookIn(patienceMs);
  };
  const unwatch = board.watch(() => {
    if (isLookDue) return;
    isLookDue = true;
    lookIn(Math.max(LOOK_MS, lookMs * REST));
  });
  lookIn(0);

  return {
    nothingLeft: controller.signal,
    close() {
      unwatch();
      clearTimeout(timer);
    },
  };
}
