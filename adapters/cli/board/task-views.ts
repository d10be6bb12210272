/** Tasks as the command line shows them: plain data in snake case, and lines for people. */
import { getTask, type Snapshot, type Task, type TaskId, whyUnready } from "../../../lib/index.ts";
import type { Colors } from "../output/output.ts";
import { printable, printableLines, shorten } from "../output/printable.ts";

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
  /** The need that holds the task back. */
  readonly blocked_by: string | null;
  readonly priority: number;
  readonly needs: readonly string[];
  readonly requires: readonly string[];
}

/** The task as a row. */
export function rowOf(task: Task, snapshot: Snapshot): TaskRow {
  const why = whyUnready(task, (id) => getTask(snapshot, id));
  return {
    id: task.id,
    title: task.title,
    state: task.state,
    attempt: task.attempt,
    holder: task.winner?.agent ?? null,
    completed_by: task.completion?.agent ?? null,
    blocked_by: why?.reason === "blocked" ? why.by : null,
    priority: task.priority,
    needs: task.needs,
    requires: task.requires,
  };
}

/** The task with all that is known of it. */
export function detailsOf(task: Task, snapshot: Snapshot): object {
  return {
    ...rowOf(task, snapshot),
    body: task.body,
    key: task.key,
    guarantee: task.guarantee,
    result: task.completion?.result ?? null,
    alternates: task.alternates.map(({ agent, attempt, result }) => ({ agent, attempt, result })),
    failures: task.failures.map(({ agent, attempt, error, retryable }) => ({
      agent,
      attempt,
      error,
      retryable,
    })),
    claims: task.claims.map(({ agent, attempt, guarantee, status }) => ({
      agent,
      attempt,
      guarantee,
      status,
    })),
    notes: task.notes.map(({ agent, text }) => ({ agent, text })),
    cancel_reason: task.cancelReason,
  };
}

/** The rows as a table, without a header where there are none. */
export function tableOf(rows: readonly TaskRow[], colors: Colors, width: number): string {
  if (rows.length === 0) return "no tasks";
  return rows
    .map((row) => {
      const who = row.holder ?? row.completed_by;
      const tail =
        who === null
          ? row.blocked_by === null
            ? ""
            : `  waits for ${row.blocked_by}`
          : `  ${printable(who)}`;
      const title = shorten(printable(row.title), Math.max(20, width - 26 - tail.length));
      return `${colorOf(row, colors)(stateOf(row).padEnd(9))}  ${printable(row.id)}  ${title}${colors.dim(tail)}`;
    })
    .join("\n");
}

/** The task in paragraphs. */
export function pageOf(task: Task, snapshot: Snapshot, colors: Colors): string {
  const row = rowOf(task, snapshot);
  const name = (id: TaskId): string =>
    `${id} ${printable(getTask(snapshot, id)?.title ?? "(not known)")}`;
  const parts = [
    `${colors.bold(printable(task.title))}`,
    `${colorOf(row, colors)(stateOf(row))}, attempt ${task.attempt}, id ${printable(task.id)}`,
    ...(row.holder === null ? [] : [`held by ${printable(row.holder)}`]),
    ...(row.completed_by === null ? [] : [`completed by ${printable(row.completed_by)}`]),
    ...(task.requires.length === 0 ? [] : [`requires ${task.requires.map(printable).join(", ")}`]),
    ...task.needs.map((id) => `needs ${name(id)}`),
    ...(task.body === "" ? [] : ["", printableLines(task.body)]),
    ...task.failures.map(
      ({ attempt, error }) => `\nattempt ${attempt} failed: ${printableLines(error)}`,
    ),
    ...task.notes.map(
      ({ agent, text }) => `\nnote of ${printable(agent)}: ${printableLines(text)}`,
    ),
    ...(task.completion === null ? [] : [`\n${printableLines(textOf(task.completion.result))}`]),
  ];
  return parts.join("\n").trimEnd();
}

function textOf(result: unknown): string {
  return typeof result === "string" ? result : JSON.stringify(result, null, 2);
}

/** People want to know whether a submitted task waits. */
function stateOf({ state, blocked_by }: TaskRow): string {
  return blocked_by === null ? state : "blocked";
}

function colorOf({ state }: TaskRow, colors: Colors): (text: string) => string {
  switch (state) {
    case "completed":
      return colors.green;
    case "working":
      return colors.cyan;
    case "failed":
    case "canceled":
      return colors.red;
    default:
      return colors.yellow;
  }
}
