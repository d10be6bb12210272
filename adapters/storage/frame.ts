/**
 * The file format that the log file and the folder share: a header that names the file, then checked frames of updates.
 * See `docs/protocol.md`, "Files", for every byte.
 */
import crc32c from "crc-32/crc32c.js";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";

/** What a file says about itself. */
export interface FileHeader {
  /** 16 random bytes in lower-case hexadecimal; a store's id, a folder file's name. */
  readonly id: string;
  /** The board whose updates the file holds, such as `docs#1`. */
  readonly board: string;
  /** The board's rule, such as `earliest@1`; empty in a store, which plays by none. */
  readonly rule: string;
  /**
   * How many bytes of frames the file was made with, before it got its name: no crash tears these. 0 and left out of
   * the file where there are none.
   */
  readonly sealedBytes?: number;
}

/** What was found where a header should be. */
export type HeaderReading =
  | {
      readonly kind: "header";
      readonly header: Required<FileHeader>;
      readonly sizeBytes: number;
      /** The header's checksum; every frame's checksums go on from it, so a frame is valid in its own file only. */
      readonly seed: number;
    }
  | { readonly kind: "incomplete" }
  | { readonly kind: "damaged"; readonly reason: string };

/** What was found where a frame should be. */
export type FrameReading =
  | { readonly kind: "frame"; readonly updates: readonly Uint8Array[]; readonly sizeBytes: number }
  | { readonly kind: "incomplete"; readonly sizeBytes: number }
  | {
      readonly kind: "damaged";
      readonly reason: string;
      /** Given where the frame's own header is intact, so that its end is known. */
      readonly sizeBytes?: number;
    };

/** Length, checksum of the payload, checksum of the two: 4 bytes each, little-endian. */
export const FRAME_HEADER_BYTES = 12;

/** No header is longer. */
export const MAX_HEADER_BYTES = 4096;

