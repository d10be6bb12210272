import { appendFile, mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { writeUpdates } from "../contract/storage/content.ts";
import { restoreBoard } from "./board-restore.ts";
import { encodeFrame } from "./frame.ts";
import { findStoredBoards } from "./stored-boards.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stigmergy-stored-"));
});

afterEach(() => rm(directory, { recursive: true }));

const updates = writeUpdates(3);

/** Puts a board into the folder. */
const put = (kind: "log" | "sqlite", board: string): Promise<boolean> =>
  restoreBoard({ directory, kind, board, updates, isReplacing: false });

/** Changes the last byte of a file. */
async function damage(file: string): Promise<void> {
  const handle = await open(file, "r+");
  const { size } = await handle.stat();
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  await handle.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, size - 1);
  await handle.close();
}

test("[S31] the boards of a folder are found in the order of their files, logs first, and nothing else is", async () => {
  for (const board of ["b", "a"]) await put("log", board);
  for (const board of ["d", "c"]) await put("sqlite", board);
  await writeFile(join(directory, "a.log.tmp"), "half a log");
  await writeFile(join(directory, "read.me"), "no board");

  const boards = await findStoredBoards(directory);
  const copies = await Promise.all(boards.map((board) => board.read()));

  const [database, ...logs] = ["boards.sqlite", "a.log", "b.log"].map((name) =>
    join(directory, name),
  );
  expect(boards.map(({ board, file }) => [board, file])).toEqual([
    ["a", logs[0]],
    ["b", logs[1]],
    ["d", database],
    ["c", database],
  ]);
  expect(copies).toEqual(
    ["a", "b", "d", "c"].map((board) => ({
      ...{ board, updates, tornBytes: 0 },
      id: expect.stringMatching(/^[0-9a-f]{32}$/u),
    })),
  );
});

test("[S31] a folder without boards has none, and one that is not there is an error", async () => {
  expect(await findStoredBoards(directory)).toEqual([]);
  await expect(findStoredBoards(join(directory, "nowhere"))).rejects.toMatchObject({
    code: "ENOENT",
  });
});

test("[S31] what is torn behind the whole frames of a log is counted, not read", async () => {
  await put("log", "a");
  const file = join(directory, "a.log");
  const [board] = await findStoredBoards(directory);
  const torn = encodeFrame([new Uint8Array(100)], 1).slice(0, 60);

  await appendFile(file, torn);
  const copy = await board?.read();

  expect(copy).toMatchObject({ updates, tornBytes: 60 });
  expect((await readFile(file)).subarray(-60)).toEqual(Buffer.from(torn));
});

test("[S31] a damaged log is found without a name, and its reading refused by file, byte and cause", async () => {
  await put("log", "a");
  await put("log", "b");
  const file = join(directory, "a.log");
  await damage(file);

  const [damaged, other] = await findStoredBoards(directory);

  expect(damaged).toMatchObject({ file, board: undefined });
  await expect(damaged?.read()).rejects.toMatchObject({
    code: "STORAGE_CORRUPT",
    details: { file, offset: expect.any(Number) },
  });
  expect(await other?.read()).toMatchObject({ board: "b", updates });
});

test("[S31] a log that is damaged, or gone, once it was found is refused when it is read", async () => {
  await put("log", "a");
  const file = join(directory, "a.log");
  const [board] = await findStoredBoards(directory);

  await damage(file);
  await expect(board?.read()).rejects.toMatchObject({ code: "STORAGE_CORRUPT", details: { file } });
  await rm(file);
  await expect(board?.read()).rejects.toMatchObject({
    code: "STORAGE_FAILED",
    message: expect.stringContaining("could not be read"),
    details: { file },
  });
});

test("[S31] a damaged database is found as one board without a name, and its reading refused by file", async () => {
  await put("sqlite", "a");
  await put("sqlite", "b");
  const file = join(directory, "boards.sqlite");
  const bytes = await readFile(file);
  await writeFile(file, bytes.fill(7, 4096));

  const [damaged, ...others] = await findStoredBoards(directory);

  expect(damaged).toMatchObject({ file, board: undefined });
  expect(others).toEqual([]);
  await expect(damaged?.read()).rejects.toMatchObject({
    code: "STORAGE_CORRUPT",
    details: { file },
  });
});

test("[S31] a database that has become another one once it was found is refused, by the board that has gone", async () => {
  await put("sqlite", "a");
  const [board] = await findStoredBoards(directory);
  for (const name of await readdir(directory)) await rm(join(directory, name));
  await put("sqlite", "b");

  await expect(board?.read()).rejects.toMatchObject({
    code: "STORAGE_CORRUPT",
    message: expect.stringContaining("the board a has gone"),
    details: { file: join(directory, "boards.sqlite") },
  });
});
