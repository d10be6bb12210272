/** Snapshots: a board at one moment, as plain frozen data that shares whatever did not change. */
import { enablePatches, Immer, type Patch } from "immer";
import { hashText } from "../core/hash.ts";
import { compareTasks } from "../core/ready.ts";
import { type AgentId, compareText, type TaskId } from "../core/record.ts";
import type { Task, TaskState } from "../core/task.ts";

/** An agent as its log shows it. */
export interface AgentView {
  readonly id: AgentId;
  readonly name: string;
  readonly capabilities: readonly string[];
  /** Name and version of the rule it plays by. */
  readonly rule: string;
  readonly leaseMs: number;
  readonly hasLeft: boolean;
}

/** Tasks sorted by id: those whose ids' hashes end in the same 12 bits. */
export type TaskBucket = readonly Task[];

/** The buckets, 16 x 16 x 16 by four bits of the hash each, so that a change costs the same on a small and a large board. */
export type TaskGrid = readonly (readonly (readonly TaskBucket[])[])[];

/** A board at one moment. Tasks are frozen; read them by {@link getTask} and {@link listTasks}. */
export interface Snapshot {
  /** The document name with its generation, such as `docs#1`. */
  readonly board: string;
  readonly buckets: TaskGrid;
  readonly agents: Readonly<Record<AgentId, AgentView>>;
  /** How many tasks are in each state. */
  readonly counts: Readonly<Record<TaskState, number>>;
}

/** One task that changed between two snapshots. */
export interface TaskChange {
  readonly before: Task | undefined;
  readonly after: Task;
}

const FAN_OUT = 16;

enablePatches();
// auto-freeze would walk whole buckets at each change; the task views in them are frozen by the fold
const immer = new Immer({ autoFreeze: false });

/** The snapshot of a board without any record. */
export function emptySnapshot(board: string): Snapshot {
  return firstSnapshot(board, { tasks: [], agents: [] });
}

/** Finds a task; undefined when the board does not know it. Cost: a binary search in one bucket. */
export function getTask(snapshot: Snapshot, id: TaskId): Task | undefined {
  const bucket = bucketAt(snapshot, hashText(id));
  const task = bucket[placeOf(bucket, id)];
  return task?.id === id ? task : undefined;
}

/** Lists all tasks in the order in which they were added, the same on every replica. Cost: a sort of the board. */
export function listTasks(snapshot: Snapshot): readonly Task[] {
  return tasksOf(snapshot).sort(compareTasks);
}

/** All tasks in no particular order. Cost: the size of the board; parts without tasks are shared and passed over. */
export function tasksOf(snapshot: Snapshot): Task[] {
  const tasks: Task[] = [];
  for (const sheet of snapshot.buckets) {
    if (sheet === NO_ROWS) continue;
    for (const row of sheet) {
      if (row === NO_BUCKETS) continue;
      for (const bucket of row) for (const task of bucket) tasks.push(task);
    }
  }
  return tasks;
}

/** How many tasks the board has. */
export function countTasks(snapshot: Snapshot): number {
  return STATES.reduce((sum, state) => sum + snapshot.counts[state], 0);
}

/** A task with the hash of its id. */
export interface HashedTask {
  readonly hash: number;
  readonly task: Task;
}

/** Tasks and agents to be put into the next snapshot; each task once. */
export interface SnapshotInput {
  readonly tasks: readonly HashedTask[];
  readonly agents: readonly AgentView[];
}

/** Makes the next snapshot, with immer's patches from the one before. Cost: the buckets touched, not the board. */
export function nextSnapshot(
  snapshot: Snapshot,
  input: SnapshotInput,
): readonly [Snapshot, readonly Patch[]] {
  const moved = noCounts();
  const [next, patches] = immer.produceWithPatches(snapshot, (draft) => {
    const board = draft as unknown as Mutable;
    for (const [hash, tasks] of byBucket(input.tasks)) {
      const bucket = bucketAt(snapshot, hash);
      const row = rowOf(board.buckets, hash) ?? [];
      const places = tasks.map((task) => placeOf(bucket, task.id));
      const isGrown = tasks.some((task, i) => bucket[places[i] ?? 0]?.id !== task.id);
      tasks.forEach((task, i) => {
        const place = places[i] ?? 0;
        const before = bucket[place];
        moved[task.state]++;
        if (before?.id === task.id) moved[before.state]--;
        const target = isGrown ? undefined : row[lower(hash)];
        if (target !== undefined) target[place] = task;
      });
      // one patch for the whole bucket, where moving each of its tasks up would make one for each
      if (isGrown) row[lower(hash)] = mergeTasks(bucket, tasks);
    }
    if (STATES.some((state) => moved[state] !== 0))
      board.counts = addCounts(snapshot.counts, moved);
    for (const agent of input.agents) board.agents[agent.id] = agent;
  });
  return [next, patches];
}

