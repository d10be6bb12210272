/** The bars of the timeline: one lane for each agent, one bar for each claim in a window of Lamport time. */
import type {
  AgentId,
  ClaimStatus,
  HistoryEntry,
  Task,
  TaskClaim,
  TaskId,
} from "../../../lib/index.ts";
import type { BoardIndex, ClaimStart } from "../board-index.ts";

/** One claim, from its record to its end. */
export interface Bar {
  readonly key: string;
  readonly task: TaskId;
  readonly title: string;
  readonly agent: AgentId;
  readonly status: ClaimStatus;
  readonly attempt: number;
  readonly from: number;
  /** The end, or the end of the window while it is live. */
  readonly to: number;
  readonly isLive: boolean;
  /** Which of the lane's rows it lies in, so that bars at one time do not hide each other. */
  readonly row: number;
}

/** One agent's bars. */
export interface Lane {
  readonly agent: AgentId;
  readonly bars: readonly Bar[];
  readonly rows: number;
}

/** A window of Lamport time. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** What is drawn, and how much is left out. */
export interface Lanes {
  readonly lanes: readonly Lane[];
  readonly hiddenLanes: number;
  readonly hiddenBars: number;
}

/** So many lanes, bars and rows of a lane are drawn at most. */
const MAX_LANES = 40;
const MAX_BARS = 400;
const MAX_ROWS = 4;

/** Gives the lanes of a window; `endOf` says at which Lamport time a claim that is over ended. */
export function lanesOf(
  index: BoardIndex,
  { from, to }: TimeWindow,
  endOf: (task: Task, claim: TaskClaim) => number,
): Lanes {
  const inWindow = index.claims.slice(
    firstAfter(index.claims, from),
    firstAfter(index.claims, to + 1),
  );
  const latest = inWindow.slice(-MAX_BARS);
  // what is still held is shown however long ago it began
  const keys = new Set(latest.map(keyOf));
  const held = [...index.live()]
    .map(({ claim: { at, agent, n }, task }) => ({ at, agent, n, task: task.id }))
    .filter((one) => one.at <= to && !keys.has(keyOf(one)))
    .slice(0, MAX_BARS);
  const shown = [...held, ...latest].sort((a, b) => a.at - b.at);
  const byAgent = new Map<AgentId, Bar[]>();
  for (const { agent, n, task: id } of shown) {
    const task = index.task(id);
    const claim = task?.claims.find((one) => one.n === n && one.agent === agent);
    if (task === undefined || claim === undefined) continue;
    const bars = byAgent.get(agent) ?? [];
    byAgent.set(agent, bars);
    bars.push(barOf(task, claim, Math.min(to, endOf(task, claim)), to, bars));
  }
  const lanes = [...byAgent].map(([agent, bars]) => ({
    agent,
    bars,
    rows: Math.max(...bars.map(({ row }) => row)) + 1,
  }));
  lanes.sort((a, b) => (a.agent < b.agent ? -1 : 1));
  return {
    lanes: lanes.slice(0, MAX_LANES),
    hiddenLanes: Math.max(0, lanes.length - MAX_LANES),
    hiddenBars: inWindow.length - shown.filter(({ at }) => at >= from).length,
  };
}

function barOf(
  task: Task,
  claim: TaskClaim,
  end: number,
  last: number,
  others: readonly Bar[],
): Bar {
  const isLive = claim.status === "held" || claim.status === "pending";
  const to = Math.max(claim.at + 1, isLive ? last + 1 : end);
  let row = 0;
  while (row < MAX_ROWS - 1 && others.some((one) => one.row === row && one.to > claim.at)) row++;
  return {
    key: `${claim.agent}:${claim.n}`,
    task: task.id,
    title: task.title,
    agent: claim.agent,
    status: claim.status,
    attempt: claim.attempt,
    from: claim.at,
    to,
    isLive,
    row,
  };
}

function keyOf({ agent, n }: ClaimStart): string {
  return `${agent}:${n}`;
}

/** The place of the first claim at or after a time. */
function firstAfter(claims: readonly ClaimStart[], time: number): number {
  let low = 0;
  let high = claims.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((claims[middle]?.at ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Finds in a task's history when a claim ended: by a record of its own, by its expiry, or by the next attempt. */
export function endIn(history: readonly HistoryEntry[], claim: TaskClaim): number {
  const end = history.find(({ agent, record }) => {
    if (record.at <= claim.at) return false;
    if (record.kind === "expired") return record.holder === claim.agent && record.claim === claim.n;
    if (record.kind === "claimed") return (record.attempt ?? 1) > claim.attempt;
    return (
      CLOSING.has(record.kind) &&
      agent === claim.agent &&
      "claim" in record &&
      record.claim === claim.n
    );
  });
  return end?.record.at ?? claim.at + 1;
}

const CLOSING: ReadonlySet<string> = new Set([
  "yielded",
  "released",
  "failed",
  "rejected",
  "completed",
]);
