/** A handoff: the holder offers its task and rests until the offer is accepted, declined, or nobody has answered. */
import type { AgentId, Audience, Packet, RecordRef, TaskId } from "../../core/record.ts";
import type { Offer, Task } from "../../core/task.ts";
import type { BoardHost } from "../host.ts";
import type { LossReason } from "./loss.ts";

/** How to hand over. */
export interface HandoffOptions {
  readonly to: Audience;
  /** How long to wait for somebody to accept; 30,000 by default. */
  readonly patienceMs?: number;
  /** Takes the offer back. */
  readonly signal?: AbortSignal;
}

/**
 * Who took the task over, or why nobody did; then the claim is still held, unless it was lost otherwise. `handed-off`:
 * somebody accepted as the offer was taken back, and let the task go again; nobody holds it now.
 */
export type HandoffOutcome =
  | { readonly ok: true; readonly to: AgentId }
  | {
      readonly ok: false;
      readonly reason: LossReason | "declined" | "silence" | "aborted";
      /** The reasons of those who declined. */
      readonly declined: readonly { readonly agent: AgentId; readonly reason: string | null }[];
    };

/** The offer that was made, or why there is none to make. */
export type OfferOutcome =
  | { readonly ok: true; readonly offer: RecordRef }
  | { readonly ok: false; readonly reason: LossReason };

const PATIENCE_MS = 30_000;

/** What the flow needs of the claim that is handed over. */
export interface HandoffSource {
  readonly host: BoardHost;
  readonly taskId: TaskId;
  readonly agent: AgentId;
  /** Position of the claim in its agent's log. */
  readonly claim: number;
  /** Whether the claim is settled: then the offer is taken back through a barrier. */
  readonly isSettled: boolean;
  lossNow(): LossReason | null;
}

/** Offers the task and leaves the offer standing. */
export async function makeOffer(
  { host, taskId: task, agent, claim }: HandoffSource,
  packet: Packet,
  to: Audience,
): Promise<RecordRef> {
  const n = host.replica.append(agent, [{ kind: "offered", task, claim, to, packet }]);
  await host.durable();
  return { agent, n };
}

/**
 * Offers the task, waits, and takes the offer back when nobody accepts.
 *
 * @throws RangeError when the patience is no whole number from 0 on
 */
export async function handOver(
  source: HandoffSource,
  packet: Packet,
  { to, patienceMs = PATIENCE_MS, signal }: HandoffOptions,
): Promise<HandoffOutcome> {
  const { host, taskId: task, agent, claim } = source;
  if (!Number.isSafeInteger(patienceMs) || patienceMs < 0)
    throw new RangeError(`patienceMs is ${patienceMs}; use a whole number from 0 on`);
  const ref = await makeOffer(source, packet, to);
  const until = host.clock.now() + patienceMs;
  for (;;) {
    const offer = findOffer(source, ref);
    const reason = endOf(source, offer, until, signal);
    if (reason === "accepted") return handedOver(source, ref, signal);
    if (reason === null) {
      await host.nextChange(until - host.clock.now(), signal);
      continue;
    }
    if (source.lossNow() === null) {
      host.replica.append(agent, [{ kind: "withdrawn", task, claim, offer: ref.n }]);
      await passBarrier(source);
      if (findOffer(source, ref)?.status === "accepted") return handedOver(source, ref, signal);
    }
    return { ok: false, reason: source.lossNow() ?? reason, declined: offer?.declined ?? [] };
  }
}

/** H4: through the barrier whoever accepted before is seen, and whoever comes later sees the withdrawal. */
async function passBarrier({ host, isSettled, lossNow }: HandoffSource): Promise<void> {
  if (!isSettled) return host.durable();
  const marker: { isEchoed: boolean; fault?: { readonly error: unknown } } = { isEchoed: false };
  const echo = host.connection.sync().then(
    () => {
      marker.isEchoed = true;
    },
    (error: unknown) => {
      marker.fault = { error };
    },
  );
  // who loses the claim meanwhile, such as by being cut off, has nothing to wait for any more
  while (!marker.isEchoed && lossNow() === null) {
    if (marker.fault !== undefined) throw marker.fault.error;
    await Promise.race([echo, host.nextChange()]);
  }
}

function findOffer({ host, taskId }: HandoffSource, ref: RecordRef): Offer | undefined {
  const offers = host.replica.task(taskId)?.thread.offers;
  return offers?.find((one) => one.n === ref.n && one.agent === ref.agent);
}

function endOf(
  source: HandoffSource,
  offer: Offer | undefined,
  until: number,
  signal: AbortSignal | undefined,
): "accepted" | "declined" | "silence" | "aborted" | LossReason | null {
  if (offer?.status === "accepted") return "accepted";
  const loss = source.lossNow();
  if (loss !== null) return loss;
  // whoever is named declines for all; of many with a capability another may still accept
  if (offer !== undefined && "agent" in offer.to && offer.declined.length > 0) return "declined";
  if (signal?.aborted) return "aborted";
  return source.host.clock.now() >= until ? "silence" : null;
}

/** Names the one who came to hold the task, of several that accept at once. */
async function handedOver(
  source: HandoffSource,
  ref: RecordRef,
  signal: AbortSignal | undefined,
): Promise<HandoffOutcome> {
  const { host, taskId, agent } = source;
  for (;;) {
    const offer = findOffer(source, ref);
    const to = acceptorOf(host.replica.task(taskId), offer);
    if (to !== "undecided" && to !== null) return { ok: true, to };
    if (to === null || offer === undefined)
      return { ok: false, reason: "handed-off", declined: offer?.declined ?? [] };
    // nobody waits for the decision any more: the first to accept is the best guess
    if ((signal?.aborted || !host.agents.has(agent)) && offer.acceptedBy !== null)
      return { ok: true, to: offer.acceptedBy };
    await host.nextChange(undefined, signal);
  }
}

function acceptorOf(
  task: Task | undefined,
  offer: Offer | undefined,
): AgentId | "undecided" | null {
  const claims = task?.claims.filter(({ attempt }) => attempt === (offer?.attempt ?? 0) + 1) ?? [];
  if (task?.winner?.status === "held" && claims.includes(task.winner)) return task.winner.agent;
  if (claims.some(({ status }) => status === "pending")) return "undecided";
  return claims.find(({ status }) => status !== "yielded" && status !== "expired")?.agent ?? null;
}
