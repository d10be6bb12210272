/** A listed task as the board is given it. */
import { type NewTask, taskIdOfKey } from "../../../lib/index.ts";
import type { ListedTask } from "./listed-task.ts";

/** Makes the new task; keys become ids. */
export function newTaskOf({ line: _, parent, policy, ...task }: ListedTask): NewTask {
  const { needs, requires, ...fields } = task;
  return {
    ...fields,
    ...(needs.length === 0 ? {} : { needs: needs.map(taskIdOfKey) }),
    ...(requires.length === 0 ? {} : { requires }),
    ...(parent === undefined ? {} : { parent: taskIdOfKey(parent) }),
    ...policy,
  };
}
