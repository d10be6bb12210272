/**
 * Watches a directory through every step that a store takes on it, and says at each what a crash there could leave:
 * after a kill all that was written, after a power cut only what was flushed, and anything in between of the rest.
 */
import { fstatSync, readFileSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { type Files, listFiles, readFiles, withFile } from "./files.ts";

/** One state in which a crash could leave the files. */
export interface CrashState {
  /** How it came about, such as `killed before write`. */
  readonly how: string;
  readonly files: Files;
}

/** What is watched, and who is told. */
export interface DiskWatchOptions {
  readonly directory: string;
  readonly holdsContent: (name: string) => boolean;
  /** Told before each step of any file handle, and when asked by {@link DiskWatch.look}. */
  readonly onCrashState: (state: CrashState) => void;
}

/** A watch that is on; one at a time. */
export interface DiskWatch {
  /** Reports what a crash at this moment could leave. */
  look(): void;
  /** Ends the watch. */
  stop(): void;
}

type Method = (this: FileHandle, ...values: unknown[]) => Promise<unknown>;

const FLUSHES = ["sync", "datasync"];
const STEPS = ["write", "writev", "writeFile", "appendFile", "truncate", "close", ...FLUSHES];

/**
 * Starts to watch. It sees what goes through a `FileHandle` of `node:fs/promises`: the real calls are made, and looked
 * at. Of a store that writes by other means only the moments of {@link DiskWatch.look} are seen, and no flushes.
 */
export async function watchDisk(options: DiskWatchOptions): Promise<DiskWatch> {
  const disk = createDiskModel(options);
  const probe = await open(options.directory, "r");
  const methods = Object.getPrototypeOf(probe) as Record<string, Method>;
  await probe.close();

  const originals = new Map<string, Method>();
  for (const name of STEPS) {
    const original = methods[name];
    if (original === undefined) continue;
    originals.set(name, original);
    methods[name] = async function (...values) {
      disk.report(`before ${name}`);
      const flushed = FLUSHES.includes(name) ? disk.startFlush(this.fd) : undefined;
      const result = await original.apply(this, values);
      flushed?.();
      return result;
    };
  }
  return {
    look: () => disk.report("between steps"),
    stop() {
      for (const [name, original] of originals) {
        methods[name] = original;
      }
    },
  };
}

interface DiskModel {
  /** Notes what a flush of this file covers; the function given is called once it has succeeded. */
  startFlush(fd: number): () => void;
  report(when: string): void;
}

function createDiskModel({ directory, holdsContent, onCrashState }: DiskWatchOptions): DiskModel {
  const namesNow = (): Map<string, string> =>
    new Map(listFiles(directory, holdsContent).map((name) => [name, keyOf(join(directory, name))]));
  const bytesOf = (name: string): Uint8Array =>
    Uint8Array.from(readFileSync(join(directory, name)));

  // What lies there when the watch starts has been there for long.
  let flushedNames = namesNow();
  const flushedByFile = new Map([...flushedNames].map(([name, key]) => [key, bytesOf(name)]));
  let isFlushSeen = false;
  const flushedBytes = (names: ReadonlyMap<string, string>): Files =>
    new Map([...names].map(([name, key]) => [name, flushedByFile.get(key) ?? new Uint8Array()]));

  return {
    startFlush(fd) {
      const status = fstatSync(fd, { bigint: true });
      const names = namesNow();
      if (status.isDirectory()) {
        return () => {
          flushedNames = names;
        };
      }
      const key = `${status.ino} ${status.birthtimeNs}`;
      const name = [...names].find(([, each]) => each === key)?.[0];
      if (name === undefined) {
        return () => {};
      }
      const bytes = bytesOf(name);
      return () => {
        isFlushSeen = true;
        flushedByFile.set(key, bytes);
      };
    },
    report(when) {
      const written = readFiles(directory, holdsContent);
      const tell = (how: string, files: Files): void =>
        onCrashState({ how: `${how} ${when}`, files });
      tell("killed", written);
      if (!isFlushSeen) {
        return; // nothing has been flushed yet, or not where it can be seen
      }
      const flushed = flushedBytes(namesNow());
      tell("power cut, unflushed bytes lost,", flushed);
      if (process.platform !== "win32") {
        tell("power cut, unflushed bytes and names lost,", flushedBytes(flushedNames));
      }
      for (const torn of tearTails(written, flushed)) {
        tell("power cut, unflushed bytes torn,", torn);
      }
    },
  };
}

/** Of each file that has grown since its flush: half of the growth, all but a byte of it, and zeros in its place. */
function tearTails(written: Files, flushed: Files): readonly Files[] {
  return [...written].flatMap(([name, bytes]) => {
    const from = flushed.get(name)?.length ?? 0;
    if (from >= bytes.length) {
      return [];
    }
    return [
      bytes.subarray(0, from + ((bytes.length - from) >> 1)),
      bytes.subarray(0, -1),
      bytes.slice().fill(0, from),
    ].map((torn) => withFile(written, name, torn));
  });
}

/** Names a file whatever it is called; a number alone may be given again once a file is removed. */
function keyOf(path: string): string {
  const { ino, birthtimeNs } = statSync(path, { bigint: true });
  return `${ino} ${birthtimeNs}`;
}
