/** What may enter a document: plain, well-formed, bounded JSON. Anything else would differ or break on another replica. */
import type { Json } from "../core/record.ts";

/** How deep values may nest within a record. */
export const MAX_DEPTH = 8;

/** How many bytes one record may take as JSON in UTF-8. */
export const MAX_RECORD_BYTES = 16_384;

/** How many bytes a result may take as JSON in UTF-8, over all its parts. */
export const MAX_RESULT_BYTES = 1_048_576;

// what one UTF-16 unit can take in JSON, as in \u0001, and one number, as in -0.0000012345678901234567
const MAX_UNIT_BYTES = 6;
const MAX_NUMBER_BYTES = 25;

/**
 * Freezes a value through and through and gives an upper bound of its size as JSON, in bytes.
 *
 * @returns NaN where the value is not plain JSON of at most {@link MAX_DEPTH} levels with well-formed strings
 */
export function freezeJson(value: unknown, depth: number = 0): number {
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? value.length * MAX_UNIT_BYTES + 2 : Number.NaN;
    case "number":
      return Number.isFinite(value) ? MAX_NUMBER_BYTES : Number.NaN;
    case "boolean":
      return 5;
    case "object":
      if (value === null) return 4;
      return depth >= MAX_DEPTH ? Number.NaN : freezeContainer(value, depth + 1);
    default:
      return Number.NaN;
  }
}

function freezeContainer(value: object, depth: number): number {
  let size = 2;
  if (Array.isArray(value)) {
    for (const item of value) size += freezeJson(item, depth) + 1;
  } else {
    if (Object.getPrototypeOf(value) !== Object.prototype) return Number.NaN;
    for (const key in value) {
      if (key === "__proto__" || !key.isWellFormed()) return Number.NaN;
      size += key.length * MAX_UNIT_BYTES + 4;
      size += freezeJson((value as Record<string, unknown>)[key], depth);
    }
  }
  if (!Number.isNaN(size)) Object.freeze(value);
  return size;
}

/** The exact size of a JSON value in UTF-8 bytes; what the limits are counted in. */
export function jsonBytes(value: Json): number {
  return textBytes(JSON.stringify(value));
}

/** The size of a text in UTF-8 bytes. */
export function textBytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

/**
 * Copies a caller's value, so that freezing it does not freeze theirs; fields that are undefined are left out.
 *
 * @throws RangeError when the value is no plain JSON, naming the place
 */
export function copyJson(value: unknown, place: string, depth: number = 0): Json {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "string") {
    if (value.isWellFormed()) return value;
    throw new RangeError(`${place} holds a lone surrogate; pass it through toWellFormed() first`);
  }
  if (typeof value !== "object")
    throw new RangeError(`${place} is ${kindOf(value)}, which is not JSON`);
  if (depth >= MAX_DEPTH)
    throw new RangeError(`${place} nests deeper than ${MAX_DEPTH} levels; flatten it`);
  if (Array.isArray(value))
    return value.map((item, i) => copyJson(item, `${place}[${i}]`, depth + 1));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new RangeError(
      `${place} is an instance of ${prototype.constructor?.name}; pass plain data`,
    );
  const copy: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === "__proto__" || !key.isWellFormed())
      throw new RangeError(`${place} has the key ${key}; rename it`);
    if (item !== undefined) copy[key] = copyJson(item, `${place}.${key}`, depth + 1);
  }
  return copy;
}

function kindOf(value: unknown): string {
  return typeof value === "number" ? String(value) : `a ${typeof value}`;
}
