/** Reads one value in lib0's `any` encoding, if it is plain JSON within the bounds that replicas hold to. */
import type { ByteReader } from "../../wire/bounded.ts";

const MAX_DEPTH = 8;

// the first byte of a value, as lib0 writes it
const NULL = 126;
const INTEGER = 125;
const FLOAT32 = 124;
const FLOAT64 = 123;
const FALSE = 121;
const TRUE = 120;
const TEXT = 119;
const OBJECT = 118;
const ARRAY = 117;

/**
 * Reads a value.
 *
 * @param end - the position before which it must end
 * @throws Error for what is no JSON, such as undefined, a big integer or bytes; and for what nests too deep or is too large
 */
export function readJson(reader: ByteReader, end: number, depth: number = 0): unknown {
  const value = readAny(reader, end, depth);
  if (reader.position > end) throw new RangeError("a value is too large");
  return value;
}

function readAny(reader: ByteReader, end: number, depth: number): unknown {
  const tag = reader.uint8();
  switch (tag) {
    case NULL:
      return null;
    case INTEGER:
      return reader.varInt();
    case FLOAT32:
      return finite(reader.float32());
    case FLOAT64:
      return finite(reader.float64());
    case FALSE:
      return false;
    case TRUE:
      return true;
    case TEXT:
      return reader.varString();
    case OBJECT:
    case ARRAY:
      if (depth >= MAX_DEPTH) throw new RangeError("a value nests too deep");
      return tag === OBJECT ? readObject(reader, end, depth) : readArray(reader, end, depth);
    default:
      throw new TypeError("a value is no JSON");
  }
}

function finite(number: number): number {
  if (!Number.isFinite(number)) throw new TypeError("a value is no JSON");
  return number;
}

function readObject(reader: ByteReader, end: number, depth: number): object {
  const object: Record<string, unknown> = {};
  for (let left = reader.count(); left > 0; left--) {
    const key = reader.varString();
    if (key === "__proto__") throw new TypeError("a key is __proto__");
    object[key] = readJson(reader, end, depth + 1);
  }
  return object;
}

function readArray(reader: ByteReader, end: number, depth: number): unknown[] {
  const array: unknown[] = [];
  for (let left = reader.count(); left > 0; left--) array.push(readJson(reader, end, depth + 1));
  return array;
}
