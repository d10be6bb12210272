/** Says how an agent came to hold a task no more, or that it never did. */
import { type AgentId, isEnded, isLive, type Task } from "../../../lib/index.ts";
import { type CliFault, refusedFault } from "../fault.ts";

/** The fault of acting on a task that the agent does not hold. */
export function lossFault(task: Task, agent: AgentId): CliFault {
  const last = task.claims.findLast((claim) => claim.agent === agent);
  const now = `${standing(task)}. This command had no effect`;
  if (last === undefined)
    return refusedFault("not-held", `${agent} has no claim of ${task.id}: ${now}`);
  const open = isEnded(task) ? task.state : last.status === "pending" ? "pending" : "lost";
  const how = isLive(last) ? open : last.status;
  return refusedFault(
    how,
    `the claim of ${task.id} by ${agent}, attempt ${last.attempt}, stands no more (${how}): ${now}`,
  );
}

function standing(task: Task): string {
  const { id, winner, completion, inReview } = task;
  if (winner !== null) return `${winner.agent} holds attempt ${winner.attempt} now`;
  if (completion !== null) return `it was completed by ${completion.agent}`;
  if (isEnded(task)) return `it is ${task.state}; \`stigmergy reopen ${id}\` starts it over`;
  if (inReview !== null) return `the result of ${inReview.agent} awaits review`;
  return `nobody holds it; claim it with \`stigmergy claim ${id}\``;
}
