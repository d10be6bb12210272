/** Hello, greeting and refusal: what a replica and the relay say to each other before they mix. */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { encodeMessage, messageType, PROTOCOL_VERSION, readName, readText } from "./message.ts";

/** A replica's first message: what it is about to mix with the board. */
export interface Hello {
  readonly protocol: number;
  readonly board: string;
  readonly rule: string;
  /** The longest lease that the replica knows, in milliseconds. */
  readonly longestLeaseMs: number;
  /** The incarnation that greeted the replica last on this board; empty for a newcomer. */
  readonly incarnation: string;
}

/** The relay's answer to a hello that it accepts. */
export interface Greeting {
  readonly protocol: number;
  /** Names the relay's memory of the board; another one than before means that it was lost. */
  readonly incarnation: string;
}

/** The relay's answer to a hello that it does not accept. */
export interface Refusal {
  readonly mismatch: "protocol" | "board" | "rule" | "lease";
  /** What the relay would have accepted. */
  readonly expected: string;
  readonly received: string;
}

/** Writes a hello. */
export function encodeHello(hello: Hello): Uint8Array {
  return encodeMessage(messageType.hello, (encoder) => {
    encoding.writeVarUint(encoder, hello.protocol);
    encoding.writeVarString(encoder, hello.board);
    encoding.writeVarString(encoder, hello.rule);
    encoding.writeVarUint(encoder, hello.longestLeaseMs);
    encoding.writeVarString(encoder, hello.incarnation);
  });
}

/** Reads a hello after its type. A later protocol may write more behind the version; that is left unread. */
export function readHello(decoder: decoding.Decoder): Hello {
  const protocol = decoding.readVarUint(decoder);
  if (protocol !== PROTOCOL_VERSION) {
    return { protocol, board: "", rule: "", longestLeaseMs: 0, incarnation: "" };
  }
  const board = readName(decoder);
  const rule = readName(decoder);
  const longestLeaseMs = decoding.readVarUint(decoder);
  return { protocol, board, rule, longestLeaseMs, incarnation: readName(decoder) };
}

/** Writes a greeting. */
export function encodeGreeting(greeting: Greeting): Uint8Array {
  return encodeMessage(messageType.greeting, (encoder) => {
    encoding.writeVarUint(encoder, greeting.protocol);
    encoding.writeVarString(encoder, greeting.incarnation);
  });
}

/** Reads a greeting after its type. */
export function readGreeting(decoder: decoding.Decoder): Greeting {
  const protocol = decoding.readVarUint(decoder);
  return { protocol, incarnation: readName(decoder) };
}

/** Writes a refusal. */
export function encodeRefusal(refusal: Refusal): Uint8Array {
  return encodeMessage(messageType.refusal, (encoder) => {
    encoding.writeVarString(encoder, refusal.mismatch);
    encoding.writeVarString(encoder, refusal.expected);
    encoding.writeVarString(encoder, refusal.received);
  });
}

/** Reads a refusal after its type; a mismatch that this version does not know counts as one of the protocol. */
export function readRefusal(decoder: decoding.Decoder): Refusal {
  const name = readText(decoder);
  const mismatch = name === "board" || name === "rule" || name === "lease" ? name : "protocol";
  const expected = readText(decoder);
  return { mismatch, expected, received: readText(decoder) };
}

/** What a hello is held against. */
export interface Expectation {
  /** The board that the path names. */
  readonly board: string;
  /** The rule by which those present play; undefined while nobody is. */
  readonly rule: string | undefined;
  /** The longest lease for which the relay would hold its echoes. */
  readonly maxHoldMs: number;
}

/** Gives the first mismatch by name, or undefined where the hello fits. */
export function judgeHello(hello: Hello, expectation: Expectation): Refusal | undefined {
  const { board, rule = hello.rule, maxHoldMs } = expectation;
  if (hello.protocol !== PROTOCOL_VERSION) {
    return refuse("protocol", PROTOCOL_VERSION, hello.protocol);
  }
  if (hello.board !== board) {
    return refuse("board", board, hello.board);
  }
  if (hello.rule !== rule) {
    return refuse("rule", rule, hello.rule);
  }
  if (hello.longestLeaseMs > maxHoldMs) {
    return refuse("lease", maxHoldMs, hello.longestLeaseMs);
  }
  return undefined;
}

function refuse(
  mismatch: Refusal["mismatch"],
  expected: string | number,
  received: string | number,
): Refusal {
  return { mismatch, expected: String(expected), received: String(received) };
}
