/** The board of a project: `.stigmergy/config.json`, found from any directory below, says where it is. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { MediumOptions } from "../board/medium.ts";
import { usageFault } from "../fault.ts";
import { makeFile, replaceFile } from "./whole-file.ts";

/** Where a project's board is, and by which rule it is played. */
export interface ProjectPlace extends MediumOptions {
  /** The file that says so. */
  readonly file: string;
  readonly rule?: string;
}

/** The same where it is not said yet; paths are as the process sees them. */
export type WantedPlace = Omit<ProjectPlace, "file">;

const OWN_DIRECTORY = ".stigmergy";
const VERSION = 1;

/** The configuration is for everybody who has the project; the board, sessions and tokens beside it are not. */
const IGNORED = "*\n!.gitignore\n!config.json\n";

/**
 * Finds the place of the project that a directory is in, as git finds its repository; null where there is none.
 *
 * @throws CliFault `USAGE` when the file is something else
 */
export function findProjectPlace(from: string): ProjectPlace | null {
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    const file = configOf(directory);
    if (existsSync(file)) return readPlace(file);
    if (dirname(directory) === directory) return null;
  }
}

/** Gives a directory a board in a folder, unless it has a board; as often, and by as many at once, as one likes. */
export function makeFolderPlace(directory: string): Promise<ProjectPlace> {
  return makePlace(directory, { folder: boardFolderOf(directory) });
}

/** Says where the board of a directory is, unless that is said; of many at once one is first, and all learn what it said. */
export async function makePlace(directory: string, place: WantedPlace): Promise<ProjectPlace> {
  const file = configOf(directory);
  if (!existsSync(file)) {
    await makeFile(join(dirname(file), ".gitignore"), IGNORED);
    await makeFile(file, textOf(directory, place));
  }
  return readPlace(file);
}

/** Says anew where the board of a directory is. */
export async function replacePlace(directory: string, place: WantedPlace): Promise<ProjectPlace> {
  const file = configOf(directory);
  await makeFile(join(dirname(file), ".gitignore"), IGNORED);
  await replaceFile(file, textOf(directory, place));
  return readPlace(file);
}

/** Where the board of a directory is when it is in a folder of the project. */
export function boardFolderOf(directory: string): string {
  return join(dirname(configOf(directory)), "board");
}

/** Where the configuration of a directory is, or would be. */
export function configOf(directory: string): string {
  return join(resolve(directory), OWN_DIRECTORY, "config.json");
}

/** What is in the project is named from beside the configuration, so that a copy elsewhere finds its own. */
function textOf(directory: string, { relay, folder, tokenFile, rule }: WantedPlace): string {
  const named = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : nameFrom(directory, path);
  const parts = { relay, folder: named(folder), tokenFile: named(tokenFile), rule };
  return `${JSON.stringify({ schema_version: VERSION, ...parts }, null, 2)}\n`;
}

function nameFrom(directory: string, path: string): string {
  const isInside = !relative(directory, resolve(path)).startsWith("..");
  return isInside ? relative(dirname(configOf(directory)), resolve(path)) : resolve(path);
}

const PARTS = ["relay", "folder", "tokenFile", "rule"] as const;

function readPlace(file: string): ProjectPlace {
  const { schema_version: version, ...parts } = parseConfig(file);
  const isWhole =
    version === VERSION &&
    Object.entries(parts).every(
      ([name, part]) => PARTS.some((known) => known === name) && typeof part === "string" && part,
    ) &&
    (parts["relay"] === undefined) !== (parts["folder"] === undefined);
  if (!isWhole)
    throw usageFault(
      `${file} says no place of a board: it takes "schema_version": ${VERSION}, either "folder" or "relay", and maybe "tokenFile" and "rule"; ${REMEDY}`,
    );
  const { relay, folder, tokenFile, rule } = parts as { readonly [part: string]: string };
  const seen = (path: string): string => resolve(dirname(file), path);
  if (folder !== undefined) makeMissing(seen(folder), isAbsolute(folder));
  return {
    file,
    ...(relay === undefined ? {} : { relay }),
    ...(folder === undefined ? {} : { folder: seen(folder) }),
    ...(tokenFile === undefined ? {} : { tokenFile: seen(tokenFile) }),
    ...(rule === undefined ? {} : { rule }),
  };
}

/** A copy of the project from elsewhere has the configuration and no folder yet; one outside is not ours to make. */
function makeMissing(folder: string, isOutside: boolean): void {
  if (isOutside) return;
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    // whoever opens the board says what is in the way
  }
}

function parseConfig(file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw usageFault(`${file} cannot be read (${cause}); ${REMEDY}`);
  }
  return {};
}

const REMEDY = "correct it, or write it anew with `stigmergy init --force`";
