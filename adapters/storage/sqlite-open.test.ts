import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import { SQLITE_FILE } from "./sqlite/database-file.ts";
import { createSqliteStorage } from "./sqlite.ts";

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stigmergy-sqlite-"));
  file = join(directory, SQLITE_FILE);
});

afterEach(() => rm(directory, { recursive: true }));

test("[S22] of many storages that make one database at once all get the same, and no draft is left", async () => {
  const draft = `${file}.0123456789abcdef.tmp-wal`; // of a process that a crash ended
  await writeFile(draft, "half");
  const boards = Array.from({ length: 12 }, (_, n) => `board${n}#1`);

  const stores = await Promise.all(
    boards.map((board) => createSqliteStorage({ directory }).open(board)),
  );
  await Promise.all(stores.map((store) => store.close()));
  const again = createSqliteStorage({ file });
  const ids = [];
  for (const board of boards) {
    const store = await again.open(board);
    ids.push(store.id);
    await store.close();
  }

  expect(ids).toEqual(stores.map(({ id }) => id));
  expect(new Set(ids).size).toBe(boards.length);
  expect(await readdir(directory)).toEqual([SQLITE_FILE]);
});

test("[S23] a database of something else, an empty file, and other tables are refused as corrupt, and left as they are", async () => {
  const refusal = { code: "STORAGE_CORRUPT", details: { file } };
  const open = () => createSqliteStorage({ directory }).open("docs#1");

  await writeFile(file, "");
  await expect(open()).rejects.toMatchObject(refusal);
  await rm(file);
  withConnection((connection) => connection.exec("CREATE TABLE songs (name)"));
  await expect(open()).rejects.toMatchObject(refusal);
  await rm(file);
  await (await open()).close();
  withConnection((connection) => connection.exec("ALTER TABLE boards ADD COLUMN more TEXT"));
  await expect(open()).rejects.toMatchObject({
    ...refusal,
    message: expect.stringContaining("its tables are not those of this release"),
  });
});

test("[S21] a board whose row is gone, or has another name, is not taken for a new one", async () => {
  const storage = createSqliteStorage({ file });
  await (await storage.open("a#1")).close();

  withConnection((connection) => connection.exec("UPDATE boards SET name = 'A#1'"));
  await expect(storage.open("a#1")).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
  withConnection((connection) => connection.exec("DELETE FROM boards"));
  await expect(storage.open("a#1")).rejects.toMatchObject({
    code: "STORAGE_CORRUPT",
    message: expect.stringContaining("it holds 0 boards, and 1 were made"),
  });
});

test.each([
  "UPDATE updates SET bytes = x'0900' WHERE board = 1 AND position = 1",
  "UPDATE updates SET position = 7 WHERE board = 1 AND position = 2",
  "DELETE FROM updates WHERE board = 1 AND position = 2",
  "UPDATE updates SET board = 9 WHERE board = 1",
  "UPDATE boards SET updates = 2 WHERE number = 1",
  "UPDATE boards SET seal = seal + 1 WHERE number = 1",
  "UPDATE boards SET id = (SELECT id FROM boards WHERE number = 2) WHERE number = 1",
])(
  "[S21] a row that is changed, moved or gone is found, and the board beside it opens: %s",
  async (change) => {
    const storage = createSqliteStorage({ file });
    for (const board of ["a#1", "b#1"]) {
      const store = await storage.open(board);
      for (const byte of [1, 2, 3]) await store.append(Uint8Array.of(byte, 0));
      await store.close();
    }

    withConnection((connection) => connection.exec(change));

    const refusal =
      change.startsWith("UPDATE boards") === false
        ? { code: "STORAGE_CORRUPT", message: expect.stringContaining("a#1"), details: { file } }
        : { code: "STORAGE_CORRUPT", details: { file } };
    await expect(storage.open("a#1")).rejects.toMatchObject(refusal);
  },
);

function withConnection(use: (connection: Database.Database) => void): void {
  const connection = new Database(file);
  try {
    use(connection);
  } finally {
    connection.close();
  }
}
