/**
 * What the page lists, kept up to date from the tasks that changed: 10,000 tasks are not sorted anew at each change.
 * It reads no clock and no document, and equals at any time what a new index makes of the same tasks.
 */
import {
  type AgentId,
  dependenciesOf,
  findCycle,
  isLive,
  type Task,
  type TaskClaim,
  type TaskId,
} from "../../lib/index.ts";
import { createSortedList, type SortedList } from "./sorted-list.ts";
import { type Section, type Standing, standingOf } from "./standing.ts";

/** A claim with its task as it is now. */
export interface PlacedClaim {
  readonly task: Task;
  readonly claim: TaskClaim;
}

/** Where a claim began; the task has the rest. */
export interface ClaimStart {
  readonly at: number;
  readonly agent: AgentId;
  readonly n: number;
  readonly task: TaskId;
}

/** What is counted over all tasks. */
export interface IndexTotals {
  readonly tasks: number;
  readonly claims: number;
  /** Claims beyond the first of each attempt. */
  readonly contested: number;
  /** Work that was begun beside another's: optimistic claims that had to yield, and results that were not accepted. */
  readonly doubleStarts: number;
}

/** The lists; arrays are the same all the time and change with {@link BoardIndex.apply}. */
export interface BoardIndex {
  task(id: TaskId): Task | undefined;
  standing(id: TaskId): Standing | undefined;
  /** By falling priority, then as they were added; those that ended, the latest added first. */
  section(section: Section): readonly Task[];
  /** Tasks with rival claims in one attempt, the latest claim first. */
  readonly contested: readonly Task[];
  /** Every claim, in the order of the records. */
  readonly claims: readonly ClaimStart[];
  /** The claims by which an agent holds tasks now, or wants to. */
  heldBy(agent: AgentId): readonly PlacedClaim[];
  /** All of them. */
  live(): Iterable<PlacedClaim>;
  readonly totals: IndexTotals;
  /** Takes in tasks that are new or have changed. */
  apply(tasks: readonly Task[]): void;
}

/** From so many changed tasks on, the lists are made anew. */
const BULK = 500;

/** Makes an index of no tasks; `obstacleOf` says which resource a task that names some waits for. */
export function createBoardIndex(
  obstacleOf: (task: Task) => string | null = () => null,
): BoardIndex {
  const tasks = new Map<TaskId, Task>();
  const standings = new Map<TaskId, Standing>();
  const dependents = new Map<TaskId, Set<TaskId>>();
  /** All that have been in a cycle: a change of one may break the cycle of the others elsewhere. */
  const cyclic = new Set<TaskId>();
  const resourceful = new Set<TaskId>();
  const held = new Map<AgentId, PlacedClaim[]>();
  const sections: Readonly<Record<Section, SortedList<Task>>> = {
    ready: createSortedList(byUrgency),
    withheld: createSortedList(byUrgency),
    working: createSortedList(byUrgency),
    ended: createSortedList((a, b) => compareAdded(b, a)),
  };
  const contested = createSortedList<Task>(
    (a, b) => lastClaimAt(b) - lastClaimAt(a) || compareAdded(a, b),
  );
  const claims = createSortedList(compareStarts);
  let totals: IndexTotals = { tasks: 0, claims: 0, contested: 0, doubleStarts: 0 };

  const lookup = (id: TaskId): Task | undefined => tasks.get(id);

  /** Takes a task in, all but its standing and its place in a list. */
  const note = (task: Task, before: Task | undefined): void => {
    tasks.set(task.id, task);
    for (const need of dependenciesOf(task)) {
      const known = dependents.get(need);
      if (known === undefined) dependents.set(need, new Set([task.id]));
      else known.add(task.id);
    }
    if (task.policy.resources !== undefined) resourceful.add(task.id);
    for (const { agent, n } of before?.claims ?? []) letGo(held, agent, task.id, n);
    for (const claim of task.claims) if (isLive(claim)) hold(held, { task, claim });
    totals = {
      tasks: totals.tasks + (before === undefined ? 1 : 0),
      claims: totals.claims + task.claims.length - (before?.claims.length ?? 0),
      contested: totals.contested + contestedOf(task) - contestedOf(before),
      doubleStarts: totals.doubleStarts + doubleStartsOf(task) - doubleStartsOf(before),
    };
  };

  /** Judges a task again and puts it where it belongs; `listed` is the view of it that stands in a list. */
  const place = (task: Task, listed: Task | undefined): void => {
    const old = standings.get(task.id);
    const standing = standingOf(task, lookup, obstacleOf);
    standings.set(task.id, standing);
    if (listed === task && old?.section === standing.section) return;
    if (listed !== undefined && old !== undefined) sections[old.section].remove(listed);
    sections[standing.section].add(task);
  };

  const applyEach = (changed: readonly Task[]): void => {
    const listedById = new Map<TaskId, Task | undefined>();
    const affected = new Set<TaskId>();
    for (const task of changed) {
      const before = tasks.get(task.id);
      listedById.set(task.id, before);
      if (before !== undefined && contestedOf(before) > 0) contested.remove(before);
      if (contestedOf(task) > 0) contested.add(task);
      for (const start of newStarts(before, task)) claims.add(start);
      note(task, before);
    }
    for (const task of changed) {
      affected.add(task.id);
      const waiting = dependents.get(task.id);
      if (waiting !== undefined) {
        // a cycle that this change closes or opens runs, or ran, through this task
        for (const member of findCycle(task, lookup)) cyclic.add(member.id);
        for (const id of waiting) affected.add(id);
      }
      if (cyclic.has(task.id)) for (const id of cyclic) affected.add(id);
      if (resourceful.has(task.id)) for (const id of resourceful) affected.add(id);
    }
    for (const id of affected) {
      const task = tasks.get(id);
      if (task !== undefined) place(task, listedById.has(id) ? listedById.get(id) : task);
    }
  };

  const applyBulk = (changed: readonly Task[]): void => {
    for (const task of changed) note(task, tasks.get(task.id));
    for (const member of membersOfCycles(tasks)) cyclic.add(member.id);
    const all: Record<Section, Task[]> = { ready: [], withheld: [], working: [], ended: [] };
    for (const task of tasks.values()) {
      const standing = standingOf(task, lookup, obstacleOf);
      standings.set(task.id, standing);
      all[standing.section].push(task);
    }
    for (const name of SECTIONS) sections[name].reset(all[name]);
    const known = [...tasks.values()];
    contested.reset(known.filter((task) => contestedOf(task) > 0));
    claims.reset(known.flatMap((task) => newStarts(undefined, task)));
  };

  return {
    task: lookup,
    standing: (id) => standings.get(id),
    section: (section) => sections[section].items,
    contested: contested.items,
    claims: claims.items,
    heldBy: (agent) => held.get(agent) ?? NONE,
    *live() {
      for (const placed of held.values()) yield* placed;
    },
    get totals() {
      return totals;
    },
    apply(changed) {
      if (changed.length >= BULK) applyBulk(changed);
      else applyEach(changed);
    },
  };
}

