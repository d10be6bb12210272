/** What an agent may take next: what is offered to it first, then what is ready, spread among all who look for work. */
import { isAddressed } from "../core/audience.ts";
import { type Candidate, type Choice, chooseTask } from "../core/choice.ts";
import { whyUnready } from "../core/ready.ts";
import type { AgentId, Guarantee } from "../core/record.ts";
import type { Task } from "../core/task.ts";
import {
  type ClaimOptions,
  type ClaimOutcome,
  type ClaimRefusal,
  claimTask,
  openOffer,
  refusalOf,
} from "./claim/claiming.ts";
import { comesTo } from "./claim/waiting.ts";
import type { BoardHost, LocalAgent } from "./host.ts";

/** How to claim whatever comes next. */
export interface NextOptions extends Omit<ClaimOptions, "wait"> {
  /** Takes only tasks for which this says true; all that the agent is able to do by default. */
  readonly where?: (task: Task) => boolean;
}

/** Why the next one is tried: what was chosen has gone to somebody else, or cannot be had any more. */
const GONE: ReadonlySet<ClaimRefusal["reason"]> = new Set([
  "held",
  "lost",
  "ended",
  "blocked",
  "resource",
  "in-review",
  "delayed",
  "not-offered",
]);

/** Claims one task after the other until one is had; null once nothing is left that the agent could claim. */
export async function claimNext(
  host: BoardHost,
  agent: LocalAgent,
  { where = () => true, ...options }: NextOptions,
): Promise<ClaimOutcome | null> {
  const isWanted = (task: Task): boolean =>
    isPossible(host, task, options.guarantee) && where(task);
  for (;;) {
    if (options.signal?.aborted || !host.agents.has(agent.id))
      return { ok: false, reason: "aborted" };
    const choice = chooseNext(host, agent, isWanted);
    if (choice === null) return null;
    const { task, rank } = choice;
    if (!(await comesTo(host, agent, { taskId: task.id, rank }, options.signal))) continue;
    const outcome = await claimTask(host, agent, task.id, options);
    if (outcome.ok || !GONE.has(outcome.reason)) return outcome;
  }
}

/** Chooses what an agent tries next, as of now and not of the last turn. */
export function chooseNext(
  host: BoardHost,
  agent: LocalAgent,
  where: (task: Task) => boolean = () => true,
): Choice | null {
  const others = candidates(host, agent.id);
  return (
    chooseOffered(host, agent, others, where) ??
    chooseTask(fresh(host, agent, where), agent.id, others)
  );
}

/** The tasks that an agent can claim now: those offered to it, then the ready ones, best first. */
export function* claimable(host: BoardHost, agent: LocalAgent): Generator<Task, undefined> {
  for (const task of offered(host, agent)) if (isPossible(host, task)) yield task;
  yield* fresh(host, agent, (task) => isPossible(host, task));
}

/** A task that asks for more than claims can promise here is left to others. */
function isPossible({ capabilities }: BoardHost, task: Task, wanted?: Guarantee): boolean {
  return task.guarantee !== "settled" || (capabilities.barrier && wanted !== "optimistic");
}

/** H6: what is offered to the agent comes before all else; of many to whom it is offered they stand in line. */
function chooseOffered(
  host: BoardHost,
  agent: LocalAgent,
  others: readonly Candidate[],
  where: (task: Task) => boolean,
): Choice | null {
  for (const task of offered(host, agent)) {
    const to = openOffer(agent, task)?.to;
    if (to === undefined || !where(task)) continue;
    const addressed = others.filter((one) => isAddressed(to, one.agent, one.capabilities));
    return chooseTask([task], agent.id, addressed);
  }
  return null;
}

function* offered(host: BoardHost, agent: LocalAgent): Iterable<Task> {
  for (const id of host.offered) {
    const task = host.replica.task(id);
    if (task === undefined || openOffer(agent, task) === undefined) continue;
    if (refusalOf(host, agent, task) === null) yield task;
  }
}

/** The ready tasks that the agent may take, as of now and not of the last turn. */
function* fresh(
  host: BoardHost,
  agent: LocalAgent,
  where: (task: Task) => boolean,
): Iterable<Task> {
  const lookup = host.replica.task;
  for (const known of host.readySet()) {
    const task = lookup(known.id);
    if (task === undefined || (task !== known && whyUnready(task, lookup) !== null)) continue;
    if (!task.requires.every((tag) => agent.capabilities.includes(tag))) continue;
    if (task.policy.resources !== undefined && refusalOf(host, agent, task) !== null) continue;
    if (where(task)) yield task;
  }
}

function candidates(host: BoardHost, me: AgentId): Candidate[] {
  const found: Candidate[] = [];
  const add = (id: AgentId, slots: number): void => {
    const view = host.replica.agent(id);
    if (id === me || view === undefined || view.hasLeft || slots === 0) return;
    found.push({ agent: id, capabilities: view.capabilities, isIdle: host.loadOf(id) < slots });
  };
  for (const { id, slots } of host.agents.values()) add(id, slots);
  for (const id of host.liveness.known()) {
    const leaseMs = host.replica.agent(id)?.leaseMs;
    if (
      host.agents.has(id) ||
      leaseMs === undefined ||
      host.liveness.silenceMs(id, leaseMs) > leaseMs
    )
      continue;
    add(id, host.liveness.slotsOf(id));
  }
  return found;
}
