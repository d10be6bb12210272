/**
 * Reads a Yjs update (format V1) as strictly as a stranger's update must be read: nothing past its end, nothing allocated on
 * the word of a length, no content but plain data, and nothing left over.
 */
import { ByteReader } from "../../wire/bounded.ts";
import { readJson } from "./json-reader.ts";

/** A place in the history of a document: a client's number and its clock. */
export interface Place {
  readonly client: number;
  readonly clock: number;
}

/** What one struct of an update brings. */
export interface Struct {
  readonly clock: number;
  /** How many clock ticks it takes. */
  readonly length: number;
  readonly content: "json" | "deleted" | "text" | "gc";
  /** The values, where the content is `json`. */
  readonly values: readonly unknown[];
  readonly origin: Place | null;
  readonly rightOrigin: Place | null;
  /** The root or the item that it belongs to; null where that follows from its neighbours. */
  readonly parent: string | Place | null;
  /** Whether it is the value of a key. */
  readonly hasKey: boolean;
}

/** The structs of one client, in the order of its clock. */
export interface Section {
  readonly client: number;
  readonly structs: readonly Struct[];
}

/** Some of one client's structs that are to be deleted. */
export interface Deletion extends Place {
  readonly length: number;
}

/** A whole update. */
export interface ReadUpdate {
  readonly sections: readonly Section[];
  readonly deletions: readonly Deletion[];
}

/** Clocks stay so far below the largest safe number that no sum of them reaches it. */
const MAX_CLOCK = 2 ** 48;
const MAX_NAME_LENGTH = 256;
/** Sections, structs, values and deletions of one update; far more than an agent writes offline. */
const MAX_PARTS = 250_000;
/** More than a record of 16 kB as JSON can take in this encoding; replicas measure it exactly. */
const MAX_VALUE_BYTES = 32_768;
/** How deep the attributes of shared text may nest. */
const MAX_TEXT_DEPTH = 32;
const NO_VALUES: readonly unknown[] = [];

/**
 * Reads an update. Cost: once over the bytes, which bound all that is allocated.
 *
 * @throws Error that says what is wrong with it
 */
export function readUpdate(bytes: Uint8Array): ReadUpdate {
  const reader = new ByteReader(bytes);
  const sections: Section[] = [];
  const clients = new Set<number>();
  const parts = new Parts();
  for (let left = reader.count(); left > 0; left--) {
    parts.add(1);
    const section = readSection(reader, parts);
    if (clients.has(section.client)) throw new TypeError("it names a client twice");
    clients.add(section.client);
    sections.push(section);
  }
  const deletions = readDeletions(reader, parts);
  if (reader.left > 0) throw new TypeError("it goes on behind its end");
  return { sections, deletions };
}

/** Counts what an update is made of, since a part takes far more memory than the two bytes that it may be written with. */
class Parts {
  #left = MAX_PARTS;

