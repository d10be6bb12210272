import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { acquireLock } from "./lock-file.ts";

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stigmergy-lock-"));
  path = join(directory, "docs.lock");
});

afterEach(() => rm(directory, { recursive: true }));

test("[S14] of many that take a lock at once at most one holds it", async () => {
  for (const stale of [undefined, { pid: 2 ** 30 }]) {
    if (stale !== undefined) {
      await writeHolder(7, stale);
    }

    const taken = await Promise.allSettled(Array.from({ length: 16 }, () => acquireLock(path)));

    const held = taken.filter((result) => result.status === "fulfilled");
    expect(held.length).toBeLessThanOrEqual(1);
    await Promise.all(held.map(({ value }) => value.release()));
    await (await acquireLock(path)).release();
    expect(await readdir(directory)).toEqual([]);
  }
});

test("[S14] the lock of a dead process is taken over", async () => {
  const elsewhen = { boot: "another boot" };
  const reused = { start: "0" }; // the number lives, but as another run

  for (const holder of [{ pid: 2 ** 30 }, elsewhen, reused]) {
    await writeHolder(3, holder);

    const lock = await acquireLock(path);

    expect(await readdir(directory)).toEqual(["docs.lock.4"]);
    await lock.release();
    await lock.release();
    expect(await readdir(directory)).toEqual([]);
  }
});

test("[S14] a lock whose holder may be alive is refused, with file, process and remedy", async () => {
  const elsewhere = { host: "another-machine", pid: 2 ** 30 };

  for (const [holder, who] of [
    [{}, `process ${process.pid} on `],
    [elsewhere, "another-machine"],
  ] as const) {
    await writeHolder(1, holder);

    await expect(acquireLock(path)).rejects.toMatchObject({
      code: "STORAGE_FAILED",
      message: expect.stringContaining(who),
      details: { file: `${path}.1` },
    });
    await expect(acquireLock(path)).rejects.toThrow("delete this file");
    expect(await readdir(directory)).toEqual(["docs.lock.1"]);
  }
});

test("[S14] a lock that says nothing is held by an unknown process", async () => {
  for (const content of ["", "[]", "{"]) {
    await writeFile(`${path}.1`, content);

    await expect(acquireLock(path)).rejects.toThrow("an unknown process");
  }
});

test("[S14] a lock that cannot be read is never taken", async () => {
  await mkdir(`${path}.1`);

  await expect(acquireLock(path)).rejects.toThrow("EISDIR");
  expect(await readdir(directory)).toEqual(["docs.lock.1"]);
});

/** Writes the lock of a holder like this process, except for the given fields. */
async function writeHolder(number: number, changes: object): Promise<void> {
  const lock = await acquireLock(join(directory, "own"));
  const own = JSON.parse(await readFile(join(directory, "own.1"), "utf8"));
  await lock.release();
  await writeFile(`${path}.${number}`, JSON.stringify({ ...own, ...changes }));
}
