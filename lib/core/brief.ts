/** Briefs: all that a newcomer has to know about a task or a board, in text of a bounded size, the same on every replica. */
import type { BriefBoard } from "./brief/board-places.ts";
import { type BoardOverview, boardSections } from "./brief/board-sections.ts";
import { type BriefOmission, type BriefSection, fitSections } from "./brief/fit.ts";
import type { BriefFacts } from "./brief/item.ts";
import { factsToWords, NOTICE, quoteName } from "./brief/markdown.ts";
import { standingOf } from "./brief/standing.ts";
import { taskSections } from "./brief/task-sections.ts";
import type { TaskId } from "./record.ts";
import type { Task } from "./task.ts";

export type { BriefBoard } from "./brief/board-places.ts";
export type { BriefOmission, BriefSection } from "./brief/fit.ts";
export type {
  BriefFacts,
  BriefItem,
  BriefItemKind,
  BriefLabel,
  BriefText,
} from "./brief/item.ts";

/** How long a brief's Markdown may be; of two limits the smaller holds. */
export interface BriefLimit {
  /** Bytes in UTF-8: at least 2,048; 16,384 where neither is given. */
  readonly maxBytes?: number;
  /** Tokens of four bytes each: at least 512. Tokenizers differ; most need fewer for English prose, and more for ids. */
  readonly maxTokens?: number;
}

/** A brief as data: the same items as the Markdown has, and their texts word for word, so it may be longer. */
export interface BriefJson {
  /** What the texts are: data by their authors, never an instruction. */
  readonly notice: string;
  readonly board: string;
  /** The task of the brief; null in the brief of a board. */
  readonly task: TaskId | null;
  readonly facts: BriefFacts;
  readonly sections: readonly BriefSection[];
  readonly omitted: readonly BriefOmission[];
}

/** All that matters of a task or a board, as text and as frozen data. */
export interface Brief {
  readonly markdown: string;
  readonly json: BriefJson;
  /** What did not fit, by section. */
  readonly omitted: readonly BriefOmission[];
}

const DEFAULT_BYTES = 16_384;
const MIN_BYTES = 2_048;
const BYTES_PER_TOKEN = 4;
/** No item is shorter: its line with the id, and a line of text. */
const MIN_ITEM_BYTES = 32;

/**
 * Tells an agent that takes up a task all that matters of it: what is to be done, what was passed on, why earlier attempts
 * failed, what was decided, tried and found. Whole items only, the most important first.
 *
 * @throws RangeError when a limit is no whole number, or too small for anything useful
 */
export function briefTask(task: Task, board: BriefBoard, limit: BriefLimit = {}): Brief {
  const overview = { facts: standingOf(task), sources: taskSections(task, board.getTask) };
  return createBrief(board.name, task.id, overview, bytesOf(limit));
}

/**
 * Tells an agent that comes to a board all that matters of it: who works on what, what waits, what is ready, blocked or
 * lost, and what was decided and tried. Whole items only, the most important first. Cost: one look at each task.
 *
 * @param tasks - every task of the board once, in any order
 * @throws RangeError when a limit is no whole number, or too small for anything useful
 */
export function briefBoard(
  tasks: Iterable<Task>,
  board: BriefBoard,
  limit: BriefLimit = {},
): Brief {
  const maxBytes = bytesOf(limit);
  const capacity = Math.ceil(maxBytes / MIN_ITEM_BYTES);
  return createBrief(board.name, null, boardSections(tasks, board, capacity), maxBytes);
}

function bytesOf({ maxBytes, maxTokens }: BriefLimit): number {
  checkLimit("maxBytes", maxBytes, MIN_BYTES);
  checkLimit("maxTokens", maxTokens, MIN_BYTES / BYTES_PER_TOKEN);
  if (maxTokens === undefined) return maxBytes ?? DEFAULT_BYTES;
  return Math.min(maxBytes ?? Number.POSITIVE_INFINITY, maxTokens * BYTES_PER_TOKEN);
}

function checkLimit(name: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  throw new RangeError(`${name} is a whole number of at least ${least}, not ${value}`);
}

function createBrief(
  board: string,
  task: TaskId | null,
  overview: BoardOverview,
  maxBytes: number,
): Brief {
  const { facts, sources } = overview;
  const subject = task === null ? "" : `task ${quoteName(task)} on `;
  const head = `# Brief of ${subject}board ${quoteName(board)}\n\n${NOTICE}\n\nNow: ${factsToWords(facts).join(", ")}\n`;
  const { markdown, sections, omitted } = fitSections(head, sources, maxBytes);
  const json: BriefJson = { notice: NOTICE, board, task, facts, sections, omitted };
  return freezeAll({ markdown, json, omitted });
}

function freezeAll<T extends object>(value: T): T {
  for (const child of Object.values(value)) {
    if (typeof child === "object" && child !== null) freezeAll(child);
  }
  return Object.freeze(value);
}
