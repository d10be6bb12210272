/** Tells what happens on the demo's board: a line per event, and all of it at a glance. */
import {
  type BoardEvent,
  getTask,
  listTasks,
  type Snapshot,
  type Task,
  whyUnready,
} from "../../../lib/index.ts";
import type { Colors } from "../output/output.ts";
import { shorten } from "../output/printable.ts";

/** The sentence about an event; null for one that goes without saying. */
export function sentenceOf({ kind, agent, task: id }: BoardEvent, board: Snapshot): string | null {
  const task = id === null ? undefined : getTask(board, id);
  if (task === undefined) return null;
  const who = nameOf(agent);
  const what = `“${task.title}”`;
  switch (kind) {
    case "claim-confirmed":
      return `${who} has claimed ${what}`;
    case "task-noted":
      return `${who} notes on ${what}: ${task.notes.findLast((note) => note.agent === agent)?.text}`;
    case "offer-made":
      return `${who} hands ${what} off, with what it has learned`;
    case "claim-expired":
      return `${who} is silent; its claim of ${what} has expired`;
    case "task-completed":
      return `${who} has completed ${what}: ${task.completion?.result}`;
    default:
      return null;
  }
}

/** The board at a glance, in lines of at most `width`. */
export function glanceAt(board: Snapshot, { bold, dim }: Colors, width: number): readonly string[] {
  const all = listTasks(board);
  const ready = all.filter((task) => whyUnready(task, (id) => getTask(board, id)) === null);
  const row = (name: string, text: string): string =>
    `${bold(name.padEnd(6))} ${shorten(text || "-", width - 7)}`;
  const notes = all.flatMap((task) =>
    task.notes.map((note) => `${nameOf(note.agent)}, ${note.about}: ${note.text}`),
  );
  const done = all.filter(({ state }) => state === "completed");
  return [
    dim("-".repeat(Math.min(width, 60))),
    row("now", all.flatMap(holding).join(" · ")),
    row("ready", titles(ready)),
    row("done", `${done.length} of ${all.length}: ${titles(done)}`),
    row("notes", notes.slice(-2).join(" · ")),
  ];
}

/** An agent's name without its random part. */
export function nameOf(agent: string | null): string {
  return agent?.split("~")[0] ?? "somebody";
}

function holding({ state, winner, title, attempt }: Task): readonly string[] {
  const again = attempt > 1 ? `, attempt ${attempt}` : "";
  return state === "working" && winner !== null
    ? [`${nameOf(winner.agent)}: ${title}${again}`]
    : [];
}

function titles(some: readonly Task[]): string {
  return some.map(({ title }) => title).join(", ");
}
