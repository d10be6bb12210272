import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import crc32c from "crc-32/crc32c.js";
import * as encoding from "lib0/encoding";
import { decodeFrame, decodeHeader, encodeFrame, encodeHeader, measureFrame } from "./frame.ts";
import { hasFrameHeader, readFrames } from "./frame-reader.ts";

const ID = "000102030405060708090a0b0c0d0e0f";

test("[S16] the checksum is CRC-32C", () => {
  expect(crc32c.str("123456789") >>> 0).toBe(0xe3069283);
});

test("[S16] a file is laid out byte by byte as docs/protocol.md says", () => {
  const { bytes, seed } = encodeHeader({ id: ID, board: "docs#1", rule: "earliest@1" });
  const frame = encodeFrame([Uint8Array.of(0, 0), Uint8Array.of(1, 2, 3)], seed);

  expect(toHex(bytes)).toBe(
    `895354470d0a1a0a 0100 1200 ${ID} 06${toHex(Buffer.from("docs#1"))} 0a${toHex(Buffer.from("earliest@1"))} HHHHHHHH`
      .replaceAll(" ", "")
      .replace("HHHHHHHH", littleEndian(seed)),
  );
  const payload = Uint8Array.of(2, 0, 0, 3, 1, 2, 3);
  const payloadSum = crc32c.buf(payload, seed);
  const start = `07000000${littleEndian(payloadSum)}`;
  const startSum = crc32c.buf(Buffer.from(start, "hex"), seed);
  expect(toHex(frame)).toBe(`${start}${littleEndian(startSum)}${toHex(payload)}`);
});

test("[S17] a header seals what the file is made with, and only that is added to it", () => {
  const plain = encodeHeader({ id: ID, board: "docs#1", rule: "" });
  const sealed = encodeHeader({ id: ID, board: "docs#1", rule: "", sealedBytes: 300 });
  const names = `06${toHex(Buffer.from("docs#1"))}00`;

  expect(toHex(plain.bytes)).toBe(
    `895354470d0a1a0a01000800${ID}${names}${littleEndian(plain.seed)}`,
  );
  expect(toHex(sealed.bytes)).toBe(
    `895354470d0a1a0a01000a00${ID}${names}ac02${littleEndian(sealed.seed)}`,
  );
});

test("[S17] a frame is as long as it was measured to be", () => {
  for (const lengths of [[0], [1, 127, 128], [16_383, 16_384, 3]]) {
    const updates = lengths.map((length) => new Uint8Array(length));

    expect(measureFrame(updates)).toBe(encodeFrame(updates, 5).length);
  }
});

test("[S16] what is written is read", () => {
  const header = { id: ID, board: "döcs#1", rule: "", sealedBytes: 300 };
  const updates = [new Uint8Array(), Uint8Array.of(1), new Uint8Array(300).fill(7)];
  const { bytes, seed } = encodeHeader(header);
  const frame = encodeFrame(updates, seed);

  expect(decodeHeader(bytes)).toEqual({ kind: "header", header, sizeBytes: bytes.length, seed });
  expect(decodeFrame(frame, 0, seed)).toEqual({ kind: "frame", updates, sizeBytes: frame.length });
});

test("[S16] a frame of another file, or of zeros, is none", () => {
  const mine = encodeHeader({ id: ID, board: "docs#1", rule: "" });
  const other = encodeHeader({ id: ID.replace("00", "01"), board: "docs#1", rule: "" });

  const frame = encodeFrame([Uint8Array.of(1)], other.seed);

  expect(decodeFrame(frame, 0, mine.seed)).toMatchObject({ kind: "damaged" });
  expect(decodeFrame(new Uint8Array(64), 0, mine.seed)).toMatchObject({ kind: "damaged" });
});

test("[S16] a whole frame that holds no list of updates is damaged", () => {
  for (const payload of [[5, 1], [0x80], new Array(12).fill(0xff)]) {
    const frame = encodeFrame([], 0);
    const forged = Uint8Array.of(...frame, ...payload);
    const view = new DataView(forged.buffer);
    view.setUint32(0, payload.length, true);
    view.setUint32(4, crc32c.buf(payload, 0), true);
    view.setUint32(8, crc32c.buf(forged.subarray(0, 8), 0), true);

    expect(decodeFrame(forged, 0, 0)).toMatchObject({ kind: "damaged", sizeBytes: forged.length });
  }
});