/** All lists, in the order in which the page shows them. */
export const SECTIONS: readonly Section[] = ["ready", "withheld", "working", "ended"];

const NONE: readonly PlacedClaim[] = [];

function hold(held: Map<AgentId, PlacedClaim[]>, placed: PlacedClaim): void {
  const { agent } = placed.claim;
  const list = held.get(agent);
  if (list === undefined) held.set(agent, [placed]);
  else list.push(placed);
}

function letGo(held: Map<AgentId, PlacedClaim[]>, agent: AgentId, task: TaskId, n: number): void {
  const list = held.get(agent);
  const place = list?.findIndex((one) => one.claim.n === n && one.task.id === task) ?? -1;
  if (list === undefined || place < 0) return;
  list.splice(place, 1);
  if (list.length === 0) held.delete(agent);
}

/** Each cycle has a task that needs one added after it; only from such a task is a cycle searched. */
function membersOfCycles(tasks: ReadonlyMap<TaskId, Task>): readonly Task[] {
  const lookup = (id: TaskId): Task | undefined => tasks.get(id);
  return [...tasks.values()]
    .filter((task) =>
      dependenciesOf(task).some((id) => (lookup(id)?.added.at ?? -1) >= task.added.at),
    )
    .flatMap((task) => findCycle(task, lookup));
}

/** How many of a task's claims came after another one of their attempt. */
function contestedOf(task: Task | undefined): number {
  if (task === undefined || task.claims.length < 2) return 0;
  return task.claims.length - new Set(task.claims.map(({ attempt }) => attempt)).size;
}

function doubleStartsOf(task: Task | undefined): number {
  if (task === undefined) return 0;
  const yielded = task.claims.filter(
    (claim) =>
      claim.status === "yielded" &&
      claim.guarantee === "optimistic" &&
      task.claims.some((rival) => rival !== claim && rival.attempt === claim.attempt),
  );
  return yielded.length + task.alternates.length;
}

function newStarts(before: Task | undefined, { id, claims }: Task): readonly ClaimStart[] {
  const isNew = ({ agent, n }: TaskClaim): boolean =>
    before?.claims.every((one) => one.n !== n || one.agent !== agent) ?? true;
  return claims.filter(isNew).map(({ at, agent, n }) => ({ at, agent, n, task: id }));
}

function lastClaimAt({ claims }: Task): number {
  return claims.reduce((latest, { at }) => Math.max(latest, at), 0);
}

function byUrgency(a: Task, b: Task): number {
  return b.priority - a.priority || compareAdded(a, b);
}

function compareAdded(a: Task, b: Task): number {
  return (
    a.added.at - b.added.at ||
    compareText(a.added.agent, b.added.agent) ||
    a.added.n - b.added.n ||
    compareText(a.id, b.id)
  );
}

function compareStarts(a: ClaimStart, b: ClaimStart): number {
  return a.at - b.at || compareText(a.agent, b.agent) || a.n - b.n || compareText(a.task, b.task);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
