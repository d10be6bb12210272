/** `list_ready`: the tasks that this agent could claim now. */
import * as z from "zod";
import { adviseNext } from "../advice.ts";
import { type BindableTool, count, defineTool, objects } from "../definition.ts";

/** The tool. */
export const listReady: BindableTool = defineTool({
  name: "list_ready",
  description:
    "Tasks that you could claim now, best first. To take the best one, call claim_task without listing.",
  input: z.strictObject({ limit: z.int().min(1).max(50).default(10) }),
  output: { ready: objects, more: count },
  isReadOnly: true,
  async run(session, { limit }) {
    const tasks = [...session.agent.claimable()];
    return {
      ready: tasks.slice(0, limit).map((task) => ({
        task_id: task.id,
        title: session.quote(task.title, task.added.agent),
        priority: task.priority,
        attempt: task.nextAttempt,
      })),
      more: Math.max(0, tasks.length - limit),
      next: adviseNext(session),
    };
  },
});
