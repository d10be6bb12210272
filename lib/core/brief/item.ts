/** What a brief is made of: items of our words, ids and numbers, each with the texts of others word for word beside it. */
import type { AgentId, RecordRef, TaskId } from "../record.ts";
import { formatRef } from "../record.ts";

/** What an item of a brief is, in our words. */
export type BriefItemKind =
  | "title"
  | "body"
  | "needed capabilities"
  | "resources"
  | "policy"
  | "accepted result"
  | "result in review"
  | "approval"
  | "offer"
  | "summary"
  | "decision"
  | "question"
  | "dead end"
  | "artifact"
  | "failure"
  | "sent back"
  | "given back"
  | "rejection"
  | "expired claim"
  | "failed need"
  | "cancellation"
  | "reopening"
  | "answered question"
  | "finding"
  | "need"
  | "child"
  | "delay"
  | "other result"
  | "packet"
  | "progress"
  | "ignored records"
  | "task";

/** What a text of an item is, in our words. */
export type BriefLabel =
  | BriefItemKind
  | "why it failed"
  | "name"
  | "media type"
  | "at"
  | "hash"
  | "content"
  | "declined"
  | "answer"
  | "result"
  | "reason";

/** One text that an agent wrote, word for word. */
export interface BriefText {
  /** What it is; null where the item says so. */
  readonly label: BriefLabel | null;
  /** Who wrote it; null where the records do not tell. */
  readonly author: AgentId | null;
  readonly text: string;
}

/** Ids, names, states and numbers, each under one of our words. */
export type BriefFacts = Readonly<Record<string, string | number | boolean>>;

/** The smallest thing that a brief holds whole or leaves out. */
export interface BriefItem {
  readonly kind: BriefItemKind;
  /** The task that it is about, where that is not the task of the brief. */
  readonly task: TaskId | null;
  /** Who wrote the record; null where no single record is meant. */
  readonly author: AgentId | null;
  /** The record's position in its author's log. */
  readonly n: number | null;
  readonly facts: BriefFacts;
  readonly texts: readonly BriefText[];
  /** The task to look up for a result that is too long for a brief; null where there is none. */
  readonly show: TaskId | null;
}

/** An item that a brief may hold, made only once there is room for it. */
export interface BriefEntry {
  /** The id of its task or the reference of its record; null where it has neither. */
  readonly ref: string | null;
  make(): BriefItem;
}

/** The items of one heading, the most important first. */
export interface BriefSource {
  readonly name: string;
  readonly entries: readonly BriefEntry[];
  /** How many there are; more than the entries where only the first of them can fit. */
  readonly total: number;
  /** How much of the room that it finds it may take before the sections after it have had theirs; at most 1. */
  readonly share: number;
}

/** What an item may say beside its kind and first text. */
export interface BriefDetails {
  readonly task?: TaskId;
  readonly facts?: BriefFacts;
  readonly texts?: readonly BriefText[];
  readonly show?: TaskId | null;
}

/** Makes an item of a record, with its main text; an empty text is none. */
export function createItem(
  kind: BriefItemKind,
  by: RecordRef | null,
  text: string | null,
  { task, facts = {}, texts = [], show = null }: BriefDetails = {},
): BriefItem {
  const author = by?.agent ?? null;
  return {
    kind,
    task: task ?? null,
    author,
    n: by?.n ?? null,
    facts,
    texts: [...textsOf(null, author, text ? [text] : []), ...texts],
    show,
  };
}

/** Labels texts of one author. */
export function textsOf(
  label: BriefLabel | null,
  author: AgentId | null,
  texts: readonly string[],
): readonly BriefText[] {
  return texts.map((text) => ({ label, author, text }));
}

/** Drops the facts that are not known. */
export function knownFacts(
  facts: Readonly<Record<string, string | number | boolean | null | undefined>>,
): BriefFacts {
  const known: Record<string, string | number | boolean> = {};
  for (const [word, value] of Object.entries(facts)) if (value != null) known[word] = value;
  return known;
}

/** Makes a section of items that are there already. */
export function createSource(
  name: string,
  share: number,
  items: readonly BriefItem[],
): BriefSource {
  const entries = items.map((item) => ({ ref: refOf(item), make: () => item }));
  return { name, entries, total: entries.length, share };
}

function refOf({ task, author, n }: BriefItem): string | null {
  return task ?? (author === null || n === null ? null : formatRef({ agent: author, n }));
}
