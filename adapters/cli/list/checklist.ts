/** Reads Markdown checklists: open boxes are tasks, nesting is need, trailing tags are requirements. */
import {
  createKeyMaker,
  type ListedTask,
  type ListProblem,
  type ListReading,
} from "./listed-task.ts";

const ITEM = /^([ \t]*)(?:[-*+]|\d{1,9}[.)])(?:[ \t]+(.*))?$/su;
const BOX = /^\[([ xX])\](?:[ \t]+(.*))?$/su;
const FENCE = /^[ \t]*(`{3,}(?=[^`]*$)|~{3,})/u;
const HEADING = /^ {0,3}#{1,6}(?:[ \t]|$)/u;
/** A tag has a letter, so that `#12` stays what it is: the number of an issue. */
const TAG = /^#(?=[^#]*\p{L})([\p{L}\p{N}_][\p{L}\p{N}_./:-]*)$/u;
const TAB = 4;

/** Says whether a line is an item with a box, done or not. */
export function isChecklistLine(line: string): boolean {
  return BOX.test(ITEM.exec(line)?.[2] ?? "");
}

interface OpenTask extends ListedTask {
  readonly needs: string[];
}

/** One list item above the current line: how far it is indented, and its task if it is an open one. */
interface Level {
  readonly indent: number;
  readonly title: string | null;
  readonly task: OpenTask | null;
}

/** Reads a checklist; lines without a box are left out, and so are fenced blocks. */
export function readChecklist(lines: readonly string[]): ListReading {
  const keyOf = createKeyMaker();
  const tasks: OpenTask[] = [];
  const problems: ListProblem[] = [];
  let levels: Level[] = [];
  let fence: string | null = null;
  lines.forEach((text, i) => {
    const mark = FENCE.exec(text)?.[1];
    if (fence !== null) {
      if (mark?.startsWith(fence)) fence = null;
      return;
    }
    if (mark !== undefined) {
      fence = mark;
      return;
    }
    if (HEADING.test(text)) levels = [];
    const item = ITEM.exec(text);
    if (item === null) return;
    const indent = widthOf(item[1] ?? "");
    levels = levels.filter((level) => level.indent < indent);
    const box = BOX.exec(item[2] ?? "");
    if (box === null) {
      levels.push({ indent, title: null, task: null });
      return;
    }
    const { title, tags } = splitTags(box[2] ?? "");
    if (title === "") {
      problems.push({
        line: i + 1,
        message: "the box has no title; write one behind it, or remove the line",
      });
      return;
    }
    const path = [...levels.flatMap((level) => level.title ?? []), title];
    const key = keyOf(path); // done items count too, so that ticking one renames no other
    const isDone = box[1] !== " ";
    const task = isDone ? null : { line: i + 1, key, title, needs: [], requires: tags };
    if (task !== null) {
      levels.findLast((level) => level.task !== null)?.task?.needs.push(key);
      tasks.push(task);
    }
    levels.push({ indent, title, task });
  });
  return { tasks, problems };
}

function widthOf(space: string): number {
  let width = 0;
  for (const char of space) width = char === "\t" ? width - (width % TAB) + TAB : width + 1;
  return width;
}

function splitTags(text: string): { readonly title: string; readonly tags: readonly string[] } {
  const tags = new Set<string>();
  let title = text.trim();
  for (;;) {
    const start = Math.max(title.lastIndexOf(" "), title.lastIndexOf("\t")) + 1;
    const tag = TAG.exec(title.slice(start))?.[1];
    if (tag === undefined) break;
    tags.add(tag);
    title = title.slice(0, start).trimEnd();
  }
  return { title, tags: [...tags].reverse() };
}
