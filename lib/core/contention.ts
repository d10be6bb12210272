/**
 * Contention: who stands in whose way across tasks, by the resources that claims hold alone, and who waits for whom;
 * kept up to date change by change.
 */
import { type Deadlock, findDeadlock, type Wait } from "./deadlock.ts";
import type { AgentId, TaskId } from "./record.ts";
import { findOverlap } from "./resource.ts";
import { compareClaims, type Rule, type RuleContext } from "./rule.ts";
import type { Task, TaskClaim } from "./task.ts";
import { isEnded, isLive } from "./task.ts";

/** A live claim of another task that holds, or asks for, what a task needs alone. */
export interface Rival {
  readonly task: Task;
  readonly claim: TaskClaim;
  /** The first resource of the task asked about that overlaps one of the rival's. */
  readonly resource: string;
}

/** Who holds and who waits for what, over all tasks of a board. */
export interface Contention {
  /** Takes in the new view of a task. Costs nothing for a task without resources that nobody waits for. */
  update(task: Task): void;
  /**
   * Orders any two claims of the board, below 0 when `a` goes first: a confirmed one before an optimistic one before one
   * that awaits its confirmation; then by the rule, as if all were rivals for one thing, so that no three go in a circle.
   */
  compare(a: TaskClaim, b: TaskClaim): number;
  /** The live claims of other tasks that a task's resources overlap, the first by `compare` first. */
  rivalsOf(task: Task): readonly Rival[];
  /** The rival that stands in the way of a new claim of a task, or null when its resources are free. */
  holderOf(task: Task): Rival | null;
  /**
   * Says whether an agent waits in a circle, and who of the circle gives way; null when it does not. Agents whose circles
   * touch get the same answer, one circle at a time. Cost: the waiting agents and the live claims in their way.
   *
   * @param furtherOf - tasks that have to end before a task can be claimed, such as what it needs; none where left out
   */
  deadlockOf(agent: AgentId, furtherOf?: (task: Task) => Iterable<Task>): Deadlock | null;
}

/** All resources are one contest: were the salt another for each, the orders of three claims could go in a circle. */
const EVERYWHERE: RuleContext = { task: "" as TaskId, attempt: 0 };

/** Makes an empty index; between claims of different tasks the same rule decides as between those of one. */
export function createContention(rule: Rule): Contention {
  /** Tasks with resources that somebody holds or asks for. */
  const taken = new Map<TaskId, Task>();
  const awaited = new Map<TaskId, Task>();

  const compare = (a: TaskClaim, b: TaskClaim): number =>
    levelOf(b) - levelOf(a) || compareClaims(rule, a, b, EVERYWHERE);

  const rivalsOf = (task: Task): readonly Rival[] => {
    const rivals: Rival[] = [];
    const { resources } = task.policy;
    if (resources === undefined) return rivals;
    for (const other of taken.values()) {
      const theirs = other.id === task.id ? undefined : other.policy.resources;
      const resource = theirs === undefined ? null : findOverlap(resources, theirs);
      if (resource === null) continue;
      for (const claim of other.claims)
        if (isLive(claim)) rivals.push({ task: other, claim, resource });
    }
    return rivals.sort((a, b) => compare(a.claim, b.claim));
  };

  /** The agents in the way of whoever waits for a task. */
  const holdersOf = (task: Task, furtherOf: (task: Task) => Iterable<Task>): readonly AgentId[] => {
    const holders = new Set<AgentId>();
    // a map iterates what is added to it while it is iterated, each key once
    const tasks = new Map([[task.id, task]]);
    for (const one of tasks.values()) {
      for (const claim of one.claims) if (isLive(claim)) holders.add(claim.agent);
      for (const { claim } of rivalsOf(one)) holders.add(claim.agent);
      for (const further of furtherOf(one)) tasks.set(further.id, further);
    }
    return [...holders];
  };

  return {
    update(task) {
      const { id, policy, claims, thread } = task;
      if (policy.resources !== undefined && claims.some(isLive)) taken.set(id, task);
      else taken.delete(id);
      if (thread.waiters.length > 0 && !isEnded(task)) awaited.set(id, task);
      else awaited.delete(id);
    },
    compare,
    rivalsOf,
    holderOf: (task) => rivalsOf(task)[0] ?? null,
    deadlockOf(agent, furtherOf = () => []) {
      const waits = new Map<AgentId, Wait[]>();
      for (const task of awaited.values())
        for (const record of task.thread.waiters) {
          const wait = { agent: record.agent, record, task };
          const list = waits.get(wait.agent);
          if (list === undefined) waits.set(wait.agent, [wait]);
          else list.push(wait);
        }
      if (!waits.has(agent)) return null;
      const known = new Map<Task, readonly AgentId[]>();
      return findDeadlock(agent, waits, (task) => {
        const holders = known.get(task) ?? holdersOf(task, furtherOf);
        known.set(task, holders);
        return holders;
      });
    },
  };
}

/** As W1 for the claims of one task. */
function levelOf(claim: TaskClaim): number {
  if (claim.status !== "held") return 0;
  return claim.guarantee === "optimistic" ? 1 : 2;
}
