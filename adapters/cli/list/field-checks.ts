/** What the fields of a task may hold where it is written as JSON, in lists and in exports; and whether one line does. */

/** One line of JSON, as an object. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a field may hold, and how to say it. */
export interface FieldCheck {
  readonly says: string;
  readonly holds: (value: unknown) => boolean;
}

/** Any text. */
export const text: FieldCheck = { says: "a text", holds: (value) => typeof value === "string" };

/** A list in which every value passes. */
export function listOf(check: FieldCheck, says: string): FieldCheck {
  return { says, holds: (value) => Array.isArray(value) && value.every(check.holds) };
}

/** One of some texts. */
export function oneOf(...choices: readonly string[]): FieldCheck {
  const says = choices.map((one) => JSON.stringify(one)).join(" or ");
  return { says, holds: (value) => choices.some((one) => one === value) };
}

/** An object with these fields and no others; those whose name ends in `?` may be left out. */
export function shape(fields: Readonly<Record<string, FieldCheck>>, example: string): FieldCheck {
  const entries = Object.entries(fields).map(([name, check]) => ({
    name: name.replace("?", ""),
    isOptional: name.endsWith("?"),
    check,
  }));
  const known = new Set(entries.map(({ name }) => name));
  return {
    says: `such as ${example}`,
    holds: (value) =>
      isObject(value) &&
      Object.keys(value).every((name) => known.has(name)) &&
      entries.every(({ name, isOptional, check }) =>
        name in value ? check.holds(value[name]) : isOptional,
      ),
  };
}

/** Either of two. */
export function either(a: FieldCheck, b: FieldCheck): FieldCheck {
  return { says: `${a.says} or ${b.says}`, holds: (value) => a.holds(value) || b.holds(value) };
}

const number: FieldCheck = { says: "a finite number", holds: (value) => Number.isFinite(value) };
const wholeFrom = (min: number): FieldCheck => ({
  says: `a whole number from ${min} on`,
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= min,
});
const texts = listOf(text, "a list of texts");
const audience = either(
  shape({ agent: text }, '{"agent":"ann"}'),
  shape({ capability: text }, '{"capability":"qa"}'),
);

/** What a task is made of, and how it is to be carried out. */
export const TASK_FIELDS: ReadonlyMap<string, FieldCheck> = new Map([
  ["title", text],
  ["body", text],
  ["needs", texts],
  ["requires", texts],
  ["priority", number],
  ["key", text],
  ["guarantee", oneOf("optimistic", "settled")],
  ["parent", text],
  ["maxAttempts", wholeFrom(1)],
  [
    "retry",
    shape(
      { delayMs: wholeFrom(0), "factor?": number, "maxDelayMs?": wholeFrom(0) },
      '{"delayMs":1000}',
    ),
  ],
  ["timeoutMs", wholeFrom(1)],
  [
    "review",
    shape({ by: audience, "approvals?": wholeFrom(1) }, '{"by":{"agent":"ann"},"approvals":1}'),
  ],
  ["ifNeedFails", oneOf("block", "fail", "ignore")],
  ["resources", texts],
]);

/** Reads one line as an object, or says why it is none. */
export function parseObject(source: string): Fields | string {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return `it is not JSON (${cause}); write one whole object a line, such as {"title":"…"}`;
  }
  return isObject(value) ? value : 'it is JSON but no object; write {"title":"…"}';
}

/** The first field that is unknown or holds what it may not, or null. */
export function findFieldFlaw(
  fields: Fields,
  checks: ReadonlyMap<string, FieldCheck>,
): string | null {
  for (const [name, value] of Object.entries(fields)) {
    const check = checks.get(name);
    if (check === undefined)
      return `it has the unknown field ${JSON.stringify(name)}; known are ${[...checks.keys()].join(", ")}`;
    if (!check.holds(value)) return `its ${name} is not ${check.says}; correct or remove it`;
  }
  return null;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
