/**
 * An advisory lock among processes: of the files `<path>.<number>` the highest number holds. Whoever finds every holder
 * dead makes the next number, which only one can do, so a stale lock is never removed from under a new holder.
 */
import { randomBytes } from "node:crypto";
import { link, open, readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { CoordinationError } from "../../lib/index.ts";
import { hasCode } from "./directory.ts";

/** A lock that is held. */
export interface FileLock {
  /** Gives the lock back; idempotent. */
  release(): Promise<void>;
}

/** One run of a process: what tells it from another run under the same number. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** The boot of the machine, and the process's start in ticks since; only where the system tells (Linux). */
  readonly boot?: string;
  readonly start?: string;
  /** Random for each taking, so that this process tells its own locks apart. */
  readonly taking?: string;
}

/** Locks of this process that were given back while their files could not be removed. */
const givenUp = new Set<string>();

/**
 * Takes the lock, from a dead process too, and from this one where it gave it back but could not remove its file.
 *
 * @param path - the lock's name; the files beside it are `<path>.1`, `<path>.2` …
 * @throws CoordinationError `STORAGE_FAILED` naming the lock's file and its holder, when that may be alive
 */
export async function acquireLock(path: string): Promise<FileLock> {
  const taking = randomBytes(16).toString("hex");
  const own = { ...(await describeProcess()), taking };
  for (;;) {
    const before = await listNumbers(path);
    await refuseAlive(path, before, own);
    const number = (before.at(-1) ?? 0) + 1;
    const file = `${path}.${number}`;
    const release = async () => {
      givenUp.add(taking);
      await rm(file, { force: true });
      givenUp.delete(taking);
    };
    if (!(await createWhole(file, JSON.stringify(own)))) {
      continue;
    }
    try {
      // Looked at again: of two that are here at once, one sees the other, whatever was given back in between.
      const numbers = await listNumbers(path);
      if (numbers.at(-1) !== number) {
        await release();
        continue;
      }
      const lower = numbers.slice(0, -1);
      await refuseAlive(path, lower, own);
      await Promise.all(lower.map((dead) => rm(`${path}.${dead}`, { force: true })));
      return { release };
    } catch (error) {
      await release();
      throw error;
    }
  }
}

async function listNumbers(path: string): Promise<number[]> {
  const prefix = `${basename(path)}.`;
  const names = await readdir(dirname(path));
  return names
    .filter((name) => name.startsWith(prefix) && /^[1-9]\d{0,14}$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b);
}

async function refuseAlive(path: string, numbers: readonly number[], own: Holder): Promise<void> {
  for (const number of numbers) {
    const file = `${path}.${number}`;
    const text = await readIfThere(file);
    const holder = text === undefined ? undefined : parseHolder(text);
    if (text === undefined || (holder !== undefined && (await isDead(holder, own)))) {
      continue;
    }
    const who = holder ? `process ${holder.pid} on ${holder.host}` : "an unknown process";
    throw new CoordinationError(
      "STORAGE_FAILED",
      `${file} is held by ${who}. Close the store there; only if that process is gone for good, delete this file.`,
      { details: { file, ...(holder ? { pid: holder.pid } : {}) } },
    );
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) {
      return undefined;
    }
    throw error;
  });
}

/** Makes a file with its content at once, unless it exists: a reader never sees half of it. */
async function createWhole(file: string, content: string): Promise<boolean> {
  const draft = join(dirname(file), `${basename(file)}.${randomBytes(8).toString("hex")}.tmp`);
  const handle = await open(draft, "wx");
  try {
    await handle.writeFile(content);
    await handle.sync();
    await link(draft, file);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) {
      return false;
    }
    throw error;
  } finally {
    await handle.close();
    await rm(draft, { force: true });
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value = JSON.parse(text);
    const isHolder =
      Number.isSafeInteger(value?.pid) && value.pid > 0 && typeof value.host === "string";
    return isHolder ? value : undefined;
  } catch {
    return undefined;
  }
}

async function isDead(holder: Holder, own: Holder): Promise<boolean> {
  if (holder.taking !== undefined && givenUp.has(holder.taking)) {
    return true;
  }
  if (holder.host !== own.host) {
    return false; // nothing can be known about a process elsewhere
  }
  if (holder.boot !== own.boot) {
    return holder.boot !== undefined && own.boot !== undefined;
  }
  if (!isRunning(holder.pid)) {
    return true;
  }
  const start = await readStart(holder.pid);
  return start !== undefined && holder.start !== undefined && start !== holder.start;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, "ESRCH");
  }
}

let thisProcess: Promise<Holder> | undefined;

/** Describes this process, which is the same at every lock. */
function describeProcess(): Promise<Holder> {
  thisProcess ??= readProcess();
  return thisProcess;
}

async function readProcess(): Promise<Holder> {
  const boot = await readLine("/proc/sys/kernel/random/boot_id");
  const start = await readStart(process.pid);
  return {
    pid: process.pid,
    host: hostname(),
    ...(boot === undefined ? {} : { boot }),
    ...(start === undefined ? {} : { start }),
  };
}

/** Reads when a process started: field 22 of its status line, counted behind the name in parentheses. */
async function readStart(pid: number): Promise<string | undefined> {
  const line = await readLine(`/proc/${pid}/stat`);
  return line?.slice(line.lastIndexOf(")") + 2).split(" ")[19];
}

async function readLine(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").then(
    (text) => text.trim(),
    () => undefined, // not Linux, or gone: the caller does without
  );
}
