/** How an agent comes by a claim: optimistically at once, or settled after the relay's echo. */

import { taskUnknown } from "../core/error.ts";
import { whyUnready } from "../core/ready.ts";
import { type AgentId, formatRef, type Guarantee, type TaskId } from "../core/record.ts";
import { decideSettled } from "../core/settle.ts";
import type { Task, TaskState } from "../core/task.ts";
import { type Claim, type ClaimGrant, createClaim, guaranteeUnavailable } from "./claim.ts";
import type { BoardHost, HeldClaim, LocalAgent } from "./host.ts";

/** A claim, or why there is none; none of these is an error. */
export type ClaimOutcome = { readonly ok: true; readonly claim: Claim } | ClaimRefusal;

/** Why a task could not be claimed. */
export type ClaimRefusal =
  | { readonly ok: false; readonly reason: "ended"; readonly state: TaskState }
  /** Somebody else's claim stands. */
  | { readonly ok: false; readonly reason: "held" | "lost"; readonly by: AgentId | null }
  | { readonly ok: false; readonly reason: "blocked"; readonly by: TaskId }
  /** The agent lacks these capabilities. */
  | { readonly ok: false; readonly reason: "incapable"; readonly missing: readonly string[] }
  /** Others took this agent for dead while it waited, or the caller's signal aborted. */
  | { readonly ok: false; readonly reason: "expired" | "aborted" };

/** How to claim. */
export interface ClaimOptions {
  /**
   * The guarantee wanted; by default the task's own, else `settled` where the transport has a barrier, else
   * `optimistic`. Never silently lowered.
   */
  readonly guarantee?: Guarantee;
  /** Gives up the wait for a settled claim; later it aborts the claim's own signal, with the reason `stopped`. */
  readonly signal?: AbortSignal;
}

/** Claims a task for an agent of this board. */
export async function claimTask(
  host: BoardHost,
  agent: LocalAgent,
  taskId: TaskId,
  options: ClaimOptions,
): Promise<ClaimOutcome> {
  for (;;) {
    const task = knownTask(host, taskId);
    const refusal = refusalOf(host, agent, task);
    if (refusal !== null) return refusal;
    const guarantee = guaranteeOf(host, task, options.guarantee);
    const attempt = task.nextAttempt;
    const n = host.replica.append(agent.id, [
      {
        kind: "claimed",
        task: taskId,
        attempt: attempt === 1 ? undefined : attempt,
        guarantee: guarantee === "settled" ? guarantee : undefined,
        version: task.version === null ? undefined : formatRef(task.version),
      },
    ]);
    const granted = { agent: agent.id, task, n, attempt, guarantee, stop: options.signal };
    if (guarantee === "optimistic") return handOut(host, granted);
    const verdict = await settle(host, agent.id, taskId, n, options.signal);
    if (verdict === "confirmed") return handOut(host, granted);
    await host.durable();
    if (verdict === "expired" || verdict === "aborted") return { ok: false, reason: verdict };
    const after = knownTask(host, taskId);
    // G5: whoever waited for a rival that was expired claims the attempt which that opened
    if (after.nextAttempt > attempt && refusalOf(host, agent, after) === null) continue;
    return {
      ok: false,
      reason: "lost",
      by: after.winner?.agent ?? after.completion?.agent ?? null,
    };
  }
}

/** G9: waits until a contest that an agent has lost is decided, and names the holder. */
export async function nameHolder(
  host: BoardHost,
  agent: LocalAgent,
  taskId: TaskId,
  signal: AbortSignal | undefined,
): Promise<ClaimRefusal> {
  for (;;) {
    const { winner, completion } = knownTask(host, taskId);
    const isOver = winner?.status !== "pending" || signal?.aborted || !host.agents.has(agent.id);
    if (isOver)
      return { ok: false, reason: "lost", by: winner?.agent ?? completion?.agent ?? null };
    await host.nextChange(undefined, signal);
  }
}

/** Hands out a claim once it is stored; one that cannot be stored is given back, so that nobody waits for it. */
async function handOut(host: BoardHost, granted: ClaimGrant): Promise<ClaimOutcome> {
  const claim = createClaim(host, granted);
  try {
    await host.durable();
  } catch (error) {
    await claim.release("its claim could not be stored").catch(() => {}); // fails as the claim did
    throw error;
  }
  return { ok: true, claim };
}

function knownTask(host: BoardHost, id: TaskId): Task {
  const task = host.replica.task(id);
  if (task !== undefined) return task;
  throw taskUnknown(id);
}

function refusalOf(host: BoardHost, agent: LocalAgent, task: Task): ClaimRefusal | null {
  const unready = whyUnready(task, (id) => host.replica.task(id));
  if (unready?.reason === "ended") return { ok: false, reason: "ended", state: task.state };
  if (unready?.reason === "claimed")
    return { ok: false, reason: "held", by: task.winner?.agent ?? null };
  if (unready?.reason === "blocked") return { ok: false, reason: "blocked", by: unready.by };
  const missing = task.requires.filter((tag) => !agent.capabilities.includes(tag));
  return missing.length > 0 ? { ok: false, reason: "incapable", missing } : null;
}

function guaranteeOf(host: BoardHost, task: Task, wanted: Guarantee | undefined): Guarantee {
  const usual = host.capabilities.barrier ? "settled" : "optimistic";
  const guarantee = wanted ?? (task.guarantee === "settled" ? "settled" : usual);
  if (guarantee === "settled" && !host.capabilities.barrier)
    throw guaranteeUnavailable(
      task.id,
      "needs a barrier to be settled; use a relay, or claim it as optimistic",
    );
  if (guarantee === "optimistic" && task.guarantee === "settled")
    throw guaranteeUnavailable(
      task.id,
      "asks for settled claims; an optimistic one would not count",
    );
  return guarantee;
}

/** Waits for the protocol's decision on the claim at position `n`, and writes it down. */
async function settle(
  host: BoardHost,
  agent: AgentId,
  task: TaskId,
  n: number,
  signal: AbortSignal | undefined,
): Promise<"confirmed" | "yielded" | "expired" | "aborted"> {
  const write = (kind: "confirmed" | "yielded"): void => {
    host.replica.append(agent, [{ kind, task, claim: n }]);
  };
  let isGivenUp = false;
  const pending: HeldClaim = {
    taskId: task,
    agent,
    judge() {},
    cutOff() {},
    giveBack() {
      isGivenUp = true;
      write("yielded");
    },
  };
  host.claims.add(pending);
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
      if (marker.state === "failed") throw marker.error;
      const hasEchoed = marker.state === "echoed";
      const decision = decideSettled(knownTask(host, task), { agent, n }, hasEchoed);
      if (decision === "over") return "expired";
      if (decision === "confirm") {
        write("confirmed");
        return "confirmed";
      }
      if (decision === "yield" || signal?.aborted) {
        write("yielded");
        return decision === "yield" ? "yielded" : "aborted";
      }
      const change = host.nextChange(undefined, signal);
      await (hasEchoed ? change : Promise.race([echo, change]));
    }
  } finally {
    host.claims.delete(pending);
  }
}
