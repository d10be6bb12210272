/** Opens a board's log: checks all of it, and to write, makes it where there is none and cuts what a crash tore. */
import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { CoordinationError } from "../../lib/index.ts";
import { createFile, type GrowingFile } from "./append-file.ts";
import { hasCode, syncDirectory } from "./directory.ts";
import { hasFrameHeader, readFrames, readHeader } from "./frame-reader.ts";

/** An opened log and what its header says. */
export interface LogFile extends GrowingFile {
  readonly id: string;
  readonly board: string;
  /** How many bytes of an unfinished frame lie behind the whole ones. */
  readonly tornBytes: number;
}

/**
 * Opens the log at `path`, making it where there is none; the caller holds its lock.
 *
 * @throws CoordinationError `STORAGE_CORRUPT` naming the file and the byte, with nothing changed
 */
export async function openLog(path: string, board: string): Promise<LogFile> {
  await rm(draftOf(path), { force: true }); // what a compaction that never ended left behind
  return checked(await openOrCreate(path, board), async (handle) => {
    const log = await checkLog(path, handle, board);
    if (log.tornBytes > 0) {
      await handle.truncate(log.sizeBytes);
      await handle.sync();
    }
    return log;
  });
}

/**
 * Opens a log to read what is acknowledged in it, and changes nothing; another process may be writing to it, so that
 * what looks like a torn tail may be a frame on its way.
 *
 * @param board - the board that it must hold; any where left out
 * @throws CoordinationError `STORAGE_CORRUPT` naming the file and the byte
 */
export async function openLogToRead(path: string, board?: string): Promise<LogFile> {
  return checked(await open(path, "r"), (handle) => checkLog(path, handle, board));
}

async function checked(
  handle: FileHandle,
  check: (handle: FileHandle) => Promise<LogFile>,
): Promise<LogFile> {
  try {
    return await check(handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function checkLog(path: string, handle: FileHandle, expected?: string): Promise<LogFile> {
  const { size } = await handle.stat();
  const reading = await readHeader(handle, size);
  if (reading.kind !== "header") {
    throw storageCorrupt(path, 0, reading);
  }
  const { header, seed, sizeBytes: headerBytes } = reading;
  const { id, board, sealedBytes } = header;
  if (expected !== undefined && board !== expected) {
    const reason = `it holds the board ${board}, not ${expected}`;
    throw storageCorrupt(path, 0, { kind: "damaged", reason });
  }
  const found = { handle, sizeBytes: size, headerBytes, seed };
  const sizeBytes = await findEnd(path, found, headerBytes + sealedBytes);
  return { ...found, sizeBytes, tornBytes: size - sizeBytes, id, board };
}

/**
 * Finds where the last whole frame ends; behind it may be what a crash left of another. One frame is one flush, so only
 * the last can be torn: with a frame behind it, a damaged one was acknowledged before. What the file was made with, up
 * to `sealedEnd`, was whole before it got its name.
 */
async function findEnd(path: string, file: GrowingFile, sealedEnd: number): Promise<number> {
  const { handle, sizeBytes, headerBytes, seed } = file;
  const { end, stop } = await readFrames(handle, { from: headerBytes, to: sizeBytes, seed });
  if (end < sealedEnd) {
    const reason = `it was made with ${sealedEnd} bytes, and only ${end} can be read`;
    throw storageCorrupt(path, end, { kind: "damaged", reason });
  }
  if (stop === undefined) {
    return sizeBytes;
  }
  const behind = { from: end + (stop.sizeBytes ?? 1), to: sizeBytes, seed };
  const isFollowed =
    stop.sizeBytes === undefined ? await hasFrameHeader(handle, behind) : behind.from < sizeBytes;
  if (isFollowed) {
    throw storageCorrupt(path, end, stop);
  }
  return end;
}

async function openOrCreate(path: string, board: string): Promise<FileHandle> {
  try {
    return await open(path, "r+");
  } catch (error) {
    if (!hasCode(error, "ENOENT")) {
      throw error;
    }
  }
  const draft = draftOf(path);
  const id = randomBytes(16).toString("hex");
  const { handle } = await createFile(draft, { id, board, rule: "" });
  try {
    await putInPlace(draft, path);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Gives a finished draft the log's name, for good. */
export async function putInPlace(draft: string, path: string): Promise<void> {
  await rename(draft, path);
  await syncDirectory(dirname(path));
}

/** Names the file in which a log is prepared. */
export function draftOf(path: string): string {
  return `${path}.tmp`;
}

/** Makes the error of a log that cannot be read. */
export function storageCorrupt(
  path: string,
  offset: number,
  found: { readonly kind: string; readonly reason?: string },
): CoordinationError {
  const reason = found.reason ?? `it is ${found.kind}`;
  return new CoordinationError(
    "STORAGE_CORRUPT",
    `${path} cannot be read at byte ${offset}: ${reason}. Nothing was changed; restore the file from a copy.`,
    { details: { file: path, offset } },
  );
}
