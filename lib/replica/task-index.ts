/** All records of a board by task, with each task's fold kept until a record touches it. */
import type { FoldContext } from "../core/contender.ts";
import { foldTask } from "../core/fold.ts";
import { hashText } from "../core/hash.ts";
import { compareEntries, type LogEntry, type TaskId } from "../core/record.ts";
import type { Task } from "../core/task.ts";
import type { HashedTask } from "./snapshot.ts";

/** A task's place in the index. */
export interface TaskSlot {
  readonly id: TaskId;
  readonly hash: number;
  entries: readonly LogEntry[];
  isSorted: boolean;
  /** Whether it changed since the last snapshot, and since the listeners were last told. */
  isDirty: boolean;
  isUnseen: boolean;
  /** The task as the last snapshot has it, and as the listeners were last told of it. */
  shown: Task | undefined;
  told: Task | undefined;
  /** The fold of the entries; undefined while it is to be made anew. */
  view: Task | null | undefined;
}

/** Records by task. */
export interface TaskIndex {
  /** Takes in one record and gives the slot of its task; the fold is made when somebody asks. */
  insert(entry: LogEntry): TaskSlot;
  /** Takes in the addition of a child, and gives the slot of its parent. */
  insertChild(entry: LogEntry, parent: TaskId): TaskSlot;
  /** Every record about the task, in the order; for reading only. */
  entries(id: TaskId): readonly LogEntry[];
  /** The copy of a task id that the index keeps; the given one while the task is not known. */
  shareId(id: string): string;
  /** The task as of all records inserted, or undefined while it is not known. */
  task(id: TaskId): Task | undefined;
  /** The fold of a slot. */
  fold(slot: TaskSlot): Task | null;
  /** The tasks as of all records up to that Lamport time. Cost: a fold of each task that changed since. */
  tasksAt(time: number): Iterable<HashedTask>;
  /** All slots, in the order of arrival. */
  slots(): Iterable<TaskSlot>;
}

/** Makes an empty index that folds by the given rule. */
export function createTaskIndex(context: FoldContext): TaskIndex {
  const slotById = new Map<TaskId, TaskSlot>();

  const sort = (slot: TaskSlot): readonly LogEntry[] => {
    if (!slot.isSorted) {
      slot.entries = slot.entries.toSorted(compareEntries);
      slot.isSorted = true;
    }
    return slot.entries;
  };

  const fold = (slot: TaskSlot): Task | null => {
    if (slot.view !== undefined) return slot.view;
    slot.view = foldTask(slot.id, sort(slot), context);
    return slot.view;
  };

  const insertAt = (id: TaskId, entry: LogEntry): TaskSlot => {
    let slot = slotById.get(id);
    if (slot === undefined) {
      slot = {
        id,
        hash: hashText(id),
        entries: [],
        isSorted: true,
        isDirty: false,
        isUnseen: false,
        shown: undefined,
        told: undefined,
        view: undefined,
      };
      slotById.set(id, slot);
    }
    const last = slot.entries.at(-1);
    if (last !== undefined && slot.isSorted && compareEntries(last, entry) > 0)
      slot.isSorted = false;
    // exactly as long as it must be: an array that grows by push keeps room for 17
    slot.entries = slot.entries.concat(entry);
    slot.view = undefined;
    return slot;
  };

  return {
    insert: (entry) => insertAt(entry.record.task, entry),
    insertChild: (entry, parent) => insertAt(parent, entry),
    entries(id) {
      const slot = slotById.get(id);
      return slot === undefined ? [] : sort(slot);
    },
    shareId: (id) => slotById.get(id as TaskId)?.id ?? id,
    task(id) {
      const slot = slotById.get(id);
      return slot === undefined ? undefined : (fold(slot) ?? undefined);
    },
    fold,
    *tasksAt(time) {
      for (const slot of slotById.values()) {
        const entries = sort(slot);
        const isPast = (entries.at(-1)?.record.at ?? 0) > time;
        const then = isPast ? entries.filter(({ record }) => record.at <= time) : entries;
        const task = isPast ? foldTask(slot.id, then, context) : fold(slot);
        if (task !== null) yield { hash: slot.hash, task };
      }
    },
    slots: () => slotById.values(),
  };
}
