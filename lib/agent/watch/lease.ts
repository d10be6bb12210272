/**
 * Leases: a claim lives by its holder's signs of life. Whoever sees none for the holder's lease writes `expired`, in
 * turns by rendezvous rank so that one agent writes it and not a hundred; a holder that is cut off stops itself.
 */
import { rankAmong } from "../../core/choice.ts";
import type { AgentId, TaskId } from "../../core/record.ts";
import { formatRef } from "../../core/record.ts";
import type { Task, TaskClaim } from "../../core/task.ts";
import { findClaim, isLive } from "../../core/task.ts";
import type { BoardChange } from "../../replica/replica.ts";
import type { BoardHost } from "../host.ts";

/** Heartbeats in one lease; a lost message or two must not end a claim. */
const BEATS_PER_LEASE = 5;

/** A stall this much longer than a beat says that the loop stood still, and not only that a timer was late. */
const STALL_BEATS = 2.5;

/** How long each observer leaves to the one before it in line, in looks. */
const TURN_LOOKS = 1.5;

/** How often a replica without agents looks at its claims. */
const IDLE_BEAT_MS = 2000;

/** How often a replica looks at the claims of others at most: for a lease of 500, the shortest. */
const MIN_LOOK_MS = 100;

/** Times are fractions; what is left of a wait may be too little for a clock to move at all. */
const MIN_WAIT_MS = 1;

/** Watches the leases of a board; runs from the start until `stop`. */
export interface LeaseWatch {
  /** Takes in what changed: which claims are to be watched, and whose logs grew. */
  take(change: Pick<BoardChange, "tasks" | "authors">): void;
  /** Beats at once and anew, after an agent came or changed. */
  restart(): void;
  stop(): void;
}

