/** The shape of every known record; what does not fit is set aside by the replica, never thrown at the reader. */
import type { Json, KnownRecord } from "../core/record.ts";
import { freezeJson, jsonBytes, MAX_RECORD_BYTES } from "./plain-json.ts";

type Check = (value: unknown) => boolean;
type Fields = readonly (readonly [name: string, check: Check, isRequired: boolean])[];

const isText: Check = (value) => typeof value === "string";
const isName: Check = (value) =>
  typeof value === "string" && value.length > 0 && value.length <= 256;
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isPositive: Check = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const isFlag: Check = (value) => typeof value === "boolean";
const isNumber: Check = (value) => typeof value === "number";
const isGuarantee: Check = (value) => value === "optimistic" || value === "settled";
const isNames: Check = (value) =>
  Array.isArray(value) && value.length <= 1000 && value.every(isName);

const must = (name: string, check: Check): Fields[number] => [name, check, true];
const may = (name: string, check: Check): Fields[number] => [name, check, false];

const TASK = must("task", isName);
const CLAIM = must("claim", isCount);
const FIELDS = [
  may("body", isText),
  may("needs", isNames),
  may("requires", isNames),
  may("priority", isNumber),
];

const SCHEMA: { readonly [kind in KnownRecord["kind"]]: Fields } = {
  joined: [
    must("v", (value) => value === 1),
    must("name", isName),
    must("capabilities", isNames),
    must("rule", isName),
    must("leaseMs", isPositive),
  ],
  left: [],
  added: [
    TASK,
    must("title", isText),
    ...FIELDS,
    may("key", isName),
    may("guarantee", isGuarantee),
  ],
  edited: [TASK, may("title", isText), ...FIELDS],
  cancelled: [TASK, may("reason", isText)],
  noted: [TASK, must("text", isText)],
  claimed: [
    TASK,
    may("attempt", isPositive),
    may("guarantee", isGuarantee),
    may("version", isText),
  ],
  confirmed: [TASK, CLAIM],
  yielded: [TASK, CLAIM],
  released: [TASK, CLAIM, may("reason", isText)],
  expired: [TASK, CLAIM, must("holder", isName)],
  completed: [TASK, CLAIM, may("parts", isPositive)],
  failed: [TASK, CLAIM, must("error", isText), may("retryable", isFlag)],
  part: [must("text", isText)],
};

const SHAPE_BY_KIND: ReadonlyMap<unknown, readonly [kind: string, fields: Fields]> = new Map(
  Object.entries(SCHEMA).map(([kind, fields]) => [kind, [kind, fields]]),
);

/** Says whether this version knows a record's kind; a newer version's kinds are kept and ignored. */
export function isKnownKind(kind: unknown): kind is KnownRecord["kind"] {
  return SHAPE_BY_KIND.has(kind);
}

/**
 * Lets a record that was just decoded share its kind and task id with all others: each came as a text of its own, and
 * together they would take a tenth of the memory of a large board.
 */
export function shareTexts(value: unknown, shareTaskId: (id: string) => string): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  const record = value as Record<string, unknown>;
  const shape = SHAPE_BY_KIND.get(record["kind"]);
  if (shape === undefined) return;
  record["kind"] = shape[0];
  if (typeof record["task"] === "string") record["task"] = shareTaskId(record["task"]);
}

/**
 * Checks one value of a log and freezes it.
 *
 * @param n - the position that the value has in its log
 * @param lastAt - the Lamport time of the log's last good record; 0 before the first
 * @returns what is wrong with it, or null
 */
export function findFlaw(value: unknown, n: number, lastAt: number): string | null {
  const size = freezeJson(value);
  if (Number.isNaN(size)) return "it is not plain JSON";
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return "it is not an object";
  if (size > MAX_RECORD_BYTES && jsonBytes(value as Json) > MAX_RECORD_BYTES)
    return `it is larger than ${MAX_RECORD_BYTES} bytes`;
  const record = value as Readonly<Record<string, unknown>>;
  if (record["n"] !== n) return `its n is ${record["n"]}, not its position`;
  const at = record["at"];
  if (!Number.isSafeInteger(at) || (at as number) <= lastAt)
    return "its Lamport time does not grow";
  const shape = SHAPE_BY_KIND.get(record["kind"]);
  if (shape === undefined) return typeof record["kind"] === "string" ? null : "it has no kind";
  for (const [name, check, isRequired] of shape[1]) {
    const field = record[name];
    if (field === undefined ? isRequired : !check(field))
      return `its field ${name} does not fit ${record["kind"]}`;
  }
  return null;
}
