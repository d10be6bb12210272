import { spawn } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { applyUpdate, Doc, encodeStateAsUpdate } from "yjs";
import { systemClock, systemRandom } from "../../lib/index.ts";
import { describeTransportContract } from "../contract/transport.ts";
import { createFolderBench, type FolderBench, until } from "./folder/workbench.ts";
import { createFolderTransport } from "./folder.ts";

const LOADER = join(import.meta.dirname, "../storage/typescript-loader.mjs");
const CHILD = join(import.meta.dirname, "folder/folder-child.mjs");

let bench: FolderBench;

beforeEach(async () => {
  bench = await createFolderBench();
});

afterEach(() => bench.close());

describeTransportContract({
  test,
  capabilities: { barrier: false, presence: true },
  async createHarness() {
    const { root, close } = await createFolderBench();
    return {
      clock: systemClock,
      random: systemRandom,
      createTransport: () => createFolderTransport({ directory: root, pollMs: 20 }),
      settle: until,
      close,
    };
  },
});

test("[F1] processes that share nothing but a folder converge, and end by themselves", async () => {
  const ended = await Promise.all(
    ["ada", "ben", "cleo"].map(async (name) => {
      const { child, exited } = startChild(name, 40, 120);
      const printed = await text(child.stdout);
      return { printed, code: await exited };
    }),
  );
  const late = await bench.join();

  expect(ended.map(({ printed }) => printed.trim().split("\n").at(-1))).toEqual(
    Array(3).fill("ended with 120"),
  );
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(late.doc.getArray("all").length).toBe(120);
}, 30_000);

test("[F7] what a process has synced is there after SIGKILL", async () => {
  const { child, exited } = startChild("ada", 100_000, 0);
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (piece) => {
    printed += piece;
    if (printed.includes("safe 200\n")) {
      child.kill("SIGKILL");
    }
  });
  await exited;
  const safe = Number(printed.trim().split("\n").at(-1)?.slice("safe ".length));

  const late = await bench.join();

  expect(safe).toBeGreaterThanOrEqual(200);
  expect(late.doc.getArray("all").length).toBeGreaterThanOrEqual(safe);
  expect(late.faults).toEqual([]);
}, 30_000);

test("[F2] all that one look finds is handed over in one call", async () => {
  const [ada, ben] = [await bench.join(), await bench.join()];
  ada.write(20);
  await ada.connection.sync();
  ben.write(20);
  await ben.connection.sync();
  const late = bench.createReplica();
  const calls: number[] = [];
  const { receive } = late.link;
  Object.assign(late.link, {
    receive(updates: readonly Uint8Array[], origin: unknown) {
      calls.push(updates.length);
      receive.call(late.link, updates, origin);
    },
  });

  late.connect();
  await until(() => late.connection.status === "synced");

  expect(calls.length).toBe(1);
  expect([late.countOf(ada), late.countOf(ben)]).toEqual([20, 20]);
});

test("[F5] a replica that only reads leaves nothing in the folder", async () => {
  const first = await bench.join();
  await first.connection.sync();
  await first.connection.close();
  expect(await bench.list()).toEqual([]);

  const writer = await bench.join();
  writer.write(3);
  await writer.connection.sync();
  const before = await bench.list();
  const reader = await bench.join();
  await until(() => reader.countOf(writer) === 3);
  await reader.connection.sync();
  await reader.connection.close();
  reader.connect();
  await until(() => reader.connection.status === "synced");

  expect(await bench.list()).toEqual(before);
  expect(reader.connection.bytesSent).toBe(0);
});

test("[F6] at the connect exactly that is written which the folder lacks", async () => {
  const stored = new Doc();
  stored.getArray("log/old~1/0").push([{ n: 0 }]);
  const writer = bench.createReplica();
  applyUpdate(writer.doc, encodeStateAsUpdate(stored), "storage");
  writer.write(2);

  writer.connect();
  await writer.connection.sync();
  const first = await bench.readOnlyLog();
  writer.write();
  await writer.connection.sync();
  await writer.connection.close();
  writer.connect();
  await writer.connection.sync();

  const { length } = await bench.readOnlyLog();
  expect(first.length).toBe(1);
  expect(length).toBe(2);
  stored.destroy();
});

