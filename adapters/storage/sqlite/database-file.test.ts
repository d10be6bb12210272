import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import {
  checkHeader,
  countCommits,
  findLastCommit,
  lockOf,
  makeDatabaseFile,
  setDurable,
} from "./database-file.ts";

const SCHEMA = ["CREATE TABLE one (n INTEGER)"];
const FIRST_PAGE = 1;
const FRAME_BYTES = 24 + 4096;

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stigmergy-database-"));
  file = join(directory, "boards.sqlite");
});

afterEach(() => rm(directory, { recursive: true }));

const make = (schema: readonly string[] = SCHEMA) => makeDatabaseFile(Database, file, schema);

test("[S23] a new database has its tables, its mark and its page size, and nothing lies beside it", async () => {
  await make();

  const names = await readdir(directory);
  const connection = new Database(file, { readonly: true });
  const pragma = (name: string) => connection.pragma(name, { simple: true });
  const found = ["application_id", "page_size", "journal_mode"].map(pragma);
  const tables = connection.prepare("SELECT sql FROM sqlite_schema").pluck().all();
  connection.close();
  expect(names).toEqual(["boards.sqlite"]);
  expect(found).toEqual([0x5354474d, 4096, "wal"]);
  expect(tables).toEqual(SCHEMA);
});

test("[S22] a database that is there is left as it is, and what a making that never ended left is removed", async () => {
  await make();
  const before = await readFile(file);
  const draft = "boards.sqlite.0123456789abcdef.tmp";
  const others = [
    "boards.sqlite.0123456789abcdef.tmp2",
    "boards.sqlite.0123456789abcde.tmp",
    "boards.sqlite.x0123456789abcdef.tmp",
    "boards.sqlite.docs%231.lock.1",
    "others.sqlite.0123456789abcdef.tmp",
  ];
  const drafts = ["", "-wal", "-shm", "-journal"].map((end) => draft + end);
  for (const name of [...drafts, ...others]) await writeFile(join(directory, name), "");

  await make(["CREATE TABLE two (n INTEGER)"]);

  expect(await readFile(file)).toEqual(before);
  expect((await readdir(directory)).sort()).toEqual(["boards.sqlite", ...others].sort());
});

test("[S23] a database that cannot be made whole is not made at all", async () => {
  await expect(make([...SCHEMA, "no statement"])).rejects.toMatchObject({ code: "SQLITE_ERROR" });
  expect(await readdir(directory)).toEqual([]);
});

test("[S19] a connection is durable in each way that SQLite knows", async () => {
  await make();
  const connection = new Database(file);
  setDurable(connection);

  const names = ["journal_mode", "synchronous", "fullfsync", "checkpoint_fullfsync"];
  const found = names.map((name) => connection.pragma(name, { simple: true }));
  connection.close();
  expect(found).toEqual(["wal", 2, 1, 1]);
});

test("[S21] a file that begins otherwise is refused by the place, and what may change in a header may", async () => {
  await make();
  const whole = await readFile(file);
  const places = new Set<number>();
  for (let at = 0; at < 100; at++) {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(file, bytes);
    const fault = await checkHeader(file).catch((error: Error) => error);
    if (fault !== undefined) {
      expect(fault).toMatchObject({ code: "STORAGE_CORRUPT", details: { file } });
      places.add(at);
    }
  }

  const changing = Array.from({ length: 100 }, (_, at) => at).filter((at) => !places.has(at));
  // counters of changes, pages, free pages and the schema, the number of commits, and who wrote last
  const fields = [24, 28, 32, 36, 40, 60, 92, 96];
  expect(changing).toEqual(fields.flatMap((at) => [at, at + 1, at + 2, at + 3]));
});

test("[S21] a file that is cut within its header is refused by the byte, and one that has no more is not", async () => {
  await make();

  await truncate(file, 100);
  await expect(checkHeader(file)).resolves.toBeUndefined();
  await truncate(file, 99);
  await expect(checkHeader(file)).rejects.toThrow("cut at byte 99");
});

/** A write-ahead log of first pages with these numbers of commits, and of other pages where there is none. */
async function writeLog(commits: readonly (number | null)[], cut = 0): Promise<void> {
  const page = (await readFile(file)).subarray(0, 4096);
  const frames = commits.map((commit, index) => {
    const frame = Buffer.alloc(FRAME_BYTES);
    frame.writeUInt32BE(commit === null ? index + 2 : FIRST_PAGE, 0);
    page.copy(frame, 24);
    frame.writeInt32BE(commit ?? 2_000_000, 24 + 60);
    return frame;
  });
  const bytes = Buffer.concat([Buffer.alloc(32), ...frames]);
  await writeFile(`${file}-wal`, bytes.subarray(0, bytes.length - cut));
}

test("[S21] the last commit of a log is the highest in any whole frame of the first page", async () => {
  await make();
  const nothing = await findLastCommit(file);
  const found: (number | undefined)[] = [];
  const rest = (count: number): null[] => Array<null>(count).fill(null);
  for (const commits of [
    [],
    rest(3),
    [5],
    [5, null, 7, 6],
    [...rest(63), 8], // the last of the frames that are read at once
    [...rest(64), 9],
    [...rest(128), 3, ...rest(10), 11, null],
    [0x7fffffff, -0x80000000], // the number wraps
  ]) {
    await writeLog(commits);
    found.push(await findLastCommit(file));
  }
  await writeLog([5, 6], 1);
  found.push(await findLastCommit(file));

  expect(nothing).toBeUndefined();
  expect(found).toEqual([undefined, undefined, 5, 7, 8, 9, 11, -0x80000000, 5]);
});

test("[S21] a frame counts only if its page is one of ours", async () => {
  await make();
  await writeLog([5, 6]);
  const log = await readFile(`${file}-wal`);
  log[32 + FRAME_BYTES + 24] = 0;
  await writeFile(`${file}-wal`, log);

  expect(await findLastCommit(file)).toBe(5);
});

test("[S21] commits are counted over the end of their numbers", () => {
  expect(countCommits(3, 5)).toBe(2);
  expect(countCommits(5, 3)).toBe(-2);
  expect(countCommits(0x7fffffff, -0x80000000)).toBe(1);
});

test("[S22] each board of a database has a lock beside it", () => {
  expect(lockOf("/boards/all.sqlite", "docs#1")).toBe("/boards/all.sqlite.docs%231.lock");
});
