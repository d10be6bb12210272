/** Lessons: the decisions and dead ends of a whole board, from notes and from packets. */
import { compareTasks } from "../ready.ts";
import { formatRef, type RecordRef } from "../record.ts";
import type { Task } from "../task.ts";
import { type BriefEntry, createItem, knownFacts, textsOf } from "./item.ts";

/** A task with the Lamport time of its last claim, or of its adding where it has none. */
export interface TimedTask {
  readonly task: Task;
  readonly at: number;
}

/** A decision, or a dead end and why it failed. */
export interface Lesson extends TimedTask {
  readonly kind: "decision" | "dead end";
  readonly by: RecordRef;
  readonly text: string;
  readonly why?: string;
  /** Who wrote it first, where it was imported. */
  readonly firstBy?: string | undefined;
  /** Its place among the lessons of its task. */
  readonly place: number;
}

/** The later first: by their last claim, and then by when they were added. */
export function compareRecent(a: TimedTask, b: TimedTask): number {
  return b.at - a.at || compareTasks(b.task, a.task);
}

/** The later first: those of the later task, and of one task the later lesson. */
export function compareLessons(a: Lesson, b: Lesson): number {
  return compareRecent(a, b) || b.place - a.place;
}

/** Hands over every lesson of a task: those of its notes, then those of its packets. */
export function readLessons({ task, at }: TimedTask, add: (lesson: Lesson) => void): void {
  let place = 0;
  const tell = (kind: Lesson["kind"], by: RecordRef, text: string, more: Partial<Lesson>): void =>
    add({ task, at, kind, by, text, place: place++, ...more });
  for (const note of task.notes) {
    if (note.about === "decision") tell("decision", note, note.text, { firstBy: note.by });
    if (note.about === "dead-end") tell("dead end", note, note.text, { firstBy: note.by });
  }
  for (const sent of task.thread.packets) {
    for (const text of sent.packet.decisions) tell("decision", sent, text, {});
    for (const { tried, why } of sent.packet.deadEnds) tell("dead end", sent, tried, { why });
  }
}

/** The entry of a lesson in the brief of its board. */
export function lessonEntry({ task, kind, by, text, why, firstBy }: Lesson): BriefEntry {
  const texts = why === undefined ? [] : textsOf("why it failed", by.agent, [why]);
  return {
    ref: formatRef(by),
    make: () =>
      createItem(kind, by, text, { task: task.id, facts: knownFacts({ firstBy }), texts }),
  };
}
