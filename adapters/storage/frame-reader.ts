/** Reads the frames of a file piece by piece, so that no length found in it makes us hold more than one frame. */
import type { FileHandle } from "node:fs/promises";
import {
  decodeFrame,
  decodeHeader,
  FRAME_HEADER_BYTES,
  type HeaderReading,
  MAX_HEADER_BYTES,
  readFrameSize,
} from "./frame.ts";

/** Which bytes of a file to read, and how. */
export interface FrameRange {
  readonly from: number;
  readonly to: number;
  readonly seed: number;
  /** A longer frame counts as damaged and is not read; no limit where left out. */
  readonly maxFrameBytes?: number;
}

/** The updates of all frames up to the first that could not be read. */
export interface FrameRun {
  readonly updates: readonly Uint8Array[];
  /** Where the last whole frame ends: the offset of what could not be read, if anything. */
  readonly end: number;
  /** Why the run ended before `to`; undefined when it did not. */
  readonly stop?: FrameStop;
}

/** What ends a run of frames early. */
export type FrameStop =
  | { readonly kind: "incomplete"; readonly sizeBytes: number }
  | { readonly kind: "damaged"; readonly reason: string; readonly sizeBytes?: number };

const CHUNK_BYTES = 1 << 20;

/** Reads a file's header. */
export async function readHeader(handle: FileHandle, sizeBytes: number): Promise<HeaderReading> {
  return decodeHeader(await readBytes(handle, 0, Math.min(sizeBytes, MAX_HEADER_BYTES)));
}

/** Reads whole frames in order, up to `to` or to the first that is incomplete or damaged. */
export async function readFrames(handle: FileHandle, range: FrameRange): Promise<FrameRun> {
  const { to, seed, maxFrameBytes = Number.POSITIVE_INFINITY } = range;
  const updates: Uint8Array[] = [];
  let end = range.from;
  let wanted = CHUNK_BYTES;
  while (end < to) {
    const length = Math.min(wanted, to - end);
    const bytes = await readBytes(handle, end, length);
    const { takenBytes, stop } = takeFrames(bytes, seed, updates);
    end += takenBytes;
    if (stop?.kind === "damaged") {
      return { updates, end, stop };
    }
    if (stop !== undefined && stop.sizeBytes > maxFrameBytes) {
      const reason = `a frame of ${stop.sizeBytes} bytes is longer than ${maxFrameBytes}`;
      return { updates, end, stop: { kind: "damaged", reason } };
    }
    const hasShrunk = bytes.length < length;
    if (stop !== undefined && (hasShrunk || end + stop.sizeBytes > to)) {
      return { updates, end, stop };
    }
    wanted = Math.max(CHUNK_BYTES, stop?.sizeBytes ?? 0);
  }
  return { updates, end };
}

function takeFrames(
  bytes: Uint8Array,
  seed: number,
  updates: Uint8Array[],
): { readonly takenBytes: number; readonly stop?: FrameStop } {
  let at = 0;
  do {
    const reading = decodeFrame(bytes, at, seed);
    if (reading.kind !== "frame") {
      return { takenBytes: at, stop: reading };
    }
    for (const update of reading.updates) {
      updates.push(update);
    }
    at += reading.sizeBytes;
  } while (at < bytes.length);
  return { takenBytes: at };
}

/** Tells whether the header of a whole frame starts anywhere in the range; linear in its length. */
export async function hasFrameHeader(handle: FileHandle, range: FrameRange): Promise<boolean> {
  const { to, seed } = range;
  let from = range.from;
  while (to - from > FRAME_HEADER_BYTES) {
    const bytes = await readBytes(handle, from, Math.min(CHUNK_BYTES, to - from));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const last = bytes.length - FRAME_HEADER_BYTES;
    for (let at = 0; at <= last; at++) {
      const isPlausible = view.getUint32(at, true) <= to - from - at - FRAME_HEADER_BYTES;
      if (isPlausible && readFrameSize(bytes, at, seed) !== undefined) {
        return true;
      }
    }
    if (last < 0) {
      return false; // the file shrank under us
    }
    from += last + 1;
  }
  return false;
}

async function readBytes(
  handle: FileHandle,
  position: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) {
      break;
    }
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
