/** Puts our entry into JSON that others wrote: everything else stays as it is, byte for byte. */
import { isDeepStrictEqual } from "node:util";
import { type Edit, SERVER_NAME, UnfitText } from "./entry.ts";

/** What is put where. */
export interface JsonEntry {
  /** The key of the object that holds the servers. */
  readonly section: string;
  readonly entry: object;
  readonly isForced: boolean;
}

/**
 * Edits the text of a file; an empty one becomes whole.
 *
 * @throws UnfitText when it is no JSON, or has something else where the servers go
 */
export function editJson(text: string, { section, entry, isForced }: JsonEntry): Edit {
  const whole = { [section]: { [SERVER_NAME]: entry } };
  if (text.trim() === "") return written(`${JSON.stringify(whole, null, 2)}\n`);
  const value = parse(text);
  if (!isObject(value)) throw new UnfitText("it is no object");
  const top = readObject(text, skipSpace(text, 0));
  const found = top.members.findLast(({ key }) => key === section);
  if (found === undefined) return written(insert(text, top, section, whole[section] ?? {}));
  const servers = value[section];
  if (!isObject(servers)) throw new UnfitText(`its ${JSON.stringify(section)} is no object`);
  const inner = readObject(text, found.valueFrom);
  const own = inner.members.findLast(({ key }) => key === SERVER_NAME);
  if (own === undefined) return written(insert(text, inner, SERVER_NAME, entry));
  if (isDeepStrictEqual(servers[SERVER_NAME], entry)) return { outcome: "unchanged" };
  if (!isForced) return { outcome: "kept" };
  const ours = render(text, entry, indentOf(text, own.from));
  return written(`${text.slice(0, own.valueFrom)}${ours}${text.slice(own.valueTo)}`);
}

function written(text: string): Edit {
  return { outcome: "written", text };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/u, ""));
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new UnfitText(`it is no JSON: ${cause}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Where a member is in the text: from its key to the end of its value. */
interface Member {
  readonly key: string;
  readonly from: number;
  readonly valueFrom: number;
  readonly valueTo: number;
}

/** Where an object is in the text: its first brace, and its members. */
interface ObjectAt {
  readonly from: number;
  readonly members: readonly Member[];
}

/** Reads the object that begins there. The text is known to be JSON, so nothing is checked again. */
function readObject(text: string, from: number): ObjectAt {
  const members: Member[] = [];
  let at = skipSpace(text, from + 1);
  while (text[at] === '"') {
    const keyTo = endOfValue(text, at);
    const valueFrom = skipSpace(text, skipSpace(text, keyTo) + 1);
    const valueTo = endOfValue(text, valueFrom);
    members.push({ key: JSON.parse(text.slice(at, keyTo)), from: at, valueFrom, valueTo });
    const next = skipSpace(text, valueTo);
    at = text[next] === "," ? skipSpace(text, next + 1) : next;
  }
  return { from, members };
}

const SPACE = /[\s\uFEFF]*/uy;
const STRING = /"(?:[^"\\]|\\.)*"/uy;
const PLAIN = /[^\s,\]}]+/uy;

function skipSpace(text: string, at: number): number {
  return endOf(SPACE, text, at);
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function endOfValue(text: string, from: number): number {
  if (text[from] === '"') return endOf(STRING, text, from);
  if (text[from] !== "{" && text[from] !== "[") return endOf(PLAIN, text, from);
  let depth = 0;
  for (let at = from; at < text.length; ) {
    const mark = text[at] ?? "";
    if ("{[".includes(mark)) depth++;
    if ("}]".includes(mark)) depth--;
    at = mark === '"' ? endOf(STRING, text, at) : at + 1;
    if (depth === 0) return at;
  }
  return text.length;
}

/** Adds a member behind the others, on lines or in line as they are. */
function insert(text: string, { from, members }: ObjectAt, key: string, value: object): string {
  const last = members.at(-1);
  const at = last?.valueTo ?? from + 1;
  const outer = indentOf(text, from);
  const indent = last === undefined ? outer + unitOf(text) : indentOf(text, last.from);
  const isInLine = last !== undefined && !/\n\s*$/u.test(text.slice(0, last.from));
  const member = isInLine
    ? `, ${JSON.stringify(key)}: ${JSON.stringify(value)}`
    : `${last === undefined ? "" : ","}${eolOf(text)}${indent}${JSON.stringify(key)}: ${render(text, value, indent)}`;
  if (last !== undefined) return `${text.slice(0, at)}${member}${text.slice(at)}`;
  return `${text.slice(0, at)}${member}${eolOf(text)}${outer}${text.slice(skipSpace(text, at))}`;
}

function render(text: string, value: object, indent: string): string {
  return JSON.stringify(value, null, unitOf(text)).replaceAll("\n", `${eolOf(text)}${indent}`);
}

/** The white space that the line of a position begins with. */
function indentOf(text: string, at: number): string {
  const line = text.slice(text.lastIndexOf("\n", at) + 1, at);
  return /^[ \t]*/u.exec(line)?.[0] ?? "";
}

function unitOf(text: string): string {
  return /\n([ \t]+)"/u.exec(text)?.[1] ?? "  ";
}

function eolOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}
