/** The reasons for which a claim is lost. */
import { isLive, type Task, type TaskClaim } from "../../core/task.ts";
import type { BoardHost } from "../host.ts";

/** Why a claim's work is to stop; the `reason` of its aborted signal. */
export type LossReason =
  | "lost"
  | "resource"
  | "expired"
  | "superseded"
  | "handed-off"
  | "completed"
  | "canceled"
  | "unable"
  | "cut-off"
  | "timeout"
  | "closed";

/** Why a claim of an agent here is lost as its task stands now, or null. */
export function findLoss(host: BoardHost, task: Task, mine: TaskClaim): LossReason | null {
  if (task.state === "completed") return mine.status === "completed" ? null : "completed";
  if (task.state === "canceled") return "canceled";
  switch (mine.status) {
    case "expired":
    case "superseded":
    case "unable":
    case "handed-off":
      return mine.status;
  }
  if (!isLive(mine)) return null;
  if (task.policy.resources !== undefined) return lossAmongAll(host, task, mine);
  return task.winner === mine ? null : "lost";
}

/** X7, X10: where there are resources, rivals for the task and for them are in one order, so that none go in a circle. */
function lossAmongAll({ contention }: BoardHost, task: Task, mine: TaskClaim): LossReason | null {
  const outdoes = (claim: TaskClaim): boolean =>
    claim.status === "held" && contention.compare(claim, mine) < 0;
  if (task.claims.some((one) => one.attempt === mine.attempt && outdoes(one))) return "lost";
  return contention.rivalsOf(task).some(({ claim }) => outdoes(claim)) ? "resource" : null;
}
