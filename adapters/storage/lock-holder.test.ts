import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { acquireLock } from "./lock-file.ts";

let directory: string;
let path: string;
/** What this process writes about itself. */
let own: {
  readonly pid: number;
  readonly host: string;
  boot?: string;
  start?: string;
  taking?: string;
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stigmergy-holder-"));
  path = join(directory, "a.lock");
  const lock = await acquireLock(path);
  own = JSON.parse(await readFile(`${path}.1`, "utf8"));
  await lock.release();
});

afterEach(() => rm(directory, { recursive: true }));

test("[S14] a lock names its process and machine, and on Linux its boot and its start", () => {
  const { boot, start, taking, ...process_ } = own;

  expect(process_).toEqual({ pid: process.pid, host: hostname() });
  expect(taking).toMatch(/^[0-9a-f]{32}$/);
  if (process.platform === "linux") {
    expect(boot).toMatch(/^[0-9a-f-]{36}$/);
    expect(start).toMatch(/^\d+$/);
  }
});

test.each([
  ["no JSON", "{"],
  ["nothing", "null"],
  ["no number", '{"pid":"1","host":"h"}'],
  ["the number of no process", '{"pid":0,"host":"h"}'],
  ["no machine", '{"pid":1,"host":5}'],
])("[S14] a lock that holds %s may be anybody's, and is refused", async (_, text) => {
  await writeFile(`${path}.1`, text);

  await expect(acquireLock(path)).rejects.toMatchObject({
    code: "STORAGE_FAILED",
    message: expect.stringContaining("held by an unknown process"),
    details: { file: `${path}.1` },
  });
  expect(await readdir(directory)).toEqual(["a.lock.1"]);
});

test("[S14] a process elsewhere, or one of which too little is known, may be alive", async () => {
  const { boot, start, ...bare } = own;
  const alive = [{ ...own, host: "elsewhere" }, own, { ...bare, ...(boot && { boot }) }];
  if (boot !== undefined) alive.push({ ...bare, ...(start && { start }) });

  for (const holder of alive) {
    await writeFile(`${path}.1`, JSON.stringify(holder));

    await expect(acquireLock(path)).rejects.toMatchObject({
      message: expect.stringContaining(`process ${holder.pid} on ${holder.host}`),
      details: { file: `${path}.1`, pid: holder.pid },
    });
  }
});

test("[S14] a process that has gone, of another boot, or whose number another one has now, is dead", async () => {
  const { boot, start } = own;
  const dead = [
    { ...own, pid: 2 ** 22 + 1 },
    ...(boot === undefined ? [] : [{ ...own, boot: "another" }]),
    ...(start === undefined ? [] : [{ ...own, start: "1" }]),
  ];

  for (const holder of dead) {
    await writeFile(`${path}.1`, JSON.stringify(holder));
    const lock = await acquireLock(path);

    expect(await readdir(directory)).toEqual(["a.lock.2"]);
    await lock.release();
    await lock.release();
  }
  expect(await readdir(directory)).toEqual([]);
});

test("[S14] of a lock's files the highest number holds, and what is named otherwise is none", async () => {
  const gone = JSON.stringify({ ...own, pid: 2 ** 22 + 1 });
  const others = ["a.lock.01", "a.lock.1.tmp", "a.lock.x", "a.lock.x1", "b.lock.7", "12345678"];
  for (const name of [...others, "a.lock.9", "a.lock.10"])
    await writeFile(join(directory, name), gone);

  const lock = await acquireLock(path);

  expect((await readdir(directory)).sort()).toEqual([...others, "a.lock.11"].sort());
  await lock.release();
});
