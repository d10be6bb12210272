/** Reads JSON Lines: one object a line, with `title` and, where wanted, the other fields of a task. */
import {
  createKeyMaker,
  type ListedTask,
  type ListProblem,
  type ListReading,
} from "./listed-task.ts";

type Fields = Readonly<Record<string, unknown>>;
type Check = { readonly says: string; readonly holds: (value: unknown) => boolean };

const text: Check = { says: "a text", holds: (value) => typeof value === "string" };
const texts: Check = {
  says: "a list of texts",
  holds: (value) => Array.isArray(value) && value.every((one) => typeof one === "string"),
};
const number: Check = { says: "a finite number", holds: (value) => Number.isFinite(value) };

const CHECKS: ReadonlyMap<string, Check> = new Map([
  ["title", text],
  ["body", text],
  ["needs", texts],
  ["requires", texts],
  ["priority", number],
  ["key", text],
]);

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
    else tasks.push(taskOf(fields as Fields, line, keyOf));
  });
  return { tasks, problems };
}

function parseObject(source: string): Fields | string {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return `it is not JSON (${cause}); write one whole object a line, such as {"title":"…"}`;
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  return 'it is JSON but no object; write {"title":"…"}';
}

function flawOf(fields: Fields): string | null {
  if (fields["title"] === undefined) return 'it has no title; add "title":"…"';
  for (const [name, value] of Object.entries(fields)) {
    const check = CHECKS.get(name);
    if (check === undefined)
      return `it has the unknown field ${JSON.stringify(name)}; known are ${[...CHECKS.keys()].join(", ")}`;
    if (!check.holds(value)) return `its ${name} is not ${check.says}; correct or remove it`;
  }
  return null;
}

function taskOf(
  fields: Fields,
  line: number,
  keyOf: (path: readonly string[]) => string,
): ListedTask {
  const title = (fields["title"] as string).trim();
  const body = fields["body"] as string | undefined;
  const priority = fields["priority"] as number | undefined;
  return {
    line,
    key: (fields["key"] as string | undefined) ?? keyOf([title]),
    title,
    needs: [...new Set((fields["needs"] as readonly string[] | undefined) ?? [])],
    requires: [...new Set((fields["requires"] as readonly string[] | undefined) ?? [])],
    ...(body === undefined ? {} : { body }),
    ...(priority === undefined ? {} : { priority }),
  };
}
