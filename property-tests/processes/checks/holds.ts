/** Who held what, from when until when, as far as a history makes it certain. */
import { groupBy, type Hold, type Line } from "../history.ts";

/** A grant, with the time for which it was certainly in its holder's hand. */
export interface CertainHold extends Hold {
  readonly run: string;
  readonly from: number;
  readonly until: number;
  /** The reason for which its signal aborted; `none` where no end was written: its run was killed, or still goes on. */
  readonly end: "released" | "none" | string;
}

/**
 * Lists every grant. It was held until its holder wrote that it gives it back, or that it was told of others' word. Where no
 * end was written it was held until the last line of its run, and whether longer is unknown; so where the holder had been cut
 * off and gave it back by itself, since that word goes out before the signal aborts.
 */
export function holdsOf(history: readonly Line[]): readonly CertainHold[] {
  const holds: { -readonly [K in keyof CertainHold]: CertainHold[K] }[] = [];
  for (const lines of groupBy(history, ({ run }) => run).values()) {
    const open = new Map<string, (typeof holds)[number]>();
    for (const line of lines) {
      if (line.kind === "granted") {
        const { run, task, attempt, agent, at } = line;
        const hold = { run, task, attempt, agent, from: at, until: at, end: "none" };
        open.set(`${task} ${attempt}`, hold);
        holds.push(hold);
      } else if (line.kind === "released" || line.kind === "told") {
        const key = `${line.task} ${line.attempt}`;
        const hold = open.get(key);
        if (hold === undefined) continue;
        hold.end = line.kind === "told" ? line.reason : "released";
        if (hold.end !== "cut-off") hold.until = line.at;
        open.delete(key);
      }
      for (const hold of open.values()) hold.until = line.at;
    }
  }
  return holds;
}
