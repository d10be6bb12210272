import { expect, test } from "@jest/globals";
import { copyJson, freezeJson, jsonBytes, MAX_DEPTH } from "./plain-json.ts";

const nest = (levels: number): unknown => (levels === 0 ? 1 : [nest(levels - 1)]);

test("[R9] the bound of a value's size is never below its size", () => {
  const values = [
    null,
    true,
    false,
    0,
    -1e-299 / 7,
    -0.0000012345678901234567,
    123456789012345680000,
    "",
    "text",
    "\u0000\u001f\u007f",
    '"\\"',
    "é€😀",
    [],
    {},
    ["a", ["b", {}]],
    { '"': "\u0001", "é€😀": [1, -2.5, null], "": "" },
    Array(100).fill(""),
    Object.fromEntries(Array.from({ length: 31 }, (_, i) => [String.fromCharCode(i), ""])),
  ];

  for (const value of values) expect(freezeJson(value)).toBeGreaterThanOrEqual(jsonBytes(value));
});

test("[R9] freezing reaches every level", () => {
  const value = { list: [{ deep: {} }] };

  freezeJson(value);

  for (const part of [value, value.list, value.list[0], value.list[0]?.deep])
    expect(Object.isFrozen(part)).toBe(true);
});

test("[R9] what is no plain JSON has no size", () => {
  const sparse = [1];
  sparse.length = 3;
  const values = [
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    5n,
    "\udc00",
    () => 1,
    Symbol("s"),
    new Date(0),
    new Map(),
    new Uint8Array(1),
    Object.create(null),
    Object.create({ inherited: 1 }),
    JSON.parse('{"__proto__":1}'),
    { "\ud800": 1 },
    [undefined],
    { a: undefined },
    nest(MAX_DEPTH + 1),
  ];

  for (const value of values) expect(freezeJson(value)).toBeNaN();
  expect(freezeJson(nest(MAX_DEPTH))).not.toBeNaN();
});

test("[R9] a copy shares nothing with its original and leaves out what is undefined", () => {
  const given = { list: [1, { a: "b" }], gone: undefined, none: null, flag: true };

  const copy = copyJson(given, "value");

  expect(copy).toEqual({ list: [1, { a: "b" }], none: null, flag: true });
  expect(Object.keys(copy as object)).toEqual(["list", "none", "flag"]);
  freezeJson(copy);
  expect(Object.isFrozen(given.list[1])).toBe(false);
});

test("[R9] objects without a prototype are plain data too", () => {
  const given = Object.assign(Object.create(null), { a: 1 });

  expect(copyJson(given, "value")).toEqual({ a: 1 });
});

test.each([
  ["a function", { a: [() => 1] }, "value.a[0] is a function"],
  ["a big integer", 5n, "value is a bigint"],
  ["a hole", [undefined], "value[0] is a undefined"],
  ["a number that is none", { n: Number.NaN }, "value.n is NaN"],
  ["a lone surrogate", ["\ud800"], "value[0] holds a lone surrogate"],
  ["a date", { at: new Date(0) }, "value.at is an instance of Date"],
  ["the key __proto__", JSON.parse('{"a":{"__proto__":1}}'), "value.a has the key __proto__"],
  ["a key that is not well-formed", { "\ud800": 1 }, "value has the key"],
  ["nine levels", nest(MAX_DEPTH + 1), "nests deeper than 8 levels"],
  ["nine levels of objects", { a: { a: { a: { a: [[[[{}]]]] } } } }, "nests deeper than 8 levels"],
])("[R9] %s is refused by its place", (_, given, message) => {
  expect(() => copyJson(given, "value")).toThrow(RangeError);
  expect(() => copyJson(given, "value")).toThrow(message);
});
