import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as Y from "yjs";
import { findStoredBoards } from "./stored-boards.ts";

const LOADER = join(import.meta.dirname, "typescript-loader.mjs");
const CHILD = join(import.meta.dirname, "store-child.mjs");
const READS = 25;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stigmergy-stored-"));
});

afterEach(() => rm(directory, { recursive: true }));

test.each(["log", "sqlite"])(
  "[S31] a board of a %s store that is read while it is written and compacted is whole, and has all that was acknowledged",
  async (kind) => {
    const child = spawn(process.execPath, ["--import", LOADER, CHILD, kind, directory, "7"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    let stored = -1;
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => {
      if (line.startsWith("stored")) stored = Math.max(stored, Number(line.slice(7)));
    });
    try {
      await once(lines, "line"); // it is open
      for (let read = 0; read < READS; read++) {
        const acknowledged = stored;
        const [board] = await findStoredBoards(directory);
        const copy = await board?.read();

        const numbers = readNumbers(copy?.updates ?? []);
        expect(numbers).toEqual(numbers.map((_, index) => index));
        expect(numbers.length).toBeGreaterThan(acknowledged);
        await once(lines, "line");
      }
    } finally {
      child.kill("SIGKILL");
      await exited;
    }
    expect(stored).toBeGreaterThan(READS);
    expect((await readdir(directory)).filter((name) => name.endsWith(".lock.1"))).toHaveLength(1);
  },
  60_000,
);

function readNumbers(updates: readonly Uint8Array[]): readonly number[] {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  const numbers = doc
    .getArray<{ readonly n: number }>("records")
    .toArray()
    .map(({ n }) => n);
  doc.destroy();
  return numbers;
}
