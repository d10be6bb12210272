/** Reads the lines of an export; whatever no line may hold is named with its number. */
import type { PortableTask } from "../../../lib/index.ts";
import {
  either,
  type FieldCheck,
  findFieldFlaw,
  listOf,
  oneOf,
  parseObject,
  shape,
  TASK_FIELDS,
  text,
} from "../list/field-checks.ts";
import { ListError, type ListProblem } from "../list/listed-task.ts";

/** A task of an export, and where it stands. */
export interface PortableLine {
  readonly line: number;
  readonly task: PortableTask;
}

const anything: FieldCheck = { says: "anything", holds: () => true };
const note = shape(
  {
    kind: oneOf("decision", "question", "finding", "dead-end", "progress"),
    text,
    by: text,
  },
  '{"kind":"progress","text":"…","by":"ann"}',
);
const end = either(
  shape({ state: oneOf("completed"), result: anything }, '{"state":"completed","result":"…"}'),
  shape(
    { state: oneOf("canceled", "rejected", "failed"), "reason?": text },
    '{"state":"failed","reason":"…"}',
  ),
);

const FIELDS: ReadonlyMap<string, FieldCheck> = new Map([
  ["id", text],
  ...TASK_FIELDS,
  ["notes", listOf(note, `a list of objects ${note.says}`)],
  ["end", end],
]);

/**
 * Reads the lines; blank ones are left out.
 *
 * @param source - the file's name, for messages
 * @throws ListError naming every broken line
 */
export function parsePortable(source: string, file: string): readonly PortableLine[] {
  const problems: ListProblem[] = [];
  const lines: PortableLine[] = [];
  source.split("\n").forEach((content, i) => {
    if (content.trim() === "") return;
    const line = i + 1;
    const fields = parseObject(content);
    const message = typeof fields === "string" ? fields : flawOf(fields);
    if (message === null) lines.push({ line, task: fields as unknown as PortableTask });
    else problems.push({ line, message });
  });
  if (problems.length > 0) throw portableError(file, problems);
  return lines;
}

/** The refusal of a whole export. */
export function portableError(file: string, problems: readonly ListProblem[]): ListError {
  return new ListError(file, problems, "exported tasks");
}

function flawOf(fields: Readonly<Record<string, unknown>>): string | null {
  const missing = ["id", "title"].find((name) => fields[name] === undefined);
  if (missing !== undefined) return `it has no ${missing}; give lines as \`stigmergy export\` does`;
  return findFieldFlaw(fields, FIELDS);
}
