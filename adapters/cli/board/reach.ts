/** Whether the others can be reached: says when they cannot, and ends the work when they never will be again. */
import type { Board } from "../../../lib/index.ts";
import { type CliFault, faultOf, syncFault } from "../fault.ts";
import type { Medium } from "./medium.ts";

/** The reach of one open board. */
export interface Reach {
  /** Aborts when the connection has ended for good. */
  readonly signal: AbortSignal;
  /** To be given to the board as its `onFault`. */
  onFault(fault: Error): void;
  /** Starts to look. */
  follow(board: Board): void;
  /** @throws CliFault once the connection has ended for good */
  check(): void;
  stop(): void;
}

/** Makes the reach of a board that is about to be opened; a break is told and mends by itself. */
export function createReach(medium: Medium, talk: (line: string) => void): Reach {
  const controller = new AbortController();
  let stop = (): void => {};
  let followed: Board | undefined;
  let isAway = false;
  let last: CliFault | null = null;

  const look = ({ status }: Board): void => {
    if (status === "closed") controller.abort("the connection has ended");
    const isOffline = status === "offline";
    if (isOffline === isAway) return;
    isAway = isOffline;
    talk(
      isAway
        ? `${medium.place} cannot be reached; going on as soon as it can`
        : `${medium.place} is back`,
    );
  };

  return {
    signal: controller.signal,
    onFault(fault) {
      last = faultOf(fault);
      talk(last.message);
    },
    follow(board) {
      followed = board;
      stop = board.watchStatus(() => look(board));
    },
    check() {
      if (followed !== undefined) look(followed); // the end may have come since the last look
      if (!controller.signal.aborted) return;
      throw last ?? syncFault(`the connection to ${medium.place} has ended; start again`);
    },
    stop: () => stop(),
  };
}
