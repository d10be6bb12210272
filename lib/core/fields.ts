/** The first half of the fold: what a task is, as its authors wrote and edited it (docs/spec.md, R4 to R6). */
import type { AgentId, Guarantee, LogEntry, RecordRef, TaskId } from "./record.ts";
import type { Note, Task } from "./task.ts";

/** A task's own fields, while they are gathered. */
export interface Fields {
  readonly key: string | null;
  readonly added: Task["added"];
  title: string;
  body: string;
  needs: readonly TaskId[];
  requires: readonly string[];
  priority: number;
  guarantee: Guarantee;
  version: RecordRef | null;
  isCancelled: boolean;
  cancelReason: string | null;
  notes: Note[] | null;
  /** Whether some version of the task required nothing; only grows. */
  wasFree: boolean;
  /** Whether some `added` asked for no more than `optimistic`; only grows. */
  wasOptimistic: boolean;
}

/** Gathers the fields from the sorted entries; null while no `added` has arrived. */
export function foldFields(entries: readonly LogEntry[]): Fields | null {
  let fields: Fields | null = null;
  for (const { agent, record } of entries) {
    if (record.kind === "added") {
      fields ??= startFields(agent, record);
      if (record.guarantee === "settled")
        fields.guarantee = "settled"; // R4: the strictest wish stands
      else fields.wasOptimistic = true;
      if (!record.requires?.length) fields.wasFree = true;
    }
  }
  if (fields === null) return null;
  for (const { agent, record } of entries) {
    if (record.kind === "edited") {
      if (record.title !== undefined) fields.title = record.title;
      if (record.body !== undefined) fields.body = record.body;
      if (record.needs !== undefined) fields.needs = record.needs;
      if (record.priority !== undefined) fields.priority = record.priority;
      if (record.requires !== undefined) setRequires(fields, agent, record.n, record.requires);
    } else if (record.kind === "noted") {
      fields.notes ??= [];
      fields.notes.push(Object.freeze({ agent, n: record.n, text: record.text }));
    } else if (record.kind === "cancelled" && !fields.isCancelled) {
      fields.isCancelled = true;
      fields.cancelReason = record.reason ?? null;
    }
  }
  return fields;
}

function startFields(
  agent: AgentId,
  record: Extract<LogEntry["record"], { kind: "added" }>,
): Fields {
  const fields: Fields = {
    key: record.key ?? null,
    added: Object.freeze({ agent, n: record.n, at: record.at }),
    title: record.title,
    body: record.body ?? "",
    needs: record.needs ?? NOTHING,
    requires: NOTHING,
    priority: record.priority ?? 0,
    guarantee: "optimistic",
    version: null,
    isCancelled: false,
    cancelReason: null,
    notes: null,
    wasFree: false,
    wasOptimistic: false,
  };
  if (record.requires?.length) setRequires(fields, agent, record.n, record.requires);
  return fields;
}

function setRequires(fields: Fields, agent: AgentId, n: number, requires: readonly string[]): void {
  fields.requires = requires;
  fields.version = requires.length > 0 ? Object.freeze({ agent, n }) : null;
  if (requires.length === 0) fields.wasFree = true;
}

/** One empty list for all that have none: boards of many tasks hold many of them. */
export const NOTHING: readonly never[] = Object.freeze([]);

/** Freezes a list, or gives {@link NOTHING} for an empty one. */
export function freezeList<T>(list: readonly T[] | null): readonly T[] {
  return list === null || list.length === 0 ? NOTHING : Object.freeze(list);
}
