/** `wait_for_change`: sleeps until others have done something, for agents that are not told. */
import * as z from "zod";
import { adviseNext, errandsOf } from "../advice.ts";
import type { Change } from "../change-log.ts";
import { type BindableTool, count, defineTool, objects, taskId } from "../definition.ts";
import type { Session } from "../session.ts";

const MAX_LISTED = 50;

/** The tool. */
export const waitForChange: BindableTool = defineTool({
  name: "wait_for_change",
  description:
    "Waits until others changed the board since cursor (the one of your last answer; without it: from now on), or until timeout_s is over. Call it when nothing is ready for you, instead of asking again and again.",
  input: z.strictObject({
    cursor: z.string().min(1).max(320).optional(),
    timeout_s: z.number().min(0).max(50).default(25),
    task_id: taskId.optional().describe("Only changes of this task"),
  }),
  output: {
    changes: objects,
    more: count,
    timed_out: { type: "boolean" },
    incomplete: { type: "boolean" },
  },
  isReadOnly: true,
  async run(session, { cursor, timeout_s, task_id }, signal) {
    const from = cursor ?? session.changes.cursor;
    const isMeant = (change: Change): boolean =>
      task_id === undefined || change.task_id === task_id;
    const until = performance.now() + timeout_s * 1000;
    for (;;) {
      const { changes, isIncomplete } = session.changes.since(from);
      const meant = changes.filter(isMeant);
      const leftMs = until - performance.now();
      if (meant.length > 0 || isIncomplete || leftMs <= 0 || signal?.aborted) {
        return {
          changes: meant.slice(-MAX_LISTED),
          more: Math.max(0, meant.length - MAX_LISTED),
          timed_out: meant.length === 0 && !isIncomplete,
          incomplete: isIncomplete,
          next: nextOf(session, meant, isIncomplete),
        };
      }
      await session.changes.next(leftMs, signal);
    }
  },
});

function nextOf(session: Session, changes: readonly Change[], isIncomplete: boolean): string {
  if (changes.some(({ what }) => what === "claim-lost"))
    return "Stop working on each task whose claim is lost here; its result would only be kept beside the winner's.";
  if (changes.some(({ what }) => what === "claim-decided"))
    return "A claim of yours is decided: call claim_task again with the same arguments.";
  if (isIncomplete) return "More happened than is kept: call board_status for a fresh look.";
  return adviseNext(session, errandsOf(session));
}
