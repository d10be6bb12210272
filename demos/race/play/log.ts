/** What happened, in lines for people; only the latest are kept. */
import {
  NODE_NAMES,
  type Setup,
  type TraceEntry,
  tellStep,
} from "../../../property-tests/kit/index.ts";

/** One line. */
export interface LogLine {
  readonly number: number;
  /** How many events had happened. */
  readonly event: number;
  readonly at: number;
  readonly kind: TraceEntry["kind"];
  readonly text: string;
}

/** A log that forgets its beginning. */
export interface Log {
  /** The kept lines, oldest first. */
  readonly lines: readonly LogLine[];
  /** How many lines there have been. */
  readonly count: number;
  note(entry: TraceEntry, event: number): void;
}

const MOST_LINES = 200;

/** Makes an empty log. */
export function createLog(setup: Setup): Log {
  const lines: LogLine[] = [];
  let count = 0;
  return {
    lines,
    get count() {
      return count;
    },
    note(entry, event) {
      const text = textOf(entry, setup);
      if (text === null) return;
      lines.push({ number: count++, event, at: entry.at, kind: entry.kind, text });
      if (lines.length > 2 * MOST_LINES) lines.splice(0, MOST_LINES);
    },
  };
}

function textOf(entry: TraceEntry, { nodes, topology }: Setup): string | null {
  if (entry.kind === "step") {
    if (entry.step.do === "tick") return null;
    const told = tellStep(entry.step, nodes);
    // the simulator's words know no topology
    return topology === "relay"
      ? told.replace(/off \w+, or the relay/u, "off the relay")
      : told.replace(", or the relay", "");
  }
  if (entry.kind === "told") return `${NODE_NAMES[entry.node]} is told: ${plainAnswer(entry.text)}`;
  const { fate, what, from, to } = entry;
  if (what === "presence" || fate === "sent") return null;
  return `${NEWS[what] ?? what} of ${from} ${fate === "delivered" ? "reaches" : `${fate} on its way to`} ${to}`;
}

/** Messages by their names in the protocol. */
const NEWS: Readonly<Record<string, string>> = {
  update: "news",
  marker: "marker",
  hello: "hello",
  welcome: "welcome",
  ask: "question",
  answer: "answer",
};

/** The simulator's `holds t0.1`: the attempt is told as people say it. */
function plainAnswer(text: string): string {
  return text.replace(/(t\d+)\.(\d+)$/u, "$1 (attempt $2)");
}
