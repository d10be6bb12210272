/** Fitting: which whole items go into a brief of so many bytes, and what is said of those that do not. */
import type { BriefEntry, BriefItem, BriefSource } from "./item.ts";
import { itemToMarkdown, quoteName, utf8Bytes } from "./markdown.ts";

/** The items of one heading that fit. */
export interface BriefSection {
  readonly name: string;
  readonly items: readonly BriefItem[];
}

/** What was left out of one section. */
export interface BriefOmission {
  readonly section: string;
  readonly count: number;
  /** Ids of tasks and references of records, the most important first; as many as fit. */
  readonly refs: readonly string[];
}

/** What fits, as data and as Markdown. */
export interface Fitted {
  readonly sections: readonly BriefSection[];
  readonly omitted: readonly BriefOmission[];
  readonly markdown: string;
}

interface Piece {
  readonly item: BriefItem;
  readonly markdown: string;
  readonly bytes: number;
}
type PieceOf = (entry: BriefEntry) => Piece;
type Picked = ReadonlySet<BriefEntry>;

/** Of a section no further item is tried after so many that were too long: one of thousands might be short enough. */
const MAX_MISSES = 8;
const LEFT_OUT =
  "\n## Left out\n\nThese did not fit. A higher limit shows them, and so does `stigmergy show` with a task's id.\n\n";

/** Fits the sections into the bytes that the head leaves; K2 to K5. */
export function fitSections(
  head: string,
  sources: readonly BriefSource[],
  maxBytes: number,
): Fitted {
  const filled = sources.filter(({ total }) => total > 0);
  const pieceOf = rememberPieces();
  const room = maxBytes - utf8Bytes(head);
  let picked = pick(filled, room, pieceOf);
  if (filled.some((source) => leftOut(source, picked) > 0)) {
    const counts = filled.reduce((sum, { name, total }) => sum + countBytes(name, total), 0);
    const reserve = utf8Bytes(LEFT_OUT) + counts + Math.floor(maxBytes / 16);
    picked = pick(filled, room - reserve, pieceOf);
  }
  const sections = filled.flatMap(({ name, entries }) => {
    const items = entries.filter((entry) => picked.has(entry)).map(pieceOf);
    return items.length === 0 ? [] : { name, items };
  });
  const text = sections.reduce(
    (sum, { name, items }) => sum + headingOf(name) + items.map((one) => one.markdown).join(""),
    head,
  );
  const omitted = omissionsOf(filled, picked, maxBytes - utf8Bytes(text) - utf8Bytes(LEFT_OUT));
  return {
    sections: sections.map(({ name, items }) => ({ name, items: items.map(({ item }) => item) })),
    omitted,
    markdown: omitted.length === 0 ? text : text + LEFT_OUT + omitted.map(lineOf).join(""),
  };
}

function rememberPieces(): PieceOf {
  const pieces = new Map<BriefEntry, Piece>();
  return (entry) => {
    let piece = pieces.get(entry);
    if (piece === undefined) {
      const item = entry.make();
      const markdown = itemToMarkdown(item);
      piece = { item, markdown, bytes: utf8Bytes(markdown) };
      pieces.set(entry, piece);
    }
    return piece;
  };
}

/** Gives each section its share of the room, and then what is left to whoever comes first. */
function pick(sources: readonly BriefSource[], room: number, pieceOf: PieceOf): Picked {
  const picked = new Set<BriefEntry>();
  let rest = room;
  for (const source of sources) rest -= take(source, rest * source.share, picked, pieceOf);
  for (const source of sources) rest -= take(source, rest, picked, pieceOf);
  return picked;
}

/** Takes what fits of one section; gives the bytes that it takes. */
function take(
  { name, entries }: BriefSource,
  share: number,
  picked: Set<BriefEntry>,
  pieceOf: PieceOf,
): number {
  let used = 0;
  let misses = 0;
  let heading = entries.some((entry) => picked.has(entry)) ? 0 : headingBytes(name);
  for (const entry of entries) {
    if (picked.has(entry)) continue;
    const bytes = pieceOf(entry).bytes + heading;
    if (used + bytes <= share) {
      picked.add(entry);
      used += bytes;
      heading = 0;
    } else if (++misses === MAX_MISSES) break;
  }
  return used;
}

function leftOut({ entries, total }: BriefSource, picked: Picked): number {
  return total - entries.filter((entry) => picked.has(entry)).length;
}

/** Counts what was left out, and names as much of it as the room allows. */
function omissionsOf(
  sources: readonly BriefSource[],
  picked: Picked,
  room: number,
): readonly BriefOmission[] {
  const short = sources.filter((source) => leftOut(source, picked) > 0);
  let rest = short.reduce((sum, source) => sum - countBytes(source.name, source.total), room);
  return short.map((source, i) => {
    const { name, entries } = source;
    let share = Math.floor(rest / (short.length - i));
    const refs: string[] = [];
    for (const ref of new Set(entries.map((entry) => (picked.has(entry) ? null : entry.ref)))) {
      if (ref === null) continue;
      const bytes = utf8Bytes(quoteName(ref)) + 1;
      if (bytes > share) break;
      refs.push(ref);
      share -= bytes;
      rest -= bytes;
    }
    return { section: name, count: leftOut(source, picked), refs };
  });
}

function headingOf(name: string): string {
  return `\n## ${name}\n\n`;
}

function headingBytes(name: string): number {
  return utf8Bytes(headingOf(name));
}

function lineOf({ section, count, refs }: BriefOmission): string {
  const names = refs.map((ref) => ` ${quoteName(ref)}`).join("");
  return `- ${section}: ${count}${names}\n`;
}

function countBytes(section: string, count: number): number {
  return utf8Bytes(lineOf({ section, count, refs: [] }));
}
