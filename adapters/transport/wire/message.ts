/** The parts that all messages share: their numbers, the close codes and the limits. */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";

/** The version of this protocol; peers with another one are refused. */
export const PROTOCOL_VERSION = 1;

/** The first number of each message. Those below 100 belong to y-websocket, the others to us. */
export const messageType = {
  sync: 0,
  awareness: 1,
  queryAwareness: 3,
  hello: 100,
  greeting: 101,
  marker: 102,
  presence: 103,
  frame: 104,
  refusal: 105,
} as const;

/** Codes with which the relay closes a socket; 4400 to 4499 mean that trying again is of no use. */
export const closeCode = {
  storageFailed: 1011,
  restarting: 1012,
  tryLater: 1013,
  undecodable: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  refused: 4409,
} as const;

/** The largest message that a replica takes; a board's whole state is one message. */
export const MAX_MESSAGE_BYTES: number = 256 << 20;

/** The longest texts that the relay takes: board names, rules, agent ids, incarnations. */
export const MAX_NAME_LENGTH = 256;

/** Writes a message: its type, then what `write` adds. */
export function encodeMessage(
  type: number,
  write: (encoder: encoding.Encoder) => void,
): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, type);
    write(encoder);
  });
}

/**
 * Reads bytes with their length before them. lib0 does not look whether they are all there, and would go on in the memory
 * behind the message, where Node keeps what others sent.
 *
 * @throws RangeError when fewer are left
 */
export function readBytes(decoder: decoding.Decoder): Uint8Array {
  const length = decoding.readVarUint(decoder);
  const left = decoder.arr.length - decoder.pos;
  if (length > left) throw new RangeError(`${length} bytes are announced and ${left} are left`);
  return decoding.readUint8Array(decoder, length);
}

/**
 * Reads a text with its length before it.
 *
 * @throws RangeError when less is left, TypeError when it is no UTF-8
 */
export function readText(decoder: decoding.Decoder): string {
  return utf8.decode(readBytes(decoder));
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads a name and refuses one that is absurdly long. */
export function readName(decoder: decoding.Decoder): string {
  const name = readText(decoder);
  if (name.length > MAX_NAME_LENGTH) {
    throw new RangeError(`A name has ${name.length} characters; ${MAX_NAME_LENGTH} are allowed`);
  }
  return name;
}
