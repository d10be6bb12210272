/** Boards on disk: one append-only file per board, which acknowledges only what survives a power cut. */
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { BoardStore, CoordinationError, Storage } from "../../lib/index.ts";
import { createAppendFile, createFile, type GrowingFile, storageFailed } from "./append-file.ts";
import { boardToFileName, hasCode, isDiskFull, makeDirectory } from "./directory.ts";
import { readFrames } from "./frame-reader.ts";
import { acquireLock } from "./lock-file.ts";
import {
  draftOf,
  type LogFile,
  openLog,
  openLogToRead,
  putInPlace,
  storageCorrupt,
} from "./log-open.ts";
import { mergeByReplay } from "./replay.ts";

/** Where the logs are kept. */
export interface LogFileStorageOptions {
  /** The folder of the logs, made where there is none; it must be on a disk whose flushes can be trusted. */
  readonly directory: string;
}

/**
 * Makes a storage of log files, `<directory>/<board>.log`. A log is open in one process at a time: it is guarded by
 * `<board>.lock.<number>`, which a dead process's successor takes over.
 *
 * @example
 * const storage = createLogFileStorage({ directory: "./boards" });
 * const store = await storage.open("docs#1"); // ./boards/docs%231.log
 */
export function createLogFileStorage({ directory }: LogFileStorageOptions): Storage {
  const root = resolve(directory);
  return {
    async open(board) {
      const name = boardToFileName(board);
      const path = join(root, `${name}.log`);
      try {
        await makeDirectory(root);
        const lock = await acquireLock(join(root, `${name}.lock`)).catch((cause: unknown) => {
          if (!isDiskFull(cause)) throw cause;
          return { cause };
        });
        if ("cause" in lock) return await openReadOnly(path, board, lock.cause);
        try {
          const log = await openLog(path, board);
          return createStore({ path, board, log, release: lock.release });
        } catch (error) {
          await lock.release();
          throw error;
        }
      } catch (error) {
        throw storageFailed(path, "could not be opened", error);
      }
    },
  };
}

/**
 * Opens a board that can be read although the disk takes nothing more, not even the lock: without it, all that was
 * acknowledged can be read, whoever writes meanwhile; nothing is changed, and every append is refused.
 */
async function openReadOnly(path: string, board: string, cause: unknown): Promise<BoardStore> {
  const log = await openLogToRead(path, board).catch((error: unknown) => {
    throw hasCode(error, "ENOENT") ? cause : error;
  });
  const what = "is open only to be read; make room on the disk and open it anew";
  const refusal = storageFailed(path, what, cause);
  return createStore({ path, board, log, refusal, release: async () => {} });
}

interface StoreParts {
  readonly path: string;
  readonly board: string;
  readonly log: LogFile;
  readonly refusal?: CoordinationError;
  readonly release: () => Promise<void>;
}

function createStore({ path, board, log, refusal, release }: StoreParts): BoardStore {
  const { id } = log;
  const refused = refusal === undefined ? {} : { refusal };
  const appendFile = createAppendFile({ path, file: log, ...refused });
  let closed: Promise<void> | undefined;

  const readAll = async (file: GrowingFile): Promise<readonly Uint8Array[]> => {
    const range = { from: file.headerBytes, to: file.sizeBytes, seed: file.seed };
    const { updates, end, stop } = await readFrames(file.handle, range).catch((error) => {
      throw storageFailed(path, "could not be read", error);
    });
    if (stop !== undefined) {
      throw storageCorrupt(path, end, stop);
    }
    return updates;
  };

  return {
    id,
    load: () => appendFile.read(readAll),
    append: (update) => appendFile.append(update),
    async compact() {
      const draft = draftOf(path);
      await appendFile.replace(
        async (file) => {
          try {
            const updates = mergeByReplay(await readAll(file));
            return await createFile(draft, { id, board, rule: "" }, updates);
          } catch (error) {
            await rm(draft, { force: true });
            throw storageFailed(path, "could not be compacted, and is as before", error);
          }
        },
        () => putInPlace(draft, path),
      );
    },
    close() {
      closed ??= appendFile
        .close()
        .finally(release)
        .catch((error) => {
          throw storageFailed(path, "could not be closed in order; look at its lock", error);
        });
      return closed;
    },
  };
}
