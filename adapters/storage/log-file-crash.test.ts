import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as Y from "yjs";
import { createLogFileStorage } from "./log-file.ts";

const BOARD = "docs#1";
const LOADER = join(import.meta.dirname, "typescript-loader.mjs");
const CHILD = join(import.meta.dirname, "log-file-child.mjs");

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stigmergy-crash-"));
});

afterEach(() => rm(directory, { recursive: true }));

test("[S8] what a process acknowledged is there after SIGKILL, and its lock is taken over", async () => {
  const ids = new Set<string>();
  let stored = -1;
  for (const lines of [1, 233, 400]) {
    const printed = await runChild({ lines });

    stored = Math.max(stored, lastStored(printed));
    const { id, count } = await reopen();

    ids.add(id);
    expect(count).toBeGreaterThan(stored);
  }
  expect(ids.size).toBe(1);
  expect(stored).toBeGreaterThan(400);
}, 60_000);

test("[S12] a process killed while it compacts loses nothing that it acknowledged", async () => {
  let stored = -1;
  for (const lines of [75, 160]) {
    const printed = await runChild({ lines, compactEvery: 5 });

    stored = Math.max(stored, lastStored(printed));
    const { count } = await reopen();

    expect(count).toBeGreaterThan(stored);
  }
  expect(stored).toBeGreaterThan(100);
}, 60_000);

test("[S11] [S18] on a full disk every append is refused by file, and what was acknowledged stays readable", async () => {
  const printed = await runChild({ lines: 4000, limitBlocks: 400, until: 20 });

  const { count } = await reopen();

  const stored = lastStored(printed);
  const firstRefusal = printed.findIndex((line) => line.startsWith("refused"));
  expect(stored).toBeGreaterThan(1);
  expect(new Set(printed.slice(firstRefusal))).toEqual(
    new Set([
      `refused STORAGE_FAILED ${join(directory, "docs%231.log")}`,
      `readable ${stored + 1}`,
    ]),
  );
  expect(count).toBe(stored + 1);
}, 60_000);

interface ChildRun {
  /** Kills the child after this many lines. */
  readonly lines: number;
  readonly compactEvery?: number;
  /** Kills the child after this many refusals. */
  readonly until?: number;
  /** Lets no file grow beyond this many blocks, as a full disk would. */
  readonly limitBlocks?: number;
}

async function runChild(run: ChildRun): Promise<string[]> {
  const limit = run.limitBlocks === undefined ? "" : `ulimit -f ${run.limitBlocks};`;
  const args = [process.execPath, "--import", LOADER, CHILD, directory, `${run.compactEvery ?? 0}`];
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

async function reopen(): Promise<{ id: string; count: number }> {
  const store = await createLogFileStorage({ directory }).open(BOARD);
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
