/** Checks a list as a whole: what no single line can show, and what the board would refuse. */
import type { ListedTask, ListProblem } from "./listed-task.ts";

const MAX_TITLE = 1000;
const MAX_NAME = 256;
const MAX_NAMES = 1000;
/** What a record may take on the board, less the fields that the board adds by itself. */
const MAX_BYTES = 16_384 - 256;
const TASK_ID = "x".repeat(12);

/** Lists everything that is wrong with the tasks of one list. */
export function checkTasks(tasks: readonly ListedTask[]): readonly ListProblem[] {
  const byKey = new Map<string, ListedTask>();
  const problems: ListProblem[] = [];
  for (const task of tasks) {
    const first = byKey.get(task.key);
    if (first === undefined) byKey.set(task.key, task);
    else
      problems.push({
        line: task.line,
        message: `its key ${quote(task.key)} is that of line ${first.line}; choose another`,
      });
  }
  for (const task of tasks) {
    const message = flawOf(task) ?? unknownKey(task, byKey);
    if (message !== null) problems.push({ line: task.line, message });
  }
  const cycle = findNeedCycle(tasks, byKey);
  if (cycle !== null) problems.push(cycle);
  return problems.sort((a, b) => a.line - b.line);
}

function flawOf({ line: _, ...task }: ListedTask): string | null {
  const { title, body = "", key, needs, requires, parent } = task;
  if (title === "") return "its title is empty; write one, or remove the line";
  if (title.length > MAX_TITLE)
    return `its title has ${title.length} characters, more than ${MAX_TITLE}; shorten it, or put the text into a body`;
  const names = [key, ...needs, ...requires, ...(parent === undefined ? [] : [parent])];
  if ([title, body, ...names].some((text) => !text.isWellFormed() || text.includes("\0")))
    return "it holds a character that cannot be stored (a NUL or half of a pair); remove it";
  const unfit = names.find((name) => name === "" || name.length > MAX_NAME);
  if (unfit !== undefined)
    return `${quote(unfit)} is no key or capability; use 1 to ${MAX_NAME} characters`;
  if (needs.length > MAX_NAMES || requires.length > MAX_NAMES)
    return `it needs or requires more than ${MAX_NAMES}; put a task in between`;
  const record = { ...task, needs: needs.map(() => TASK_ID) };
  const bytes = Buffer.byteLength(JSON.stringify(record));
  return bytes > MAX_BYTES
    ? `it takes ${bytes} bytes, more than ${MAX_BYTES}; put the text into a file and name that`
    : null;
}

function unknownKey(
  { needs, parent }: ListedTask,
  byKey: ReadonlyMap<string, ListedTask>,
): string | null {
  const unknown = needs.find((key) => !byKey.has(key));
  if (unknown !== undefined)
    return `it needs the key ${quote(unknown)}, which no line has; give that line "key":${quote(unknown)}, or drop the need`;
  return parent === undefined || byKey.has(parent)
    ? null
    : `its parent has the key ${quote(parent)}, which no line has; give that line "key":${quote(parent)}, or drop the parent`;
}

/** The first cycle among the needs, named by its lines; a parent waits for its children as for its needs. */
function findNeedCycle(
  tasks: readonly ListedTask[],
  byKey: ReadonlyMap<string, ListedTask>,
): ListProblem | null {
  const childrenOf = new Map<string, string[]>();
  for (const { key, parent } of tasks)
    if (parent !== undefined) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), key]);
  const enter = (task: ListedTask): Step => ({
    task,
    before: [...task.needs, ...(childrenOf.get(task.key) ?? [])],
    next: 0,
  });
  const done = new Set<ListedTask>();
  for (const start of tasks) {
    const path = [enter(start)];
    const onPath = new Set([start]);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const key = done.has(top.task) ? undefined : top.before[top.next++];
      if (key === undefined) {
        done.add(top.task);
        onPath.delete(top.task);
        path.pop();
        continue;
      }
      const need = byKey.get(key);
      if (need === undefined || done.has(need)) continue;
      if (onPath.has(need))
        return cycleProblem(
          path.map(({ task }) => task),
          need,
        );
      onPath.add(need);
      path.push(enter(need));
    }
  }
  return null;
}

/** A task on the path, and which of those that it waits for is looked at next. */
interface Step {
  readonly task: ListedTask;
  readonly before: readonly string[];
  next: number;
}

function cycleProblem(path: readonly ListedTask[], need: ListedTask): ListProblem {
  const lines = [...path.slice(path.indexOf(need)), need].map(({ line }) => line);
  return {
    line: need.line,
    message: `its needs lead back to itself (lines ${lines.join(" → ")}); drop one of these needs`,
  };
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
