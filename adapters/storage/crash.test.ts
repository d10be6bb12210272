import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import * as Y from "yjs";
import { createLogFileStorage } from "./log-file.ts";
import { createSqliteStorage } from "./sqlite.ts";

const BOARD = "docs#1";
const LOADER = join(import.meta.dirname, "typescript-loader.mjs");
const CHILD = join(import.meta.dirname, "store-child.mjs");

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stigmergy-crash-"));
});

afterEach(() => rm(directory, { recursive: true }));

describe.each([
  ["log", "docs%231.log"],
  ["sqlite", "boards.sqlite"],
] as const)("%s", (kind, file) => {
  test("[S8] what a process acknowledged is there after SIGKILL, and its lock is taken over", async () => {
    const ids = new Set<string>();
    let stored = -1;
    for (const lines of [1, 233, 400]) {
      const printed = await runChild(kind, { lines });

      stored = Math.max(stored, lastStored(printed));
      const { id, count } = await reopen(kind);

      ids.add(id);
      expect(count).toBeGreaterThan(stored);
    }
    expect(ids.size).toBe(1);
    expect(stored).toBeGreaterThan(400);
  }, 60_000);

  test("[S12] a process killed while it compacts loses nothing that it acknowledged", async () => {
    let stored = -1;
    for (const lines of [75, 160]) {
      const printed = await runChild(kind, { lines, compactEvery: 5 });

      stored = Math.max(stored, lastStored(printed));
      const { count } = await reopen(kind);

      expect(count).toBeGreaterThan(stored);
    }
    expect(stored).toBeGreaterThan(100);
  }, 60_000);

  test("[S11] [S18] on a full disk every append is refused by file, and what was acknowledged stays readable", async () => {
    const printed = await runChild(kind, { lines: 4000, limitBlocks: 400, until: 20 });

    const { count } = await reopen(kind);

    const stored = lastStored(printed);
    const firstRefusal = printed.findIndex((line) => line.startsWith("refused"));
    expect(stored).toBeGreaterThan(1);
    expect(new Set(printed.slice(firstRefusal))).toEqual(
      new Set([`refused STORAGE_FAILED ${join(directory, file)}`, `readable ${stored + 1}`]),
    );
    expect(count).toBe(stored + 1);
  }, 60_000);
});

test("[S28] on a full disk a log is opened to be read, appends are refused by its name, and nothing is changed", async () => {
  const { count } = await runAndReopen({ lines: 100 });
  const log = join(directory, "docs%231.log");
  await appendFile(log, Uint8Array.of(7)); // as a crash may leave it
  const before = await readFile(log);

  const printed = await runChild("log", { lines: 4000, limitBlocks: 0, until: 20 });

  expect(printed[0]).toMatch(/^open [0-9a-f]{32}$/);
  const refusals = printed.slice(1);
  expect(new Set(refusals)).toEqual(
    new Set([`refused STORAGE_FAILED ${log}`, `readable ${count}`]),
  );
  expect(await readFile(log)).toEqual(before);
  expect(await readdir(directory)).toEqual(["docs%231.log"]);
  expect((await reopen("log")).count).toBe(count);
}, 60_000);

test.each([
  ["log", "docs%231.log"],
  ["sqlite", "boards.sqlite"],
] as const)(
  "[S28] on a full disk a new board is refused by file, in a %s store",
  async (kind, file) => {
    const printed = await runChild(kind, { lines: 10, limitBlocks: 0 });

    expect(printed).toEqual([
      expect.stringMatching(`^unopened STORAGE_FAILED ${join(directory, file)} .*EFBIG`),
    ]);
    expect(await readdir(directory)).toEqual([]);
  },
);

test("[S28] on a full disk a database is refused by file, and has all that was acknowledged once there is room", async () => {
  await runChild("sqlite", { lines: 50 });
  const { count } = await reopen("sqlite");

  const printed = await runChild("sqlite", { lines: 10, limitBlocks: 0 });

  const file = join(directory, "boards.sqlite");
  expect(printed).toEqual([expect.stringMatching(`^unopened STORAGE_FAILED ${file} .*EFBIG`)]);
  expect((await reopen("sqlite")).count).toBe(count);
}, 60_000);

async function runAndReopen(run: ChildRun): Promise<{ readonly count: number }> {
  await runChild("log", run);
  return reopen("log");
}

type Kind = "log" | "sqlite";

interface ChildRun {
  /** Kills the child after this many lines. */
  readonly lines: number;
  readonly compactEvery?: number;
  /** Kills the child after this many refusals. */
  readonly until?: number;
  /** Lets no file grow beyond this many blocks, as a full disk would. */
  readonly limitBlocks?: number;
}

async function runChild(kind: Kind, run: ChildRun): Promise<string[]> {
  const limit = run.limitBlocks === undefined ? "" : `ulimit -f ${run.limitBlocks};`;
  const script = [CHILD, kind, directory, `${run.compactEvery ?? 0}`];
  const args = [process.execPath, "--import", LOADER, ...script];
  const child = spawn("sh", ["-c", `${limit} exec "$@"`, "sh", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines = await readLines(child, run);
  await exited;
  return lines;
}

async function readLines(child: ChildProcess, run: ChildRun): Promise<string[]> {
  const lines: string[] = [];
  let refusals = 0;
  for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
    lines.push(line);
    refusals += line.startsWith("refused") ? 1 : 0;
    if (lines.length >= run.lines || refusals === run.until) {
      child.kill("SIGKILL");
    }
  }
  return lines;
}

function lastStored(lines: readonly string[]): number {
  return Math.max(
    -1,
    ...lines.filter((line) => line.startsWith("stored")).map((line) => Number(line.slice(7))),
  );
}

async function reopen(kind: Kind): Promise<{ id: string; count: number }> {
  const createStorage = kind === "log" ? createLogFileStorage : createSqliteStorage;
  const store = await createStorage({ directory }).open(BOARD);
  const doc = new Y.Doc();
  for (const update of await store.load()) {
    Y.applyUpdate(doc, update);
  }
  await store.close();
  const records = doc.getArray<{ n: number }>("records").toArray();
  expect(records.map(({ n }) => n)).toEqual(records.map((_, index) => index));
  doc.destroy();
  return { id: store.id, count: records.length };
}
