/** Events as an async iterable, for `for await`: nothing is missed, and a reader that falls far behind is told so. */
import { CoordinationError } from "../core/error.ts";
import type { BoardEvent } from "../core/event.ts";

/** Which events to give; all by default. */
export type EventFilter = (event: BoardEvent) => boolean;

const MAX_WAITING = 100_000;

/** A stream of events that one reader iterates. */
export interface EventStream extends AsyncIterableIterator<BoardEvent> {
  /** Hands events to the reader. */
  push(events: readonly BoardEvent[]): void;
  /** Ends the stream after what is waiting. */
  end(): void;
}

/** Makes a stream; `onReturn` is called once when the reader leaves it or it ends. */
export function createEventStream(filter: EventFilter, onReturn: () => void): EventStream {
  let waiting: BoardEvent[] = [];
  let isEnded = false;
  let hasOverflowed = false;
  let readers: (() => void)[] = [];

  const rouse = (): void => {
    const roused = readers;
    readers = [];
    for (const wake of roused) wake();
  };
  const end = (): void => {
    if (isEnded) return;
    isEnded = true;
    onReturn();
    rouse();
  };

  return {
    push(events) {
      for (const event of events) if (filter(event)) waiting.push(event);
      if (waiting.length > MAX_WAITING) {
        hasOverflowed = true;
        end();
      }
      if (waiting.length > 0) rouse();
    },
    end,
    async next() {
      for (;;) {
        if (hasOverflowed)
          throw new CoordinationError(
            "EVENTS_OVERFLOW",
            `A reader of events fell ${MAX_WAITING} behind; read faster, or use watch().`,
          );
        const event = waiting.shift();
        if (event !== undefined) return { done: false, value: event };
        if (isEnded) return { done: true, value: undefined };
        await new Promise<void>((resolve) => {
          readers.push(resolve);
        });
      }
    },
    async return() {
      waiting = [];
      end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