/** Makes the first snapshot at once, without drafts and patches. */
export function firstSnapshot(board: string, input: SnapshotInput): Snapshot {
  const counts = noCounts();
  const agents: Record<AgentId, AgentView> = {};
  const buckets: TaskBucket[][][] = fan(NO_ROWS as TaskBucket[][]);
  for (const { task } of input.tasks) counts[task.state]++;
  for (const [hash, tasks] of byBucket(input.tasks)) {
    const sheet = own(buckets, upper(hash), NO_ROWS);
    const row = own(sheet, middle(hash), NO_BUCKETS);
    row[lower(hash)] = tasks.sort(compareIds);
  }
  for (const agent of input.agents) agents[agent.id] = agent;
  return { board, buckets, agents, counts };
}

const MASK = FAN_OUT ** 3 - 1;
const upper = (hash: number): number => (hash >>> 8) & 15;
const middle = (hash: number): number => (hash >>> 4) & 15;
const lower = (hash: number): number => hash & 15;
const fan = <T>(part: T): T[] => new Array<T>(FAN_OUT).fill(part);
const NO_TASKS: TaskBucket = Object.freeze([]);
const NO_BUCKETS: readonly TaskBucket[] = Object.freeze(fan(NO_TASKS));
const NO_ROWS: TaskGrid[number] = Object.freeze(fan(NO_BUCKETS));
const compareIds = (a: Task, b: Task): number => compareText(a.id, b.id);
const noCounts = (): Record<TaskState, number> => ({
  submitted: 0,
  working: 0,
  "input-required": 0,
  completed: 0,
  canceled: 0,
  rejected: 0,
  failed: 0,
});
const STATES = Object.keys(noCounts()) as TaskState[];

function byBucket(tasks: readonly HashedTask[]): ReadonlyMap<number, Task[]> {
  const found = new Map<number, Task[]>();
  for (const { hash, task } of tasks) {
    const bucket = found.get(hash & MASK);
    if (bucket === undefined) found.set(hash & MASK, [task]);
    else bucket.push(task);
  }
  return found;
}

function mergeTasks(bucket: TaskBucket, tasks: readonly Task[]): Task[] {
  const merged = new Map(bucket.map((task) => [task.id, task]));
  for (const task of tasks) merged.set(task.id, task);
  return [...merged.values()].sort(compareIds);
}

/** The part of a grid under construction, in place of the shared one without tasks. */
function own<Part>(parts: (readonly Part[])[], place: number, shared: readonly Part[]): Part[] {
  const found = parts[place];
  if (found !== undefined && found !== shared) return found as Part[];
  const made = [...shared];
  parts[place] = made;
  return made;
}

function rowOf<Row>(grid: readonly (readonly Row[])[], hash: number): Row | undefined {
  return grid[upper(hash)]?.[middle(hash)];
}

function bucketAt(snapshot: Snapshot, hash: number): TaskBucket {
  return rowOf(snapshot.buckets, hash)?.[lower(hash)] ?? NO_TASKS;
}

function addCounts(
  counts: Snapshot["counts"],
  moved: Snapshot["counts"],
): Record<TaskState, number> {
  const sum = { ...counts };
  for (const state of STATES) sum[state] += moved[state];
  return sum;
}

/** Where in its bucket the task stands, or would. */
function placeOf(bucket: TaskBucket, id: TaskId): number {
  let low = 0;
  let high = bucket.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const task = bucket[middle];
    if (task !== undefined && task.id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Mutable {
  buckets: Task[][][][];
  agents: Record<AgentId, AgentView>;
  counts: Record<TaskState, number>;
}
