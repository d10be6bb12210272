/** Directories that outlive a power cut, and file names that any file system can tell apart. */
import { createHash } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { dirname, resolve } from "node:path";

const MAX_NAME_BYTES = 120;
const PREFIX_BYTES = 40;

/**
 * Names a board's file or folder: lower-case letters, digits, `-` and `_` stand for themselves and every other byte of
 * its UTF-8 for `%XX`, so that names differ even where case does not count. A long name is cut and its SHA-256 added.
 *
 * @throws RangeError when the name is empty or not well-formed text
 */
export function boardToFileName(board: string): string {
  if (board === "" || !board.isWellFormed()) {
    throw new RangeError(
      `A board needs a name of well-formed text; ${JSON.stringify(board)} is none.`,
    );
  }
  const bytes = Buffer.from(board, "utf8");
  const name = Array.from(bytes, encodeByte).join("");
  if (name.length <= MAX_NAME_BYTES) {
    return name;
  }
  const digest = createHash("sha256").update(bytes).digest("hex");
  return `${name.slice(0, PREFIX_BYTES)}.${digest}`; // no short name holds a dot
}

/** Makes a directory and those above it, so that they are still there after a power cut. */
export async function makeDirectory(path: string): Promise<void> {
  const target = resolve(path);
  const first = await mkdir(target, { recursive: true });
  if (first === undefined) {
    return;
  }
  for (let made = target; made.length >= first.length; made = dirname(made)) {
    await syncDirectory(dirname(made));
  }
}

/** Flushes a directory, so that the names in it survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") {
    return; // a directory cannot be flushed there; NTFS journals its names
  }
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Tells whether an error of the file system has the given code, such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === code;
}

/** What the system says of a disk that takes no more: full, over the quota, read-only, or at a file's longest. */
const DISK_FULL = ["ENOSPC", "EDQUOT", "EROFS", "EFBIG"];

/** Tells whether an error means that nothing can be written, while all that is there may still be read. */
export function isDiskFull(error: unknown): boolean {
  return DISK_FULL.some((code) => hasCode(error, code));
}

function encodeByte(byte: number): string {
  const char = String.fromCharCode(byte);
  return /[a-z0-9_-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
