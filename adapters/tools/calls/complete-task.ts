/** `complete_task`: hands in a result. */
import * as z from "zod";
import { type BindableTool, defineTool, oneOf, type Reply, taskId, text } from "../definition.ts";
import { refusalOf } from "../refusal.ts";
import { claimOf } from "../session.ts";

/** The tool. */
export const completeTask: BindableTool = defineTool({
  name: "complete_task",
  description:
    "Hands in the result of a task that you hold: a text or JSON, what the next agent needs. Refused once if what it builds on has changed meanwhile. A result that comes after a loss is kept beside the winner's.",
  input: z.strictObject({ task_id: taskId, result: z.unknown().optional() }),
  output: { status: oneOf("completed", "in_review", "kept"), task_id: text },
  isReadOnly: false,
  async run(session, { task_id, result = null }): Promise<Reply> {
    const claim = claimOf(session, task_id);
    const outcome = await claim.complete(result, { ifStale: "refuse" });
    if (!outcome.ok && outcome.reason === "stale") claim.refresh(); // what comes next has read the change
    if (!outcome.ok) throw refusalOf(outcome);
    session.claims.drop(claim.task.id);
    const status = outcome.accepted ? "completed" : outcome.isInReview ? "in_review" : "kept";
    return { status, task_id, next: NEXT[status] };
  },
});

const NEXT = {
  completed: "It is done: call claim_task for the next one.",
  in_review: "It awaits review by another agent: call claim_task for the next one.",
  kept: "Another result stands, yours is kept beside it: call claim_task for the next one.",
} as const;