  /** @throws RangeError when there are too many */
  add(count: number): void {
    this.#left -= count;
    if (this.#left < 0) throw new RangeError("it has too many parts");
  }
}

function readSection(reader: ByteReader, parts: Parts): Section {
  const count = reader.count();
  parts.add(count);
  const client = reader.varUint();
  let clock = reader.varUint();
  const structs: Struct[] = [];
  for (let i = 0; i < count; i++) {
    const struct = readStruct(reader, clock);
    parts.add(struct.values.length);
    clock += struct.length;
    if (clock > MAX_CLOCK) throw new RangeError("a clock is too large");
    structs.push(struct);
  }
  return { client, structs };
}

// the bits of a struct's first byte, as Yjs writes them
const HAS_ORIGIN = 0x80;
const HAS_RIGHT_ORIGIN = 0x40;
const HAS_KEY = 0x20;

function readStruct(reader: ByteReader, clock: number): Struct {
  const info = reader.uint8();
  const ref = info & 0x1f;
  if (ref === 10) throw new TypeError("it skips clocks");
  if (ref === 0) return gap(clock, readLength(reader));
  const origin = (info & HAS_ORIGIN) > 0 ? readPlace(reader) : null;
  const rightOrigin = (info & HAS_RIGHT_ORIGIN) > 0 ? readPlace(reader) : null;
  let parent: Struct["parent"] = null;
  let hasKey = false;
  if (origin === null && rightOrigin === null) {
    parent = reader.varUint() === 1 ? readName(reader) : readPlace(reader);
    hasKey = (info & HAS_KEY) > 0;
    if (hasKey) readName(reader);
  }
  return { clock, ...readContent(reader, ref), origin, rightOrigin, parent, hasKey };
}

function gap(clock: number, length: number): Struct {
  const nowhere = { origin: null, rightOrigin: null, parent: null, hasKey: false };
  return { clock, length, content: "gc", values: NO_VALUES, ...nowhere };
}

function readContent(
  reader: ByteReader,
  ref: number,
): Pick<Struct, "length" | "content" | "values"> {
  switch (ref) {
    case 1:
      return { length: readLength(reader), content: "deleted", values: NO_VALUES };
    case 2:
      return readTexts(reader);
    case 3:
      reader.varBytes();
      return one;
    case 4:
      return { length: readText(reader), content: "text", values: NO_VALUES };
    case 5:
      parseJson(reader);
      return one;
    case 6:
      readName(reader);
      parseJson(reader);
      return one;
    case 7:
      readType(reader);
      return one;
    case 8:
      return readValues(reader);
    default:
      throw new TypeError(`it has content of kind ${ref}`);
  }
}

/** Content of one tick that only shared text has. */
const one = { length: 1, content: "text", values: NO_VALUES } as const;

function readLength(reader: ByteReader): number {
  const length = reader.varUint();
  if (length === 0) throw new RangeError("a struct has no length");
  return length;
}

function readValues(reader: ByteReader): Pick<Struct, "length" | "content" | "values"> {
  const length = reader.count();
  if (length === 0) throw new RangeError("a struct has no length");
  if (length > MAX_PARTS) throw new RangeError("it has too many parts");
  const values: unknown[] = [];
  for (let i = 0; i < length; i++) values.push(readJson(reader, reader.position + MAX_VALUE_BYTES));
  return { length, content: "json", values };
}

/** The old way to hold JSON: each value as its text, or `undefined`. */
function readTexts(reader: ByteReader): Pick<Struct, "length" | "content" | "values"> {
  const length = reader.count();
  if (length === 0) throw new RangeError("a struct has no length");
  for (let i = 0; i < length; i++) parseJson(reader);
  return { length, content: "text", values: NO_VALUES };
}

function readText(reader: ByteReader): number {
  const { length } = reader.varString();
  if (length === 0) throw new RangeError("a struct has no length");
  return length;
}

function parseJson(reader: ByteReader): void {
  const text = reader.varString();
  if (text !== "undefined" && depthOf(JSON.parse(text)) > MAX_TEXT_DEPTH)
    throw new RangeError("a value nests too deep"); // Yjs could never write it again
}

/** As far as it matters: deeper than allowed is not looked into. */
function depthOf(value: unknown, above: number = 0): number {
  if (typeof value !== "object" || value === null || above > MAX_TEXT_DEPTH) return above;
  let depth = above + 1;
  for (const one of Object.values(value)) depth = Math.max(depth, depthOf(one, above + 1));
  return depth;
}

const NAMED_TYPES: ReadonlySet<number> = new Set([3, 5]);
const LAST_TYPE = 6;

function readType(reader: ByteReader): void {
  const type = reader.varUint();
  if (type > LAST_TYPE) throw new TypeError(`it has a shared type ${type}`);
  if (NAMED_TYPES.has(type)) readName(reader);
}

function readPlace(reader: ByteReader): Place {
  return { client: reader.varUint(), clock: reader.varUint() };
}

function readName(reader: ByteReader): string {
  const name = reader.varString();
  if (name.length > MAX_NAME_LENGTH) throw new RangeError("a name is too long");
  return name;
}

function readDeletions(reader: ByteReader, parts: Parts): Deletion[] {
  const deletions: Deletion[] = [];
  for (let clients = reader.count(); clients > 0; clients--) {
    const client = reader.varUint();
    const count = reader.count();
    parts.add(count + 1);
    for (let ranges = count; ranges > 0; ranges--) {
      const clock = reader.varUint();
      const length = readLength(reader);
      if (clock + length > MAX_CLOCK) throw new RangeError("a clock is too large");
      deletions.push({ client, clock, length });
    }
  }
  return deletions;
}
