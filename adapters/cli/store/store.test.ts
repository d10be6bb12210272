// Copies of stores, back again, and the doctor: as processes, also beside a relay that goes on writing.

import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { contentOf, writeUpdates } from "../../contract/storage/content.ts";
import { createLogFileStorage } from "../../storage/log-file.ts";
import { createSqliteStorage } from "../../storage/sqlite.ts";
import { findStoredBoards } from "../../storage/stored-boards.ts";
import { CliBench, dataOf, errorOf } from "../workbench/cli.ts";

const TEST_MS = 60_000; // they take a few seconds; the rest is for a busy machine
const ROOT = join(import.meta.dirname, "../../..");
const KINDS = ["log", "sqlite"] as const;

let bench: CliBench;
beforeEach(() => {
  bench = new CliBench();
});
afterEach(() => bench.close());

test.each(KINDS)(
  "[S30] a copy of a %s store made while its relay runs has every task, and a relay goes on from it under another id",
  async (kind) => {
    const [store, copy, other] = ["store", "copy", "other"].map((name) => bench.path(name));
    const relay = await startRelay(kind, store ?? "");
    const place = ["--relay", `${relay.address}/work`];
    await bench.run(["add", ...place, "one", "two"]);

    const backup = await bench.run(["backup", "--store", "store", "--to", "copy", "--json"]);
    await bench.run(["add", ...place, "three"]);
    const late = await bench.run(["restore", "--from", "copy", "--store", "store", "--force"]);
    relay.child.kill("SIGTERM");
    await relay.ended;
    const restore = ["restore", "--from", "copy", "--store", "other", "--store-kind", kind];
    const restored = await bench.run([...restore, "--json"]);

    expect(dataOf(backup)).toMatchObject({ boards: [{ board: "work#1" }], damaged: [] });
    expect([late.code, late.stderr]).toEqual([5, expect.stringContaining("is held by process")]);
    expect(dataOf(restored)).toMatchObject({ kind, boards: [{ board: "work#1" }] });
    const ids = await Promise.all([store, copy, other].map((directory) => readId(directory ?? "")));
    expect(new Set(ids).size).toBe(3);
    const again = await startRelay(kind, other ?? "");
    const list = await bench.run(["list", "--relay", `${again.address}/work`, "--json"]);
    const { tasks } = dataOf(list) as { tasks: readonly { title: string }[] };
    expect(tasks.map(({ title }) => title)).toEqual(["one", "two"]);
  },
  TEST_MS,
);

test.each(KINDS)(
  "[C8] whoever asks a relay for a board whose %s store is damaged is told which file it is",
  async (kind) => {
    await fill(kind, "store", "docs#1");
    const [name = ""] = readdirSync(bench.path("store"));
    const bytes = readFileSync(bench.path(`store/${name}`));
    bench.write(`store/${name}`, bytes.fill(255, 0, 100).toString("latin1"));
    const relay = await startRelay(kind, bench.path("store"));

    const list = await bench.run(["list", "--relay", `${relay.address}/docs`, "--json"]);

    expect([list.code, errorOf(list).code]).toEqual([5, "STORAGE_FAILED"]);
    expect(errorOf(list).message).toContain(name);
  },
  TEST_MS,
);

test(
  "[S31] a backup leaves a torn tail where it is and copies what is whole, one board into a file by its name",
  async () => {
    const updates = await fill("log", "store", "docs#1");
    await fill("log", "store", "docs#2");
    await fill("log", "store", "other#1");
    const log = bench.path("store/docs%231.log");
    writeFileSync(log, readFileSync(log).subarray(0, -1));
    const before = readFileSync(log);
    const backup = ["backup", "--store", "store", "--json"];

    const many = await bench.run([...backup, "--to", "docs.log", "--board", "docs"]);
    const one = await bench.run([...backup, "--to", "docs.log", "--board", "docs#1"]);
    const both = await bench.run([...backup, "--to", "copy", "--board", "docs"]);
    const inside = await bench.run([...backup, "--to", "store/copy.log", "--board", "docs#1"]);
    const none = await bench.run([...backup, "--to", "copy", "--board", "cod"]);

    expect([many.code, one.code, both.code, inside.code, none.code]).toEqual([2, 0, 0, 2, 4]);
    expect(errorOf(none).message).toContain("there are docs#1, docs#2, other#1");
    expect(dataOf(one)["boards"]).toMatchObject([{ board: "docs#1", updates: 2 }]);
    expect(readdirSync(bench.path("copy"))).toEqual(["docs%231.log", "docs%232.log"]);
    expect(readFileSync(log)).toEqual(before);
    const [copy] = await findStoredBoards(bench.path("copy"));
    expect(contentOf((await copy?.read())?.updates ?? [])).toBe(contentOf(updates.slice(0, 2)));
  },
  TEST_MS,
);

test(
  "[S31] a damaged board is named by a backup, which copies the others",
  async () => {
    await fill("log", "store", "a#1");
    await fill("log", "store", "b#1");
    damage("store/a%231.log");

    const end = await bench.run(["backup", "--store", "store", "--to", "copy", "--json"]);

    expect(end.code).toBe(1);
    expect(dataOf(end)).toMatchObject({
      boards: [{ board: "b#1" }],
      damaged: [{ code: "STORAGE_CORRUPT", file: expect.stringContaining("a%231.log") }],
    });
  },
  TEST_MS,
);

