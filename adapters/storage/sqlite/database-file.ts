/**
 * The database file: it is made whole or not at all, and looked at as bytes before SQLite may touch it, which would
 * take an emptied file for a new database and a damaged write-ahead log for a torn one.
 */
import { randomBytes } from "node:crypto";
import { type FileHandle, link, open, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { boardToFileName, hasCode, makeDirectory, syncDirectory } from "../directory.ts";
import { type Connection, type Driver, databaseCorrupt } from "./driver.ts";

/** The database in a folder. */
export const SQLITE_FILE = "boards.sqlite";

const PAGE_BYTES = 4096;
const HEADER_BYTES = 100;

/** "STGM": tells our databases from those of others. */
const APPLICATION_ID = 0x5354474d;

/** Where the number of commits lies in the first page: SQLite's `user_version`. */
const COMMITS_AT = 60;

/** What never changes in the first page, by offset (https://www.sqlite.org/fileformat.html). */
const FIXED_HEADER: readonly (readonly [at: number, bytes: Uint8Array])[] = [
  [0, Buffer.from("SQLite format 3\0", "latin1")],
  [16, Uint8Array.of(PAGE_BYTES >> 8, PAGE_BYTES & 0xff, 2, 2, 0, 64, 32, 32)], // 2, 2: write-ahead log
  [44, Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)],
  [64, Uint8Array.of(0, 0, 0, 0, 0x53, 0x54, 0x47, 0x4d)],
  [72, new Uint8Array(20)],
];

const WAL_HEADER_BYTES = 32;
const WAL_FRAME_HEADER_BYTES = 24;
const WAL_FRAME_BYTES: number = WAL_FRAME_HEADER_BYTES + PAGE_BYTES;
const CHUNK_FRAMES = 64;

/**
 * Names the lock of a board of a database.
 *
 * @throws RangeError when the board's name is empty or not well-formed text
 */
export function lockOf(file: string, board: string): string {
  return join(dirname(file), `${basename(file)}.${boardToFileName(board)}.lock`);
}

/** Makes the database where there is none, with these tables. */
export async function makeDatabaseFile(
  driver: Driver,
  file: string,
  schema: readonly string[],
): Promise<void> {
  await makeDirectory(dirname(file));
  if (await isThere(file)) {
    await removeDrafts(file);
    return;
  }
  const draft = `${file}.${randomBytes(8).toString("hex")}.tmp`;
  try {
    writeDraft(driver, draft, schema);
    await syncFile(draft);
    await link(draft, file);
  } catch (error) {
    if (!(await isThere(file))) throw error; // another process may have been faster, and removed our draft
  } finally {
    await rm(draft, { force: true });
  }
  await syncDirectory(dirname(file));
}

/** Throws `STORAGE_CORRUPT` unless the file begins like one of ours. */
export async function checkHeader(file: string): Promise<void> {
  const handle = await open(file, "r");
  try {
    const header = new Uint8Array(HEADER_BYTES);
    const { bytesRead } = await handle.read(header, 0, HEADER_BYTES, 0);
    if (bytesRead < HEADER_BYTES) {
      throw databaseCorrupt(file, `it is cut at byte ${bytesRead}, within its header`);
    }
    for (const [at, bytes] of FIXED_HEADER) {
      if (bytes.some((byte, index) => header[at + index] !== byte)) {
        throw databaseCorrupt(file, `its header is not that of a board database, at byte ${at}`);
      }
    }
  } finally {
    await handle.close();
  }
}

/**
 * Gives the highest number of a commit of which the write-ahead log holds the first page; none where it holds none. It
 * looks at every frame by itself: SQLite stops at the first that is damaged, and takes all behind it for torn.
 */
export async function findLastCommit(file: string): Promise<number | undefined> {
  const handle = await openIfThere(`${file}-wal`);
  if (handle === undefined) return undefined;
  try {
    const chunk = Buffer.alloc(CHUNK_FRAMES * WAL_FRAME_BYTES);
    let last: number | undefined;
    for (let from = WAL_HEADER_BYTES; ; from += chunk.length) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, from);
      for (let at = 0; at + WAL_FRAME_BYTES <= bytesRead; at += WAL_FRAME_BYTES) {
        const commit = readCommit(chunk.subarray(at, at + WAL_FRAME_BYTES));
        if (commit !== undefined && (last === undefined || countCommits(last, commit) > 0))
          last = commit;
      }
      if (bytesRead < chunk.length) return last;
    }
  } finally {
    await handle.close();
  }
}

/** How many commits lie between two numbers, which are 32-bit and wrap. */
export function countCommits(from: number, to: number): number {
  return (to - from) | 0;
}

function readCommit(frame: Buffer): number | undefined {
  const page = frame.subarray(WAL_FRAME_HEADER_BYTES);
  const isFirstPage =
    frame.readUInt32BE(0) === 1 &&
    FIXED_HEADER.every(([at, bytes]) => bytes.every((byte, index) => page[at + index] === byte));
  return isFirstPage ? page.readInt32BE(COMMITS_AT) : undefined;
}

function writeDraft(driver: Driver, draft: string, schema: readonly string[]): void {
  const connection = new driver(draft);
  try {
    connection.pragma(`page_size = ${PAGE_BYTES}`);
    connection.pragma(`application_id = ${APPLICATION_ID}`);
    setDurable(connection);
    for (const statement of schema) connection.exec(statement);
  } finally {
    connection.close();
  }
}

/** Makes a commit survive a power cut, on macOS too. */
export function setDurable(connection: Connection): void {
  connection.pragma("journal_mode = WAL");
  connection.pragma("synchronous = FULL");
  connection.pragma("fullfsync = 1");
  connection.pragma("checkpoint_fullfsync = 1");
}

/** Removes drafts; whoever is making one finds that the database is there. */
async function removeDrafts(file: string): Promise<void> {
  const prefix = `${basename(file)}.`;
  const isDraft = (name: string): boolean =>
    name.startsWith(prefix) &&
    /^[0-9a-f]{16}\.tmp(-wal|-shm|-journal)?$/.test(name.slice(prefix.length));
  for (const name of (await readdir(dirname(file))).filter(isDraft)) {
    await rm(join(dirname(file), name), { force: true });
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  return open(path, "r").catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  });
}

async function isThere(path: string): Promise<boolean> {
  const handle = await openIfThere(path);
  await handle?.close();
  return handle !== undefined;
}
