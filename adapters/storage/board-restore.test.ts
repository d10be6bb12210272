import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Storage } from "../../lib/index.ts";
import { writeUpdates } from "../contract/storage/content.ts";
import { restoreBoard, writeLog } from "./board-restore.ts";
import { createLogFileStorage } from "./log-file.ts";
import { createSqliteStorage } from "./sqlite.ts";
import { type BoardCopy, findStoredBoards } from "./stored-boards.ts";

const BOARD = "catalog#1"; // what a log ends with is in its name too
const old = writeUpdates(2);
const copied = writeUpdates(5);

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stigmergy-restore-"));
});

afterEach(() => rm(directory, { recursive: true }));

/** Writes a board as an application does. */
async function write(storage: Storage, board: string): Promise<void> {
  const store = await storage.open(board);
  for (const update of old) await store.append(update);
  await store.close();
}

async function readAll(folder: string): Promise<readonly BoardCopy[]> {
  return Promise.all((await findStoredBoards(folder)).map((board) => board.read()));
}

describe.each([
  { kind: "log", file: "catalog%231.log", createStorage: createLogFileStorage },
  { kind: "sqlite", file: "boards.sqlite", createStorage: createSqliteStorage },
] as const)("in a $kind store", ({ kind, file, createStorage }) => {
  const restore = (more: { readonly board?: string; readonly isReplacing?: boolean } = {}) =>
    restoreBoard({ directory, kind, board: BOARD, updates: copied, isReplacing: false, ...more });

  test("[S32] a board is restored as a whole where there was nothing, and can be opened at once", async () => {
    const folder = join(directory, "new", "store");

    const isRestored = await restoreBoard({
      ...{ directory: folder, kind, board: BOARD, updates: copied, isReplacing: false },
    });
    const names = await readdir(folder);
    const store = await createStorage({ directory: folder }).open(BOARD);

    expect(isRestored).toBe(true);
    expect(names).toContain(file);
    expect(await store.load()).toEqual(copied);
    await store.close();
  });

  test("[S32] a board that is there gives way by force only", async () => {
    await write(createStorage({ directory }), BOARD);
    const before = await readAll(directory);

    const isRestored = await restore();
    const untouched = await readAll(directory);
    const isForced = await restore({ isReplacing: true });
    const after = await readAll(directory);

    expect([isRestored, isForced]).toEqual([false, true]);
    expect(untouched).toEqual(before);
    expect(after).toMatchObject([{ board: BOARD, updates: copied, tornBytes: 0 }]);
  });

  test("[S30] each restored board has an id of its own", async () => {
    await restore();
    const [first] = await readAll(directory);
    await restore({ isReplacing: true });
    const [second] = await readAll(directory);
    await restore({ board: "catalog#2" });
    const [, third] = await readAll(directory);

    const ids = [first?.id, second?.id, third?.id];
    expect(ids).toEqual(Array(3).fill(expect.stringMatching(/^[0-9a-f]{32}$/u)));
    expect(new Set(ids).size).toBe(3);
  });

  test("[S32] other boards of the store stay as they are", async () => {
    await write(createStorage({ directory }), "catalog#0");
    const [before] = await readAll(directory);

    await restore();
    await restore({ isReplacing: true });
    const after = await readAll(directory);

    expect(after).toEqual([before, expect.objectContaining({ board: BOARD, updates: copied })]);
  });

  test("[S32] a board that is open is not replaced, and can be once it is closed", async () => {
    const store = await createStorage({ directory }).open(BOARD);
    await store.append(old[0] as Uint8Array);

    const refused = await restore({ isReplacing: true }).catch((error: unknown) => error);
    const kept = await store.load();
    await store.close();

    expect(refused).toMatchObject({ code: "STORAGE_FAILED", details: { pid: process.pid } });
    expect(kept).toEqual(old.slice(0, 1));
    expect(await restore({ isReplacing: true })).toBe(true);
  });

  test("[S32] after a restore the store's own file has all of it, and nothing else is left", async () => {
    await restore();

    await cp(join(directory, file), join(directory, "copy", file));
    const [copy] = await readAll(join(directory, "copy"));

    expect(copy).toMatchObject({ board: BOARD, updates: copied });
    expect((await readdir(directory)).sort()).toEqual([file, "copy"].sort());
  });

  test("[S32] a place that cannot hold a store is refused by its file", async () => {
    const place = join(directory, "occupied");
    await writeFile(place, "not a folder");

    const refused = restoreBoard({
      ...{ directory: place, kind, board: BOARD, updates: copied, isReplacing: true },
    });

    await expect(refused).rejects.toMatchObject({
      code: "STORAGE_FAILED",
      message: expect.stringContaining("could not be restored"),
      details: { file: join(place, file) },
    });
    expect(await readFile(place, "utf8")).toBe("not a folder");
  });
});

test("[S32] a damaged database is not written to", async () => {
  const file = join(directory, "boards.sqlite");
  await writeFile(file, "no database, though it is long enough to be one ".repeat(100));
  const before = await readFile(file);

  const refused = restoreBoard({
    ...{ directory, kind: "sqlite", board: BOARD, updates: copied, isReplacing: true },
  });

  await expect(refused).rejects.toMatchObject({ code: "STORAGE_CORRUPT", details: { file } });
  expect(await readFile(file)).toEqual(before);
});

test("[S32] a log that cannot take its place leaves no draft, and what was there as it was", async () => {
  const path = join(directory, "docs.log");
  await mkdir(join(path, "in the way"), { recursive: true });

  await expect(writeLog(path, BOARD, copied)).rejects.toMatchObject({
    code: "STORAGE_FAILED",
    message: expect.stringContaining("could not be written"),
    details: { file: path },
  });
  expect(await readdir(directory)).toEqual(["docs.log"]);
  expect(await readdir(path)).toEqual(["in the way"]);
});

test("[S32] a log whose folder is not there is refused by its file", async () => {
  const path = join(directory, "nowhere", "docs.log");

  await expect(writeLog(path, BOARD, copied)).rejects.toMatchObject({
    code: "STORAGE_FAILED",
    details: { file: path },
  });
});
