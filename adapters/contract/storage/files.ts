/** The files of one board on disk, as bytes to look at, to damage and to put back. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Bytes by file name, relative to the directory. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** Lists the files of a directory and those below it that hold content. */
export function listFiles(
  directory: string,
  holdsContent: (name: string) => boolean,
): readonly string[] {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  return names
    .filter(holdsContent)
    .filter((name) => statSync(join(directory, name), { throwIfNoEntry: false })?.isFile())
    .sort();
}

/** Reads all files that hold content. */
export function readFiles(directory: string, holdsContent: (name: string) => boolean): Files {
  return new Map(
    listFiles(directory, holdsContent).map((name) => [
      name,
      Uint8Array.from(readFileSync(join(directory, name))),
    ]),
  );
}

/** Empties the directory and writes these files into it. */
export function writeFiles(directory: string, files: Files): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), bytes);
  }
}

/** Gives the files with one of them changed. */
export function withFile(files: Files, name: string, bytes: Uint8Array): Files {
  return new Map([...files, [name, bytes]]);
}

/** Tells whether each file still begins with all that it held before. */
export function beginsWith(files: Files, before: Files): boolean {
  return [...before].every(([name, bytes]) => {
    const now = files.get(name);
    return now !== undefined && now.length >= bytes.length && isSame(now, bytes, bytes.length);
  });
}

/** Tells whether two sets of files hold the same bytes. */
export function areSameFiles(a: Files, b: Files): boolean {
  return (
    a.size === b.size &&
    [...a].every(([name, bytes]) => {
      const other = b.get(name);
      return other?.length === bytes.length && isSame(other, bytes, bytes.length);
    })
  );
}

function isSame(a: Uint8Array, b: Uint8Array, length: number): boolean {
  return Buffer.compare(a.subarray(0, length), b.subarray(0, length)) === 0;
}
