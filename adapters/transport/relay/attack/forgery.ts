/** Writes updates byte by byte, as no honest client of Yjs would. */
import * as encoding from "lib0/encoding";

/** A client's number and a clock of it. */
export type Spot = readonly [client: number, clock: number];

/** One struct: its kind of content and what hangs on it. */
export interface ForgedStruct {
  /** The number of the content's kind; 8 is JSON. */
  readonly ref: number;
  readonly origin?: Spot;
  readonly rightOrigin?: Spot;
  /** A root's name, or an item; only written where there are no neighbours. */
  readonly parent?: string | Spot;
  readonly key?: string;
  readonly content: (encoder: encoding.Encoder) => void;
}

/** The structs of one client from a clock on. */
export interface ForgedSection {
  readonly client: number;
  readonly clock: number;
  readonly structs: readonly ForgedStruct[];
}

/** Deleted clocks: client, first, how many. */
export type ForgedDeletion = readonly [client: number, clock: number, length: number];

/** Writes an update. */
export function forgeUpdate(
  sections: readonly ForgedSection[],
  deletions: readonly ForgedDeletion[] = [],
): Uint8Array {
  return encoding.encode((encoder) => {
    writeNumbers(encoder, sections.length);
    for (const { client, clock, structs } of sections) {
      writeNumbers(encoder, structs.length, client, clock);
      for (const struct of structs) writeStruct(encoder, struct);
    }
    writeNumbers(encoder, deletions.length);
    for (const [client, clock, length] of deletions)
      writeNumbers(encoder, client, 1, clock, length);
  });
}

/** JSON values as the content of one struct; any value that lib0 can write. */
export function json(...values: readonly unknown[]): ForgedStruct["content"] {
  return (encoder) => {
    writeNumbers(encoder, values.length);
    for (const value of values) encoding.writeAny(encoder, value as never);
  };
}

/** Numbers as content: lengths of GC, Skip and deleted content, or the number of a type. */
export function numbers(...all: readonly number[]): ForgedStruct["content"] {
  return (encoder) => writeNumbers(encoder, ...all);
}

/** Texts as content. */
export function texts(...all: readonly string[]): ForgedStruct["content"] {
  return (encoder) => {
    for (const text of all) encoding.writeVarString(encoder, text);
  };
}

/** Bytes as they are. */
export function raw(...bytes: readonly number[]): ForgedStruct["content"] {
  return (encoder) => encoding.writeUint8Array(encoder, Uint8Array.from(bytes));
}

/** Several contents, one after the other. */
export function all(...parts: readonly ForgedStruct["content"][]): ForgedStruct["content"] {
  return (encoder) => {
    for (const write of parts) write(encoder);
  };
}

/** Garbage, or with 10 a gap, in place of items: no content and no neighbours. */
export function hole(ref: 0 | 10, length: number): ForgedStruct {
  return { ref, content: numbers(length) };
}

function writeStruct(encoder: encoding.Encoder, struct: ForgedStruct): void {
  const { ref, origin, rightOrigin, parent, key, content } = struct;
  const bits = (origin ? 128 : 0) | (rightOrigin ? 64 : 0) | (key === undefined ? 0 : 32);
  encoding.writeUint8(encoder, ref | bits);
  if (origin) writeNumbers(encoder, ...origin);
  if (rightOrigin) writeNumbers(encoder, ...rightOrigin);
  if (!origin && !rightOrigin && parent !== undefined) {
    writeNumbers(encoder, typeof parent === "string" ? 1 : 0);
    if (typeof parent === "string") encoding.writeVarString(encoder, parent);
    else writeNumbers(encoder, ...parent);
    if (key !== undefined) encoding.writeVarString(encoder, key);
  }
  content(encoder);
}

function writeNumbers(encoder: encoding.Encoder, ...all: readonly number[]): void {
  for (const number of all) encoding.writeVarUint(encoder, number);
}
