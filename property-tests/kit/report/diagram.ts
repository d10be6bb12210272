/** The space-time diagram: a lane for each node, time downwards, and every message as an arrow where it arrives. */
import type { TraceEntry } from "../simulator/simulation.ts";
import { NODE_NAMES, type Setup, type Step, tellStep } from "../simulator/step.ts";
import { Canvas, type Lanes, layOut, toAscii } from "./canvas.ts";
import { type Happening, listHappenings, type Passage } from "./happening.ts";

/** What is drawn. */
export interface DiagramOptions extends Pick<Setup, "nodes" | "topology"> {
  /** The world's milliseconds to begin with; by default the first step, with what came before in one line. */
  readonly from?: number;
  /** The last of them; by default all. */
  readonly until?: number;
  /** For terminals that know plain ASCII only. */
  readonly ascii?: boolean;
}

/** A longer time without any row is said, not shown. */
const SILENCE_MS = 100;
/** Of a longer diagram the middle is left out. */
const MOST_ROWS = 160;
const RELAY = "relay";

/** Draws what happened in at most 100 columns; of a very long story the middle is left out, and that is said. */
export function formatDiagram(trace: readonly TraceEntry[], options: DiagramOptions): string {
  const { nodes, topology, until = Number.POSITIVE_INFINITY, ascii = false } = options;
  const seen = trace.filter(({ at }) => at <= until);
  const all = listHappenings(seen, topology === RELAY);
  const lanes = layOut(namesOf(all, nodes, topology));
  const first = all.findIndex((one) =>
    options.from === undefined ? one.kind === "step" : one.at >= options.from,
  );
  const before = all.slice(0, Math.max(first, 0)).filter(({ kind }) => kind === "message").length;
  const picture = [
    drawHeader(lanes),
    ...(before > 0
      ? [new Canvas(lanes, () => "│").say(`… ${before} messages before`).toString()]
      : []),
    ...shorten(drawRows(all.slice(Math.max(first, 0)), lanes, options), lanes),
  ].join("\n");
  return ascii ? toAscii(picture) : picture;
}

/** The nodes, the relay, and whoever else turns up. */
function namesOf(rows: readonly Happening[], nodes: number, topology: string): readonly string[] {
  const names = new Set(NODE_NAMES.slice(0, nodes));
  if (topology === RELAY) names.add(RELAY);
  for (const row of rows) {
    if (row.kind === "told") names.add(nameOf(row.node));
    if (row.kind === "message") names.add(row.from).add(row.to);
  }
  return [...names];
}

function drawHeader(lanes: Lanes): string {
  let header = "      ms";
  for (const name of lanes.names)
    header = `${header.padEnd(lanes.columnOf(name) - Math.floor((name.length - 1) / 2))}${name}`;
  return header;
}

function drawRows(
  rows: readonly Happening[],
  lanes: Lanes,
  { nodes, until }: DiagramOptions,
): readonly string[] {
  const down = new Set<string>();
  const canvas = (): Canvas => new Canvas(lanes, (name) => (down.has(name) ? "┊" : "│"));
  const endOfSteps = rows.reduce((end, row) => (row.kind === "step" ? endOf(row) : end), -1);
  const drawn: string[] = [];
  let hasEnded = endOfSteps < 0;
  let now = rows[0]?.at ?? 0;
  let isFirst = true;
  for (const row of rows) {
    if (!hasEnded && row.at > endOfSteps) {
      hasEnded = true;
      down.clear(); // everybody is started again
      drawn.push(
        canvas().time(endOfSteps).say("the steps are over, and all faults end").toString(),
      );
      now = endOfSteps;
    }
    const silence = row.at - now;
    if (silence >= SILENCE_MS)
      drawn.push(
        canvas()
          .say(`⋮ ${Math.round(silence)} ms of silence`)
          .toString(),
      );
    if (row.kind === "message") down.delete(row.from);
    if (row.kind === "step" && row.step.do === "crash") down.add(nameOf(row.step.node % nodes));
    if (row.kind === "step" && row.step.do === "restart")
      down.delete(nameOf(row.step.node % nodes));
    const line = canvas();
    if (isFirst || row.at > now) line.time(row.at);
    drawn.push(drawRow(line, row, nodes).toString());
    [now, isFirst] = [row.at, false];
  }
  return [...drawn, ...silenceOf((until ?? now) - now, canvas())];
}

function silenceOf(ms: number, canvas: Canvas): readonly string[] {
  return ms < SILENCE_MS ? [] : [canvas.say(`⋮ ${Math.round(ms)} ms of silence`).toString()];
}

function drawRow(line: Canvas, row: Happening, nodes: number): Canvas {
  if (row.kind === "told") return line.tell(nameOf(row.node), "◆", row.text);
  if (row.kind === "message")
    return line.arrow(row.from, row.to, { ...styleOf(row), labels: labelsOf(row) });
  const { index, step } = row;
  const text = `${index + 1}. ${tellStep(step, nodes)}`;
  if ("node" in step) return line.tell(nameOf(step.node % nodes), "●", text);
  return line.say(text);
}

function styleOf({ end }: Passage): { readonly line: string; readonly head?: string } {
  if (end === "lost") return { line: "─", head: "✗" };
  return end === "delivered" ? { line: "─" } : { line: "┄", head: "…" };
}

function labelsOf({ what, isCopy, tookMs }: Passage): readonly string[] {
  const name = isCopy ? `${what} ×2` : what;
  return [...(tookMs === null ? [] : [` ${name} +${Math.round(tookMs)} `]), ` ${name} `, name];
}

/** When a step is over. */
function endOf({ at, step }: { readonly at: number; readonly step: Step }): number {
  return step.do === "tick" ? at + step.ms : at;
}

function nameOf(node: number): string {
  return NODE_NAMES[node] ?? `node${node}`;
}

/** The middle is left out: what began it and what it came to is what one looks for. */
function shorten(rows: readonly string[], lanes: Lanes): readonly string[] {
  if (rows.length <= MOST_ROWS) return rows;
  const half = MOST_ROWS / 2;
  const omitted = new Canvas(lanes, () => "⋮").say(
    `⋮ ${rows.length - MOST_ROWS} rows are left out`,
  );
  return [...rows.slice(0, half), omitted.toString(), ...rows.slice(-half)];
}
