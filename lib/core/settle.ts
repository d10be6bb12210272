/**
 * The `settled` protocol's one decision, as checked exhaustively (docs/spec.md, section G): what a claimant does next,
 * given what it sees. The relay decides nothing; it only echoes the marker.
 */
import type { Contention } from "./contention.ts";
import { formatRef, type RecordRef } from "./record.ts";
import type { ClaimStatus, Task } from "./task.ts";
import { findClaim, isEnded, isLive } from "./task.ts";

/**
 * `confirm`: write `confirmed`, then work. `yield`: it is lost. `wait`: look again at the next change. `over`: others
 * closed the claim. `taken-back`: the offer that it accepts was. All but the first two words end in a `yielded` record.
 */
export type SettleDecision = "confirm" | "wait" | "yield" | "over" | "taken-back";

/** A pending claim. */
export interface PendingRef extends RecordRef {
  /** The reference of the offer that it accepts. */
  readonly offer?: string | undefined;
}

/**
 * Decides for one pending claim.
 *
 * @param hasEchoed - whether the marker sent after the claim has come back, on the connection that is up now
 * @param board - asked for rivals for the task's resources; may be left out for a task that names none
 */
export function decideSettled(
  task: Task,
  mine: PendingRef,
  hasEchoed: boolean,
  board?: { readonly contention: Pick<Contention, "compare" | "rivalsOf"> },
): SettleDecision {
  const claim = findClaim(task, mine);
  if (claim === undefined || !isLive(claim))
    return claim?.status === "superseded" ? "yield" : "over";
  if (claim.status === "held") return "confirm";
  const others = task.claims.filter((one) => one !== claim && one.attempt === claim.attempt);
  // G5: an expired rival opened the next attempt; to go on in this one is unsafe
  if (isEnded(task) || task.nextAttempt > claim.attempt) return "yield";
  // G2: whoever was confirmed in this attempt before has had it, whatever came of it; it is nobody else's any more
  if (others.some(({ status }) => HELD_ONCE.has(status))) return "yield";
  if (!hasEchoed) return "wait";
  const rivals = others.filter(isLive);
  let isBest = task.winner === claim;
  if (task.policy.resources !== undefined && board !== undefined) {
    // X7: all rivals in one order, those for the task too: in two orders three claims could go in a circle, of which each
    // gives way to the next
    const { contention } = board;
    rivals.push(...contention.rivalsOf(task).map((rival) => rival.claim));
    isBest = rivals.every((rival) => contention.compare(claim, rival) < 0);
  }
  // W1, X7: a confirmed rival is better than a pending one, so whoever sees it gives way
  if (!isBest) return "yield";
  if (rivals.length > 0) return "wait"; // G4: the best waits until each rival has yielded
  // H4: the holder that took its offer back goes on; so this one does not
  const isTakenBack = task.thread.offers.some(
    (one) => one.isWithdrawn && formatRef(one) === mine.offer,
  );
  return isTakenBack ? "taken-back" : "confirm";
}

const HELD_ONCE: ReadonlySet<ClaimStatus> = new Set([
  "released",
  "failed",
  "rejected",
  "handed-off",
  "in-review",
  "sent-back",
  "completed",
]);
