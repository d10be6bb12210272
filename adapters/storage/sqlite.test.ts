import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import type { BoardStore } from "../../lib/index.ts";
import { contentOf, writeUpdates } from "../contract/storage/content.ts";
import { describeStorageContract } from "../contract/storage.ts";
import { SQLITE_FILE } from "./sqlite/database-file.ts";
import { createSqliteStorage } from "./sqlite.ts";

const BOARD = "docs#1";

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stigmergy-sqlite-"));
  file = join(directory, SQLITE_FILE);
});

afterEach(() => rm(directory, { recursive: true }));

describeStorageContract({
  test,
  async createHarness() {
    const own = await mkdtemp(join(directory, "contract-"));
    return { createStorage: () => createSqliteStorage({ directory: own }), close() {} };
  },
});

test("[S19] what the boards of a storage append in one turn is one durable commit", async () => {
  const storage = createSqliteStorage({ file });
  const stores = await Promise.all(["a#1", "b#1"].map((board) => storage.open(board)));
  const before = countCommits();

  await Promise.all(
    writeUpdates(50).flatMap((update) => stores.map((store) => store.append(update))),
  );

  expect(countCommits() - before).toBe(1);
  expect(readPragma("journal_mode")).toBe("wal");
  await Promise.all(stores.map((store) => store.close()));
});

test("[S19] what was appended is in the file when the append resolves", async () => {
  const store = await open();
  const [update = new Uint8Array()] = writeUpdates(1);

  await store.append(update);
  const rows = withConnection((connection) =>
    connection.prepare("SELECT bytes FROM updates").pluck().all(),
  );

  expect(rows).toEqual([Buffer.from(update)]);
  await store.close();
});

test("[S19] boards of one database are open in turn, at once, and again, in one file that is closed at last", async () => {
  const storage = createSqliteStorage({ file });
  const [a, b] = await Promise.all([storage.open("a#1"), storage.open("b#1")]);

  await a.close();
  const again = await storage.open("a#1");

  expect(again.id).toBe(a.id);
  expect(again.id).not.toBe(b.id);
  await Promise.all([again.close(), b.close()]);
  expect(await readdir(directory)).toEqual([SQLITE_FILE]);
});

test("[S20] a commit that fails is refused by file, and so is every append after it, until the board is opened anew", async () => {
  const updates = writeUpdates(4);
  const storage = createSqliteStorage({ file });
  const store = await storage.open(BOARD);
  await store.append(updates[0] ?? new Uint8Array());
  const refusal = { code: "STORAGE_FAILED", details: { file } };

  withConnection((connection) => {
    connection.exec(
      "CREATE TRIGGER full BEFORE INSERT ON updates BEGIN SELECT RAISE(FAIL, 'full'); END",
    );
  });
  const refused = [store.append(updates[1] ?? new Uint8Array()), store.append(new Uint8Array(1))];
  for (const each of refused) await expect(each).rejects.toMatchObject(refusal);
  withConnection((connection) => connection.exec("DROP TRIGGER full"));
  await expect(store.append(updates[1] ?? new Uint8Array())).rejects.toMatchObject(refusal);
  await expect(store.compact()).rejects.toMatchObject(refusal);
  expect(await store.load()).toHaveLength(1);

  await store.close();
  const reopened = await storage.open(BOARD);
  for (const update of updates.slice(1)) await reopened.append(update);
  expect(contentOf(await reopened.load())).toBe(contentOf(updates));
  await reopened.close();
});

test("[S22] a board that is open is refused to a second holder, by lock and process; another board is not", async () => {
  const store = await open();

  await expect(open()).rejects.toMatchObject({
    code: "STORAGE_FAILED",
    message: expect.stringContaining(`process ${process.pid}`),
    details: { file: `${file}.docs%231.lock.1`, pid: process.pid },
  });
  await (await open("other#1")).close();

  await store.close();
  await (await open()).close();
});

test("[S23] a place that cannot hold a database, and a name that cannot be told apart, are refused", async () => {
  await writeFile(join(directory, "taken"), "");
  const storage = createSqliteStorage({ directory: join(directory, "taken") });

  await expect(storage.open(BOARD)).rejects.toMatchObject({
    code: "STORAGE_FAILED",
    details: { file: join(directory, "taken", SQLITE_FILE) },
  });
  await expect(open("")).rejects.toThrow(RangeError);
  await expect(open("docs\ud800#1")).rejects.toThrow(RangeError);
});

function open(board = BOARD): Promise<BoardStore> {
  return createSqliteStorage({ directory }).open(board);
}

function countCommits(): number {
  return Number(readPragma("user_version"));
}

function readPragma(name: string): unknown {
  return withConnection((connection) => connection.pragma(name, { simple: true }));
}

/** Looks at the database as another process would. */
function withConnection<T>(use: (connection: Database.Database) => T): T {
  const connection = new Database(file);
  try {
    return use(connection);
  } finally {
    connection.close();
  }
}
