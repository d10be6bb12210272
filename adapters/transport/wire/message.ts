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
  undecodable: 4400,
  refused: 4409,
} as const;

/** The largest message, and the most that may wait for a slow client; a board's whole state is one message. */
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

/** Reads a name and refuses one that is absurdly long. */
export function readName(decoder: decoding.Decoder): string {
  const name = decoding.readVarString(decoder);
  if (name.length > MAX_NAME_LENGTH) {
    throw new RangeError(`A name has ${name.length} characters; ${MAX_NAME_LENGTH} are allowed`);
  }
  return name;
}
