/** The messages of the handshake, byte by byte; they are read as a stranger's. */
import * as encoding from "lib0/encoding";
import { readBoundedName } from "../gossip/message.ts";
import { ByteReader } from "../wire/bounded.ts";
import { MAX_NAME_LENGTH } from "../wire/message.ts";
import { NONCE_BYTES } from "./proof.ts";

/** The version of the mesh's protocol. */
export const MESH_VERSION = 1;

/** What keeps two peers apart. */
export type Mismatch = "protocol" | "secret" | "board" | "rule";

/** One message of the handshake. Of a challenge with another version nothing else is read. */
export type Greeting =
  | { readonly kind: "challenge"; readonly protocol: number; readonly nonce: Uint8Array }
  | { readonly kind: "proof"; readonly proof: Uint8Array }
  | { readonly kind: "hello"; readonly node: string; readonly board: string; readonly rule: string }
  | {
      readonly kind: "refusal";
      readonly mismatch: Mismatch;
      readonly expected: string;
      readonly received: string;
    };

const numberByKind = { challenge: 16, proof: 17, hello: 18, refusal: 19 } as const;
const mismatches: readonly Mismatch[] = ["protocol", "secret", "board", "rule"];
const MAX_PROOF_BYTES = 64;

/** Writes a message of the handshake. */
export function encodeGreeting(greeting: Greeting): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeUint8(encoder, numberByKind[greeting.kind]);
    if (greeting.kind === "challenge") {
      encoding.writeVarUint(encoder, greeting.protocol);
      encoding.writeVarUint8Array(encoder, greeting.nonce);
    } else if (greeting.kind === "proof") {
      encoding.writeVarUint8Array(encoder, greeting.proof);
    } else if (greeting.kind === "hello") {
      writeNames(encoder, [greeting.node, greeting.board, greeting.rule]);
    } else {
      writeNames(encoder, [greeting.mismatch, greeting.expected, greeting.received]);
    }
  });
}

/**
 * Reads a message of the handshake.
 *
 * @throws RangeError or TypeError for one that cannot be decoded
 */
export function decodeGreeting(bytes: Uint8Array): Greeting {
  const reader = new ByteReader(bytes);
  const number = reader.uint8();
  switch (number) {
    case numberByKind.challenge:
      return readChallenge(reader);
    case numberByKind.proof:
      return { kind: "proof", proof: readExactly(reader, 0, MAX_PROOF_BYTES) };
    case numberByKind.hello: {
      const node = readBoundedName(reader);
      const board = readBoundedName(reader);
      return { kind: "hello", node, board, rule: readBoundedName(reader) };
    }
    case numberByKind.refusal: {
      const name = readBoundedName(reader);
      const mismatch = mismatches.find((each) => each === name) ?? "protocol";
      const expected = readBoundedName(reader);
      return { kind: "refusal", mismatch, expected, received: readBoundedName(reader) };
    }
    default:
      throw new TypeError(`there is no greeting ${number}`);
  }
}

function readChallenge(reader: ByteReader): Greeting {
  const protocol = reader.varUint();
  const nonce =
    protocol === MESH_VERSION ? readExactly(reader, NONCE_BYTES, NONCE_BYTES) : new Uint8Array(0);
  return { kind: "challenge", protocol, nonce };
}

function readExactly(reader: ByteReader, least: number, most: number): Uint8Array {
  const bytes = reader.varBytes();
  if (bytes.length < least || bytes.length > most) {
    throw new RangeError(`${bytes.length} bytes stand where ${least} to ${most} belong`);
  }
  return bytes;
}

function writeNames(encoder: encoding.Encoder, names: readonly string[]): void {
  for (const name of names) {
    encoding.writeVarString(encoder, name.slice(0, MAX_NAME_LENGTH));
  }
}
