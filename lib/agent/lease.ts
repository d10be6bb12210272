/**
 * Leases: a claim lives by its holder's signs of life. Whoever sees none for the holder's lease writes `expired`, in
 * turns by rendezvous rank so that one agent writes it and not a hundred; a holder that is cut off stops itself.
 */
import { rankAmong } from "../core/choice.ts";
import type { AgentId, TaskId } from "../core/record.ts";
import { formatRef } from "../core/record.ts";
import type { Task, TaskClaim } from "../core/task.ts";
import { findClaim, isLive } from "../core/task.ts";
import type { BoardChange } from "../replica/replica.ts";
import type { BoardHost } from "./host.ts";

/** Heartbeats in one lease; a lost message or two must not end a claim. */
const BEATS_PER_LEASE = 5;

/** How often a replica without agents looks at its claims. */
const IDLE_BEAT_MS = 2000;

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
  let lastBeatAt = clock.now();
  let reachedAt = clock.now();
  let cancel: (() => void) | null = null;

  const isForeign = (claim: TaskClaim): boolean => !host.agents.has(claim.agent);

  const beatMs = (): number => {
    const leases = [...host.agents.values()].map((agent) => agent.leaseMs);
    return leases.length === 0 ? IDLE_BEAT_MS : Math.min(...leases) / BEATS_PER_LEASE;
  };

  const beat = (): void => {
    const now = clock.now();
    const gap = now - lastBeatAt;
    lastBeatAt = now;
    if (connection.status === "synced") {
      // a stalled or cut-off observer heard nobody: that says nothing about them
      if (gap > 2.5 * beatMs() || now - reachedAt > 2.5 * beatMs()) liveness.forgive();
      reachedAt = now;
      host.announce();
      if (host.capabilities.presence) expireSilent();
    } else stopCutOff(now - reachedAt);
    cancel = clock.schedule(beatMs(), beat);
  };

  const stopCutOff = (awayMs: number): void => {
    for (const claim of [...host.claims]) {
      const leaseMs = host.agents.get(claim.agent)?.leaseMs;
      if (leaseMs !== undefined && awayMs >= leaseMs) claim.cutOff();
    }
  };

  const expireSilent = (): void => {
    if (host.agents.size === 0) return;
    for (const [task, claims] of watched) for (const claim of claims) judge(task, claim);
  };

  const judge = (task: TaskId, claim: TaskClaim): void => {
    const holder = replica.agent(claim.agent);
    const leaseMs = holder?.leaseMs ?? IDLE_BEAT_MS;
    const overdueMs = holder?.hasLeft ? 0 : liveness.silenceMs(claim.agent) - leaseMs;
    if (overdueMs < 0) return;
    const subject = formatRef(claim);
    const observer = bestOf([...host.agents.keys()], subject);
    const rank = rankAmong(observer, aliveAgents(host), subject);
    const waited = overdueMs - rank * beatMs();
    if (waited < 0 || !mattersNow(replica.task(task), claim)) return;
    replica.append(observer, [{ kind: "expired", task, holder: claim.agent, claim: claim.n }]);
  };

  return {
    take(change) {
      for (const agent of change.authors) if (!host.agents.has(agent)) liveness.saw(agent);
      for (const { after } of change.tasks) {
        const claims = after.winner === null ? [] : claimsToWatch(after).filter(isForeign);
        if (claims.length === 0) watched.delete(after.id);
        else watched.set(after.id, claims);
      }
    },
    restart() {
      cancel?.();
      beat();
    },
    stop() {
      cancel?.();
    },
  };
}

/** L2: the winner's claim, and, while nobody is confirmed, the rivals that the best one waits for. */
function claimsToWatch(task: Task): readonly TaskClaim[] {
  const { winner } = task;
  if (winner === null || task.state === "completed" || task.state === "canceled") return [];
  if (winner.status === "held") return [winner];
  return task.claims.filter((claim) => claim.attempt === winner.attempt && isLive(claim));
}

function mattersNow(task: Task | undefined, claim: TaskClaim): boolean {
  const now = task === undefined ? undefined : findClaim(task, claim);
  return task !== undefined && now !== undefined && claimsToWatch(task).includes(now);
}

/** All agents that are known to live now, those of this replica included. */
function aliveAgents(host: BoardHost): AgentId[] {
  const alive = [...host.agents.keys()];
  for (const agent of host.liveness.known()) {
    const view = host.replica.agent(agent);
    if (view === undefined || view.hasLeft || host.agents.has(agent)) continue;
    if (host.liveness.silenceMs(agent) < view.leaseMs) alive.push(agent);
  }
  return alive;
}

function bestOf(agents: readonly AgentId[], subject: string): AgentId {
  return agents.reduce((best, one) => (rankAmong(one, [best], subject) === 0 ? one : best));
}
