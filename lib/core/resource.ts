/**
 * Resources: what a claim holds alone, written `scheme:name`, and the one question about them, whether two overlap.
 *
 * Equal resources overlap. So do two paths (`path:`) when some path matches both, or when one goes on beneath what the
 * other matches: nobody edits within a directory that is held. `*` stands for any characters within a segment, `?` for
 * one, `**` for any number of segments, none included; all else is literal. A path whose last segment has neither glob
 * nor dot, such as `path:src`, is a directory with all beneath it, as is `path:v1.2/**`; `path:src/a.ts` is a file.
 */
import { compareText } from "./record.ts";

/** How many resources a task may name: each is compared with each of other tasks. */
export const MAX_RESOURCES = 32;

/** In UTF-16 code units, the scheme included; bounds the cost of a comparison. */
const MAX_LENGTH = 256;
const ANY_SEGMENTS = "**";
const NO_ROW = new Uint8Array();
const LIKE_A_DIRECTORY = /(^path:|\/)\.?[^./*?]+$/;

/** What is no resource, and what to do. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/^(?![a-z][a-z\d-]*:)/, "has no scheme of a-z, 0-9 and -; write scheme:name, as in port:8080"],
  [/\p{Cc}/u, "has a control character; leave it out"],
  [/^[^:]+:\s*$/, "names nothing; write after the colon what is to be held"],
  [/^[^:]+:\s|\s$/, "has space at an end of its name; leave it out"],
  [/^path:(~?\/|[a-z]:)/i, "is an absolute path, another place elsewhere; write it from the root"],
  [/^path:.*\\/s, "has a backslash; write / between the segments"],
  [/^path:(.*\/)?\.\.(\/|$)/s, "leads upwards; write the path from the root, without .."],
];

/**
 * Writes a resource in the one form in which it is stored and compared: in Unicode's NFC; a path without `.` segments,
 * doubled slashes and stars, and slash at its end. Where that slash alone makes it a directory it becomes `/**`.
 *
 * @throws RangeError for what is no resource, with the cause and the remedy
 */
export function canonicalResource(text: string): string {
  const normal = text.normalize("NFC");
  const resource = isPath(normal) ? canonicalPath(normal) : normal;
  const refusal = REFUSALS.find(([pattern]) => pattern.test(normal) || pattern.test(resource));
  const isLong = resource.length > MAX_LENGTH;
  if (!refusal && !isLong) return resource;
  const why = refusal?.[1] ?? `is longer than ${MAX_LENGTH} characters; hold something wider`;
  throw new RangeError(`resource ${JSON.stringify(text.slice(0, MAX_LENGTH))} ${why}`);
}

/**
 * Writes resources in their one canonical order, by UTF-16 code units, each once.
 *
 * @throws RangeError as {@link canonicalResource} does
 */
export function canonicalResources(list: readonly string[]): readonly string[] {
  const found = [...new Set(list.map(canonicalResource))].sort(compareText);
  if (found.length <= MAX_RESOURCES) return found;
  throw new RangeError(
    `A task names ${found.length} resources, more than ${MAX_RESOURCES}; name what they have in common, such as path:src`,
  );
}

/**
 * Says whether two canonical resources overlap. Never throws: a path that is too long, or has an empty, `.` or `..`
 * segment, overlaps with nothing but itself. Cost: at most the product of the two lengths, whatever the globs.
 */
export function overlaps(a: string, b: string): boolean {
  if (a === b) return true;
  if (doPart(a, b)) return false;
  const [left, right] = [segmentsOf(a), segmentsOf(b)];
  if (left === null || right === null) return false;
  const table = tableOf(left, right, ANY_SEGMENTS, doSegmentsMeet);
  const whole = table[left.length];
  // what the other names something beneath is a directory; its `**` alone says nothing about files
  return (
    whole?.[right.length] === 1 ||
    right.some((one, j) => one !== ANY_SEGMENTS && whole?.[j + 1] === 1) ||
    left.some((one, i) => one !== ANY_SEGMENTS && table[i + 1]?.[right.length] === 1)
  );
}

/** Finds the first resource of `a` that overlaps one of `b`, or null. Never throws. */
export function findOverlap(a: readonly string[], b: readonly string[]): string | null {
  return a.find((one) => b.some((other) => overlaps(one, other))) ?? null;
}

function isPath(resource: string): boolean {
  return resource.startsWith("path:");
}

function canonicalPath(resource: string): string {
  const parts = resource.slice("path:".length).split("/");
  const segments: string[] = [];
  for (const part of parts) {
    if (part === "" || part === ".") continue;
    const segment = /^\*{2,}$/.test(part) ? ANY_SEGMENTS : part.replace(/\*+/g, "*");
    if (segment !== ANY_SEGMENTS || segments.at(-1) !== segment) segments.push(segment);
  }
  const isDirectory = parts.at(-1) === "" || parts.at(-1) === ".";
  const path = `path:${segments.join("/")}`;
  if (!isDirectory || LIKE_A_DIRECTORY.test(path) || segments.at(-1) === ANY_SEGMENTS) return path;
  return `path:${[...segments, ANY_SEGMENTS].join("/")}`;
}

/** The segments of a path, with all beneath it where it is a directory; null for any other text. */
function segmentsOf(resource: string): readonly string[] | null {
  if (!isPath(resource) || resource.length > MAX_LENGTH) return null;
  const segments = resource.slice("path:".length).split("/");
  if (segments.some((one) => one === "" || one === "." || one === "..")) return null;
  if (LIKE_A_DIRECTORY.test(resource)) segments.push(ANY_SEGMENTS);
  return segments;
}

/** Whether two resources differ before the first glob of either, as most do; then nothing matches both. */
function doPart(a: string, b: string): boolean {
  let i = 0;
  while (a[i] === b[i] && isLiteral(a[i])) i++;
  return isLiteral(a[i]) && isLiteral(b[i]);
}

function isLiteral(character: string | undefined): boolean {
  return character !== undefined && character !== "*" && character !== "?";
}

function doSegmentsMeet(a: string, b: string): boolean {
  const [left, right] = [[...a], [...b]];
  return tableOf(left, right, "*", doCharactersMeet)[left.length]?.[right.length] === 1;
}

function doCharactersMeet(a: string, b: string): boolean {
  return a === b || a === "?" || b === "?";
}

/**
 * Has 1 at `[i][j]` where something matches both the first i of `a` and the first j of `b`, else 0; `run` stands for
 * any number. Ends before the first row without a 1.
 */
function tableOf(
  a: readonly string[],
  b: readonly string[],
  run: string,
  doMeet: (x: string, y: string) => boolean,
): readonly Uint8Array[] {
  const table: Uint8Array[] = [];
  for (let i = 0; i <= a.length; i++) {
    const above = table[i - 1] ?? NO_ROW;
    const row = new Uint8Array(b.length + 1);
    const x = a[i - 1] ?? "";
    for (let j = 0; j <= b.length; j++) {
      const y = b[j - 1] ?? "";
      if (x === run || y === run) row[j] = (above[j] ?? 0) | (row[j - 1] ?? 0);
      else if (i + j === 0 || (above[j - 1] === 1 && doMeet(x, y))) row[j] = 1;
    }
    if (!row.includes(1)) break;
    table.push(row);
  }
  return table;
}
