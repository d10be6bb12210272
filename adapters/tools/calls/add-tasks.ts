/** `add_tasks`: puts work on the board, a whole plan at once. */
import * as z from "zod";
import { getTask, type NewTask, type TaskId, taskIdOfKey } from "../../../lib/index.ts";
import { type BindableTool, count, defineTool } from "../definition.ts";
import { ToolRefusal } from "../fault.ts";
import type { Session } from "../session.ts";

const name = z.string().max(256);
const names = z.array(name).max(100);

const input = z.strictObject({
  tasks: z
    .array(
      z.strictObject({
        title: z.string().trim().min(1).max(500),
        body: z.string().max(12_000).optional(),
        key: name.optional().describe("Same key, same task: adding it again adds nothing"),
        needs: names.optional().describe("task_ids or keys to be completed before"),
        requires: names.optional().describe("Capabilities"),
        resources: names.optional().describe("Held alone, e.g. path:src/**"),
        priority: z.int().min(-1000).max(1000).optional(),
        review_by: name.optional().describe("Agent who must approve"),
      }),
    )
    .min(1)
    .max(100),
});

type Stated = z.output<typeof input>["tasks"][number];

/** The tool. */
export const addTasks: BindableTool = defineTool({
  name: "add_tasks",
  description:
    "Adds tasks for anybody to claim, all or none. Give keys so that a repeated call, or another agent with the same plan, adds nothing twice.",
  input,
  output: { task_ids: { type: "array", items: { type: "string" } }, added: count },
  isReadOnly: false,
  async run(session, { tasks }) {
    const known = tasks.filter(({ key }) => key !== undefined && find(session, taskIdOfKey(key)));
    const keys = new Set(tasks.flatMap(({ key }) => (key === undefined ? [] : [key])));
    const ids = await session.agent.add(tasks.map((task) => newTask(session, task, keys)));
    const isOnce = new Set(ids);
    return {
      task_ids: ids,
      added: isOnce.size - new Set(known.map(({ key }) => key)).size,
      next: "They are on the board: call claim_task to take one, or wait_for_change to see others take them.",
    };
  },
});

function newTask(session: Session, stated: Stated, keys: ReadonlySet<string>): NewTask {
  const { review_by, needs, ...fields } = stated;
  return {
    ...fields,
    ...(needs === undefined ? {} : { needs: needs.map((need) => needOf(session, need, keys)) }),
    ...(review_by === undefined ? {} : { review: { by: { agent: review_by } } }),
  } as NewTask; // what is undefined in it is not written
}

/** A need is named by its id, by a key of this call, or by the key of a task that is there. */
function needOf(session: Session, need: string, keys: ReadonlySet<string>): TaskId {
  if (!keys.has(need) && find(session, need as TaskId)) return need as TaskId;
  const id = taskIdOfKey(need);
  if (keys.has(need) || find(session, id)) return id;
  throw new ToolRefusal(
    "NEED_UNKNOWN",
    "a need is neither a task_id on the board nor the key of a task there or in this call",
    "correct `needs`, or add the needed tasks in the same call with keys",
  );
}

function find({ board }: Session, id: TaskId): boolean {
  return getTask(board.snapshot(), id) !== undefined;
}
