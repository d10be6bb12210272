import { chmod, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { contentOf, writeUpdates } from "../contract/storage/content.ts";
import { createLogFileStorage } from "./log-file.ts";

const BOARD = "docs#1";
const LOG = "docs%231.log";
const NOBODY = 65_534;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stigmergy-disk-"));
});

afterEach(async () => {
  await chmod(directory, 0o700);
  await rm(directory, { recursive: true });
});

test("[S12] a compaction that finds the disk full leaves the log as it was, and open", async () => {
  const updates = writeUpdates(6);
  const store = await open();
  await Promise.all(updates.slice(0, 5).map((update) => store.append(update)));
  await symlink("/dev/full", join(directory, `${LOG}.tmp`));

  await expect(store.compact()).rejects.toMatchObject({
    code: "STORAGE_FAILED",
    message: expect.stringContaining("ENOSPC"),
    details: { file: join(directory, LOG) },
  });

  expect(await readdir(directory)).toEqual(["docs%231.lock.1", LOG]);
  await goOn(store, updates);
});

test("[S12] [S18] a board whose folder became read-only is read and appended to, but not compacted", async () => {
  const updates = writeUpdates(6);
  const store = await open();
  await Promise.all(updates.slice(0, 5).map((update) => store.append(update)));

  await withoutPermission(0o555, async () => {
    await expect(store.compact()).rejects.toMatchObject({
      code: "STORAGE_FAILED",
      message: expect.stringContaining("EACCES"),
      details: { file: join(directory, LOG) },
    });
    expect(contentOf(await store.load())).toBe(contentOf(updates.slice(0, 5)));
  });

  await goOn(store, updates);
});

test("[S15] a folder that may not be written to, or not be entered, is reported with the file", async () => {
  const updates = writeUpdates(1);
  const store = await open();
  await store.append(updates[0] ?? new Uint8Array());
  await store.close();

  for (const mode of [0o555, 0o000]) {
    await withoutPermission(mode, () =>
      expect(open()).rejects.toMatchObject({
        code: "STORAGE_FAILED",
        message: expect.stringContaining("EACCES"),
        details: { file: join(directory, LOG) },
      }),
    );
  }

  const reopened = await open();
  expect(await reopened.load()).toHaveLength(1);
  await reopened.close();
});

test("[S15] [S29] a lock that cannot be given back is reported with the file, and does not bind this process", async () => {
  const store = await open();

  await withoutPermission(0o555, () =>
    expect(store.close()).rejects.toMatchObject({
      code: "STORAGE_FAILED",
      message: expect.stringContaining("EACCES"),
      details: { file: join(directory, LOG) },
    }),
  );
  expect(await readdir(directory)).toEqual(["docs%231.lock.1", LOG]);
  const reopened = await open();

  expect(reopened.id).toBe(store.id);
  expect(await readdir(directory)).toEqual(["docs%231.lock.2", LOG]);
  await expect(open()).rejects.toMatchObject({ details: { pid: process.pid } });
  await reopened.close();
  expect(await readdir(directory)).toEqual([LOG]);
});

function open() {
  return createLogFileStorage({ directory }).open(BOARD);
}

/** Appends the last update to a store that has all others, and checks that all are there for good. */
async function goOn(
  store: Awaited<ReturnType<typeof open>>,
  updates: readonly Uint8Array[],
): Promise<void> {
  await store.append(updates.at(-1) ?? new Uint8Array());
  await store.close();
  const reopened = await open();
  expect(contentOf(await reopened.load())).toBe(contentOf(updates));
  await reopened.close();
}

/** Runs a task while the folder has these permissions, as a user whom they bind: the superuser steps down for it. */
async function withoutPermission(mode: number, task: () => Promise<void>): Promise<void> {
  await chmod(directory, mode);
  const isSuperuser = process.geteuid?.() === 0;
  if (isSuperuser) {
    process.seteuid?.(NOBODY);
  }
  try {
    await task();
  } finally {
    if (isSuperuser) {
      process.seteuid?.(0);
    }
    await chmod(directory, 0o700);
  }
}
