import { type FileHandle, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { CoordinationError } from "../../lib/index.ts";
import { createAppendFile, createFile, type GrowingFile, storageFailed } from "./append-file.ts";
import { encodeFrame } from "./frame.ts";

const HEADER = { id: "000102030405060708090a0b0c0d0e0f", board: "docs#1", rule: "" };

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stigmergy-source-"));
});

afterEach(() => rm(directory, { recursive: true }));

test("[S9] a file that is made at the first need is made once, and not for a flush or a close", async () => {
  const path = join(directory, "a");
  const made: GrowingFile[] = [];
  const open = (): ReturnType<typeof createAppendFile> =>
    createAppendFile({
      path,
      file: async () => {
        const file = await createFile(path, HEADER);
        made.push(file);
        return file;
      },
    });

  const unused = open();
  await unused.flush();
  await unused.close();
  const before = made.length;
  const used = open();
  for (const byte of [1, 2]) await used.append(Uint8Array.of(byte));
  await used.close();

  expect([before, made.length]).toEqual([0, 1]);
  expect(made[0]?.handle.fd).toBe(-1);
  await expect(used.append(Uint8Array.of(3))).rejects.toMatchObject({ code: "STORAGE_FAILED" });
});

test("[S1] a frame is written whole, however few bytes the system takes at once", async () => {
  const path = join(directory, "a");
  const file = await createFile(path, HEADER);
  const slow = new Proxy(file.handle, {
    get(handle, name) {
      if (name === "write")
        return (bytes: Uint8Array, from: number, length: number, position: number) =>
          handle.write(bytes, from, Math.min(length, 3), position);
      const value = handle[name as keyof FileHandle];
      return typeof value === "function" ? value.bind(handle) : value;
    },
  });
  const updates = [Uint8Array.of(1, 2, 3, 4, 5), Uint8Array.of(6, 7, 8)];
  const appendFile = createAppendFile({ path, file: { ...file, handle: slow } });

  for (const update of updates) await appendFile.append(update);
  await appendFile.close();

  const written = (await readFile(path)).subarray(file.headerBytes);
  const frames = updates.map((update) => encodeFrame([update], file.seed));
  expect([...written]).toEqual(frames.flatMap((frame) => [...frame]));
});

test("[S11] the error of a file names it and what is behind it, once", () => {
  const cause = new Error("ENOSPC");
  const bare = storageFailed("/b/a.log", "is closed");
  const failed = storageFailed("/b/a.log", "could not be written", cause);

  expect(bare).toMatchObject({ code: "STORAGE_FAILED", details: { file: "/b/a.log" } });
  expect(bare.message).toBe("/b/a.log is closed.");
  expect("cause" in bare).toBe(false);
  expect(failed.message).toBe("/b/a.log could not be written (Error: ENOSPC).");
  expect(failed.cause).toBe(cause);
  expect(storageFailed("/b/a.log", "could not be opened", failed)).toBe(failed);
  expect(failed).toBeInstanceOf(CoordinationError);
});
