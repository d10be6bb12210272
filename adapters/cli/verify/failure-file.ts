/** Where failures are kept: a file that never takes another's place, and how to have it played again. */
import { readFile, stat, writeFile } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import type { SavedFailure } from "../../../property-tests/kit/index.ts";
import { usageFault } from "../fault.ts";
import type { Kit } from "./kit.ts";
import { sayError } from "./load-subject.ts";

const ENDING = ".stigmergy.json";
const MOST_BYTES = 16_000_000;

/** Where a failure goes when nobody says: a name out of what was verified and the seed. */
export function failurePath(name: string, seed: number): string {
  return `./${name.replaceAll(/[^\w.-]+/gu, "-")}-${seed}${ENDING}`;
}

/** A module's path as a file names it: seen from the file, so that both can move together. */
export function moduleFrom(file: string, module: string): string {
  const path = relative(dirname(resolve(file)), resolve(module))
    .split(sep)
    .join("/");
  return path.startsWith(".") ? path : `./${path}`;
}

/** A file's module as a path from here. */
export function moduleOf(file: string, module: string): string {
  return resolve(dirname(resolve(file)), module);
}

/**
 * Writes a failure; where a file with other content is, a number is added.
 *
 * @returns the path that it was written to
 */
export async function saveFailure(path: string, content: string): Promise<string> {
  for (let number = 1; ; number++) {
    const file = number === 1 ? path : withNumber(path, number);
    try {
      await writeFile(file, content, { flag: "wx" });
      return file;
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
    const before = await readFile(file, "utf8").catch(() => null);
    if (before === content) return file; // the same failure, found again
  }
}

/**
 * Checks that a failure could be written where the user wants it, before anything is played.
 *
 * @throws CliFault `USAGE` when its folder is not there
 */
export async function checkPath(path: string): Promise<void> {
  const folder = dirname(resolve(path));
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw usageFault(`there is no folder ${folder} to save into; make it before`);
}

/**
 * Reads a failure back.
 *
 * @throws CliFault `USAGE` when there is none
 */
export async function readFailure(path: string, kit: Kit): Promise<SavedFailure> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw new TypeError(`the file has ${size} bytes`);
    return kit.readSaved(await readFile(path, "utf8"));
  } catch (error) {
    throw usageFault(
      `${path} is no failure that can be played again (${sayError(error)}); give a file that \`stigmergy verify\` has written`,
    );
  }
}

/** The command that plays it again. */
export function replayCommand(path: string): string {
  const isPlain = /^[\w./:\\-]+$/u.test(path) && !path.startsWith("-");
  return `stigmergy replay ${isPlain ? path : `'${path.replaceAll("'", "'\\''")}'`}`;
}

function withNumber(path: string, number: number): string {
  const end = path.endsWith(ENDING) ? ENDING : (/\.[^./\\]+$/u.exec(path)?.[0] ?? "");
  return `${path.slice(0, path.length - end.length)}-${number}${end}`;
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}
