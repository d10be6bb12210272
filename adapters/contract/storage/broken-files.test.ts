// A second, plain store on disk shows that the damage suite asks nothing that only our own format can give; broken in
// one way each, it shows that the suite tells every one of these mistakes.

import { type FileHandle, open as openFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import crc32c from "crc-32/crc32c.js";
import * as Y from "yjs";
import { type BoardStore, CoordinationError, type Storage } from "../../../lib/index.ts";
import { runSuite } from "../suite/run-suite.ts";
import { describeStorageDamage } from "./damage.ts";

/** A mistake that authors of stores make; the plain store makes one, or none. */
type Mistake =
  | "acknowledges before the flush"
  | "checks no sum"
  | "cuts off whatever it cannot read"
  | "leaves a torn tail where it is"
  | "refuses a torn tail"
  | "compacts in place"
  | "renames before the flush"
  | "does not flush the folder"
  | "takes an empty file for a new board"
  | "changes what it refuses"
  | "names no file";

const mistakes: readonly (readonly [Mistake, string])[] = [
  ["acknowledges before the flush", "[Z38]"],
  ["checks no sum", "[Z37]"],
  ["cuts off whatever it cannot read", "[Z37]"],
  ["leaves a torn tail where it is", "[Z36]"],
  ["refuses a torn tail", "[Z36]"],
  ["refuses a torn tail", "[Z39]"],
  ["compacts in place", "[Z38]"],
  ["renames before the flush", "[Z38]"],
  ["does not flush the folder", "[Z38]"],
  ["takes an empty file for a new board", "[Z36]"],
  ["changes what it refuses", "[Z37]"],
  ["names no file", "[Z37]"],
];

const SUITE_TIMEOUT_MS = 60_000;

test(
  "a plain store of another format passes the damage suite",
  async () => {
    const failures = await damage(undefined, "");

    expect(failures).toEqual([]);
  },
  SUITE_TIMEOUT_MS,
);

test.each(mistakes)(
  "a store that %s fails under %s",
  async (mistake, rule) => {
    const failures = await damage(mistake, rule);

    expect(failures[0]).toMatch(/docs.*: It does not hold that .+/);
  },
  SUITE_TIMEOUT_MS,
);

async function damage(mistake: Mistake | undefined, rule: string): Promise<readonly string[]> {
  const failures = await runSuite(
    (register) =>
      describeStorageDamage({
        test: register,
        createStorage: (directory) => createPlainStorage(directory, mistake),
        holdsContent: (name) => !name.endsWith(".lock"),
        isEveryBitFlipped: false,
      }),
    rule,
  );
  return [...failures.values()];
}

/** Boards as one file of lines: the sum of the rest, the store's id, and an update in Base64; ids stand for headers. */
function createPlainStorage(directory: string, mistake: Mistake | undefined): Storage {
  return {
    open: (board) => openPlainStore(join(directory, `${board}.txt`), mistake),
  };
}

interface Reading {
  readonly id: string;
  readonly updates: readonly Uint8Array[];
  readonly end: number;
}

async function openPlainStore(path: string, mistake: Mistake | undefined): Promise<BoardStore> {
  let handle = await openOrMake(path, mistake);
  const text = await handle.readFile("latin1");
  const reading = read(text, mistake);
  if (reading === undefined) {
    if (mistake === "changes what it refuses") await handle.truncate(0);
    await handle.close();
    const name = mistake === "names no file" ? "A file" : path;
    throw new CoordinationError("STORAGE_CORRUPT", `${name} is damaged.`);
  }
  let { updates, end } = reading;
  const { id } = reading;
  if (end < text.length && mistake !== "leaves a torn tail where it is") {
    await handle.truncate(end);
    await handle.sync();
  }
  if (mistake === "leaves a torn tail where it is") end = text.length;

  const put = async (file: FileHandle, lines: string, at: number): Promise<void> => {
    await file.write(Buffer.from(lines, "latin1"), 0, lines.length, at);
    if (mistake !== "acknowledges before the flush") await file.sync();
    end = at + lines.length;
  };
  const compact = async (): Promise<void> => {
    updates = [Y.mergeUpdates([...updates])];
    const line = lineOf(id, Buffer.from(updates[0] ?? []).toString("base64"));
    const head = lineOf(id, `sealed ${line.length}`);
    if (mistake === "compacts in place") {
      await handle.truncate(0);
      await put(handle, head + line, 0);
      return;
    }
    const draft = await openFile(`${path}.new`, "w+");
    if (mistake === "renames before the flush") await rename(`${path}.new`, path);
    await put(draft, head + line, 0);
    if (mistake !== "renames before the flush") await rename(`${path}.new`, path);
    if (mistake !== "does not flush the folder") await flushFolder(path);
    await handle.close();
    handle = draft;
  };

  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
  let isClosed = false;
  return {
    id,
    load: () => inTurn(async () => updates),
    append: (update) =>
      inTurn(async () => {
        await put(handle, lineOf(id, Buffer.from(update).toString("base64")), end);
        updates = [...updates, update];
      }),
    compact: () => inTurn(compact),
    close: () =>
      inTurn(async () => {
        if (!isClosed) await handle.close();
        isClosed = true;
      }),
  };
}

async function openOrMake(path: string, mistake: Mistake | undefined): Promise<FileHandle> {
  const found = await openFile(path, "r+").catch(() => undefined);
  const isNew =
    mistake === "takes an empty file for a new board" && (await found?.stat())?.size === 0;
  if (found !== undefined && !isNew) {
    return found;
  }
  await found?.close();
  const made = await openFile(`${path}.new`, "w+");
  const id = crypto.randomUUID();
  const head = lineOf(id, "sealed 0");
  await made.write(Buffer.from(head), 0, head.length, 0);
  await made.sync();
  await rename(`${path}.new`, path);
  await flushFolder(path);
  await made.close();
  return openFile(path, "r+");
}

async function flushFolder(path: string): Promise<void> {
  const folder = await openFile(join(path, ".."), "r");
  await folder.sync();
  await folder.close();
}

/** Reads the lines up to a torn tail; undefined where the damage is none that a crash leaves. */
function read(text: string, mistake: Mistake | undefined): Reading | undefined {
  const lines = text.split(/(?<=\n)/);
  const [id, sealed] = parseLine(lines[0] ?? "", mistake) ?? [];
  if (id === undefined || sealed === undefined) {
    return undefined;
  }
  const updates: Uint8Array[] = [];
  let end = lines[0]?.length ?? 0;
  const sealedEnd = end + Number(sealed.split(" ")[1]);
  for (const line of lines.slice(1)) {
    const [writer, update] = parseLine(line, mistake) ?? [];
    if (writer !== id || update === undefined) {
      const isFollowed = hasLine(text.slice(end + 1), mistake);
      const isTorn = end >= sealedEnd && !isFollowed && mistake !== "refuses a torn tail";
      return isTorn || mistake === "cuts off whatever it cannot read"
        ? { id, updates, end }
        : undefined;
    }
    updates.push(new Uint8Array(Buffer.from(update, "base64")));
    end += line.length;
  }
  return end < sealedEnd ? undefined : { id, updates, end };
}

/** Tells whether a whole line begins anywhere, since the end of the one before may be damaged. */
function hasLine(text: string, mistake: Mistake | undefined): boolean {
  return [...text].some((_, at) => parseLine(text.slice(at, text.indexOf("\n", at) + 1), mistake));
}

function lineOf(id: string, content: string): string {
  return `${crc32c.str(`${id};${content}`)};${id};${content}\n`;
}

function parseLine(line: string, mistake: Mistake | undefined): readonly string[] | undefined {
  const [sum, id, content] = line.endsWith("\n") ? line.slice(0, -1).split(";") : [];
  if (id === undefined || content === undefined) {
    return undefined;
  }
  const isWhole = mistake === "checks no sum" || String(crc32c.str(`${id};${content}`)) === sum;
  return isWhole ? [id, content] : undefined;
}
