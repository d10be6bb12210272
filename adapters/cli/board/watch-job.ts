/** `watch`: what happens on a board from now on, as NDJSON, or the board itself on a terminal. */
import {
  type Board,
  type BoardEvent,
  countTasks,
  getTask,
  listTasks,
  type Task,
} from "../../../lib/index.ts";
import { type ExitCode, exitCode } from "../fault.ts";
import { listenForInterruption } from "../interruption.ts";
import { envelope, type Output } from "../output/output.ts";
import { chooseMedium, requireFolder } from "./medium.ts";
import { openSynced } from "./open-board.ts";
import { createReach } from "./reach.ts";
import type { ReadOptions } from "./read-jobs.ts";
import { rowOf, tableOf } from "./task-views.ts";

const REDRAW_MS = 100;

/** Watches until the user ends it. */
export async function watchJob(options: ReadOptions, output: Output): Promise<ExitCode> {
  const interruption = listenForInterruption();
  const medium = chooseMedium(options);
  requireFolder(medium);
  const reach = createReach(medium, output.talk);
  const board = await openSynced(medium, {
    ...options,
    signal: interruption.signal,
    onFault: reach.onFault,
  });
  reach.follow(board);
  try {
    output.talk(`watching board ${board.name}; end with Ctrl-C`);
    const end = AbortSignal.any([interruption.signal, reach.signal]);
    if (output.isDataLive) await drawUntil(end, board, output);
    else await printUntil(end, board);
    reach.check();
    return exitCode.interrupted; // its only end, and no error
  } finally {
    reach.stop();
    await board.close();
  }
}

async function printUntil(signal: AbortSignal, board: Board): Promise<void> {
  const events = board.events();
  signal.addEventListener("abort", () => void events.return?.());
  for await (const event of events)
    process.stdout.write(`${envelope({ data: named(event, board) })}\n`);
}

/** An event with the title of its task. */
function named(event: BoardEvent, board: Board): object {
  const task = event.task === null ? undefined : getTask(board.snapshot(), event.task);
  return task === undefined ? event : { ...event, title: task.title };
}

function drawUntil(signal: AbortSignal, board: Board, output: Output): Promise<void> {
  const region = output.openRegion(process.stdout);
  let isStale = true;
  board.watch(() => {
    isStale = true;
  });
  const draw = (): void => {
    if (!isStale) return;
    isStale = false;
    region.draw(linesOf(board, output));
  };
  draw();
  const timer = setInterval(draw, REDRAW_MS);
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => {
      clearInterval(timer);
      region.close("keep");
      resolve();
    });
  });
}

/** What moves comes first; the rest is counted. */
function linesOf(board: Board, output: Output): readonly string[] {
  const snapshot = board.snapshot();
  const { counts } = snapshot;
  const room = (process.stdout.rows ?? 24) - 2;
  const tasks = [...listTasks(snapshot)].sort((a, b) => urgency(a) - urgency(b)).slice(0, room);
  const rows = tasks.map((task) => rowOf(task, snapshot));
  const sums = Object.entries(counts).flatMap(([state, count]) =>
    count === 0 ? [] : [`${count} ${state}`],
  );
  return [
    ...tableOf(rows, output.dataColors, (process.stdout.columns ?? 80) - 1).split("\n"),
    output.dataColors.bold(
      `${board.name}: ${countTasks(snapshot)} tasks${sums.length > 0 ? `, ${sums.join(", ")}` : ""}`,
    ),
  ];
}

function urgency({ state }: Task): number {
  return ["working", "submitted", "failed", "canceled", "completed"].indexOf(state);
}
