/** Reads a task list: a Markdown checklist, JSON Lines, or plain lines. All of it is good, or nothing of it is taken. */
import { isChecklistLine, readChecklist } from "./list/checklist.ts";
import { readJsonLines } from "./list/json-lines.ts";
import { checkTasks } from "./list/list-check.ts";
import { ListError, type ListedTask, type ListReading } from "./list/listed-task.ts";
import { readPlainLines } from "./list/plain-lines.ts";

type Format = "checklist" | "json-lines" | "plain-lines";

const READERS: { readonly [format in Format]: (lines: readonly string[]) => ListReading } = {
  checklist: readChecklist,
  "json-lines": readJsonLines,
  "plain-lines": readPlainLines,
};

const FORMAT_BY_ENDING: ReadonlyMap<string, Format> = new Map([
  ["md", "checklist"],
  ["markdown", "checklist"],
  ["jsonl", "json-lines"],
  ["ndjson", "json-lines"],
  ["json", "json-lines"],
]);

/**
 * Reads a list; the format goes by the ending of the source's name, and else by the content.
 *
 * @param source - the file's name, or `-`; for the format and for messages
 * @throws ListError naming every broken line
 */
export function parseTaskList(text: string, source: string): readonly ListedTask[] {
  const lines = text.replace(/^\uFEFF/u, "").split(/\r\n|\n|\r/u);
  const format = formatOf(lines, source);
  const { tasks, problems } = READERS[format](lines);
  const all = problems.length > 0 ? problems : checkTasks(tasks);
  if (all.length > 0) throw new ListError(source, all);
  if (format === "checklist" && tasks.length === 0 && !lines.some(isChecklistLine))
    throw new ListError(source, [
      { line: 1, message: "no line has a box; write tasks as `- [ ] title`" },
    ]);
  return tasks;
}

function formatOf(lines: readonly string[], source: string): Format {
  const ending = /\.([^./\\]+)$/u.exec(source)?.[1]?.toLowerCase() ?? "";
  const known = FORMAT_BY_ENDING.get(ending);
  if (known !== undefined) return known;
  if (
    lines
      .find((line) => line.trim() !== "")
      ?.trimStart()
      .startsWith("{")
  )
    return "json-lines";
  return lines.some(isChecklistLine) ? "checklist" : "plain-lines";
}