test.each(KINDS)(
  "[S32] a board that is in a %s store is replaced by force only, whole, and from an undamaged copy only",
  async (kind) => {
    const copied = await fill("log", "copy", "docs#1");
    const kept = await fill(kind, "store", "docs#1");
    const restore = ["restore", "--from", "copy", "--store", "store", "--json"];

    const refused = await bench.run(restore);
    const [unchanged] = await findStoredBoards(bench.path("store"));
    expect(contentOf((await unchanged?.read())?.updates ?? [])).toBe(contentOf(kept));
    const forced = await bench.run([...restore, "--force"]);
    const [replaced] = await findStoredBoards(bench.path("store"));
    expect(contentOf((await replaced?.read())?.updates ?? [])).toBe(contentOf(copied));
    damage("copy/docs%231.log");
    const damaged = await bench.run([...restore, "--force"]);

    expect([refused.code, forced.code, damaged.code]).toEqual([3, 0, 5]);
    expect(errorOf(refused)).toMatchObject({ code: "BOARD_EXISTS" });
    expect(dataOf(forced)).toMatchObject({ kind });
    expect(errorOf(damaged)).toMatchObject({ code: "STORAGE_CORRUPT" });
    const [left] = await findStoredBoards(bench.path("store"));
    expect(contentOf((await left?.read())?.updates ?? [])).toBe(contentOf(copied));
  },
  TEST_MS,
);

test(
  "[S33] the doctor finds a sound installation, store and relay in order, also while the relay runs",
  async () => {
    // the program's folder finds what the package finds, whatever lies in the folders above it
    symlinkSync(join(ROOT, "node_modules"), bench.path("node_modules"));
    for (const kind of KINDS) {
      const relay = await startRelay(kind, bench.path(kind));
      await bench.run(["add", "--relay", `${relay.address}/work`, "one"]);

      const args = ["doctor", "--store", kind, "--relay", relay.address];
      const end = await bench.run([...args, "--json"]);
      const text = await bench.run(args);

      const { healthy, checks } = dataOf(end) as { healthy: boolean; checks: readonly Check[] };
      expect([end.code, healthy, text.code]).toEqual([0, true, 0]);
      expect(checks.map(({ check, ok }) => [check, ok])).toEqual(
        ["node", "yjs", "clock", "store", "store", "relay"].map((check) => [check, true]),
      );
      const boards = checks.map(({ details }) => details["board"]).filter(Boolean);
      expect(new Set(boards)).toEqual(new Set(["work#1", ".relay-ledger"]));
      expect(text.stdout).toMatch(/^ok {5}node {2}Node /);
    }
  },
  TEST_MS,
);

test(
  "[S33] the doctor names a damaged board by file and byte, and what is no store and no relay",
  async () => {
    await fill("log", "store", "a#1");
    await fill("log", "store", "b#1");
    await fill("sqlite", "store", "c#1");
    damage("store/a%231.log");
    damage("store/boards.sqlite", 1);
    const server = createServer((_, response) => response.end("{}"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const stranger = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;

    const store = await bench.run(["doctor", "--json", "--store", "store", "--relay", stranger]);
    await new Promise((resolve) => server.close(resolve));
    const nothing = await bench.run(["doctor", "--json", "--store", "gone", "--relay", stranger]);
    const usage = await bench.run(["doctor", "--json", "--relay", "nowhere"]);

    expect([store.code, nothing.code, usage.code]).toEqual([1, 1, 2]);
    const { checks } = dataOf(store) as { checks: readonly object[] };
    expect(checks.slice(3)).toMatchObject([
      { ok: false, details: { file: bench.path("store/a%231.log"), offset: expect.any(Number) } },
      { ok: true, details: { board: "b#1", updates: 3, records: 2 } },
      { ok: false, details: { file: bench.path("store/boards.sqlite") } },
      { ok: false, message: expect.stringContaining("no relay of stigmergy") },
    ]);
    const { checks: others } = dataOf(nothing) as { checks: readonly object[] };
    expect(others.slice(3)).toMatchObject([
      { check: "store", ok: false, message: expect.stringContaining("ENOENT") },
      { check: "relay", ok: false, message: expect.stringContaining("nothing answers") },
    ]);
  },
  TEST_MS,
);

interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly details: Readonly<Record<string, unknown>>;
}

function startRelay(kind: "log" | "sqlite", store: string) {
  return bench.startRelay(["--open", "--store", store, "--store-kind", kind]);
}

async function fill(
  kind: "log" | "sqlite",
  name: string,
  board: string,
): Promise<readonly Uint8Array[]> {
  mkdirSync(bench.path(name), { recursive: true });
  const directory = bench.path(name);
  const createStorage = kind === "log" ? createLogFileStorage : createSqliteStorage;
  const store = await createStorage({ directory }).open(board);
  const updates = writeUpdates(3);
  for (const update of updates) await store.append(update);
  await store.close();
  return updates;
}

/** Changes a byte of a file, in the middle unless told otherwise. */
function damage(name: string, behind = 0): void {
  const path = bench.path(name);
  const bytes = readFileSync(path);
  const at = behind === 0 ? bytes.length >> 1 : bytes.length - behind;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

async function readId(directory: string): Promise<string | undefined> {
  const found = (await findStoredBoards(directory)).find(({ board }) => board === "work#1");
  return (await found?.read())?.id;
}
