/** Lines at the foot of a terminal that are drawn anew in place, below a log that scrolls. */
import type { WriteStream } from "node:tty";

/** The lines at the foot. */
export interface LiveRegion {
  /** Puts these lines in place of the ones before; each must fit the width. */
  draw(lines: readonly string[]): void;
  /** Writes a line above the region. */
  log(line: string): void;
  /** Ends the region: its lines are taken away, or left as they are. */
  close(how: "erase" | "keep"): void;
}

const CLEAR_BELOW = "\u001b[J";
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

/** Takes the foot of a terminal; at most as many lines as it has are shown. */
export function createLiveRegion(stream: WriteStream): LiveRegion {
  let shown: readonly string[] = [];
  const up = (): string => (shown.length === 0 ? "" : `\u001b[${shown.length}A\r${CLEAR_BELOW}`);
  const put = (): string => shown.map((line) => `${line}\n`).join("");
  const restore = (): void => void stream.write(SHOW_CURSOR);
  process.once("exit", restore);
  stream.write(HIDE_CURSOR);
  return {
    draw(lines) {
      const back = up();
      shown = lines.slice(-Math.max(1, (stream.rows ?? 24) - 1));
      stream.write(`${back}${put()}`);
    },
    log(line) {
      stream.write(`${up()}${line}\n${put()}`);
    },
    close(how) {
      stream.write(`${how === "erase" ? up() : ""}${SHOW_CURSOR}`);
      shown = [];
      process.off("exit", restore);
    },
  };
}
