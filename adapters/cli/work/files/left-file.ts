/** Reads what a command left in its directory: plain files within bounds. A link, a pipe or a flood is refused by name. */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { AttemptDirectory } from "./attempt-directory.ts";

/** A file that cannot be taken as it is: the attempt of its command has failed. */
export class BrokenFile extends Error {
  /** @param what - the cause, and after a semicolon the remedy */
  constructor(name: string, what: string) {
    super(`${name} in $STIGMERGY_DIR ${what}`);
  }
}

/** The most that a file may hold that a command leaves. */
const MAX_FILE_BYTES = 1_048_576;

const CHUNK_BYTES = 65_536;

/** Without following a link, and without waiting for whoever would write into a pipe. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Reads a file whole; null where there is none.
 *
 * @throws BrokenFile
 */
export async function readLeftFile(
  directory: AttemptDirectory,
  name: string,
): Promise<Buffer | null> {
  let file: FileHandle;
  try {
    file = await open(join(directory.path, name), FLAGS);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    throw new BrokenFile(name, FLAWS[code] ?? `cannot be read (${code}); write a plain file`);
  }
  try {
    if (!directory.isOwn())
      throw new BrokenFile(
        name,
        "is not read: that is another directory now; leave it in its place",
      );
    if (!(await file.stat()).isFile())
      throw new BrokenFile(name, "is a directory, a pipe or a device; write a plain file");
    return await readWithin(file, name);
  } finally {
    await file.close();
  }
}

const FLAWS: Readonly<Record<string, string>> = {
  ELOOP: "is a symbolic link; write a plain file",
  ENXIO: "is a socket; write a plain file",
  EACCES: "may not be read; leave it readable for its owner",
};

/** Reads in pieces, since a file may grow meanwhile, or have no size. */
async function readWithin(file: FileHandle, name: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, size);
    if (bytesRead === 0) return Buffer.concat(chunks);
    size += bytesRead;
    if (size > MAX_FILE_BYTES)
      throw new BrokenFile(
        name,
        `is larger than ${MAX_FILE_BYTES} bytes; store it elsewhere and name the place`,
      );
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

/**
 * Reads bytes as UTF-8.
 *
 * @throws BrokenFile
 */
export function decodeText(name: string, bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new BrokenFile(name, "is not UTF-8; write it in UTF-8");
  }
}

/**
 * Reads a text as JSON.
 *
 * @throws BrokenFile
 */
export function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new BrokenFile(name, `is not JSON (${cause}); write one JSON value`);
  }
}
