/** The board of a project: `.stigmergy/config.json`, found from any directory below, says where it is. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { MediumOptions } from "../board/medium.ts";
import { usageFault } from "../fault.ts";

/** Where a project's board is, and by which rule it is played. */
export interface ProjectPlace extends MediumOptions {
  /** The file that says so. */
  readonly file: string;
  readonly rule?: string;
}

/** The directory of a project's board and sessions. */
export const PROJECT_DIRECTORY = ".stigmergy";

const VERSION = 1;
/** Of the directory only the configuration is for everybody who has the project. */
const IGNORED = "board/\nsession.json\n.*.tmp\n";

/**
 * Finds the place of the project that a directory is in, as git finds its repository; null where there is none.
 *
 * @throws CliFault `USAGE` when the file is something else
 */
export function findProjectPlace(from: string): ProjectPlace | null {
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    const file = join(directory, PROJECT_DIRECTORY, "config.json");
    if (existsSync(file)) return readPlace(file);
    if (dirname(directory) === directory) return null;
  }
}

/** Gives the project in a directory a board in a folder, unless it has one; as safe as often and by as many as one likes. */
export async function makeFolderPlace(directory: string): Promise<ProjectPlace> {
  await mkdir(join(directory, PROJECT_DIRECTORY, "board"), { recursive: true });
  return writePlace(directory, { folder: "board" });
}

/** Writes the place of the project in a directory, whole or not at all; a folder is named from beside the file. */
export async function writePlace(
  directory: string,
  place: MediumOptions & { readonly rule?: string | undefined },
): Promise<ProjectPlace> {
  const own = join(directory, PROJECT_DIRECTORY);
  const file = join(own, "config.json");
  await mkdir(own, { recursive: true });
  await writeWhole(join(own, ".gitignore"), IGNORED);
  await writeWhole(file, `${JSON.stringify({ schema_version: VERSION, ...place }, null, 2)}\n`);
  return readPlace(file);
}

/** Writes a file so that nobody ever sees a part of it. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const draft = join(dirname(file), `.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await writeFile(draft, text);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

function readPlace(file: string): ProjectPlace {
  let value: Readonly<Record<string, unknown>> | null;
  try {
    value = JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, unknown>> | null;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw usageFault(
      `${file} cannot be read (${cause}); correct it, or write it anew with \`stigmergy init\``,
    );
  }
  const { schema_version: version, relay, folder, tokenFile, rule, ...rest } = value ?? {};
  const isWhole =
    version === VERSION &&
    [relay, folder].filter((one) => typeof one === "string" && one !== "").length === 1 &&
    [relay, folder, tokenFile, rule].every((one) => one === undefined || typeof one === "string") &&
    Object.keys(rest).length === 0;
  if (!isWhole)
    throw usageFault(
      `${file} is no configuration of this version: it has schema_version ${VERSION}, one of folder and relay, and maybe tokenFile and rule; write it anew with \`stigmergy init\``,
    );
  const own = dirname(file);
  const texts = { relay, folder, tokenFile, rule } as Readonly<Record<string, string | undefined>>;
  return {
    file,
    ...(texts["relay"] === undefined ? {} : { relay: texts["relay"] }),
    ...(texts["folder"] === undefined ? {} : { folder: resolve(own, texts["folder"]) }),
    ...(texts["tokenFile"] === undefined ? {} : { tokenFile: resolve(own, texts["tokenFile"]) }),
    ...(texts["rule"] === undefined ? {} : { rule: texts["rule"] }),
  };
}
