/** A small stored board whose every step is known, and the verdict on what a store makes of it once it is damaged. */
import type { BoardStore, Storage } from "../../../lib/index.ts";
import { check, checkSame } from "../suite/check.ts";
import { contentOf, writeUpdates } from "./content.ts";
import { areSameFiles, beginsWith, type Files, readFiles, writeFiles } from "./files.ts";

/** A place for boards and what is to be seen of it. */
export interface Place {
  readonly directory: string;
  readonly createStorage: (directory: string) => Storage;
  readonly holdsContent: (name: string) => boolean;
}

/** What was stored. */
export interface Stored {
  /** The store's id, once anybody may rely on it. */
  readonly id: string | undefined;
  readonly updates: readonly Uint8Array[];
  /** The content of the first so many updates, from none to all. */
  readonly contents: readonly string[];
}

/** A board that was stored, closed and read as files. */
export interface Specimen extends Stored {
  readonly files: Files;
  /** The files at the moment when so many updates were acknowledged. */
  readonly filesByCount: ReadonlyMap<number, Files>;
}

/** What may come of opening damaged files. */
export interface Verdict {
  /** How many of the acknowledged updates must be there if the store opens. */
  readonly atLeast: number;
  /** How many updates can be there. */
  readonly atMost: number;
  /** Whether the store may refuse with `STORAGE_CORRUPT` instead. */
  readonly mayRefuse: boolean;
}

/** The board of every damage test. */
export const BOARD = "docs#1";

const UPDATE_COUNT = 3;

/** What is appended after the damage, by another writer. */
const FURTHER: Uint8Array = writeUpdates(1)[0] ?? new Uint8Array();

/** Stores a board update by update; compacted, it ends with the compaction. */
export async function makeSpecimen(place: Place, isCompacted: boolean): Promise<Specimen> {
  const { directory, createStorage, holdsContent } = place;
  const updates = writeUpdates(UPDATE_COUNT);
  const filesByCount = new Map<number, Files>();
  writeFiles(directory, new Map());
  const store = await createStorage(directory).open(BOARD);
  filesByCount.set(0, readFiles(directory, holdsContent));
  for (const [index, update] of updates.entries()) {
    await store.append(update);
    filesByCount.set(index + 1, readFiles(directory, holdsContent));
  }
  if (isCompacted) {
    await store.compact();
    filesByCount.clear();
    filesByCount.set(UPDATE_COUNT, readFiles(directory, holdsContent));
  }
  await store.close();
  const files = readFiles(directory, holdsContent);
  check(files.size > 0, "the board lies in files; see `holdsContent`");
  return { id: store.id, updates, contents: contentsOf(updates), files, filesByCount };
}

/** Describes the content of the first so many updates, from none to all. */
export function contentsOf(updates: readonly Uint8Array[]): readonly string[] {
  return [...updates.keys(), updates.length].map((count) => contentOf(updates.slice(0, count)));
}

/** Counts the updates whose bytes are all still there: a crash later on could have left just this. */
export function countIntact({ filesByCount }: Specimen, damaged: Files): number | undefined {
  return [...filesByCount].findLast(([, files]) => beginsWith(damaged, files))?.[0];
}

/** Opens damaged files, and checks what comes of it: a refusal that names the file, or a board that can go on. */
export async function judge(
  place: Place,
  stored: Stored,
  damaged: Files,
  verdict: Verdict,
): Promise<void> {
  writeFiles(place.directory, damaged);
  let opened: { readonly store: BoardStore; readonly updates: readonly Uint8Array[] };
  try {
    opened = await openAndLoad(place);
  } catch (error) {
    checkRefusal(error, damaged);
    check(verdict.mayRefuse, "the store opens, since a crash can leave such files", String(error));
    const left = readFiles(place.directory, place.holdsContent);
    check(areSameFiles(left, damaged), "a store that is refused leaves its files as they were");
    return;
  }
  try {
    const kept = checkKept(stored, opened.updates, verdict);
    if (stored.id !== undefined) {
      checkSame(opened.store.id, stored.id, "a store that opens has its old id");
    }
    await goOn(place, opened.store, [...stored.updates.slice(0, kept), FURTHER]);
  } finally {
    await opened.store.close();
  }
}

function checkKept(
  { contents }: Stored,
  loaded: readonly Uint8Array[],
  { atLeast, atMost }: Verdict,
): number {
  const content = contentOf(loaded);
  const kept = contents.indexOf(content);
  check(kept >= 0, "the content is that of the first so many updates", content);
  check(kept >= atLeast, `at least ${atLeast} updates are there, or an error`, kept);
  check(kept <= atMost, `at most ${atMost} updates are there`, kept);
  return kept;
}

async function goOn(
  place: Place,
  store: BoardStore,
  expected: readonly Uint8Array[],
): Promise<void> {
  let updates: readonly Uint8Array[];
  try {
    await store.append(FURTHER);
    await store.close();
    const reopened = await openAndLoad(place);
    await reopened.store.close();
    updates = reopened.updates;
  } catch (error) {
    return check(false, "a store that opened takes an append and opens again", String(error));
  }
  checkSame(contentOf(updates), contentOf(expected), "what is appended afterwards is stored");
}

async function openAndLoad({
  directory,
  createStorage,
}: Place): Promise<{ readonly store: BoardStore; readonly updates: readonly Uint8Array[] }> {
  const store = await createStorage(directory).open(BOARD);
  try {
    return { store, updates: await store.load() };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function checkRefusal(error: unknown, damaged: Files): void {
  const { code, message } = error as { code?: unknown; message?: unknown };
  checkSame(code, "STORAGE_CORRUPT", `damage is refused by its code (${error})`);
  check(
    [...damaged.keys()].some((name) => String(message).includes(name)),
    "the refusal names the file",
    message,
  );
}
