/** The settled protocol at work: waits for the decision on a pending claim and writes it down. */
import { taskUnknown } from "../../core/error.ts";
import { formatRef, type RecordRef, type TaskId } from "../../core/record.ts";
import { decideSettled, type SettleDecision } from "../../core/settle.ts";
import { type ClaimStatus, findClaim, isLive, type Task } from "../../core/task.ts";
import type { BoardHost, HeldClaim } from "../host.ts";

/** How a pending claim ended; `taken-back`: with the offer that it accepts. */
export type Verdict = "confirmed" | "yielded" | "taken-back" | "expired" | "aborted";

/** A pending claim. */
export interface PendingClaim extends RecordRef {
  readonly taskId: TaskId;
  readonly ttlMs: number;
  /** The offer that it accepts. */
  readonly offer: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Waits for the protocol's decision on a claim, and writes it down.
 *
 * @param confirmed - takes the claim over in the same turn, so that no leaving of its agent falls in between
 */
export async function settle(
  host: BoardHost,
  pending: PendingClaim,
  confirmed: () => void,
): Promise<Verdict> {
  const { taskId: task, agent, n, signal } = pending;
  const write = (kind: "confirmed" | "yielded"): void => {
    host.replica.append(agent, [{ kind, task, claim: n }]);
  };
  let isGivenUp = false;
  const watched: HeldClaim = {
    taskId: task,
    agent,
    ttlMs: pending.ttlMs,
    hasResources: false,
    readsOthers: false,
    judge() {},
    cutOff() {},
    giveBack() {
      isGivenUp = true;
      write("yielded");
    },
    forsake() {
      this.giveBack();
    },
  };
  host.claims.add(watched);
  const leaseMs = host.agents.get(agent)?.leaseMs ?? 0;
  if (pending.ttlMs < leaseMs) {
    host.claims.single(watched);
    host.beat();
  }
  const marker: { state: "sent" | "echoed" | "failed"; error?: unknown } = { state: "sent" };
  const echo = host.connection.sync().then(
    () => {
      marker.state = "echoed";
    },
    (error: unknown) => {
      marker.state = "failed";
      marker.error = error;
    },
  );
  try {
    for (;;) {
      if (isGivenUp) return "aborted";
      if (marker.state === "failed") {
        write("yielded");
        throw marker.error;
      }
      const hasEchoed = marker.state === "echoed";
      const decision = decide(host, pending, hasEchoed);
      if (decision === "confirm") {
        write("confirmed");
        confirmed();
        return "confirmed";
      }
      if (decision !== "wait" || signal?.aborted) {
        // also where others expired it: by its own word, so that nobody counts it among its open claims
        write("yielded");
        return decision === "wait" ? "aborted" : VERDICTS[decision];
      }
      const change = host.nextChange(undefined, signal);
      await (hasEchoed ? change : Promise.race([echo, change]));
    }
  } finally {
    host.claims.delete(watched);
  }
}

const VERDICTS = { yield: "yielded", over: "expired", "taken-back": "taken-back" } as const;

function decide(
  host: BoardHost,
  pending: PendingClaim,
  hasEchoed: boolean,
): SettleDecision | "taken-back" {
  const task = host.replica.task(pending.taskId);
  if (task === undefined) throw taskUnknown(pending.taskId);
  const decision = decideAmongAll(host, task, pending, hasEchoed);
  if (decision !== "over" && wasHeld(task, pending)) return "yield";
  // H4: the holder that took its offer back goes on; so this one does not
  if (decision === "confirm" && isTakenBack(task, pending.offer)) return "taken-back";
  return decision;
}

/** G2: whoever was confirmed in this attempt before has had it, whatever came of it; it is nobody else's any more. */
function wasHeld(task: Task, ref: RecordRef): boolean {
  const mine = findClaim(task, ref);
  return (
    mine?.status === "pending" &&
    task.claims.some(({ attempt, status }) => attempt === mine.attempt && HELD_ONCE.has(status))
  );
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

/**
 * X7: where there are resources, all rivals are in one order, those for the task too: in two orders three claims could go
 * in a circle, of which each gives way to the next.
 */
function decideAmongAll(
  host: BoardHost,
  task: Task,
  ref: RecordRef,
  hasEchoed: boolean,
): SettleDecision {
  const mine = findClaim(task, ref);
  if (task.policy.resources === undefined || mine === undefined)
    return decideSettled(task, ref, hasEchoed);
  const { contention } = host; // brought up to date here, which costs all that changed in this turn
  const rivals = [
    ...contention.rivalsOf(task).map(({ claim }) => claim),
    ...task.claims.filter((one) => one !== mine && one.attempt === mine.attempt && isLive(one)),
  ];
  const inOneOrder = rivals.map((claim) => ({
    isHeld: claim.status === "held",
    isBetter: contention.compare(claim, mine) < 0,
  }));
  return decideSettled({ ...task, claims: [mine] }, ref, hasEchoed, inOneOrder);
}

function isTakenBack(task: Task, offer: string | undefined): boolean {
  return (
    offer !== undefined &&
    task.thread.offers.some((one) => one.isWithdrawn && formatRef(one) === offer)
  );
}
