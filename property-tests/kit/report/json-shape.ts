/** Reading JSON that anybody may have written: every field is checked and bounded, and what is wrong is named with its place. */

/** Takes a value, or throws a TypeError that names its place. */
export type Read<T> = (value: unknown, path: string) => T;

/** How each field of an object is read. */
export type Shape<T> = { readonly [K in keyof T]: Read<T[K]> };

/** Reads an object with these fields and no others. */
export function fields<R extends object, O extends object = object>(
  required: Shape<R>,
  optional: Shape<O> = {} as Shape<O>,
): Read<R & Partial<O>> {
  const known = { ...required, ...optional } as Readonly<Record<string, Read<unknown>>>;
  const names = Object.keys(known);
  return (value, path) => {
    const given = objectAt(value, path);
    for (const name of Object.keys(given))
      if (!Object.hasOwn(known, name))
        fail(join(path, name), "is unknown", `there is only ${names.join(", ")}`);
    for (const name of Object.keys(required))
      if (!Object.hasOwn(given, name)) fail(join(path, name), "is missing");
    const read = names
      .filter((name) => Object.hasOwn(given, name))
      .map((name) => [name, known[name]?.(given[name], join(path, name))]);
    return Object.fromEntries(read) as R & Partial<O>;
  };
}

/** Reads a list of at least and at most so many. */
export function listOf<T>(one: Read<T>, most: number, least = 0): Read<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return fail(path, `is ${show(value)}`, "it should be a list");
    if (value.length > most || value.length < least)
      return fail(path, `has ${value.length} entries`, `it should have ${least} to ${most}`);
    return value.map((entry, i) => one(entry, `${path}[${i}]`));
  };
}

/** Reads a whole number within bounds. */
export function whole(min: number, max: number): Read<number> {
  return (value, path) => {
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max)
      return (value as number) + 0; // of -0 too
    return fail(path, `is ${show(value)}`, `it should be a whole number from ${min} to ${max}`);
  };
}

/** Reads a finite number within bounds. */
export function between(min: number, max: number): Read<number> {
  return (value, path) => {
    if (typeof value === "number" && value >= min && value <= max) return value;
    return fail(path, `is ${show(value)}`, `it should be a number from ${min} to ${max}`);
  };
}

/** Reads a text of at most so many characters. */
export function text(most: number): Read<string> {
  return (value, path) => {
    if (typeof value === "string" && value.length <= most) return value;
    return fail(path, `is ${show(value)}`, `it should be a text of at most ${most} characters`);
  };
}

/** Reads true or false. */
export const flag: Read<boolean> = (value, path) =>
  typeof value === "boolean"
    ? value
    : fail(path, `is ${show(value)}`, "it should be true or false");

/** Reads one of these texts. */
export function oneOf<T extends string>(names: readonly T[]): Read<T> {
  return (value, path) =>
    names.find((name) => name === value) ??
    fail(path, `is ${show(value)}`, `it should be ${names.map((name) => `"${name}"`).join(", ")}`);
}

/** A value that must be an object, whatever is in it. */
export function objectAt(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  return fail(path, `is ${show(value)}`, "it should be an object");
}

/** Says what is wrong where. */
export function fail(path: string, what: string, wanted?: string): never {
  const place = path === "" ? "the file" : path;
  throw new TypeError(`${place} ${what}${wanted === undefined ? "" : `; ${wanted}`}`);
}

function join(path: string, name: string): string {
  const key = /^[a-zA-Z]{1,20}$/u.test(name) ? name : show(name);
  return path === "" ? key : `${path}.${key}`;
}

/** A value in a few characters, whatever was in the file. */
function show(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const said = JSON.stringify(value) ?? String(value);
  return said.length > 40 ? `${said.slice(0, 39)}…` : said;
}
