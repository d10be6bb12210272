/** The first part of the fold: what a task is, as its authors wrote and edited it (docs/spec.md, R4 to R6). */
import type {
  Added,
  AgentId,
  Edited,
  Guarantee,
  LogEntry,
  Noted,
  RecordRef,
  ReviewPolicy,
  TaskId,
  TaskPolicy,
} from "./record.ts";
import type { Note, Task } from "./task.ts";

/** A task's own fields, while they are gathered. */
export interface Fields {
  readonly key: string | null;
  readonly added: Task["added"];
  readonly parent: TaskId | null;
  policy: TaskPolicy;
  title: string;
  body: string;
  needs: readonly TaskId[];
  requires: readonly string[];
  priority: number;
  guarantee: Guarantee;
  version: RecordRef | null;
  /** The edit that gave title and body. */
  text: RecordRef | null;
  notes: Note[] | null;
  children: TaskId[] | null;
  /** Whether some version of the task required nothing; only grows. */
  wasFree: boolean;
  /** Whether some `added` asked for no more than `optimistic`; only grows. */
  wasOptimistic: boolean;
  /** Every review that some `added` asked for; only grows. */
  reviews: ReviewPolicy[] | null;
  /** Whether every `added` asked for one: a result then needs one of them. */
  needsReview: boolean;
  /** The lowest limit of attempts that some `added` set; only falls. */
  lowestLimit: number;
  /** Whether some `added` asked to fail with what it needs; only grows. */
  mayFailWithNeeds: boolean;
}

/** Gathers the fields from the sorted entries; null while no `added` has arrived. */
export function foldFields(id: TaskId, entries: readonly LogEntry[]): Fields | null {
  let fields: Fields | null = null;
  let children: TaskId[] | null = null;
  for (const { agent, record } of entries) {
    if (record.kind !== "added") continue;
    if (record.task !== id) {
      children ??= [];
      if (!children.includes(record.task)) children.push(record.task);
      continue;
    }
    if (fields === null) fields = startFields(agent, record);
    else loosen(fields, record);
    if (record.guarantee === "settled")
      fields.guarantee = "settled"; // R4: the strictest wish stands
    else fields.wasOptimistic = true;
    if (!record.requires?.length) fields.wasFree = true;
    if (record.ifNeedFails === "fail") fields.mayFailWithNeeds = true;
    if (record.maxAttempts !== undefined)
      fields.lowestLimit = Math.min(fields.lowestLimit, record.maxAttempts);
  }
  if (fields === null) return null;
  fields.children = children;
  for (const { agent, record } of entries) {
    if (record.kind === "edited") edit(fields, agent, record);
    else if (record.kind === "noted") {
      fields.notes ??= [];
      fields.notes.push(noteOf(agent, record));
    }
  }
  return fields;
}

function startFields(agent: AgentId, record: Added): Fields {
  const fields: Fields = {
    key: record.key ?? null,
    added: Object.freeze({ agent, n: record.n, at: record.at }),
    parent: record.parent ?? null,
    policy: policyOf(record),
    title: record.title,
    body: record.body ?? "",
    needs: record.needs ?? NOTHING,
    requires: NOTHING,
    priority: record.priority ?? 0,
    guarantee: "optimistic",
    version: null,
    text: null,
    notes: null,
    children: null,
    wasFree: false,
    wasOptimistic: false,
    reviews: record.review === undefined ? null : [record.review],
    needsReview: record.review !== undefined,
    lowestLimit: Number.POSITIVE_INFINITY,
    mayFailWithNeeds: false,
  };
  if (record.requires?.length) setRequires(fields, agent, record.n, record.requires);
  return fields;
}

const POLICY_FIELDS = [
  "maxAttempts",
  "retry",
  "timeoutMs",
  "review",
  "ifNeedFails",
  "resources",
] as const;

/** One policy for all tasks that have none: boards of many tasks hold many of them. */
const NO_POLICY: TaskPolicy = Object.freeze({});

function policyOf(record: Added): TaskPolicy {
  const found = POLICY_FIELDS.filter((name) => record[name] !== undefined);
  return found.length === 0
    ? NO_POLICY
    : Object.freeze(Object.fromEntries(found.map((name) => [name, record[name]])));
}

/** R4: added once more, a task can only get looser in what its attempts and results must pass; so nothing that counted is undone. */
function loosen(fields: Fields, again: Added): void {
  if (again.review === undefined) fields.needsReview = false;
  else fields.reviews = [...(fields.reviews ?? []), again.review];
  const { maxAttempts, review, ...rest } = fields.policy;
  if (maxAttempts === undefined && review === undefined) return;
  const limit =
    maxAttempts === undefined || again.maxAttempts === undefined
      ? {}
      : { maxAttempts: Math.max(maxAttempts, again.maxAttempts) };
  const approval = review === undefined || !fields.needsReview ? {} : { review };
  fields.policy = Object.freeze({ ...rest, ...limit, ...approval });
}

function edit(fields: Fields, agent: AgentId, record: Edited): void {
  if (record.title !== undefined) fields.title = record.title;
  if (record.body !== undefined) fields.body = record.body;
  if (record.title !== undefined || record.body !== undefined)
    fields.text = Object.freeze({ agent, n: record.n });
  if (record.needs !== undefined) fields.needs = record.needs;
  if (record.priority !== undefined) fields.priority = record.priority;
  if (record.requires !== undefined) setRequires(fields, agent, record.n, record.requires);
}

function setRequires(fields: Fields, agent: AgentId, n: number, requires: readonly string[]): void {
  fields.requires = requires;
  fields.version = requires.length > 0 ? Object.freeze({ agent, n }) : null;
  if (requires.length === 0) fields.wasFree = true;
}

function noteOf(agent: AgentId, { n, about = "progress", text, by }: Noted): Note {
  return Object.freeze(
    by === undefined ? { agent, n, about, text } : { agent, n, about, text, by },
  );
}

/** One empty list for all that have none. */
export const NOTHING: readonly never[] = Object.freeze([]);

/** Freezes a list, or gives {@link NOTHING} for an empty one. */
export function freezeList<T>(list: readonly T[] | null): readonly T[] {
  return list === null || list.length === 0 ? NOTHING : Object.freeze(list);
}
