import { type FileHandle, open } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { createAppendFile } from "./append-file.ts";

test("[S9] an append resolves only after a flush that began when all of it was written", async () => {
  const { handle, calls, finishFlush } = createRecordingHandle();
  const file = createAppendFile({
    path: "log",
    file: { handle, sizeBytes: 0, headerBytes: 0, seed: 0 },
  });

  const appended = file.append(Uint8Array.of(1)).then(() => calls.push("resolved"));
  await until(() => calls.length === 2);
  expect(calls).toEqual(["write", "flush"]);
  finishFlush();
  await appended;

  expect(calls).toEqual(["write", "flush", "flushed", "resolved"]);
});

test("[S9] appends made while a flush is under way share the next one", async () => {
  const { handle, calls, finishFlush } = createRecordingHandle();
  const file = createAppendFile({
    path: "log",
    file: { handle, sizeBytes: 0, headerBytes: 0, seed: 0 },
  });

  const first = file.append(Uint8Array.of(1));
  await until(() => calls.length === 2);
  const others = Array.from({ length: 20 }, () => file.append(Uint8Array.of(2)));
  finishFlush();
  await first;
  await until(() => calls.length === 5);
  finishFlush();
  await Promise.all(others);

  expect(calls).toEqual(["write", "flush", "flushed", "write", "flush", "flushed"]);
});

test("[S9] a group grown to a megabyte is flushed without what comes after", async () => {
  const written: number[] = [];
  const { handle } = createRecordingHandle({ isFlushInstant: true });
  const file = createAppendFile({
    path: "log",
    file: { handle, sizeBytes: 0, headerBytes: 0, seed: 0 },
    onWritten: (sizeBytes) => written.push(sizeBytes),
  });

  await Promise.all(
    [800, 300, 20].map((kilobytes) => file.append(new Uint8Array(kilobytes * 1024))),
  );

  expect(written.map((sizeBytes) => Math.round(sizeBytes / 1024))).toEqual([1100, 20]);
});

test("[S11] after a write error every append is refused", async () => {
  const handle = await open("/dev/full", "r+");
  const file = createAppendFile({
    path: "/dev/full",
    file: { handle, sizeBytes: 0, headerBytes: 0, seed: 0 },
  });
  const refusal = {
    code: "STORAGE_FAILED",
    message: expect.stringContaining("ENOSPC"),
    details: { file: "/dev/full" },
  };

  const appends = [file.append(Uint8Array.of(1)), file.append(Uint8Array.of(2))];

  await expect(appends[0]).rejects.toMatchObject(refusal);
  await expect(appends[1]).rejects.toMatchObject(refusal);
  await expect(file.append(Uint8Array.of(3))).rejects.toMatchObject(refusal);
  await expect(file.flush()).rejects.toMatchObject(refusal);
  await file.close();
});

test("[S11] after a flush that failed every append is refused", async () => {
  const { handle } = createRecordingHandle({ isFlushInstant: true, isFlushFailing: true });
  const file = createAppendFile({
    path: "log",
    file: { handle, sizeBytes: 0, headerBytes: 0, seed: 0 },
  });

  await expect(file.append(Uint8Array.of(1))).rejects.toThrow("EIO");
  await expect(file.append(Uint8Array.of(2))).rejects.toThrow("EIO");
  await file.close();
});

test("[S12] a replacement that cannot be made final closes the file to appends", async () => {
  const { handle } = createRecordingHandle({ isFlushInstant: true });
  const before = { handle, sizeBytes: 0, headerBytes: 0, seed: 0 };
  const file = createAppendFile({ path: "log", file: before });

  const replaced = file.replace(
    async () => before,
    () => Promise.reject(new Error("EIO")),
  );

  await expect(replaced).rejects.toMatchObject({ code: "STORAGE_FAILED" });
  await expect(file.append(Uint8Array.of(1))).rejects.toMatchObject({ code: "STORAGE_FAILED" });
});

interface RecordingOptions {
  readonly isFlushInstant?: boolean;
  readonly isFlushFailing?: boolean;
}

/** A stand-in for the disk: it notes what is asked of it, and flushes when told to. */
function createRecordingHandle({ isFlushInstant, isFlushFailing }: RecordingOptions = {}) {
  const calls: string[] = [];
  let finish = () => {};
  const disk: Pick<FileHandle, "datasync" | "close"> & { write: unknown } = {
    async write(_bytes: Uint8Array, _at: number, length: number) {
      calls.push("write");
      return { bytesWritten: length };
    },
    async datasync() {
      calls.push("flush");
      if (isFlushInstant !== true) {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
      }
      if (isFlushFailing === true) {
        throw new Error("EIO");
      }
      calls.push("flushed");
    },
    async close() {},
  };
  return { handle: disk as FileHandle, calls, finishFlush: () => finish() };
}

/** Lets promise reactions run until the condition holds. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100 && !condition(); turn++) {
    await Promise.resolve();
  }
}