test("[S16] a header is read whole or not at all", () => {
  const { bytes } = encodeHeader({ id: ID, board: "docs#1", rule: "" });
  const tooLong = bytes.slice();
  tooLong[11] = 0xff;

  for (let length = 0; length < bytes.length; length++) {
    expect(decodeHeader(bytes.subarray(0, length))).toEqual({ kind: "incomplete" });
  }
  for (let at = 0; at < bytes.length; at++) {
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    expect(decodeHeader(damaged).kind).not.toBe("header");
  }
  expect(decodeHeader(tooLong)).toMatchObject({ kind: "damaged" });
  expect(() => encodeHeader({ id: "docs", board: "docs#1", rule: "" })).toThrow(RangeError);
  expect(() => encodeHeader({ id: ID, board: "d".repeat(5000), rule: "" })).toThrow(RangeError);
});

test("[S16] a header whose names cannot be read is damaged", () => {
  const { bytes } = encodeHeader({ id: ID, board: "", rule: "" });
  bytes[28] = 0x7f; // a name longer than the header
  const names = bytes.subarray(0, -4);
  new DataView(bytes.buffer).setUint32(names.length, crc32c.buf(names), true);

  expect(decodeHeader(bytes)).toMatchObject({ kind: "damaged" });
});

test("[F10] a frame longer than allowed is not read", async () => {
  await withFile(encodeFrame([new Uint8Array(3 << 20)], 5), async (handle, to) => {
    const allowed = await readFrames(handle, { from: 0, to, seed: 5 });
    const refused = await readFrames(handle, { from: 0, to, seed: 5, maxFrameBytes: 1 << 20 });

    expect(allowed.updates.length).toBe(1);
    expect(refused).toMatchObject({ updates: [], end: 0, stop: { kind: "damaged" } });
  });
});

test("[S16] frames are read the same however they lie in the pieces of a file", async () => {
  const updates = Array.from({ length: 40 }, (_, n) => new Uint8Array(90_000 + n).fill(n));
  const frames = updates.map((update) => encodeFrame([update], 9));

  await withFile(Buffer.concat(frames), async (handle, to) => {
    const run = await readFrames(handle, { from: 0, to, seed: 9 });
    expect({ end: run.end, stop: run.stop }).toEqual({ end: to, stop: undefined });
    expect(Buffer.concat(run.updates).equals(Buffer.concat(updates))).toBe(true);
    expect(await readFrames(handle, { from: 0, to: to - 1, seed: 9 })).toMatchObject({
      end: to - (frames.at(-1)?.length ?? 0),
      stop: { kind: "incomplete" },
    });
    expect(await readFrames(handle, { from: to, to: to + 5, seed: 9 })).toMatchObject({
      end: to,
      stop: { kind: "incomplete" },
    });
  });
});

test("[S13] a frame's header is found wherever it lies behind damage", async () => {
  const frame = encodeFrame([Uint8Array.of(1, 2, 3)], 9);
  const mebibyte = 1 << 20;

  for (const at of [1, 100, mebibyte - 12, mebibyte - 11, mebibyte - 1, mebibyte, mebibyte + 5]) {
    await withFile(Buffer.concat([Buffer.alloc(at, 1), frame]), async (handle, to) => {
      expect(await hasFrameHeader(handle, { from: 0, to, seed: 9 })).toBe(true);
      expect(await hasFrameHeader(handle, { from: at + 1, to, seed: 9 })).toBe(false);
      expect(await hasFrameHeader(handle, { from: 0, to: to - 1, seed: 9 })).toBe(false);
    });
  }
  await withFile(Buffer.alloc(5), async (handle) => {
    expect(await hasFrameHeader(handle, { from: 0, to: 100, seed: 9 })).toBe(false);
  });
});

async function withFile(
  content: Uint8Array,
  run: (handle: Awaited<ReturnType<typeof open>>, sizeBytes: number) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "stigmergy-frame-"));
  const handle = await open(join(directory, "frames"), "w+");
  try {
    await handle.writeFile(content);
    await run(handle, content.length);
  } finally {
    await handle.close();
    await rm(directory, { recursive: true });
  }
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function littleEndian(value: number): string {
  const bytes = encoding.encode((encoder) => encoding.writeUint32(encoder, value >>> 0));
  return toHex(bytes);
}
