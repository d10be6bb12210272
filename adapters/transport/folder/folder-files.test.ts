import { execFileSync } from "node:child_process";
import { appendFile, mkdir, readdir, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Doc } from "yjs";
import { systemClock } from "../../../lib/index.ts";
import { encodeFrame } from "../../storage/frame.ts";
import { createOutbox } from "./outbox.ts";
import { createFolderBench, type FolderBench, forgeLog, until } from "./workbench.ts";

let bench: FolderBench;

beforeEach(async () => {
  bench = await createFolderBench();
});

afterEach(() => bench.close());

test("[F3] what is half written is waited for, wherever it is cut", async () => {
  const { path, pieces } = await forgeLog(bench, writeUpdates(2));
  const bytes = Buffer.concat(pieces);
  const [header = 0, first = 0] = pieces.map((piece) => piece.length);
  await writeFile(path, bytes.subarray(0, 5));
  const reader = await bench.join();

  for (const [from, to, count] of [
    [5, header + 3, 0],
    [header + 3, header + first - 1, 0],
    [header + first - 1, header + first + 12, 1],
    [header + first + 12, bytes.length, 2],
  ] as const) {
    await appendFile(path, bytes.subarray(from, to));
    await until(() => records(reader.doc) === count);
  }

  expect(reader.faults).toEqual([]);
});

test("[F4] a damaged log is named once, and the others are read on", async () => {
  const { path, pieces } = await forgeLog(bench, writeUpdates(3));
  const whole = Buffer.concat(pieces);
  const damaged = Buffer.from(whole);
  const offset = (pieces[0]?.length ?? 0) + (pieces[1]?.length ?? 0);
  damaged[offset + 14] = 0xff;
  await writeFile(path, damaged);
  const [reader, writer] = [await bench.join(), await bench.join()];

  await until(() => reader.faults.length > 0);
  writer.write(5);
  await until(() => reader.countOf(writer) === 5);

  expect(records(reader.doc)).toBe(1);
  expect(reader.faults).toEqual([
    expect.objectContaining({
      code: "STORAGE_CORRUPT",
      message: expect.stringContaining(path),
      details: { file: path, offset },
    }),
  ]);

  await writeFile(path, whole);

  await until(() => records(reader.doc) === 3);
});

test("[F4] a log that is foreign, or that shrinks, is named", async () => {
  const foreign = await forgeLog(bench, []);
  await writeFile(foreign.path, "these are no updates, but somebody's notes");
  const { path, pieces } = await forgeLog(bench, writeUpdates(2));
  await writeFile(path, Buffer.concat(pieces));
  const reader = await bench.join();
  await until(() => reader.faults.length === 1);

  await truncate(path, (pieces[0]?.length ?? 0) + 1);
  await until(() => reader.faults.length === 2);

  const files = reader.faults.map((fault) => ("details" in fault ? fault.details : undefined));
  expect(files).toMatchObject([{ file: foreign.path }, { file: path }]);
});

test("[F9] only regular files with the names of replicas are read", async () => {
  const { path, pieces } = await forgeLog(bench, writeUpdates(1));
  const elsewhere = join(bench.root, "elsewhere");
  const id = "0".repeat(31);
  await writeFile(elsewhere, Buffer.concat(pieces));
  await writeFile(join(bench.board, "notes.log"), Buffer.concat(pieces));
  await writeFile(`${path}.tmp`, Buffer.concat(pieces));
  await symlink(elsewhere, join(bench.board, `${id}1.log`));
  await mkdir(join(bench.board, `${id}2.log`));
  makePipe(`${id}3.log`);
  makePipe(`${id}4.presence`);

  const reader = await bench.join();
  makePipe(`${id}5.log`); // found by a hint, too
  const writer = await bench.join();
  writer.write();
  await until(() => reader.countOf(writer) === 1);

  expect(records(reader.doc)).toBe(0);
  expect(reader.faults).toEqual([]);
});

test("[F10] a frame that claims to be too long is named and not read", async () => {
  const { path, pieces, seed } = await forgeLog(bench, []);
  const long = encodeFrame([new Uint8Array(70 << 20)], seed);
  await writeFile(path, Buffer.concat([...pieces, long.subarray(0, 100)]));
  await truncate(path, long.length + 1000); // the rest is a hole without content

  const reader = await bench.join();
  await until(() => reader.faults.length === 1);

  expect(reader.faults[0]?.message).toContain(path);
  expect(reader.received).toEqual([]);
});

test("[F10] no update is written that the others would not read", async () => {
  const failures: unknown[] = [];
  const doc = new Doc();
  const link = { ...bench.createReplica().link, doc };
  const outbox = createOutbox({
    link,
    directory: bench.board,
    ownNames: new Set(),
    onWritten: () => {},
    onFailure: (error) => failures.push(error),
  });

  await outbox.write(new Uint8Array(64 << 20));
  await outbox.close();

  expect(failures).toEqual([expect.any(RangeError)]);
  expect(outbox.madeName).toBe(undefined);
});

test("[F10] a replica with more to write than a frame holds says so and is never synced", async () => {
  const ada = await bench.join();

  ada.doc.getArray("huge").push([new Uint8Array(64 << 20)]);
  await until(() => ada.faults.length === 1);
  const refusal = expect(ada.connection.sync()).rejects.toMatchObject({
    code: "CONNECTION_CLOSED",
  });
  await until(() => ada.statuses.filter((status) => status === "syncing").length > 1);
  await ada.connection.close();

  await refusal;
  expect(ada.faults).toEqual([expect.objectContaining({ code: "STORAGE_FAILED" })]);
  expect(ada.statuses.filter((status) => status === "synced").length).toBe(1);
  expect(await bench.list()).toEqual([]);
}, 30_000);

