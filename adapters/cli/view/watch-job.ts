/** `watch`: what happens on a board from now on, as NDJSON, or the board itself on a terminal. */
import {
  type Board,
  type BoardEvent,
  countTasks,
  getTask,
  listTasks,
  type Task,
} from "../../../lib/index.ts";
import { chooseMedium, requireFolder } from "../board/medium.ts";
import { openSynced } from "../board/open-board.ts";
import { createReach } from "../board/reach.ts";
import { type ExitCode, exitCode } from "../fault.ts";
import { listenForInterruption } from "../interruption.ts";
import { envelope, type Output } from "../output/output.ts";
import { type PlaceOptions, recallPlace } from "../session/place.ts";
import { rowOf, tableOf } from "./task-row.ts";

const REDRAW_MS = 100;

/** Watches until the user ends it. */
export async function watchJob(options: PlaceOptions, output: Output): Promise<ExitCode> {
  const interruption = listenForInterruption();
  const place = await recallPlace(options);
  const medium = chooseMedium(place);
  requireFolder(medium);
  const reach = createReach(medium, output.talk);
  const board = await openSynced(medium, {
    ...place,
    signal: interruption.signal,
    onFault: reach.onFault,
  });
  reach.follow(board);
  try {
    await nextTurn(); // in which the board tells what it has just read; that is no news
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

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
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

const URGENCY: readonly Task["state"][] = [
  "input-required",
  "working",
  "submitted",
  "failed",
  "rejected",
  "canceled",
  "completed",
];

function urgency({ state }: Task): number {
  return URGENCY.indexOf(state);
}
