/** Waiting for a task that cannot be claimed yet; written down, so that everybody sees who waits for whom. */
import type { TaskId } from "../../core/record.ts";
import { dependenciesOf, type Task } from "../../core/task.ts";
import type { BoardHost, HeldClaim, LocalAgent } from "../host.ts";
import { type ClaimOptions, type ClaimOutcome, claimTask, refusalOf } from "./claiming.ts";

/** Refusals that pass: whoever waits is served once they have. */
const PASSING: ReadonlySet<string> = new Set([
  "held",
  "lost",
  "resource",
  "blocked",
  "in-review",
  "delayed",
]);

/** How long an agent lets each one before it go first. */
const TURN_MS = 25;

/** Claims a task as soon as it can be claimed. X12: of agents that wait for each other in a circle one gives way. */
export async function claimWhenFree(
  host: BoardHost,
  agent: LocalAgent,
  taskId: TaskId,
  options: ClaimOptions,
): Promise<ClaimOutcome> {
  const outcome = await claimTask(host, agent, taskId, options);
  if (outcome.ok || !PASSING.has(outcome.reason)) return outcome;
  if (!host.agents.has(agent.id)) return { ok: false, reason: "aborted" };
  host.replica.append(agent.id, [{ kind: "queued", task: taskId }]);
  const wait = startWait(host, agent, taskId);
  host.claims.add(wait);
  try {
    for (;;) {
      if (options.signal?.aborted || !host.agents.has(agent.id))
        return { ok: false, reason: "aborted" };
      const task = host.replica.task(taskId);
      const refusal = task === undefined ? null : refusalOf(host, agent, task);
      // X12: those who began to wait before go first, so that not all of them claim at once
      const rank = task?.thread.waiters.findIndex((one) => one.agent === agent.id) ?? 0;
      if (refusal === null && !(await comesTo(host, agent, { taskId, rank }, options.signal)))
        continue;
      if (refusal === null || !PASSING.has(refusal.reason)) {
        const again = await claimTask(host, agent, taskId, options);
        if (again.ok || !PASSING.has(again.reason)) return again;
        // the claim has ended the wait; it goes on
        if (host.agents.has(agent.id) && !isWaiting(host, agent, taskId))
          host.replica.append(agent.id, [{ kind: "queued", task: taskId }]);
        continue;
      }
      const deadlock = host.contention.deadlockOf(agent.id, (one) => openNeeds(host, one));
      if (deadlock?.victim === agent.id && deadlock.task === taskId)
        return { ok: false, reason: "deadlock", cycle: deadlock.cycle };
      await host.nextChange(undefined, options.signal);
    }
  } finally {
    host.claims.delete(wait);
    if (host.agents.has(agent.id)) {
      wait.giveBack();
      await host.durable();
    }
  }
}

/** Lets those who stand before an agent go first at a task; says whether it is still free then, and still wanted. */
export async function comesTo(
  host: BoardHost,
  agent: LocalAgent,
  { taskId, rank }: { readonly taskId: TaskId; readonly rank: number },
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const isFree = (): boolean => {
    const task = host.replica.task(taskId);
    return task !== undefined && refusalOf(host, agent, task) === null;
  };
  const until = host.clock.now() + rank * TURN_MS;
  while (host.clock.now() < until && !signal?.aborted) {
    await host.nextChange(until - host.clock.now(), signal);
    if (!isFree()) return false;
  }
  return rank <= 0 || (isFree() && !signal?.aborted);
}

/** A wait as those see it who end what an agent has under way when it goes. */
function startWait(host: BoardHost, agent: LocalAgent, taskId: TaskId): HeldClaim {
  return {
    taskId,
    agent: agent.id,
    ttlMs: agent.leaseMs,
    hasResources: false,
    readsOthers: false,
    judge() {},
    cutOff() {},
    giveBack() {
      if (isWaiting(host, agent, taskId))
        host.replica.append(agent.id, [{ kind: "unqueued", task: taskId }]);
    },
    forsake() {
      this.giveBack();
    },
  };
}

function openNeeds({ replica }: BoardHost, task: Task): readonly Task[] {
  return dependenciesOf(task).flatMap((id) => {
    const need = replica.task(id);
    return need === undefined || need.state === "completed" ? [] : [need];
  });
}

function isWaiting(host: BoardHost, agent: LocalAgent, taskId: TaskId): boolean {
  const waiters = host.replica.task(taskId)?.thread.waiters ?? [];
  return waiters.some((one) => one.agent === agent.id);
}
