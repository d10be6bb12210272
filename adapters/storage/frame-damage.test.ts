import { expect, test } from "@jest/globals";
import crc32c from "crc-32/crc32c.js";
import { Doc, encodeStateAsUpdate } from "yjs";
import { decodeFrame, decodeHeader, encodeFrame, encodeHeader, MAX_HEADER_BYTES } from "./frame.ts";
import { createMemoryStorage } from "./memory.ts";
import { mergeByReplay } from "./replay.ts";

const ID = "000102030405060708090a0b0c0d0e0f";
const HEADER = encodeHeader({ id: ID, board: "docs#1", rule: "" });

test("[S16] a header that cannot be read says why", () => {
  const reasonOf = (bytes: Uint8Array): unknown => {
    const reading = decodeHeader(bytes);
    return reading.kind === "damaged" ? reading.reason : reading.kind;
  };

  expect(reasonOf(change(HEADER.bytes, 0))).toBe("it does not begin like a file of stigmergy");
  expect(reasonOf(Uint8Array.of(0x89, 0x50))).toBe("it does not begin like a file of stigmergy");
  expect(reasonOf(sealed(change(HEADER.bytes, 8)))).toBe("its format is 0, this release reads 1");
  expect(reasonOf(change(HEADER.bytes, 11, 0xff))).toBe("its header is too long");
  expect(reasonOf(change(HEADER.bytes, 12))).toBe("its header fails the checksum");
  expect(reasonOf(sealed(change(HEADER.bytes, 28, 0x7f)))).toBe("its header holds no names");
});

test("[S16] the longest header has 4,096 bytes, and one of a byte more is neither written nor waited for", () => {
  const room = MAX_HEADER_BYTES - encodeHeader({ id: ID, board: "", rule: "" }).bytes.length - 1;
  const longest = encodeHeader({ id: ID, board: "d".repeat(room), rule: "" }).bytes;
  const claimed = change(longest.subarray(0, 28), 10, (longest[10] ?? 0) + 1);

  expect(longest).toHaveLength(MAX_HEADER_BYTES);
  expect(decodeHeader(longest)).toMatchObject({ kind: "header", sizeBytes: MAX_HEADER_BYTES });
  expect(decodeHeader(longest.subarray(0, 28))).toEqual({ kind: "incomplete" });
  expect(decodeHeader(claimed)).toMatchObject({ kind: "damaged" });
  expect(() => encodeHeader({ id: ID, board: "d".repeat(room + 1), rule: "" })).toThrow(RangeError);
});

test("[S16] an id is 32 hexadecimal digits and nothing before or behind them", () => {
  for (const id of [`${ID}0`, `0${ID}`, ID.slice(1), ID.toUpperCase()])
    expect(() => encodeHeader({ id, board: "docs#1", rule: "" })).toThrow(RangeError);
});

test("[S16] a frame that cannot be read says why, and its length where that is known", () => {
  const frame = encodeFrame([Uint8Array.of(1, 2)], 5);
  const sizeBytes = frame.length;
  const kind = "damaged";

  expect(decodeFrame(change(frame, 0), 0, 5)).toStrictEqual({
    kind,
    reason: "the frame's header fails the checksum",
  });
  expect(decodeFrame(change(frame, sizeBytes - 1), 0, 5)).toEqual({
    kind,
    reason: "the frame's content fails the checksum",
    sizeBytes,
  });
  expect(decodeFrame(forge(Uint8Array.of(5, 1)), 0, 0)).toEqual({
    kind,
    reason: "the frame's content is not a list of updates",
    sizeBytes: 14,
  });
});

test("[S16] a frame without content is none, though its checksums are right", () => {
  expect(decodeFrame(forge(new Uint8Array()), 0, 0)).toMatchObject({ kind: "damaged" });
});

test("[S16] an update does not reach beyond its frame into the next one", () => {
  const two = Uint8Array.of(...forge(Uint8Array.of(5, 1)), ...encodeFrame([new Uint8Array(9)], 0));

  expect(decodeFrame(two, 0, 0)).toMatchObject({ kind: "damaged", sizeBytes: 14 });
  expect(decodeFrame(two, 14, 0)).toMatchObject({ kind: "frame" });
});

test("[S4] a compaction keeps what was deleted as deleted, item by item", () => {
  const doc = new Doc({ gc: false });
  doc.getArray("a").push([1, 2, 3]);
  doc.getArray("a").delete(1);
  const update = encodeStateAsUpdate(doc);

  expect(mergeByReplay([update])).toEqual([update]);
});

test("[S7] a closed store in memory says which board it was", async () => {
  const store = await createMemoryStorage().open("docs#1");
  await store.close();

  await expect(store.load()).rejects.toMatchObject({
    code: "STORAGE_FAILED",
    message: expect.stringContaining("docs#1"),
    details: { board: "docs#1" },
  });
});

function change(bytes: Uint8Array, at: number, value = (bytes[at] ?? 0) ^ 1): Uint8Array {
  const changed = bytes.slice();
  changed[at] = value;
  return changed;
}

/** Gives a changed header the checksum that it would have been written with. */
function sealed(header: Uint8Array): Uint8Array {
  const sum = crc32c.buf(header.subarray(0, -4));
  new DataView(header.buffer).setUint32(header.length - 4, sum, true);
  return header;
}

/** A frame of the seed 0 with right checksums around any content. */
function forge(payload: Uint8Array): Uint8Array {
  const bytes = Uint8Array.of(...encodeFrame([], 0), ...payload);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint32(4, crc32c.buf(payload, 0), true);
  view.setUint32(8, crc32c.buf(bytes.subarray(0, 8), 0), true);
  return bytes;
}