test("[F6] a deletion that the folder lacks is written too", async () => {
  const [ada, ben] = [await bench.join(), await bench.join()];
  ada.doc.getArray("text").push(["a", "b"]);
  await until(() => ben.doc.getArray("text").length === 2);
  await ben.connection.close();
  ben.doc.getArray("text").delete(0, 1);

  ben.connect();

  await until(() => ada.doc.getArray("text").length === 1);
});

test("[F6] a gap found here is healed by reading all files anew", async () => {
  const [ada, ben] = [await bench.join(), await bench.join()];
  ada.write(3);
  await until(() => ben.countOf(ada) === 3);
  const received = ben.received.length;

  ben.connection.resync();

  await until(() => ben.received.length === received + 3);
  await ben.connection.sync();
  expect(ben.statuses.slice(-2)).toEqual(["syncing", "synced"]);
  expect((await bench.list()).length).toBe(1);
});

test("[F7] a sync resolves when all that was written is in the file", async () => {
  const ada = await bench.join();

  ada.write(100);
  await ada.connection.sync();

  expect((await bench.readOnlyLog()).length).toBe(100);
  const name = (await bench.list()).at(0);
  const { length } = await readFile(join(bench.board, `${name}`));
  expect(ada.connection.bytesSent).toBe(length);
});

test("[F12] what is written before the first exchange is over outlives a close at once", async () => {
  const ada = bench.createReplica();

  const connection = ada.connect();
  ada.write(2);
  await connection.close();

  expect((await bench.join()).countOf(ada)).toBe(2);
});

test("[F13] a folder removed from under its writers is written anew", async () => {
  const [ada, ben] = [await bench.join(), await bench.join()];
  ada.write(3);
  ben.write(2);
  await Promise.all([ada.connection.sync(), ben.connection.sync()]);

  await rm(bench.board, { recursive: true });
  await until(() => ada.faults.length + ben.faults.length === 2);
  ada.write();

  await Promise.all([ada.connection.sync(), ben.connection.sync()]);
  const late = await bench.join();
  expect([late.countOf(ada), late.countOf(ben)]).toEqual([4, 2]);
  expect(ada.faults[0]).toMatchObject({ code: "STORAGE_FAILED" });
});

test("[F13] a folder that cannot be used is a fault told once, and used as soon as it can be", async () => {
  await writeFile(bench.board, "in the way");
  const ada = bench.createReplica();
  ada.write(3);

  const connection = ada.connect();
  await until(() => ada.faults.length > 0);
  const synced = connection.sync();
  expect(connection.status).toBe("offline");
  await rm(bench.board);
  await synced;

  expect(ada.faults).toEqual([expect.objectContaining({ code: "STORAGE_FAILED" })]);
  expect((await bench.readOnlyLog()).length).toBe(1);
  await mkdir(bench.board, { recursive: true });
});

test("[F14] looks are timed by the link's clock, and polling finds all that hints would", async () => {
  const timers: { delayMs: number; callback: () => void }[] = [];
  const schedule = (delayMs: number, callback: () => void) => {
    timers.push({ delayMs, callback });
    return () => {};
  };
  const reader = await bench.join({ clock: { now: () => 0, schedule } });
  const writer = await bench.join();
  await until(() => timers.length > 0);

  writer.write(3);
  await writer.connection.sync();
  expect(reader.countOf(writer)).toBe(0);
  for (const { callback } of timers.splice(0).filter(({ delayMs }) => delayMs === 20)) {
    callback();
  }

  await until(() => reader.countOf(writer) === 3);
});

test("[F14] a delay between looks that makes no sense is refused", () => {
  for (const pollMs of [0, -1, Number.NaN, 1e9]) {
    expect(() => createFolderTransport({ directory: bench.root, pollMs })).toThrow(RangeError);
  }
});

/** Starts a process that writes `count` records and ends when it has `total`. */
function startChild(name: string, count: number, total: number) {
  const args = ["--import", LOADER, CHILD, bench.root, name, `${count}`, `${total}`];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise((resolve) => child.on("exit", resolve));
  return { child, exited };
}
