/** Finds the task that a command is about. */
import { type Board, getTask, type Task, type TaskId } from "../../../lib/index.ts";
import { CliFault, exitCode } from "../fault.ts";

/**
 * Finds a task by its id.
 *
 * @throws CliFault `NOT_FOUND`
 */
export function findTask(board: Board, id: string): Task {
  const task = getTask(board.snapshot(), id as TaskId);
  if (task !== undefined) return task;
  throw new CliFault(
    "NOT_FOUND",
    exitCode.notFound,
    `board ${board.name} has no task ${JSON.stringify(id)}; \`stigmergy list\` shows the ids`,
  );
}
