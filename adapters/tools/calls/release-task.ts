/** `release_task`: gives a task back, or says that it failed or is not to be done. */
import * as z from "zod";
import type { ClosingOutcome } from "../../../lib/index.ts";
import { type BindableTool, defineTool, oneOf, taskId, text } from "../definition.ts";
import { refusalOf } from "../refusal.ts";
import { claimOf } from "../session.ts";

/** The tool. */
export const releaseTask: BindableTool = defineTool({
  name: "release_task",
  description:
    "Ends your hold of a task without a result. released: somebody else may do it. failed: you tried; it may be tried again unless retry is false. rejected: it should not be done at all. If you learned anything, use handoff_task instead.",
  input: z.strictObject({
    task_id: taskId,
    reason: z.string().trim().min(1).max(4000),
    outcome: z.enum(["released", "failed", "rejected"]).default("released"),
    retry: z.boolean().default(true),
  }),
  output: { status: oneOf("released", "failed", "rejected"), task_id: text },
  isReadOnly: false,
  async run(session, { task_id, reason, outcome, retry }) {
    const claim = claimOf(session, task_id);
    const ended: Record<typeof outcome, () => Promise<ClosingOutcome>> = {
      released: () => claim.release(reason),
      failed: () => claim.fail(reason, { retryable: retry }),
      rejected: () => claim.reject(reason),
    };
    const closed = await ended[outcome]();
    if (!closed.ok) throw refusalOf(closed);
    session.claims.drop(claim.task.id);
    return {
      status: outcome,
      task_id,
      next: "You hold it no more: call claim_task for another one.",
    };
  },
});
