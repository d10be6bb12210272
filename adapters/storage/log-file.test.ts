import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { writeUpdates } from "../contract/storage/content.ts";
import { describeStorageContract, describeStorageDamage } from "../contract/storage.ts";
import { createLogFileStorage } from "./log-file.ts";

const BOARD = "docs#1";
const LOG = "docs%231.log";

/** Generous, for a disk whose flushes take long. */
const DAMAGE_TIMEOUT_MS = 60_000;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stigmergy-log-"));
});

afterEach(() => rm(directory, { recursive: true }));

describeStorageContract({
  test,
  async createHarness() {
    const own = await mkdtemp(join(directory, "contract-"));
    return { createStorage: () => createLogFileStorage({ directory: own }), close() {} };
  },
});

describeStorageDamage({
  test: (name, run) => test(name, run, DAMAGE_TIMEOUT_MS),
  createStorage: (own) => createLogFileStorage({ directory: own }),
  holdsContent: (name) => !name.includes(".lock."),
  isEveryBitFlipped: process.env["PROPERTY_RUNS"] !== undefined,
});

test("[S10] a log cut at any byte of its last frames keeps every whole frame", async () => {
  const { ends, updates, whole } = await writeLog(4);
  const headerBytes = ends[0] ?? 0;

  for (let length = headerBytes; length <= whole.length; length++) {
    await writeFile(join(directory, LOG), whole.subarray(0, length));
    const kept = ends.filter((end) => end <= length).length - 1;

    expect(await loadAll()).toEqual(updates.slice(0, kept));
    expect((await readLog()).length).toBe(ends[kept]);
  }
});

test("[S10] a last frame whose bytes never reached the disk is cut off", async () => {
  const { ends, updates, whole } = await writeLog(3);
  const lastStart = ends[2] ?? 0;

  for (let at = lastStart; at < whole.length; at++) {
    await writeFile(join(directory, LOG), whole.slice().fill(0, at));

    expect(await loadAll()).toEqual(updates.slice(0, whole.subarray(at).some(Boolean) ? 2 : 3));
  }
});

test("[S10] a log whose tail was cut off goes on from there", async () => {
  const { updates, whole } = await writeLog(3);
  await writeFile(join(directory, LOG), whole.subarray(0, -1));

  const store = await open();
  await store.append(Uint8Array.of(7, 7, 7));
  await store.close();

  expect(await loadAll()).toEqual([...updates.slice(0, 2), Uint8Array.of(7, 7, 7)]);
});

test("[S13] a byte changed before the last frame is reported with file and offset", async () => {
  const { ends, whole } = await writeLog(3);
  const lastStart = ends[2] ?? 0;

  for (let at = 0; at < lastStart; at++) {
    const damaged = whole.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 0x20;
    await writeFile(join(directory, LOG), damaged);

    await expect(open()).rejects.toMatchObject({
      code: "STORAGE_CORRUPT",
      message: expect.stringContaining(join(directory, LOG)),
      details: { file: join(directory, LOG), offset: ends.findLast((end) => end <= at) ?? 0 },
    });
    expect(await readLog()).toEqual(damaged);
  }
});

test("[S13] a file that is empty, foreign or of another format is never an empty board", async () => {
  const { whole } = await writeLog(1);
  const newer = whole.slice();
  newer[8] = 2;

  for (const content of [new Uint8Array(), whole.subarray(0, 20), Buffer.from("notes\n"), newer]) {
    await writeFile(join(directory, LOG), content);

    await expect(open()).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
    expect(await readLog()).toEqual(new Uint8Array(content));
  }
});

test("[S13] a log under another board's name is refused by name", async () => {
  await writeLog(1);
  await rename(join(directory, LOG), join(directory, "plans%231.log"));

  const opening = open("plans#1");

  await expect(opening).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
  await expect(opening).rejects.toThrow("docs#1");
});

