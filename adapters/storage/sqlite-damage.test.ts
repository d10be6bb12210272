import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { writeUpdates } from "../contract/storage/content.ts";
import { type Files, readFiles, withFile, writeFiles } from "../contract/storage/files.ts";
import {
  BOARD,
  contentsOf,
  countIntact,
  judge,
  makeSpecimen,
  type Place,
  type Specimen,
} from "../contract/storage/specimen.ts";
import { SQLITE_FILE } from "./sqlite/database-file.ts";
import { createSqliteStorage } from "./sqlite.ts";

const WAL = `${SQLITE_FILE}-wal`;
const TIMEOUT_MS = 1_200_000;

/** A byte that is not zero says something; everyday, some of them are tried, and a few of the others. */
const isThorough = process.env["PROPERTY_RUNS"] !== undefined;
const [TELLING_STEP, EMPTY_STEP] = isThorough ? [5, 101] : [47, 1999];

let root: string;
let place: Place;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "stigmergy-damage-"));
  const directory = join(root, "boards");
  place = {
    directory,
    createStorage: (own) => createSqliteStorage({ directory: own }),
    // the index of the write-ahead log is made anew from it; an empty log holds nothing
    holdsContent: (name) =>
      !name.includes(".lock.") &&
      !name.endsWith("-shm") &&
      !(name === WAL && statSync(join(directory, name)).size === 0),
  };
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

for (const isCompacted of [false, true]) {
  const board = isCompacted ? "a compacted board" : "a board";

  test(
    `[S21] the database of ${board} cut at any byte, or with a bit flipped, gives all that was acknowledged, or an error`,
    async () => {
      const specimen = await makeSpecimen(place, isCompacted);
      expect([...specimen.files.keys()]).toEqual([SQLITE_FILE]);

      await tryAll(specimen, SQLITE_FILE, cut);
      await tryAll(specimen, SQLITE_FILE, flip);
    },
    TIMEOUT_MS,
  );
}

test(
  "[S21] a write-ahead log that a kill left opens cut as far as it goes, and flipped it loses the last commit at most",
  async () => {
    const specimen = await makeKilled();

    await tryAll(specimen, WAL, cut, (damaged) => ({
      atLeast: countIntact(specimen, damaged) ?? 0,
      mayRefuse: false,
    }));
    await tryAll(specimen, WAL, flip, () => ({
      atLeast: specimen.updates.length - 1,
      mayRefuse: true,
    }));
    await tryAll(specimen, SQLITE_FILE, flip);
  },
  TIMEOUT_MS,
);

test("[S8] what was acknowledged is there after a kill at any commit", async () => {
  const specimen = await makeKilled();

  for (const [count, files] of specimen.filesByCount) {
    await judge(place, specimen, files, { atLeast: count, atMost: count, mayRefuse: false });
  }
});

/** A board as a kill leaves it: the database and the write-ahead log that holds all of its content. */
async function makeKilled(): Promise<Specimen> {
  const { directory, createStorage, holdsContent } = place;
  const updates = writeUpdates(4);
  writeFiles(directory, new Map());
  const store = await createStorage(directory).open(BOARD);
  const filesByCount = new Map<number, Files>([[0, readFiles(directory, holdsContent)]]);
  for (const [index, update] of updates.entries()) {
    await store.append(update);
    filesByCount.set(index + 1, readFiles(directory, holdsContent));
  }
  const files = readFiles(directory, holdsContent);
  await store.close();
  expect([...files.keys()]).toEqual([SQLITE_FILE, WAL]);
  return { id: store.id, updates, contents: contentsOf(updates), files, filesByCount };
}

async function tryAll(
  specimen: Specimen,
  name: string,
  damage: (bytes: Uint8Array, at: number) => Uint8Array,
  verdictOf: (damaged: Files) => {
    readonly atLeast: number;
    readonly mayRefuse: boolean;
  } = () => ({
    atLeast: specimen.updates.length,
    mayRefuse: true,
  }),
): Promise<void> {
  const original = specimen.files.get(name) ?? new Uint8Array();
  const places = [...choosePlaces(original)];
  expect(places.length).toBeGreaterThan(20);
  for (const at of places) {
    const damaged = withFile(specimen.files, name, damage(original, at));
    const verdict = { ...verdictOf(damaged), atMost: specimen.updates.length };
    await judge(place, specimen, damaged, verdict).catch((cause: unknown) => {
      throw new Error(`${name} of ${original.length} bytes, ${damage.name} at ${at}: ${cause}`);
    });
  }
}

function* choosePlaces(bytes: Uint8Array): Generator<number> {
  let [telling, empty] = [0, 0];
  for (const [at, byte] of bytes.entries()) {
    const isChosen = byte === 0 ? empty++ % EMPTY_STEP === 0 : telling++ % TELLING_STEP === 0;
    if (isChosen) yield at;
  }
}

function cut(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.subarray(0, at);
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.with(at, (bytes[at] ?? 0) ^ (1 << (at % 8)));
}
