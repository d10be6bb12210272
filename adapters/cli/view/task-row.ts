/** Tasks in a list: one line each, as plain data in snake case and as a line for people. */
import {
  findStale,
  getTask,
  type Snapshot,
  type StaleInput,
  type Task,
  type TaskLookup,
  whyUnready,
} from "../../../lib/index.ts";
import type { Colors } from "../output/output.ts";
import { printable, shorten } from "../output/printable.ts";

/** What a task waits for; people are shown the label. */
const LABELS = {
  need: "blocked",
  delay: "delayed",
  review: "in-review",
  answer: "asks",
  acceptance: "offered",
  redrive: "dead-letter",
} as const;

/** What a task waits for. */
export type Waiting = keyof typeof LABELS;

/** A task in a list. */
export interface TaskRow {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  /** 0 before the first claim. */
  readonly attempt: number;
  /** Whose claim leads now. */
  readonly holder: string | null;
  readonly completed_by: string | null;
  readonly waits_for: Waiting | null;
  /** The need that holds the task back. */
  readonly blocked_by: string | null;
  /** Whether its result is based on what has changed since. */
  readonly is_stale: boolean;
  readonly priority: number;
  readonly needs: readonly string[];
  readonly requires: readonly string[];
}

/** The task as a row. */
export function rowOf(task: Task, snapshot: Snapshot): TaskRow {
  const lookup: TaskLookup = (id) => getTask(snapshot, id);
  const why = whyUnready(task, lookup);
  return {
    id: task.id,
    title: task.title,
    state: task.state,
    attempt: task.attempt,
    holder: task.winner?.agent ?? null,
    completed_by: task.completion?.agent ?? null,
    waits_for: why?.reason === "blocked" ? "need" : waitingOf(task),
    blocked_by: why?.reason === "blocked" ? why.by : null,
    is_stale: staleOf(task, snapshot).length > 0,
    priority: task.priority,
    needs: task.needs,
    requires: task.requires,
  };
}

/** What has changed since the task's result was made. */
export function staleOf(task: Task, snapshot: Snapshot): readonly StaleInput[] {
  const { completion } = task;
  return completion === null
    ? []
    : findStale(task, completion.basis, (id) => getTask(snapshot, id));
}

function waitingOf(task: Task): Waiting | null {
  const { state, inReview, thread, policy } = task;
  if (inReview !== null) return "review";
  if (state === "input-required") return "answer";
  if (thread.offers.some(({ status }) => status === "open")) return "acceptance";
  if (state === "submitted" && thread.delay !== null) return "delay";
  const isDeadLetter = policy.maxAttempts !== undefined && thread.spent >= policy.maxAttempts;
  return state === "failed" && isDeadLetter ? "redrive" : null;
}

/** The rows as a table, without a header where there are none. */
export function tableOf(rows: readonly TaskRow[], colors: Colors, width: number): string {
  if (rows.length === 0) return "no tasks";
  const stateWidth = Math.max(MIN_STATE_WIDTH, ...rows.map((row) => stateOf(row).length));
  return rows
    .map((row) => {
      const tail = tailOf(row);
      const state = colorOf(row, colors)(stateOf(row).padEnd(stateWidth));
      const room = width - stateWidth - 17 - tail.length;
      const title = shorten(printable(row.title), Math.max(20, room));
      return `${state}  ${printable(row.id)}  ${title}${colors.dim(tail)}`;
    })
    .join("\n");
}

/** Most states are no longer. */
const MIN_STATE_WIDTH = 9;

function tailOf({ holder, completed_by, blocked_by, is_stale }: TaskRow): string {
  const who = holder ?? completed_by;
  if (who !== null) return `  ${printable(who)}${is_stale ? ", stale" : ""}`;
  return blocked_by === null ? "" : `  waits for ${printable(blocked_by)}`;
}

/** People want to know what a task waits for. */
export function stateOf({ state, waits_for }: TaskRow): string {
  return waits_for === null ? state : LABELS[waits_for];
}

/** The colour of a task's state. */
export function colorOf({ state }: TaskRow, colors: Colors): (text: string) => string {
  switch (state) {
    case "completed":
      return colors.green;
    case "working":
      return colors.cyan;
    case "failed":
    case "canceled":
    case "rejected":
      return colors.red;
    default:
      return colors.yellow;
  }
}