test("[S13] a log damaged while it is open is reported by the next load", async () => {
  const store = await open();
  await store.append(Uint8Array.of(1, 2, 3));
  const damaged = (await readLog()).fill(9, -1);
  await writeFile(join(directory, LOG), damaged);

  await expect(store.load()).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
  await expect(store.compact()).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });

  await store.close();
});

test("[S12] a compaction that fails leaves the log as it was, and open", async () => {
  const store = await open();
  await store.append(Uint8Array.of(1, 2, 3)); // no update of Yjs: it cannot be replayed

  await expect(store.compact()).rejects.toMatchObject({ code: "STORAGE_FAILED" });

  await store.append(Uint8Array.of(4));
  await store.close();
  expect(await loadAll()).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(4)]);
  expect(await readdir(directory)).toEqual([LOG]);
});

test("[S17] a compacted log that is cut or changed is refused, never taken for a torn one", async () => {
  const store = await open();
  const [update = new Uint8Array()] = writeUpdates(1);
  const headerBytes = (await readLog()).length + 1; // with the length of what it is made with
  await store.append(update);
  await store.compact();
  await store.close();
  const whole = await readLog();

  const damagedTail = whole.slice();
  damagedTail[whole.length - 1] = (damagedTail.at(-1) ?? 0) ^ 1;
  for (const damaged of [damagedTail, whole.subarray(0, -1), whole.subarray(0, headerBytes)]) {
    await writeFile(join(directory, LOG), damaged);

    await expect(open()).rejects.toMatchObject({
      code: "STORAGE_CORRUPT",
      message: expect.stringContaining(`it was made with ${whole.length} bytes`),
      details: { file: join(directory, LOG), offset: headerBytes },
    });
    expect(await readLog()).toEqual(new Uint8Array(damaged));
  }
});

test("[S12] what a compaction left unfinished is removed at the next open", async () => {
  const { updates } = await writeLog(2);
  await writeFile(join(directory, `${LOG}.tmp`), "half");

  expect(await loadAll()).toEqual(updates);
  expect(await readdir(directory)).toEqual([LOG]);
});

test("[S14] a log that is open is refused to a second holder, by file and process", async () => {
  const store = await open();

  await expect(open()).rejects.toMatchObject({
    code: "STORAGE_FAILED",
    message: expect.stringContaining(`process ${process.pid}`),
    details: { file: join(directory, "docs%231.lock.1"), pid: process.pid },
  });

  await store.close();
  await (await open()).close();
});

test("[S15] a place that cannot hold a log is reported with the file", async () => {
  await writeFile(join(directory, "taken"), "");
  const storage = createLogFileStorage({ directory: join(directory, "taken") });

  await expect(storage.open(BOARD)).rejects.toMatchObject({
    code: "STORAGE_FAILED",
    details: { file: join(directory, "taken", LOG) },
  });
});

test("[S15] a board needs a name that can be told apart", async () => {
  await expect(open("")).rejects.toThrow(RangeError);
  await expect(open("docs\ud800#1")).rejects.toThrow(RangeError);
});

function open(board = BOARD) {
  return createLogFileStorage({ directory }).open(board);
}

async function loadAll(): Promise<readonly Uint8Array[]> {
  const store = await open();
  const updates = await store.load();
  await store.close();
  return updates.map((update) => update.slice());
}

/** Reads the log as a plain array, since equality of buffers also weighs their class. */
async function readLog(): Promise<Uint8Array> {
  return new Uint8Array(await readFile(join(directory, LOG)));
}

/** Writes a log of `count` frames of one update each; `ends` holds the end of its header and of each frame. */
async function writeLog(count: number) {
  const updates = Array.from({ length: count }, (_, n) => new Uint8Array(5 + 3 * n).fill(n + 1));
  const store = await open();
  const ends = [(await readLog()).length];
  for (const update of updates) {
    await store.append(update);
    ends.push((await readLog()).length);
  }
  await store.close();
  return { ends, updates, whole: await readLog() };
}
