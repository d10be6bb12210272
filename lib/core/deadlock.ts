/** Deadlocks: agents that wait for each other in a circle, found in the wait-for graph. */
import type { AgentId, LogEntry, RecordBase, TaskId } from "./record.ts";
import { compareEntries, compareText } from "./record.ts";
import type { Task } from "./task.ts";

/** A circle of agents of which each waits for the next, and the one that is to give way. */
export interface Deadlock {
  /** Each waits for the next and the last for the first, which has the lowest id. */
  readonly cycle: readonly AgentId[];
  /** The agent that gives way, one of the cycle: it began to wait last. */
  readonly victim: AgentId;
  /** The task for which the victim is to wait no longer. */
  readonly task: TaskId;
}

/** An agent's wait for a task, with the record that says so. */
export interface Wait extends LogEntry<RecordBase> {
  readonly task: Task;
}

/**
 * Finds the circle in which an agent waits, or null. Of circles that touch, the same is found for all agents in them: the
 * one through the wait that began last, in the order of the records.
 *
 * @param waits - by agent, all tasks that it waits for
 * @param holdersOf - the agents in the way of whoever waits for a task
 */
export function findDeadlock(
  agent: AgentId,
  waits: ReadonlyMap<AgentId, readonly Wait[]>,
  holdersOf: (task: Task) => readonly AgentId[],
): Deadlock | null {
  const nextOf = (one: AgentId): readonly AgentId[] =>
    waits.get(one)?.flatMap((wait) => holdersOf(wait.task)) ?? [];
  const knot = findKnot(agent, nextOf);
  let last: Wait | null = null;
  for (const wait of [...waits.values()].flat())
    if (
      knot.has(wait.agent) &&
      (last === null || compareEntries(last, wait) < 0) &&
      holdersOf(wait.task).some((holder) => knot.has(holder))
    )
      last = wait;
  if (last === null) return null;
  const cycle = shortestCycle(last.agent, holdersOf(last.task), nextOf);
  return { cycle, victim: last.agent, task: last.task.id };
}

/** The agents that wait for an agent and for which it waits, directly or not: its strongly connected component. */
function findKnot(
  agent: AgentId,
  nextOf: (agent: AgentId) => readonly AgentId[],
): ReadonlySet<AgentId> {
  const waitersOf = new Map<AgentId, AgentId[]>();
  // a set iterates what is added to it while it is iterated
  const reached = new Set([agent]);
  for (const one of reached)
    for (const next of nextOf(one)) {
      const waiters = waitersOf.get(next);
      if (waiters === undefined) waitersOf.set(next, [one]);
      else waiters.push(one);
      reached.add(next);
    }
  const backOf = (one: AgentId): readonly AgentId[] => waitersOf.get(one) ?? [];
  const knot = new Set(backOf(agent));
  for (const one of knot) for (const waiter of backOf(one)) knot.add(waiter);
  return knot;
}

/** The shortest way from an agent back to itself that begins with one of `first`; of equal ones the first by ids. */
function shortestCycle(
  agent: AgentId,
  first: readonly AgentId[],
  nextOf: (agent: AgentId) => readonly AgentId[],
): readonly AgentId[] {
  const cameFrom = new Map<AgentId, AgentId>();
  const visit = (from: AgentId, nexts: readonly AgentId[]): void => {
    for (const next of [...nexts].sort(compareText))
      if (!cameFrom.has(next)) cameFrom.set(next, from);
  };
  visit(agent, first);
  for (const one of cameFrom.keys()) visit(one, nextOf(one));
  const cycle = [agent];
  let one = cameFrom.get(agent);
  for (; one !== undefined && one !== agent; one = cameFrom.get(one)) cycle.splice(1, 0, one);
  const start = cycle.indexOf(
    cycle.reduce((low, other) => (compareText(low, other) < 0 ? low : other)),
  );
  return [...cycle.slice(start), ...cycle.slice(0, start)];
}