test("[F11] logs of another board or rule are refused by name", async () => {
  const otherBoard = await forgeLog(bench, writeUpdates(1), { board: "plans#1" });
  await writeFile(otherBoard.path, Buffer.concat(otherBoard.pieces));
  const otherRule = await forgeLog(bench, writeUpdates(1), { rule: "rendezvous@1" });
  await writeFile(otherRule.path, Buffer.concat(otherRule.pieces));

  const reader = await bench.join();
  await appendFile(otherRule.path, "more");
  const writer = await bench.join();
  writer.write();
  await until(() => reader.countOf(writer) === 1);

  expect(records(reader.doc)).toBe(0);
  expect(reader.faults.length).toBe(2);
  expect(reader.faults).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        code: "BOARD_MISMATCH",
        details: { file: otherBoard.path, ours: "docs#1", theirs: "plans#1" },
      }),
      expect.objectContaining({
        code: "RULE_MISMATCH",
        details: {
          file: otherRule.path,
          board: "docs#1",
          ours: "earliest@1",
          theirs: "rendezvous@1",
        },
      }),
    ]),
  );
});

test("[F8] a sign of life is a file rewritten, and gone after the close", async () => {
  const [ada, ben] = [await bench.join(), await bench.join()];

  for (let beat = 1; beat <= 3; beat++) {
    ada.connection.sendPresence([{ agent: ada.agent, slots: 2 }]);
    await until(() => ben.presences.length === beat);
  }
  expect((await bench.list()).length).toBe(1);
  await ada.connection.close();

  expect(ben.presences.at(-1)).toEqual({ agent: ada.agent, slots: 2 });
  expect(await bench.list()).toEqual([]);
});

test("[F8] a file left by somebody long gone is no sign of life", async () => {
  const text = presenceText(1, "earliest@1");
  await mkdir(bench.board);
  await writeFile(presencePath("1"), text);
  const reader = await bench.join();

  await writeFile(presencePath("1"), text); // touched, but not written by a living replica
  await writeFile(presencePath("2"), presenceText(1, "rendezvous@1"));
  await writeFile(presencePath("3"), presenceText(1, "earliest@1", "ben~1"));
  await until(() => reader.presences.length > 0);
  expect(reader.presences).toEqual([{ agent: "ben~1", slots: 1 }]);
  await writeFile(presencePath("1"), presenceText(2, "earliest@1"));
  await until(() => reader.presences.length > 1);

  expect(reader.presences.at(-1)).toEqual({ agent: "ada~1", slots: 1 });
});

test("[F8] a presence file that cannot be understood is named once", async () => {
  const reader = await bench.join();
  await mkdir(bench.board);

  for (const text of ["", '{"rule":"earliest@1"}', presenceText(1, "earliest@1", 7)]) {
    await writeFile(presencePath("1"), text);
  }
  await until(() => reader.faults.length > 0);
  await writeFile(presencePath("1"), presenceText(2, "earliest@1"));
  await until(() => reader.presences.length > 0);

  expect(reader.faults).toEqual([
    expect.objectContaining({ message: expect.stringContaining(presencePath("1")) }),
  ]);
});

test("[F8] signs of life that cannot be written are a fault told once", async () => {
  const ada = await bench.join();
  await writeFile(bench.board, "in the way");

  for (let beat = 0; beat < 3; beat++) {
    ada.connection.sendPresence([{ agent: ada.agent, slots: 2 }]);
    await systemClockTurn();
  }
  await ada.connection.close();

  const told = ada.faults.filter(({ message }) =>
    message.includes(".presence could not be written"),
  );
  expect(told.length).toBe(1);
});

test("[F12] a second close, and signs of life after it, do nothing", async () => {
  const ada = await bench.join();
  ada.write();

  await Promise.all([ada.connection.close(), ada.connection.close()]);
  ada.connection.sendPresence([{ agent: ada.agent, slots: 2 }]);
  ada.connection.resync();
  ada.write();
  await systemClockTurn();

  expect((await bench.readOnlyLog()).length).toBe(1);
  expect((await readdir(bench.board)).length).toBe(1);
  expect(ada.connection.status).toBe("closed");
});

/** Writes `count` records to one array, and gives the update of each. */
function writeUpdates(count: number): readonly Uint8Array[] {
  const doc = new Doc();
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  for (let n = 0; n < count; n++) {
    doc.getArray("records").push([n]);
  }
  doc.destroy();
  return updates;
}

function records(doc: Doc): number {
  return doc.getArray("records").length;
}

/** Makes a named pipe, which nobody who opens it for reading gets out of. */
function makePipe(name: string): void {
  execFileSync("sh", ["-c", 'mkfifo "$1"', "sh", join(bench.board, name)]);
}

function presencePath(digit: string): string {
  return join(bench.board, `${digit.repeat(32)}.presence`);
}

function presenceText(n: number, rule: string, agent: unknown = "ada~1"): string {
  return JSON.stringify({ v: 1, n, rule, presences: [{ agent, slots: 1 }] });
}

function systemClockTurn(): Promise<void> {
  return new Promise((resolve) => systemClock.schedule(10, resolve));
}
