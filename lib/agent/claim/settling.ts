/** The settled protocol at work: waits for the decision on a pending claim and writes it down. */
import { taskUnknown } from "../../core/error.ts";
import type { TaskId } from "../../core/record.ts";
import { decideSettled, type PendingRef, type SettleDecision } from "../../core/settle.ts";
import type { BoardHost, HeldClaim } from "../host.ts";

/** How a pending claim ended; `taken-back`: with the offer that it accepts. */
export type Verdict = "confirmed" | "yielded" | "taken-back" | "expired" | "aborted";

/** A pending claim. */
export interface PendingClaim extends PendingRef {
  readonly taskId: TaskId;
  readonly ttlMs: number;
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

function decide(host: BoardHost, pending: PendingClaim, hasEchoed: boolean): SettleDecision {
  const task = host.replica.task(pending.taskId);
  if (task === undefined) throw taskUnknown(pending.taskId);
  return decideSettled(task, pending, hasEchoed, host);
}
