/** Signs of life in files of their own: each replica rewrites one small file, and reads those that change under its eyes. */
import { lstat, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CoordinationError, Presence } from "../../../lib/index.ts";
import { storageFailed } from "../../storage/append-file.ts";
import { hasCode, makeDirectory } from "../../storage/directory.ts";

/** Whose signs of life are read and written. */
export interface PresenceOptions {
  readonly directory: string;
  readonly rule: string;
  /** Told once of a file that cannot be read or written. */
  readonly report: (error: CoordinationError) => void;
}

/** This replica's presence file. */
export interface OwnPresence {
  /** Rewrites the file; of calls made while it is being written only the last counts. */
  write(presences: readonly Presence[]): void;
  /** Removes the file, for good. */
  close(): Promise<void>;
}

/** The presence files of the others. */
export interface PeerPresences {
  /** Gives the signs of life in those of the files that have been written anew since the last look. */
  read(names: readonly string[]): Promise<Presence[]>;
  /** Takes note of files whose writers may be long dead: only what they write from now on is a sign of life. */
  skip(names: readonly string[]): Promise<void>;
}

const MAX_PRESENCE_BYTES = 1 << 20;

/** Makes the writer of a presence file; nothing is written before the first sign of life. */
export function createOwnPresence(
  name: string,
  { directory, rule, report }: PresenceOptions,
  onWritten: (sizeBytes: number) => void,
): OwnPresence {
  const path = join(directory, name);
  let count = 0;
  let next: readonly Presence[] | undefined;
  let writing: Promise<void> | undefined;
  let isClosed = false;
  let isFailing = false;

  const writeNext = async (): Promise<void> => {
    while (next !== undefined) {
      // The count makes each text differ from the last, so that a reader can tell a sign of life from an old one.
      const text = JSON.stringify({ v: 1, n: ++count, rule, presences: next });
      next = undefined;
      try {
        await makeDirectory(directory);
        await writeFile(`${path}.tmp`, text);
        await rename(`${path}.tmp`, path);
        onWritten(Buffer.byteLength(text));
        isFailing = false;
      } catch (error) {
        if (!isFailing) {
          report(storageFailed(path, "could not be written", error));
        }
        isFailing = true;
      }
    }
    writing = undefined;
  };

  return {
    write(presences) {
      if (!isClosed) {
        next = presences;
        writing ??= writeNext();
      }
    },
    async close() {
      isClosed = true;
      next = undefined;
      await writing;
      try {
        await Promise.all([`${path}.tmp`, path].map((file) => rm(file, { force: true })));
      } catch (error) {
        report(storageFailed(path, "could not be removed", error));
      }
    },
  };
}

/** Makes the reader of the others' presence files. */
export function createPeerPresences({ directory, rule, report }: PresenceOptions): PeerPresences {
  const lookByName = new Map<string, string>();
  const textByName = new Map<string, string>();
  const reported = new Set<string>();

  /** Gives the text of a file that has been written anew. */
  const readChanged = async (name: string): Promise<string | undefined> => {
    const path = join(directory, name);
    const stat = await lstat(path);
    const look = `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
    if (look === lookByName.get(name) || !stat.isFile() || stat.size > MAX_PRESENCE_BYTES) {
      return undefined;
    }
    const text = await readFile(path, "utf8");
    lookByName.set(name, look);
    if (text === textByName.get(name)) {
      return undefined;
    }
    textByName.set(name, text);
    return text;
  };

  const readEach = async (names: readonly string[]): Promise<(readonly Presence[])[]> => {
    const found: (readonly Presence[])[] = [];
    for (const name of names) {
      try {
        const text = await readChanged(name);
        found.push(text === undefined ? [] : parsePresences(text, rule));
      } catch (error) {
        if (!hasCode(error, "ENOENT") && !reported.has(name)) {
          reported.add(name);
          report(storageFailed(join(directory, name), "gives no sign of life", error));
        }
      }
    }
    return found;
  };

  return {
    read: async (names) => (await readEach(names)).flat(),
    async skip(names) {
      await readEach(names);
    },
  };
}

/** Reads a presence file's text; signs of life of replicas under another rule are none. */
function parsePresences(text: string, rule: string): readonly Presence[] {
  const file = JSON.parse(text);
  if (file?.rule !== rule) {
    return [];
  }
  return file.presences.map(({ agent, slots }: Presence) => {
    if (typeof agent !== "string" || !Number.isSafeInteger(slots) || slots < 0) {
      throw new TypeError("its text is no list of agents and slots");
    }
    return { agent, slots };
  });
}
