/** The summary of a run: as data for programs, and as sentences for people. */
import { type Board, getTask, type TaskId } from "../../../lib/index.ts";
import { countRecords, documentBytes } from "../board/count-records.ts";
import type { Colors } from "../output/output.ts";
import { duration, printable, shorten } from "../output/printable.ts";
import type { Standing } from "./outlook.ts";
import type { RunTally } from "./run-tally.ts";

/** The median and the worst but one in a hundred; null where nothing was measured. */
export interface Spread {
  readonly p50: number | null;
  readonly p99: number | null;
}

/** The summary as `--json` gives it. */
export interface RunSummary {
  readonly tasks: number;
  readonly completed: number;
  readonly failed: number;
  readonly canceled: number;
  readonly agents: readonly {
    readonly id: string;
    readonly name: string;
    readonly completed: number;
    readonly lost: number;
  }[];
  readonly started: number;
  readonly double_started: number;
  readonly alternates: number;
  readonly wall_ms: number;
  readonly claim_ms: Spread;
  readonly converge_ms: Spread;
  readonly records: number;
  readonly bytes_sent: number;
  readonly document_bytes: number;
}

/** Sums a run up. */
export function summarize(
  board: Board,
  ids: readonly TaskId[],
  { tally, standing, wallMs }: { tally: RunTally; standing: Standing; wallMs: number },
): RunSummary {
  const snapshot = board.snapshot();
  const tasks = ids.flatMap((id) => getTask(snapshot, id) ?? []);
  return {
    tasks: ids.length,
    completed: standing.completed,
    failed: standing.failed,
    canceled: standing.canceled,
    agents: sortByName(tally.agents).map(({ id, name, lost }) => ({
      id,
      name,
      completed: tasks.filter(({ completion }) => completion?.agent === id).length,
      lost,
    })),
    started: tally.started,
    double_started: tally.doubleStarted,
    alternates: tasks.reduce((sum, { alternates }) => sum + alternates.length, 0),
    wall_ms: Math.round(wallMs),
    claim_ms: spreadOf(tally.claimMs),
    converge_ms: spreadOf(tally.convergeMs),
    records: countRecords(board),
    bytes_sent: tally.bytesSent,
    document_bytes: documentBytes(board),
  };
}

/** Says a summary in sentences. */
export function sayRun(
  summary: RunSummary,
  { blocked, inReview }: Standing,
  colors: Colors,
): string {
  const { tasks, completed, failed, canceled } = summary;
  const color = completed === tasks ? colors.green : colors.red;
  const counts = [
    color(`${completed} of ${tasks} completed`),
    ...(failed > 0 ? [colors.red(`${failed} failed`)] : []),
    ...(canceled > 0 ? [colors.red(`${canceled} canceled`)] : []),
    ...(inReview.length > 0 ? [colors.yellow(`${inReview.length} in review`)] : []),
    ...(blocked.length > 0 ? [colors.red(`${blocked.length} blocked by those`)] : []),
  ];
  const shares = summary.agents.map(({ name, completed: share }) => `${name} ${share}`).join(", ");
  return [
    `${counts.join(", ")} in ${duration(summary.wall_ms)}`,
    ...blocked
      .slice(0, SHOWN)
      .map(({ title, id }) => `  blocked: ${shorten(printable(title), 80)} (${id})`),
    ...(blocked.length > SHOWN ? [`  and ${blocked.length - SHOWN} more`] : []),
    `agents: ${shares || "none was needed"}`,
    `${summary.started} commands started, ${summary.double_started} of them beside another of the same attempt; ${summary.alternates} results beside the accepted ones`,
    `claims ${say(summary.claim_ms)}; updates seen here after ${say(summary.converge_ms)}`,
    `${summary.records} records in ${summary.document_bytes} bytes; ${summary.bytes_sent} bytes sent`,
  ].join("\n");
}

/** `agent-2` before `agent-10`. */
function sortByName<T extends { readonly name: string }>(agents: readonly T[]): readonly T[] {
  return agents.toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

const SHOWN = 10;

function say({ p50, p99 }: Spread): string {
  return p50 === null || p99 === null ? "not measured" : `p50 ${p50} ms, p99 ${p99} ms`;
}

/** The p-th percentile by nearest rank, to the microsecond. */
function spreadOf(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): number | null => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    return value === undefined ? null : Math.round(value * 1000) / 1000;
  };
  return { p50: at(0.5), p99: at(0.99) };
}
