/**
 * The `settled` protocol's one decision, as checked exhaustively (docs/spec.md, section G): what a claimant does next,
 * given what it sees. The relay decides nothing; it only echoes the marker.
 */
import type { RecordRef } from "./record.ts";
import type { Task } from "./task.ts";
import { findClaim, isEnded, isLive } from "./task.ts";

/**
 * `confirm`: write `confirmed`, then work. `yield`: write `yielded`, it is lost. `wait`: look again at the next change.
 * `over`: the claim is closed already, write nothing.
 */
export type SettleDecision = "confirm" | "yield" | "wait" | "over";

/** A live claim of another task that names an overlapping resource. */
export interface ForeignRival {
  readonly isHeld: boolean;
  /** Whether it goes before mine, were both equally firm. */
  readonly isBetter: boolean;
}

/**
 * Decides for one pending claim.
 *
 * @param hasEchoed - whether the marker sent after the claim has come back, on the connection that is up now
 * @param foreign - rivals for the task's resources; they count like rivals for the task
 */
export function decideSettled(
  task: Task,
  mine: RecordRef,
  hasEchoed: boolean,
  foreign: readonly ForeignRival[] = [],
): SettleDecision {
  const claim = findClaim(task, mine);
  if (claim === undefined || !isLive(claim))
    return claim?.status === "superseded" ? "yield" : "over";
  if (claim.status === "held") return "confirm";
  // G5: an expired rival opened the next attempt; to go on in this one is unsafe
  if (isEnded(task) || task.nextAttempt > claim.attempt) return "yield";
  if (!hasEchoed) return "wait";
  let hasRival = false;
  for (const rival of task.claims) {
    if (rival === claim || rival.attempt !== claim.attempt || !isLive(rival)) continue;
    if (rival.status === "held") return "yield";
    hasRival = true;
  }
  if (foreign.some((rival) => rival.isHeld || rival.isBetter)) return "yield"; // X11
  if (!hasRival) return foreign.length === 0 ? "confirm" : "wait";
  return task.winner === claim ? "wait" : "yield"; // G4: the best waits until each rival has yielded
}
