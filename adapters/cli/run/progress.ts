/** Shows how a run goes on: a live view where a person watches, one line per finished task otherwise. */
import {
  type BoardChange,
  getTask,
  isEnded,
  type Snapshot,
  type Task,
  type TaskId,
} from "../../../lib/index.ts";
import type { Output } from "../output/output.ts";
import { duration, printable, shorten } from "../output/printable.ts";
import { wallMs } from "../work/message.ts";
import type { RunTally } from "./run-tally.ts";

/** What progress is shown of. */
export interface ProgressOptions {
  readonly output: Output;
  readonly ids: readonly TaskId[];
  readonly tally: RunTally;
  readonly snapshot: () => Snapshot;
  /** The names of the agents that live. */
  readonly names: () => readonly string[];
}

/** Progress that is being shown. */
export interface Progress {
  /** Takes in a change of the board. */
  see(change: BoardChange): void;
  close(): void;
}

const REDRAW_MS = 100;

/** Starts to show progress. */
export function showProgress(options: ProgressOptions): Progress {
  const { output, ids, tally } = options;
  const own = new Set<string>(ids);
  const startedAtMs = wallMs();
  const doneBefore = countEnded(options.snapshot(), own);
  let ended = doneBefore;
  const region = output.isTalkLive ? output.openRegion(process.stderr) : null;
  const draw = (): void => region?.draw(linesOf());
  const timer = region === null ? null : setInterval(draw, REDRAW_MS);

  const linesOf = (): readonly string[] => {
    const { dim, cyan } = output.talkColors;
    const now = wallMs();
    const perTaskMs = (now - startedAtMs) / Math.max(1, ended - doneBefore);
    const eta =
      ended > doneBefore ? `, about ${duration(perTaskMs * (ids.length - ended))} left` : "";
    const width = (process.stderr.columns ?? 80) - 1;
    const agents = options.names().map((name) => {
      const activity = tally.activities.get(name);
      const task = activity?.task
        ? getTask(options.snapshot(), activity.task as TaskId)
        : undefined;
      if (activity === undefined || task === undefined) return `  ${name}  ${dim("waits")}`;
      const since = duration(now - activity.sinceMs);
      return `  ${name}  ${cyan(shorten(printable(task.title), width - name.length - since.length - 8))}  ${dim(since)}`;
    });
    return [...agents, `${bar(ended / Math.max(1, ids.length))} ${ended}/${ids.length}${eta}`];
  };

  return {
    see({ tasks }) {
      for (const { before, after } of tasks) {
        if (!own.has(after.id)) continue;
        if (isOver(after) && !isOver(before)) ended++;
        const line = lineOf(before, after, output);
        if (line !== null) output.talk(line);
      }
    },
    close() {
      if (timer !== null) clearInterval(timer);
      region?.close("erase");
    },
  };
}

function countEnded(snapshot: Snapshot, own: ReadonlySet<string>): number {
  return [...own].filter((id) => isOver(getTask(snapshot, id as TaskId))).length;
}

function isOver(task: Task | undefined): boolean {
  return task !== undefined && isEnded(task);
}

/** The line about what happened to a task, or null where it did not end and no attempt failed. */
function lineOf(before: Task | undefined, after: Task, { talkColors }: Output): string | null {
  const title = shorten(printable(after.title), 100);
  if (after.state !== before?.state) {
    if (after.state === "completed")
      return `${talkColors.green("completed")}  ${title}  (${nameOf(after.completion?.agent)})`;
    if (after.state === "failed")
      return `${talkColors.red("failed")}     ${title}: ${lastError(after)}`;
    if (after.state === "canceled" || after.state === "rejected")
      return `${talkColors.red(after.state)}   ${title}`;
  }
  if (after.failures.length > (before?.failures.length ?? 0))
    return `${talkColors.yellow("again")}      ${title}: ${lastError(after)}`;
  return null;
}

function lastError(task: Task): string {
  return shorten(printable(task.failures.at(-1)?.error ?? ""), 300);
}

function nameOf(agent: string | undefined): string {
  return printable(agent?.split("~")[0] ?? "");
}

function bar(share: number): string {
  const full = Math.round(share * BAR_WIDTH);
  return `[${"#".repeat(full)}${" ".repeat(BAR_WIDTH - full)}]`;
}

const BAR_WIDTH = 24;
