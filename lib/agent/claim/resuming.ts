/** Claims that stand for an agent: those held here, and those of an earlier process of the same agent. */
import type { Basis } from "../../core/record.ts";
import type { Task, TaskClaim } from "../../core/task.ts";
import type { BoardHost, LocalAgent } from "../host.ts";
import type { Claim } from "./claim.ts";
import { createClaim, isGranted } from "./granted.ts";

/** Every claim that an agent holds here, in no particular order. */
export function heldClaims(host: BoardHost, { id }: LocalAgent): readonly Claim[] {
  return [...host.claims].filter((one) => one.agent === id).filter(isGranted);
}

/**
 * Takes up the claims that an earlier process of the agent left standing, and closes what it left half done: claims that
 * were lost meanwhile, or never confirmed, and waits. Cost: a look at every task.
 */
export function resumeClaims(host: BoardHost, agent: LocalAgent, tasks: Iterable<Task>): void {
  const { id } = agent;
  for (const task of tasks) {
    for (const claim of task.claims) {
      if (claim.agent !== id) continue;
      if (claim === task.winner && claim.status === "held") takeUp(host, agent, task, claim);
      else if (!isClosed(host, task, claim))
        host.replica.append(id, [{ kind: "yielded", task: task.id, claim: claim.n }]);
    }
    if (task.thread.waiters.some((one) => one.agent === id))
      host.replica.append(id, [{ kind: "unqueued", task: task.id }]);
  }
}

function takeUp(host: BoardHost, agent: LocalAgent, task: Task, claim: TaskClaim): void {
  const { n, attempt, guarantee, ttlMs = agent.leaseMs } = claim;
  const basis: Basis | null = claim.basis ?? null;
  createClaim(host, { agent: agent.id, task, n, attempt, guarantee, ttlMs, basis });
}

/** Whether the agent itself has closed a claim; the view shows that others expired it, and not what came after. */
function isClosed(host: BoardHost, task: Task, claim: TaskClaim): boolean {
  return host.replica
    .entries(task.id)
    .some(
      ({ agent, record }) =>
        agent === claim.agent &&
        CLOSING.has(record.kind) &&
        "claim" in record &&
        record.claim === claim.n,
    );
}

const CLOSING: ReadonlySet<string> = new Set([
  "yielded",
  "released",
  "failed",
  "rejected",
  "completed",
]);
