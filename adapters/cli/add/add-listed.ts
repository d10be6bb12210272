/** Puts a list on a board, once: what the board knows already stays as it is. */
import { type Board, getTask, type NewTask, type TaskId, taskIdOfKey } from "../../../lib/index.ts";
import type { Medium } from "../board/medium.ts";
import { asPassingAgent } from "../board/passing-agent.ts";
import type { ListedTask } from "../list/listed-task.ts";
import { newTaskOf } from "../list/new-task.ts";

/** One task of the list, as the board has it now. */
export interface PutTask {
  readonly id: TaskId;
  readonly title: string;
  /** Whether it was not on the board before. */
  readonly isNew: boolean;
}

/** Where tasks are added, and how long to wait until they are safe there. */
export interface AddParts {
  readonly medium: Pick<Medium, "subject">;
  readonly syncTimeoutMs: number;
}

/** Adds what is new; where nothing is, nothing is written at all. */
export async function addListed(
  board: Board,
  listed: readonly ListedTask[],
  parts: AddParts,
): Promise<readonly PutTask[]> {
  const snapshot = board.snapshot();
  const put = listed.map(({ key, title }) => {
    const id = taskIdOfKey(key);
    return { id, title, isNew: getTask(snapshot, id) === undefined };
  });
  const fresh = listed.filter((_, i) => put[i]?.isNew);
  if (fresh.length > 0) await addTasks(board, fresh.map(newTaskOf), parts);
  return put;
}

/** Adds tasks in the name of an agent that comes and goes for it. */
export function addTasks(
  board: Board,
  tasks: readonly NewTask[],
  { medium, syncTimeoutMs }: AddParts,
): Promise<readonly TaskId[]> {
  const name = medium.subject ?? "list";
  return asPassingAgent(board, { name, syncTimeoutMs }, (agent) => agent.add(tasks));
}