/** Eight bytes that a transfer as text would change, after the example of PNG. */
const MAGIC = Uint8Array.of(0x89, 0x53, 0x54, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const VERSION = 1;
const FIXED_BYTES = 28;
const ID_PATTERN = /^[0-9a-f]{32}$/;

/**
 * Writes a file's header; its checksum is the seed of the frames behind it.
 *
 * @throws RangeError when the id is not 32 hexadecimal digits, or board and rule together are too long
 */
export function encodeHeader({ id, board, rule, sealedBytes = 0 }: FileHeader): {
  readonly bytes: Uint8Array;
  readonly seed: number;
} {
  const names = encoding.encode((encoder) => {
    encoding.writeVarString(encoder, board);
    encoding.writeVarString(encoder, rule);
    if (sealedBytes > 0) {
      encoding.writeVarUint(encoder, sealedBytes);
    }
  });
  const bytes = new Uint8Array(FIXED_BYTES + names.length + 4);
  if (!ID_PATTERN.test(id) || bytes.length > MAX_HEADER_BYTES) {
    throw new RangeError(`No header can hold the id ${id} and names of ${names.length} bytes.`);
  }
  const view = viewOf(bytes);
  bytes.set(MAGIC, 0);
  view.setUint16(8, VERSION, true);
  view.setUint16(10, names.length, true);
  bytes.set(Buffer.from(id, "hex"), 12);
  bytes.set(names, FIXED_BYTES);
  const seed = checksum(bytes.subarray(0, -4));
  view.setUint32(bytes.length - 4, seed, true);
  return { bytes, seed };
}

/** Reads the header at the start of `bytes`; never throws. */
export function decodeHeader(bytes: Uint8Array): HeaderReading {
  const magic = bytes.subarray(0, MAGIC.length);
  if (magic.some((byte, index) => byte !== MAGIC[index])) {
    return { kind: "damaged", reason: "it does not begin like a file of stigmergy" };
  }
  if (bytes.length < FIXED_BYTES) {
    return { kind: "incomplete" };
  }
  const view = viewOf(bytes);
  const version = view.getUint16(8, true);
  if (version !== VERSION) {
    return { kind: "damaged", reason: `its format is ${version}, this release reads ${VERSION}` };
  }
  const end = FIXED_BYTES + view.getUint16(10, true);
  if (end + 4 > MAX_HEADER_BYTES) {
    return { kind: "damaged", reason: "its header is too long" };
  }
  if (end + 4 > bytes.length) {
    return { kind: "incomplete" };
  }
  const seed = checksum(bytes.subarray(0, end));
  if (seed !== view.getUint32(end, true)) {
    return { kind: "damaged", reason: "its header fails the checksum" };
  }
  const id = Buffer.from(bytes.subarray(12, FIXED_BYTES)).toString("hex");
  const names = decoding.createDecoder(bytes.subarray(FIXED_BYTES, end));
  try {
    const board = decoding.readVarString(names);
    const rule = decoding.readVarString(names);
    const sealedBytes = decoding.hasContent(names) ? decoding.readVarUint(names) : 0;
    return { kind: "header", header: { id, board, rule, sealedBytes }, sizeBytes: end + 4, seed };
  } catch {
    return { kind: "damaged", reason: "its header holds no names" };
  }
}

/** Writes updates as one frame, which is read as a whole or not at all. */
export function encodeFrame(updates: readonly Uint8Array[], seed: number): Uint8Array {
  const payload = encoding.encode((encoder) => {
    for (const update of updates) {
      encoding.writeVarUint8Array(encoder, update);
    }
  });
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  const view = viewOf(bytes);
  view.setUint32(0, payload.length, true);
  view.setUint32(4, checksum(payload, seed), true);
  view.setUint32(8, checksum(bytes.subarray(0, 8), seed), true);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}

/** Tells the whole length of a frame of these updates. */
export function measureFrame(updates: readonly Uint8Array[]): number {
  return updates.reduce(
    (sum, { length }) =>
      sum + encoding.encode((encoder) => encoding.writeVarUint(encoder, length)).length + length,
    FRAME_HEADER_BYTES,
  );
}

/** Tells the whole length of the frame whose header starts at `at`, or undefined where none does. */
export function readFrameSize(bytes: Uint8Array, at: number, seed: number): number | undefined {
  const view = viewOf(bytes);
  const length = view.getUint32(at, true);
  const isHeader =
    length > 0 && checksum(bytes.subarray(at, at + 8), seed) === view.getUint32(at + 8, true);
  return isHeader ? FRAME_HEADER_BYTES + length : undefined;
}

/** Reads the frame at `at`; never throws. The updates are views into `bytes`. */
export function decodeFrame(bytes: Uint8Array, at: number, seed: number): FrameReading {
  if (bytes.length - at < FRAME_HEADER_BYTES) {
    return { kind: "incomplete", sizeBytes: FRAME_HEADER_BYTES };
  }
  const sizeBytes = readFrameSize(bytes, at, seed);
  if (sizeBytes === undefined) {
    return { kind: "damaged", reason: "the frame's header fails the checksum" };
  }
  if (bytes.length - at < sizeBytes) {
    return { kind: "incomplete", sizeBytes };
  }
  const payload = bytes.subarray(at + FRAME_HEADER_BYTES, at + sizeBytes);
  if (checksum(payload, seed) !== viewOf(bytes).getUint32(at + 4, true)) {
    return { kind: "damaged", reason: "the frame's content fails the checksum", sizeBytes };
  }
  const updates = decodePayload(payload);
  return updates === undefined
    ? { kind: "damaged", reason: "the frame's content is not a list of updates", sizeBytes }
    : { kind: "frame", updates, sizeBytes };
}

function decodePayload(payload: Uint8Array): Uint8Array[] | undefined {
  const decoder = decoding.createDecoder(payload);
  const updates: Uint8Array[] = [];
  try {
    while (decoding.hasContent(decoder)) {
      const length = decoding.readVarUint(decoder);
      if (length > payload.length - decoder.pos) {
        return undefined;
      }
      updates.push(decoding.readUint8Array(decoder, length));
    }
  } catch {
    return undefined; // lib0 throws on a length that runs past the end: written by something else than us
  }
  return updates;
}

/** Computes CRC-32C, going on from the checksum of what came before. */
export function checksum(bytes: Uint8Array, seed = 0): number {
  return crc32c.buf(bytes, seed) >>> 0;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
