/** How an agent comes by a claim: optimistically at once, or settled after the relay's echo. */
import { isAddressed } from "../../core/audience.ts";
import { CoordinationError, taskUnknown } from "../../core/error.ts";
import { whyUnready } from "../../core/ready.ts";
import { type AgentId, formatRef, type Guarantee, type TaskId } from "../../core/record.ts";
import { readBasis } from "../../core/stale.ts";
import { isEnded, isLost, type Offer, type Task, type TaskState } from "../../core/task.ts";
import type { RecordBody } from "../../replica/replica.ts";
import type { BoardHost, LocalAgent } from "../host.ts";
import type { Claim } from "./claim.ts";
import { createClaim } from "./granted.ts";
import { settle } from "./settling.ts";

/** A claim, or why there is none; none of these is an error. */
export type ClaimOutcome = { readonly ok: true; readonly claim: Claim } | ClaimRefusal;

/** Why a task could not be claimed. */
export type ClaimRefusal =
  | { readonly ok: false; readonly reason: "ended"; readonly state: TaskState }
  /** Somebody else's claim stands. */
  | { readonly ok: false; readonly reason: "held" | "lost"; readonly by: AgentId | null }
  /** A need or child is not completed; `isLost` where it has ended without a result. */
  | {
      readonly ok: false;
      readonly reason: "blocked";
      readonly by: TaskId;
      readonly isLost: boolean;
    }
  /** A claim of another task holds a resource that this one names too. */
  | {
      readonly ok: false;
      readonly reason: "resource";
      readonly resource: string;
      readonly by: AgentId;
      readonly task: TaskId;
    }
  /** The agent lacks these capabilities. */
  | { readonly ok: false; readonly reason: "incapable"; readonly missing: readonly string[] }
  /** Its result awaits review, or somebody waits before the next attempt. */
  | { readonly ok: false; readonly reason: "in-review" | "delayed" }
  /** Agents wait for each other in a circle, and this one is to give way: release what it holds. */
  | { readonly ok: false; readonly reason: "deadlock"; readonly cycle: readonly AgentId[] }
  /** No offer of the task stands that this agent may accept. */
  | { readonly ok: false; readonly reason: "not-offered" }
  /** Others took this agent for dead while it waited, or the caller's signal aborted. */
  | { readonly ok: false; readonly reason: "expired" | "aborted" };

/** How to claim. */
export interface ClaimOptions {
  /**
   * The guarantee wanted; by default the task's own, else `settled` where the transport has a barrier, else
   * `optimistic`. Never silently lowered.
   */
  readonly guarantee?: Guarantee;
  /** How long silence is borne for this claim, 500 to 86,400,000; the agent's lease by default. */
  readonly ttlMs?: number;
  /** What the rule `priority` weighs; 0 by default. */
  readonly priority?: number;
  /**
   * Waits until the task can be claimed, instead of answering that it cannot; answers `deadlock` when agents wait for
   * each other in a circle and this one is to give way.
   */
  readonly wait?: boolean;
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
    if (!host.agents.has(agent.id)) return { ok: false, reason: "aborted" }; // it left meanwhile
    const task = knownTask(host, taskId);
    const refusal = refusalOf(host, agent, task);
    if (refusal !== null) return refusal;
    const guarantee = guaranteeOf(host, task, options.guarantee);
    const offer = openOffer(agent, task);
    const attempt = offer === undefined ? task.nextAttempt : offer.attempt + 1;
    const basis = readBasis(task, host.replica.task);
    const ttlMs = options.ttlMs ?? agent.leaseMs;
    const accepts = offer === undefined ? undefined : formatRef(offer);
    const body: RecordBody = {
      kind: "claimed",
      task: taskId,
      attempt: attempt === 1 ? undefined : attempt,
      guarantee: guarantee === "settled" ? guarantee : undefined,
      version: task.version === null ? undefined : formatRef(task.version),
      ttlMs: ttlMs === agent.leaseMs ? undefined : ttlMs,
      offer: accepts,
      ...basis,
      ...weightsOf(host, agent, options),
    };
    const n = host.replica.append(agent.id, [body]);
    const { signal } = options;
    const id = agent.id;
    const granted = { agent: id, task, n, attempt, guarantee, ttlMs, basis, stop: signal };
    if (guarantee === "optimistic") return handOut(host, agent, createClaim(host, granted));
    const pending = { taskId, agent: id, n, ttlMs, offer: accepts, signal };
    let claim: Claim | null = null;
    const verdict = await settle(host, pending, () => {
      claim = createClaim(host, granted);
    });
    if (claim !== null) return handOut(host, agent, claim);
    agent.losses += verdict === "yielded" ? 1 : 0;
    await host.durable();
    if (verdict === "expired" || verdict === "aborted") return { ok: false, reason: verdict };
    if (verdict === "taken-back") return { ok: false, reason: "not-offered" };
    const after = knownTask(host, taskId);
    const again = refusalOf(host, agent, after);
    // G5: whoever waited for a rival that was expired, or is gone otherwise, claims what that left open
    if (again === null) continue;
    if (again.reason === "resource") return again;
    return {
      ok: false,
      reason: "lost",
      by: after.winner?.agent ?? after.completion?.agent ?? null,
    };
  }
}

