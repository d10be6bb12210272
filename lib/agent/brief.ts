/** The brief of an open board, or of one task of it. */
import { type Brief, type BriefLimit, briefBoard, briefTask } from "../core/brief.ts";
import { taskUnknown } from "../core/error.ts";
import type { TaskId } from "../core/record.ts";
import { getTask, tasksOf } from "../replica/snapshot.ts";
import type { Board } from "./board.ts";

/** What to brief about, and how long the text may be. */
export interface BriefOptions extends BriefLimit {
  /** One task; the whole board where left out. */
  readonly task?: TaskId;
}

/**
 * Renders what a newcomer must know, the most important first, in whole items: as Markdown in which texts by others are
 * quoted with their author, and as data. The same bytes on every replica with the same records.
 *
 * @throws CoordinationError `TASK_UNKNOWN`
 * @throws RangeError when a limit is no whole number, or too small for anything useful
 */
export function brief(board: Board, options: BriefOptions = {}): Brief {
  const { task: id, ...limit } = options;
  const snapshot = board.snapshot();
  const view = {
    name: snapshot.board,
    getTask: (one: TaskId) => getTask(snapshot, one),
  };
  if (id === undefined) return briefBoard(tasksOf(snapshot), view, limit);
  const task = getTask(snapshot, id);
  if (task === undefined) throw taskUnknown(id);
  return briefTask(task, view, limit);
}
