/** `list`, `show` and `explain`: they read the board and leave no trace in it. */
import { type Board, getTask, listTasks, type Task, type TaskId } from "../../../lib/index.ts";
import { CliFault, type ExitCode, exitCode } from "../fault.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { chooseMedium, type MediumOptions, requireFolder } from "./medium.ts";
import { openSynced } from "./open-board.ts";
import { detailsOf, pageOf, rowOf, tableOf } from "./task-views.ts";

/** Which board, and how long to wait for it. */
export interface ReadOptions extends MediumOptions {
  readonly syncTimeoutMs: number;
}

/** Opens the board, reads, and closes it again. */
async function readBoard(
  options: ReadOptions,
  read: (board: Board) => void | Promise<void>,
): Promise<ExitCode> {
  const medium = chooseMedium(options);
  requireFolder(medium);
  const board = await openSynced(medium, options);
  try {
    await read(board);
    return exitCode.ok;
  } finally {
    await board.close();
  }
}

/** Lists all tasks. */
export function listJob(options: ReadOptions, output: Output): Promise<ExitCode> {
  return readBoard(options, (board) => {
    const snapshot = board.snapshot();
    const rows = listTasks(snapshot).map((task) => rowOf(task, snapshot));
    output.data({ tasks: rows }, () => tableOf(rows, output.dataColors, widthOf(output)));
  });
}

/** Shows one task. */
export function showJob(id: string, options: ReadOptions, output: Output): Promise<ExitCode> {
  return readBoard(options, (board) => {
    const task = findTask(board, id);
    const snapshot = board.snapshot();
    output.data(detailsOf(task, snapshot), () => pageOf(task, snapshot, output.dataColors));
  });
}

/** Explains one task. */
export function explainJob(id: string, options: ReadOptions, output: Output): Promise<ExitCode> {
  return readBoard(options, (board) => {
    const task = findTask(board, id);
    const { summary, losers } = board.explain(task.id);
    const lines = losers.map(
      ({ agent, attempt, reason }) => `${printable(agent)}, attempt ${attempt}: ${reason}`,
    );
    output.data({ id: task.id, title: task.title, state: task.state, summary, losers }, () =>
      [`${printable(task.title)}: ${summary}`, ...lines].join("\n"),
    );
  });
}

function findTask(board: Board, id: string): Task {
  const task = getTask(board.snapshot(), id as TaskId);
  if (task !== undefined) return task;
  throw new CliFault(
    "NOT_FOUND",
    exitCode.notFound,
    `board ${board.name} has no task ${JSON.stringify(id)}; \`stigmergy list\` shows the ids`,
  );
}

/** Rows are cut to a terminal's width, and to nothing where a program reads them. */
function widthOf({ isDataLive }: Output): number {
  return isDataLive ? (process.stdout.columns ?? 80) : Number.POSITIVE_INFINITY;
}
