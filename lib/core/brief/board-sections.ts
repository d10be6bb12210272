/** The sections of the brief of a board, the most important first: each task in one of them, and what was learned. */
import type { TaskLookup } from "../ready.ts";
import type { Task, TaskState } from "../task.ts";
import {
  type BriefBoard,
  compareUrgent,
  type Describe,
  describeBlocked,
  describeCompleted,
  describeLost,
  describeReady,
  describeWaiting,
  describeWorking,
  type Place,
  placeOf,
  timeOf,
} from "./board-places.ts";
import type { BriefEntry, BriefFacts, BriefSource } from "./item.ts";
import {
  compareLessons,
  compareRecent,
  type Lesson,
  lessonEntry,
  readLessons,
  type TimedTask,
} from "./lessons.ts";
import { taskItem } from "./standing.ts";

const STATES: readonly TaskState[] = [
  "submitted",
  "working",
  "input-required",
  "completed",
  "failed",
  "rejected",
  "canceled",
];

/** How the tasks of a board stand, and all that there is to say about them. */
export interface BoardOverview {
  readonly facts: BriefFacts;
  readonly sources: readonly BriefSource[];
}

/** Sorts the tasks of a board into sections of at most `capacity` entries. Cost: one look at each task. */
export function boardSections(
  tasks: Iterable<Task>,
  board: BriefBoard,
  capacity: number,
): BoardOverview {
  const sections = openSections(board.getTask, capacity);
  const counts = new Map<TaskState, number>();
  for (const task of tasks) {
    const timed = { task, at: timeOf(task) };
    sections[placeOf(task, board)].selection.add(timed);
    readLessons(timed, (lesson) => sections[lesson.kind].selection.add(lesson));
    counts.set(task.state, (counts.get(task.state) ?? 0) + 1);
  }
  const states = STATES.map((state) => [state, counts.get(state) ?? 0] as const);
  const { ready, blocked } = sections;
  return {
    facts: {
      ...Object.fromEntries(states),
      ready: ready.selection.count,
      blocked: blocked.selection.count,
    },
    sources: Object.values(sections).map(({ close }) => close()),
  };
}

/** Keeps the first of what is put into it. */
interface Selection<T> {
  /** How many were put in. */
  readonly count: number;
  add(one: T): void;
  /** The first `capacity` of what was put in, in order. */
  list(): readonly T[];
}

interface OpenSection<T> {
  readonly selection: Selection<T>;
  close(): BriefSource;
}
type OpenSections = Readonly<Record<Place, OpenSection<TimedTask>>> &
  Readonly<Record<Lesson["kind"], OpenSection<Lesson>>>;

/** The sections in their order; where all are long, the first three get a sixth each and the others a tenth each. */
function openSections(lookup: TaskLookup, capacity: number): OpenSections {
  const urgent = (): Selection<TimedTask> => createSelection(capacity, compareUrgent);
  const recent = (): Selection<TimedTask> => createSelection(capacity, compareRecent);
  const lessons = (): Selection<Lesson> => createSelection(capacity, compareLessons);
  const entryBy =
    (describe: Describe) =>
    ({ task }: TimedTask): BriefEntry => ({
      ref: task.id,
      make: () => taskItem("task", task, describe(task, lookup)),
    });
  return {
    working: openSection("Worked on", 1 / 6, urgent(), entryBy(describeWorking)),
    waiting: openSection("Waits for input or review", 1 / 5, urgent(), entryBy(describeWaiting)),
    ready: openSection("Ready", 1 / 4, urgent(), entryBy(describeReady)),
    blocked: openSection("Blocked", 1 / 5, urgent(), entryBy(describeBlocked)),
    lost: openSection("Ended without a result", 1 / 4, recent(), entryBy(describeLost)),
    decision: openSection("Latest decisions", 1 / 3, lessons(), lessonEntry),
    "dead end": openSection("Latest dead ends", 1 / 2, lessons(), lessonEntry),
    completed: openSection("Recently completed", 1, recent(), entryBy(describeCompleted)),
  };
}

function openSection<T>(
  name: string,
  share: number,
  selection: Selection<T>,
  entryOf: (one: T) => BriefEntry,
): OpenSection<T> {
  const close = (): BriefSource => {
    const entries = selection.list().map(entryOf);
    return { name, entries, total: selection.count, share };
  };
  return { selection, close };
}

/** Makes an empty selection. Cost: it holds at most twice its capacity, and sorts that each time it is full. */
function createSelection<T>(capacity: number, compare: (a: T, b: T) => number): Selection<T> {
  let kept: T[] = [];
  let last: T | undefined;
  let count = 0;

  const shrink = (): void => {
    kept = kept.sort(compare).slice(0, capacity);
    last = kept[capacity - 1];
  };

  return {
    get count() {
      return count;
    },
    add(one) {
      count++;
      if (last !== undefined && compare(one, last) > 0) return;
      kept.push(one);
      if (kept.length === 2 * capacity) shrink();
    },
    list() {
      shrink();
      return kept;
    },
  };
}
