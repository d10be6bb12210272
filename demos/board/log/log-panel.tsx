/** What happens, in sentences, the newest first; it can be paused to read. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useIndex, useNames, usePage } from "../live/page-context.tsx";
import { clip, count } from "../live/texts.ts";
import { VirtualList } from "../tasks/virtual-list.tsx";
import { KEPT_EVENTS, type LogEntry } from "./event-log.ts";
import { eventWords } from "./event-words.ts";

const EVERY_MS = 250;
const ROW_HEIGHT = 44;

interface Pause {
  readonly entries: readonly LogEntry[];
  readonly total: number;
}

/** Shows the log; it always tells of now, also while the past is looked at. */
export function LogPanel(): JSX.Element {
  const { session } = usePage();
  const names = useNames();
  useIndex(EVERY_MS);
  const [pause, setPause] = useState<Pause | null>(null);
  const { log } = session;
  const { entries, total } = pause ?? log;
  const missed = log.total - total;
  const row = (place: number): { readonly key: string; readonly content: JSX.Element } => {
    const { id, time, seenAt, event } = entries[entries.length - 1 - place] as LogEntry;
    const words = typeof event === "string" ? event : eventWords(event, names);
    return {
      key: String(id),
      content: (
        <p class="small event">
          <span class="faint stamp">
            {clockOf(seenAt)} · {time}
          </span>
          <span>{clip(words, 220)}</span>
        </p>
      ),
    };
  };
  return (
    <section class="panel log" aria-labelledby="log-title">
      <div class="panel-head">
        <h2 id="log-title">
          Events <span class="faint">{count(total)}</span>
        </h2>
        <button
          type="button"
          aria-pressed={pause !== null}
          onClick={() =>
            setPause(pause === null ? { entries: log.entries, total: log.total } : null)
          }
        >
          {pause === null ? "Pause" : missed === 0 ? "Go on" : `Go on (${count(missed)} more)`}
        </button>
      </div>
      {entries.length === 0 ? (
        <p class="faint">
          Nothing has happened since this page was opened. What happened before is behind the
          history slider.
        </p>
      ) : (
        <VirtualList
          label="Events, the newest first"
          count={entries.length}
          rowHeight={ROW_HEIGHT}
          row={row}
        />
      )}
      {total > KEPT_EVENTS && <p class="faint small">The latest {KEPT_EVENTS} are kept.</p>}
    </section>
  );
}

function clockOf(date: Date): string {
  return date.toTimeString().slice(0, 8);
}
