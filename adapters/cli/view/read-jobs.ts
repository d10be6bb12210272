/** `list`, `show` and `explain`: they read the board and leave no trace in it. */
import { listTasks } from "../../../lib/index.ts";
import { findTask } from "../board/find-task.ts";
import type { ExitCode } from "../fault.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import type { PlaceOptions } from "../session/place.ts";
import { readBoard, type TaskOptions } from "./read-board.ts";
import { detailsOf } from "./task-details.ts";
import { pageOf } from "./task-page.ts";
import { rowOf, tableOf } from "./task-row.ts";

/** Lists all tasks. */
export function listJob(options: PlaceOptions, output: Output): Promise<ExitCode> {
  return readBoard(options, (board) => {
    const snapshot = board.snapshot();
    const rows = listTasks(snapshot).map((task) => rowOf(task, snapshot));
    output.data({ tasks: rows }, () => tableOf(rows, output.dataColors, widthOf(output)));
  });
}

/** Shows one task. */
export function showJob(options: TaskOptions, output: Output): Promise<ExitCode> {
  return readBoard(options, (board) => {
    const task = findTask(board, options.id);
    const snapshot = board.snapshot();
    output.data(detailsOf(task, snapshot), () => pageOf(task, snapshot, output.dataColors));
  });
}

/** Explains one task. */
export function explainJob(options: TaskOptions, output: Output): Promise<ExitCode> {
  return readBoard(options, (board) => {
    const task = findTask(board, options.id);
    const { ignored } = task.thread;
    const { summary, losers } = board.explain(task.id);
    const lines = [
      ...losers.map((one) => `${one.agent}, attempt ${one.attempt}: ${one.reason}`),
      ...ignored.map((one) => `${one.agent}: ${one.kind} is ignored (${one.reason})`),
    ];
    const { id, title, state } = task;
    output.data({ id, title, state, summary, losers, ignored }, () =>
      [`${title}: ${summary}`, ...lines].map(printable).join("\n"),
    );
  });
}

/** Rows are cut to a terminal's width, and to nothing where a program reads them. */
function widthOf({ isDataLive }: Output): number {
  return isDataLive ? (process.stdout.columns ?? 80) : Number.POSITIVE_INFINITY;
}
