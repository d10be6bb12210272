/** The shape of every known record; what does not fit is set aside by the replica, never thrown at the reader. */
import type { Json, KnownRecord } from "../core/record.ts";
import { MAX_RESOURCES } from "../core/resource.ts";
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

const isKey: Check = (value) => typeof value === "string" && BYTES_32.test(value);
const isHashOrNone: Check = (value) => value === "" || isKey(value);
const isSignature: Check = (value) => typeof value === "string" && BYTES_64.test(value);
// base64url without padding, in the one spelling that leaves the spare bits of the last character at 0
const BYTES_32 = /^[\w-]{42}[AEIMQUYcgkosw048]$/u;
const BYTES_64 = /^[\w-]{85}[AQgw]$/u;

const isNoteKind: Check = (value) => NOTE_KINDS.includes(value);
const NOTE_KINDS: readonly unknown[] = ["decision", "question", "finding", "dead-end", "progress"];

const must = (name: string, check: Check): Fields[number] => [name, check, true];
const may = (name: string, check: Check): Fields[number] => [name, check, false];

/** Whether a value is an object with these fields; others may be there too. */
const shape =
  (...fields: Fields): Check =>
  (value) =>
    typeof value === "object" && value !== null && flawedField(value, fields) === null;
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= 1000 && value.every(check);

const isAudience: Check = (value) =>
  [shape(must("agent", isName)), shape(must("capability", isName))].some((check) => check(value));
const isPacket = shape(
  must("summary", isText),
  must("decisions", listOf(isText)),
  must("questions", listOf(isText)),
  must("deadEnds", listOf(shape(must("tried", isText), must("why", isText)))),
  must(
    "artifacts",
    listOf(
      shape(
        must("name", isName),
        must("mediaType", isName),
        may("uri", isText),
        may("content", isText),
        may("hash", isName),
      ),
    ),
  ),
);
const isPolicyName: Check = (value) => value === "block" || value === "fail" || value === "ignore";
const isVerdict: Check = (value) => value === "approved" || value === "rejected";
const isRetry = shape(
  must("delayMs", isCount),
  may("factor", isNumber),
  may("maxDelayMs", isCount),
);
const BASIS = [may("text", isText), may("inputs", isNames)];

const TASK = must("task", isName);
const CLAIM = must("claim", isCount);
const REASON = may("reason", isText);
const FIELDS = [
  may("body", isText),
  may("needs", isNames),
  may("requires", isNames),
  may("priority", isNumber),
];
const POLICY = [
  may("maxAttempts", isPositive),
  may("retry", isRetry),
  may("timeoutMs", isPositive),
  may("review", shape(must("by", isAudience), may("approvals", isPositive))),
  may("ifNeedFails", isPolicyName),
  may("resources", (value) => isNames(value) && (value as unknown[]).length <= MAX_RESOURCES),
];

const SCHEMA: { readonly [kind in KnownRecord["kind"]]: Fields } = {
  joined: [
    must("v", (value) => value === 1),
    must("name", isName),
    must("capabilities", isNames),
    must("rule", isName),
    must("leaseMs", isPositive),
    may("key", isKey),
  ],
  left: [],
  added: [
    TASK,
    must("title", isText),
    ...FIELDS,
    ...POLICY,
    may("key", isName),
    may("guarantee", isGuarantee),
    may("parent", isName),
  ],
  edited: [TASK, may("title", isText), ...FIELDS],
  cancelled: [TASK, REASON, may("attempt", isPositive)],
  reopened: [TASK, REASON, must("attempt", isPositive)],
  noted: [TASK, must("text", isText), may("about", isNoteKind), may("by", isName)],
  claimed: [
    TASK,
    may("attempt", isPositive),
    may("guarantee", isGuarantee),
    may("version", isText),
    may("ttlMs", isPositive),
    may("offer", isText),
    ...BASIS,
    may("load", isNumber),
    may("losses", isNumber),
    may("priority", isNumber),
  ],
  queued: [TASK],
  unqueued: [TASK],
  confirmed: [TASK, CLAIM],
  yielded: [TASK, CLAIM],
  released: [TASK, CLAIM, REASON, may("packet", isPacket)],
  expired: [TASK, CLAIM, must("holder", isName)],
  offered: [TASK, CLAIM, must("to", isAudience), must("packet", isPacket)],
  withdrawn: [TASK, CLAIM, must("offer", isCount)],
  declined: [TASK, must("holder", isName), must("offer", isCount), REASON],
  asked: [TASK, CLAIM, must("question", isText), may("of", isAudience)],
  answered: [TASK, must("holder", isName), must("ask", isCount), must("answer", isText)],
  completed: [
    TASK,
    CLAIM,
    may("parts", isPositive),
    may("adopts", isText),
    may("basis", shape(...BASIS)),
  ],
  reviewed: [
    TASK,
    must("author", isName),
    must("completion", isCount),
    must("verdict", isVerdict),
    REASON,
  ],
  failed: [
    TASK,
    CLAIM,
    must("error", isText),
    may("retryable", isFlag),
    may("retryAfterMs", isPositive),
  ],
  rejected: [TASK, CLAIM, must("reason", isText)],
  waited: [TASK, must("attempt", isPositive)],
  "need-failed": [TASK, must("need", isName), must("attempt", isPositive)],
  part: [must("text", isText)],
  signed: [
    must("from", isCount),
    must("to", isPositive),
    must("prev", isHashOrNone),
    must("sig", isSignature),
  ],
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
  const known = SHAPE_BY_KIND.get(record["kind"]);
  if (known === undefined) return;
  record["kind"] = known[0];
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
  const known = SHAPE_BY_KIND.get(record["kind"]);
  if (known === undefined) return typeof record["kind"] === "string" ? null : "it has no kind";
  const flawed = flawedField(record, known[1]);
  return flawed === null ? null : `its field ${flawed} does not fit ${known[0]}`;
}

/** The first field that is missing or does not fit, or null. */
function flawedField(value: object, fields: Fields): string | null {
  for (const [name, check, isRequired] of fields) {
    const field = (value as Readonly<Record<string, unknown>>)[name];
    if (field === undefined ? isRequired : !check(field)) return name;
  }
  return null;
}
