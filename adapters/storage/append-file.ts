/** A file that only grows, and acknowledges only what is durable: the one writer under the log file and the folder. */
import { type FileHandle, open as openFile } from "node:fs/promises";
import { CoordinationError } from "../../lib/index.ts";
import { encodeFrame, encodeHeader, type FileHeader, measureFrame } from "./frame.ts";

/** An open file, its length, where its frames begin, and their seed. */
export interface GrowingFile {
  readonly handle: FileHandle;
  readonly sizeBytes: number;
  readonly headerBytes: number;
  readonly seed: number;
}

/** Where the file comes from, and whom to tell how it grows. */
export interface AppendFileOptions {
  /** Names the file in errors. */
  readonly path: string;
  /** The open file, or what opens it at the first need: a file never written to need not be made. */
  readonly file: GrowingFile | (() => Promise<GrowingFile>);
  /** What every append and replacement is refused with from the start; such a file is only read. */
  readonly refusal?: CoordinationError;
  /** Told the length of each frame, once it is durable. */
  readonly onWritten?: (sizeBytes: number) => void;
}

/** One file's queue of writes; every task waits for the one before. */
export interface AppendFile {
  /**
   * Appends an update and resolves when it is durable. Appends made while a flush is under way become one frame, one
   * write and one flush.
   *
   * @throws CoordinationError `STORAGE_FAILED`; from the first failure on, every time
   */
  append(update: Uint8Array): Promise<void>;
  /** Resolves once all that was appended before is durable; opens nothing. */
  flush(): Promise<void>;
  /** Runs a task on the file while nothing is being written; its failure is the caller's alone. */
  read<T>(task: (file: GrowingFile) => Promise<T>): Promise<T>;
  /**
   * Puts another file in this one's place: `make` prepares it, and may fail and leave all as it was; after `commit`
   * the new file counts, and a failure in it closes this file to appends, since it is unknown which one will remain.
   */
  replace(
    make: (file: GrowingFile) => Promise<GrowingFile>,
    commit: () => Promise<void>,
  ): Promise<void>;
  /** Waits for what is under way and closes the file; idempotent. Never fails for what an append has reported. */
  close(): Promise<void>;
}

interface Group {
  readonly updates: Uint8Array[];
  sizeBytes: number;
}

/** A group that has grown to this size takes no further update. */
const GROUP_BYTES = 1 << 20;

/** Makes the queue of a file; the file itself is opened when first needed. */
export function createAppendFile({
  path,
  file: source,
  refusal,
  onWritten,
}: AppendFileOptions): AppendFile {
  let file = typeof source === "function" ? undefined : source;
  let failure = refusal;
  let group: { readonly waiting: Group; readonly done: Promise<void> } | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closed: Promise<void> | undefined;

  const enqueue = <T>(task: () => Promise<T>): Promise<T> => {
    const result = last.then(task);
    last = result.catch(() => undefined); // whoever asked for the task hears of its failure
    return result;
  };

  const fail = (cause: unknown): CoordinationError => {
    failure ??= storageFailed(path, "could not be written; open it anew to go on", cause);
    return failure;
  };

  const opened = async (): Promise<GrowingFile> => {
    file ??= await (typeof source === "function" ? source() : source);
    return file;
  };

  const refuseFailed = (): void => {
    if (failure !== undefined) {
      throw failure;
    }
  };

  const write = async (waiting: Group): Promise<void> => {
    refuseFailed();
    try {
      const before = await opened();
      const { handle, sizeBytes } = before;
      const frame = encodeFrame(waiting.updates, before.seed);
      await writeAll(handle, frame, sizeBytes);
      await handle.datasync();
      file = { ...before, sizeBytes: sizeBytes + frame.length };
      onWritten?.(frame.length);
    } catch (cause) {
      throw fail(cause);
    }
  };

  const startGroup = (): { readonly waiting: Group; readonly done: Promise<void> } => {
    const waiting: Group = { updates: [], sizeBytes: 0 };
    const done = enqueue(() => {
      if (group?.waiting === waiting) {
        group = undefined;
      }
      return write(waiting);
    });
    return { waiting, done };
  };

  const refuseClosed = (): void => {
    if (closed !== undefined) {
      throw storageFailed(path, "is closed; open it again to go on");
    }
  };

  return {
    async append(update) {
      refuseClosed();
      if (group === undefined || group.waiting.sizeBytes >= GROUP_BYTES) {
        group = startGroup();
      }
      group.waiting.updates.push(update.slice());
      group.waiting.sizeBytes += update.length;
      return group.done;
    },
    flush: () => enqueue(async () => refuseFailed()),
    async read(task) {
      refuseClosed();
      return enqueue(async () => task(await opened()));
    },
    async replace(make, commit) {
      refuseClosed();
      return enqueue(async () => {
        refuseFailed();
        const before = await opened();
        file = await make(before);
        try {
          await commit();
        } catch (cause) {
          throw fail(cause);
        } finally {
          await before.handle.close();
        }
      });
    },
    close() {
      closed ??= enqueue(async () => file?.handle.close());
      return closed;
    },
  };
}

/** Makes the error of a file that could not be used; a cause that is such an error already is given as it is. */
export function storageFailed(path: string, what: string, cause?: unknown): CoordinationError {
  if (cause instanceof CoordinationError) {
    return cause;
  }
  const reason = cause === undefined ? "" : ` (${cause})`;
  return new CoordinationError("STORAGE_FAILED", `${path} ${what}${reason}.`, {
    details: { file: path },
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * Makes a file of a header and one frame of the given updates, flushed, and leaves it open; what was there before is
 * gone. The frame is sealed by the header: whoever finds it cut or changed knows that no crash did it.
 */
export async function createFile(
  path: string,
  header: Omit<FileHeader, "sealedBytes">,
  updates: readonly Uint8Array[] = [],
): Promise<GrowingFile> {
  const sealedBytes = updates.length === 0 ? 0 : measureFrame(updates);
  const { bytes, seed } = encodeHeader({ ...header, sealedBytes });
  const frame = updates.length === 0 ? new Uint8Array() : encodeFrame(updates, seed);
  const handle = await openFile(path, "w+");
  try {
    await writeAll(handle, bytes, 0);
    await writeAll(handle, frame, bytes.length);
    await handle.sync();
  } catch (error) {
    await handle.close();
    throw error;
  }
  const headerBytes = bytes.length;
  return { handle, sizeBytes: headerBytes + frame.length, headerBytes, seed };
}

/** Writes all bytes at the position, however many calls it takes. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const length = bytes.length - written;
    const { bytesWritten } = await handle.write(bytes, written, length, position + written);
    written += bytesWritten;
  }
}
