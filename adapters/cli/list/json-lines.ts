/** Reads JSON Lines: one object a line, with `title` and, where wanted, the other fields of a task. */
import type { Guarantee, TaskPolicy } from "../../../lib/index.ts";
import { type Fields, findFieldFlaw, parseObject, TASK_FIELDS } from "./field-checks.ts";
import {
  createKeyMaker,
  type ListedTask,
  type ListProblem,
  type ListReading,
} from "./listed-task.ts";

/** Reads JSON Lines; blank lines are left out. */
export function readJsonLines(lines: readonly string[]): ListReading {
  const keyOf = createKeyMaker();
  const tasks: ListedTask[] = [];
  const problems: ListProblem[] = [];
  lines.forEach((source, i) => {
    if (source.trim() === "") return;
    const line = i + 1;
    const fields = parseObject(source);
    const message = typeof fields === "string" ? fields : flawOf(fields);
    if (message !== null) problems.push({ line, message });
    else tasks.push(taskOf(fields as unknown as LineFields, line, keyOf));
  });
  return { tasks, problems };
}

function flawOf(fields: Fields): string | null {
  if (fields["title"] === undefined) return 'it has no title; add "title":"…"';
  return findFieldFlaw(fields, TASK_FIELDS);
}

/** The fields of a line that has passed. */
interface LineFields extends TaskPolicy {
  readonly title: string;
  readonly body?: string;
  readonly key?: string;
  readonly needs?: readonly string[];
  readonly requires?: readonly string[];
  readonly priority?: number;
  readonly guarantee?: Guarantee;
  readonly parent?: string;
}

function taskOf(
  { title, key, needs = [], requires = [], ...rest }: LineFields,
  line: number,
  keyOf: (path: readonly string[]) => string,
): ListedTask {
  const { body, priority, guarantee, parent, ...policy } = rest;
  return {
    line,
    key: key ?? keyOf([title.trim()]),
    title: title.trim(),
    needs: [...new Set(needs)],
    requires: [...new Set(requires)],
    ...(body === undefined ? {} : { body }),
    ...(priority === undefined ? {} : { priority }),
    ...(guarantee === undefined ? {} : { guarantee }),
    ...(parent === undefined ? {} : { parent }),
    ...(Object.keys(policy).length === 0 ? {} : { policy }),
  };
}