/** Starts to send heartbeats for the agents here and to watch the claims of all others. */
export function startLeaseWatch(host: BoardHost): LeaseWatch {
  const { clock, replica, liveness, connection } = host;
  const watched = new Map<TaskId, readonly TaskClaim[]>();
  let lastLookAt = clock.now();
  let lastWaitMs = IDLE_BEAT_MS;
  let lastPaceMs = IDLE_BEAT_MS;
  let announcedAt = Number.NEGATIVE_INFINITY;
  let reachedAt = clock.now();
  let cancel: (() => void) | null = null;

  const leaseOf = ({ ttlMs, agent }: TaskClaim): number =>
    ttlMs ?? replica.agent(agent)?.leaseMs ?? IDLE_BEAT_MS;

  const beatMs = (): number => {
    if (host.agents.size === 0) return IDLE_BEAT_MS;
    let shortest = Number.POSITIVE_INFINITY;
    for (const { leaseMs } of host.agents.values()) shortest = Math.min(shortest, leaseMs);
    for (const { ttlMs } of host.claims.special) shortest = Math.min(shortest, ttlMs);
    return shortest / BEATS_PER_LEASE;
  };

  /** L7: in time for the shortest lease here, and for the shortest of those that are watched. */
  const lookMs = (): number => {
    const paceMs = beatMs();
    if (host.agents.size === 0) return paceMs;
    let shortest = BEATS_PER_LEASE * paceMs;
    for (const claims of watched.values())
      for (const claim of claims)
        if (!host.agents.has(claim.agent)) shortest = Math.min(shortest, leaseOf(claim));
    return Math.max(shortest / BEATS_PER_LEASE, Math.min(MIN_LOOK_MS, paceMs));
  };

  const look = (): void => {
    const now = clock.now();
    const gap = now - lastLookAt;
    lastLookAt = now;
    if (gap > STALL_BEATS * lastPaceMs) tellStall(gap);
    lastPaceMs = beatMs();
    if (connection.status === "synced") {
      // L4: a stalled or cut-off observer heard nobody, which says nothing about them
      if (now - reachedAt > 1.5 * lastWaitMs) liveness.missed(now - reachedAt);
      reachedAt = now;
      if (now - announcedAt >= lastPaceMs - 1) announce();
      if (host.capabilities.presence) expireSilent();
    } else stopCutOff(now - reachedAt);
    const dueMs = announcedAt + lastPaceMs - now;
    lastWaitMs = Math.max(MIN_WAIT_MS, Math.min(lookMs(), dueMs > 0 ? dueMs : lastPaceMs));
    cancel = clock.schedule(lastWaitMs, look);
  };

  const announce = (): void => {
    announcedAt = clock.now();
    host.announce();
  };

  /** L6: who stood still sent no sign of life; what it held may be another's by now. */
  const tellStall = (stalledMs: number): void => {
    for (const agent of host.agents.keys())
      host.tell({ kind: "agent-stalled", agent, task: null, attempt: 0, stalledMs });
    stopCutOff(stalledMs);
  };

  const stopCutOff = (awayMs: number): void => {
    for (const claim of [...host.claims]) if (awayMs >= claim.ttlMs) claim.cutOff();
  };

  const expireSilent = (): void => {
    if (host.agents.size === 0) return;
    for (const [task, claims] of watched) for (const claim of claims) judge(task, claim);
  };

  const judge = (task: TaskId, claim: TaskClaim): void => {
    if (host.agents.has(claim.agent)) return;
    const leaseMs = leaseOf(claim);
    const hasLeft = replica.agent(claim.agent)?.hasLeft === true;
    const silenceMs = liveness.silenceMs(claim.agent, leaseMs);
    const overdueMs = hasLeft ? silenceMs : silenceMs - leaseMs;
    if (overdueMs < 0) return;
    const subject = formatRef(claim);
    const observer = bestOf([...host.agents.keys()], subject);
    const rank = rankAmong(observer, aliveAgents(host), subject);
    // each leaves the one before it in line the time of its look, and of its word
    const turnMs = TURN_LOOKS * (hasLeft ? lastWaitMs : leaseMs / BEATS_PER_LEASE);
    const waited = overdueMs - rank * turnMs;
    if (waited < 0 || !mattersNow(replica.task(task), claim)) return;
    replica.append(observer, [{ kind: "expired", task, holder: claim.agent, claim: claim.n }]);
  };

  return {
    take(change) {
      for (const agent of change.authors) if (!host.agents.has(agent)) liveness.saw(agent);
      for (const { after } of change.tasks) {
        const claims = claimsToWatch(after);
        if (claims.length === 0) watched.delete(after.id);
        else watched.set(after.id, claims);
      }
    },
    restart() {
      cancel?.();
      announcedAt = Number.NEGATIVE_INFINITY;
      look();
    },
    stop() {
      cancel?.();
    },
  };
}

/** L2: the winner's claim, and, while nobody is confirmed, the rivals that the best one waits for. */
function claimsToWatch(task: Task): readonly TaskClaim[] {
  const { winner, policy } = task;
  // X13: every live claim holds resources, also one that lost, and on an ended task
  if (policy.resources !== undefined) return task.claims.filter(isLive);
  if (winner === null || task.state === "completed" || task.state === "canceled") return [];
  if (winner.status === "held") return [winner];
  return task.claims.filter((claim) => claim.attempt === winner.attempt && isLive(claim));
}

function mattersNow(task: Task | undefined, claim: TaskClaim): boolean {
  const now = task === undefined ? undefined : findClaim(task, claim);
  return task !== undefined && now !== undefined && claimsToWatch(task).includes(now);
}

/** All agents that are known to live now, those of this replica included. */
export function aliveAgents(host: BoardHost): AgentId[] {
  const alive = [...host.agents.keys()];
  for (const agent of host.liveness.known()) {
    const view = host.replica.agent(agent);
    if (view === undefined || view.hasLeft || host.agents.has(agent)) continue;
    if (host.liveness.silenceMs(agent, view.leaseMs) < view.leaseMs) alive.push(agent);
  }
  return alive;
}

/** The first in line for a duty. */
export function bestOf(agents: readonly AgentId[], subject: string): AgentId {
  return agents.reduce((best, one) => (rankAmong(one, [best], subject) === 0 ? one : best));
}
