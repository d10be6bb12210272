/** What goes through the channel: who says something to whom, under which rule. */
import * as encoding from "lib0/encoding";
import { readBoundedName } from "../gossip/message.ts";
import { ByteReader } from "../wire/bounded.ts";

/** The version of the envelope. */
export const CHANNEL_VERSION = 1;

/** One message. `hello` has those who hear it ask the sender, `bye` has them forget it. */
export interface Envelope {
  readonly kind: "hello" | "bye" | "gossip";
  readonly from: string;
  /** Whom it is for; empty for everybody. */
  readonly to: string;
  readonly rule: string;
  /** A message of the conversation; empty but for `gossip`. */
  readonly body: Uint8Array;
}

const kinds = ["hello", "bye", "gossip"] as const;

/** Writes an envelope. */
export function encodeEnvelope({ kind, from, to, rule, body }: Envelope): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, CHANNEL_VERSION);
    encoding.writeUint8(encoder, kinds.indexOf(kind));
    encoding.writeVarString(encoder, from);
    encoding.writeVarString(encoder, to);
    encoding.writeVarString(encoder, rule);
    encoding.writeUint8Array(encoder, body);
  });
}

/**
 * Reads an envelope; gives the version alone where it is another one.
 *
 * @throws RangeError or TypeError for what is none
 */
export function decodeEnvelope(data: unknown): Envelope | { readonly version: number } {
  if (!ArrayBuffer.isView(data)) {
    throw new TypeError("it is not binary");
  }
  const reader = new ByteReader(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const version = reader.varUint();
  if (version !== CHANNEL_VERSION) {
    return { version };
  }
  const kind = kinds[reader.uint8()];
  if (kind === undefined) {
    throw new TypeError("its kind is unknown");
  }
  const from = readBoundedName(reader);
  const to = readBoundedName(reader);
  return { kind, from, to, rule: readBoundedName(reader), body: reader.rest() };
}
