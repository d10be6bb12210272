import { expect, test } from "@jest/globals";
import * as encoding from "lib0/encoding";
import { ByteReader } from "../../wire/bounded.ts";
import { readJson } from "./json-reader.ts";

const encode = (value: unknown): Uint8Array =>
  encoding.encode((encoder) => encoding.writeAny(encoder, value as encoding.AnyEncodable));

const read = (bytes: Uint8Array, end = bytes.length): unknown =>
  readJson(new ByteReader(bytes), end);

/** A value within so many lists. */
const nest = (value: unknown, depth: number): unknown =>
  depth === 0 ? value : [nest(value, depth - 1)];

test.each([
  null,
  true,
  false,
  0,
  -0.5,
  1.25,
  -7,
  1e300,
  2 ** 31,
  "",
  "é 😀",
  [],
  {},
  [1, "two", [null]],
  { a: { b: [true, { c: "d" }] }, "": 1 },
])("[T47] %j is read as it was written", (value) => {
  expect(read(encode(value))).toEqual(value);
});

test("[T47] what is no JSON is refused", () => {
  for (const value of [undefined, 5n, Uint8Array.of(1), Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => read(encode(value))).toThrow("a value is no JSON");
  const asFloat32 = Uint8Array.of(124, 0x7f, 0x80, 0, 0);
  expect(() => read(asFloat32)).toThrow("a value is no JSON");
  expect(() => read(Uint8Array.of(126 - 10))).toThrow("a value is no JSON");
});

test("[T47] a value may nest eight levels deep and no deeper, in lists and in objects", () => {
  const asObjects = (depth: number): unknown => (depth === 0 ? 1 : { a: asObjects(depth - 1) });

  expect(read(encode(nest(1, 8)))).toEqual(nest(1, 8));
  expect(read(encode(asObjects(8)))).toEqual(asObjects(8));
  for (const value of [nest(1, 9), asObjects(9), nest([], 8), nest({}, 8)])
    expect(() => read(encode(value))).toThrow("a value nests too deep");
});

test("[T47] a value may end where it must, and not a byte behind", () => {
  for (const value of ["text", [1, 2], { a: "b" }]) {
    const bytes = encode(value);
    expect(read(bytes, bytes.length)).toEqual(value);
    expect(() => read(bytes, bytes.length - 1)).toThrow("a value is too large");
  }
});

test("[T47] a part that goes too far is refused before what is behind it is read", () => {
  const bytes = encode(["a".repeat(50), "b"]).slice(0, 54);

  expect(() => read(bytes, 20)).toThrow("a value is too large");
});

test("[T47] no key makes a prototype", () => {
  const bytes = encode({ xx_proto: 1 });
  const at = bytes.indexOf("x".charCodeAt(0));
  bytes[at] = bytes[at + 1] = "_".charCodeAt(0);

  expect(() => read(encode({ ["__proto__"]: 1 }))).toThrow("a key is __proto__");
  expect(read(bytes)).toEqual({ ___proto: 1 });
});