/** G9: waits until a contest that an agent has lost is decided, or its task called off, and names the holder. */
export async function nameHolder(
  host: BoardHost,
  agent: LocalAgent,
  taskId: TaskId,
  signal: AbortSignal | undefined,
): Promise<ClaimRefusal> {
  for (;;) {
    const task = knownTask(host, taskId);
    const { state, winner, completion } = task;
    if (winner?.status !== "pending" || signal?.aborted || !host.agents.has(agent.id))
      return { ok: false, reason: "lost", by: winner?.agent ?? completion?.agent ?? null };
    // the contest of an ended task may never be decided: nobody expires the claims that it left
    if (completion !== null) return { ok: false, reason: "lost", by: completion.agent };
    if (isLost(task)) return { ok: false, reason: "ended", state };
    await host.nextChange(undefined, signal);
  }
}

/** Says why an agent cannot claim a task now, or null when it can. */
export function refusalOf(host: BoardHost, agent: LocalAgent, task: Task): ClaimRefusal | null {
  const refused = openOffer(agent, task) === undefined ? unreadyRefusal(host, task) : null;
  if (refused !== null) return refused;
  const missing = task.requires.filter((tag) => !agent.capabilities.includes(tag));
  if (missing.length > 0) return { ok: false, reason: "incapable", missing };
  const rival = task.policy.resources === undefined ? null : host.contention.holderOf(task);
  if (rival === null) return null;
  const { resource, claim } = rival;
  return { ok: false, reason: "resource", resource, by: claim.agent, task: rival.task.id };
}

/**
 * Says why an agent could not claim an ended task after a reopening, or null when it could; of one that has not ended,
 * why it cannot now.
 *
 * @throws CoordinationError `GUARANTEE_UNAVAILABLE`
 */
export function refusalOnceReopened(
  host: BoardHost,
  agent: LocalAgent,
  task: Task,
): ClaimRefusal | null {
  guaranteeOf(host, task, undefined);
  const open: Task = { ...task, state: "submitted", claims: [], inReview: null };
  return refusalOf(host, agent, isEnded(task) ? open : task);
}

/** The offer of a task that an agent may accept now; none that it has declined. */
export function openOffer({ id, capabilities }: LocalAgent, task: Task): Offer | undefined {
  if (task.thread.offers.length === 0 || isEnded(task)) return undefined;
  return task.thread.offers.find(
    ({ status, agent, to, declined }) =>
      status === "open" &&
      agent !== id &&
      isAddressed(to, id, capabilities) &&
      !declined.some((one) => one.agent === id),
  );
}

function unreadyRefusal(host: BoardHost, task: Task): ClaimRefusal | null {
  const unready = whyUnready(task, host.replica.task);
  if (unready === null) return null;
  switch (unready.reason) {
    case "ended":
      return { ok: false, reason: "ended", state: task.state };
    case "claimed":
      return { ok: false, reason: "held", by: task.winner?.agent ?? null };
    case "blocked":
      return { ok: false, ...unready };
    default:
      return { ok: false, reason: unready.reason };
  }
}

function weightsOf(
  { rule, loadOf }: BoardHost,
  agent: LocalAgent,
  { priority = 0 }: ClaimOptions,
): Partial<Record<"load" | "losses" | "priority", number>> {
  const { weighs } = rule;
  if (weighs === undefined) return {};
  const all = { load: loadOf(agent.id), losses: agent.losses, priority };
  return Object.fromEntries(weighs.map((name) => [name, all[name]]));
}

/** Hands out a claim once it is stored; one that cannot be stored is given back, so that nobody waits for it. */
async function handOut(host: BoardHost, agent: LocalAgent, claim: Claim): Promise<ClaimOutcome> {
  agent.losses = 0;
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

/** The error for a guarantee that cannot be had, and why not. */
function guaranteeUnavailable(task: TaskId, why: string): CoordinationError {
  const options = { details: { task } };
  return new CoordinationError("GUARANTEE_UNAVAILABLE", `A claim of task ${task} ${why}.`, options);
}
