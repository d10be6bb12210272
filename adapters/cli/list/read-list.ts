/** Reads a task list from a file or from stdin. */
import { parseTaskList } from "../task-list.ts";
import { ListError, type ListedTask } from "./listed-task.ts";
import { newTaskOf } from "./new-task.ts";
import { readSource } from "./source-text.ts";
import { tryEach } from "./trial.ts";

/**
 * Reads and checks a list; `-` is stdin.
 *
 * @throws CliFault `USAGE` when there is no such file
 * @throws ListError when it is broken
 */
export async function readTaskList(file: string): Promise<readonly ListedTask[]> {
  const listed = parseTaskList(await readSource(file, "list"), file);
  // resources and audiences have a grammar, which the library knows
  const ruled = listed.filter(({ policy }) => policy !== undefined);
  const problems = await tryEach(ruled, {
    capabilities: [],
    attempt: async (agent, task) => {
      await agent.add(newTaskOf(task));
      return null;
    },
  });
  if (problems.length > 0) throw new ListError(file, problems);
  return listed;
}
