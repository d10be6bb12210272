/** What flows after the handshake: updates, frames of updates, markers and signs of life. */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { messageYjsSyncStep1, messageYjsSyncStep2, messageYjsUpdate } from "y-protocols/sync";
import type { AgentId, Presence } from "../../../lib/index.ts";
import { encodeMessage, messageType, readBytes, readName } from "./message.ts";

/** Writes a marker or its echo, which are the same bytes. */
export function encodeMarker(marker: number): Uint8Array {
  return encodeMessage(messageType.marker, (encoder) => encoding.writeVarUint(encoder, marker));
}

/** Reads a marker after its type. */
export function readMarker(decoder: decoding.Decoder): number {
  return decoding.readVarUint(decoder);
}

/** Writes signs of life. */
export function encodePresence(presences: readonly Presence[]): Uint8Array {
  return encodeMessage(messageType.presence, (encoder) => {
    for (const { agent, slots } of presences) {
      encoding.writeVarString(encoder, agent);
      encoding.writeVarUint(encoder, slots);
    }
  });
}

/** Reads signs of life after their type. */
export function readPresence(decoder: decoding.Decoder): Presence[] {
  const presences: Presence[] = [];
  while (decoding.hasContent(decoder)) {
    if (presences.length === MAX_PRESENCES) throw new RangeError("too many signs of life at once");
    const agent = readName(decoder) as AgentId;
    presences.push({ agent, slots: decoding.readVarUint(decoder) });
  }
  return presences;
}

/** The most signs of life in one message. */
const MAX_PRESENCES = 10_000;

/** Writes the updates of one turn as one message. */
export function encodeFrame(updates: readonly Uint8Array[]): Uint8Array {
  return encodeMessage(messageType.frame, (encoder) => {
    for (const update of updates) {
      encoding.writeVarUint8Array(encoder, update);
    }
  });
}

/** Reads the updates of a frame after its type. */
export function readFrame(decoder: decoding.Decoder): Uint8Array[] {
  const updates: Uint8Array[] = [];
  while (decoding.hasContent(decoder)) {
    updates.push(readBytes(decoder));
  }
  return updates;
}

/** One of the three messages of y-protocols: a state vector, the answer to one, or an update. */
export interface SyncMessage {
  readonly kind: "state-vector" | "difference" | "update";
  readonly payload: Uint8Array;
}

const syncKinds = {
  "state-vector": messageYjsSyncStep1,
  difference: messageYjsSyncStep2,
  update: messageYjsUpdate,
} as const;

/** Writes a message of y-protocols. */
export function encodeSync({ kind, payload }: SyncMessage): Uint8Array {
  return encodeMessage(messageType.sync, (encoder) => {
    encoding.writeVarUint(encoder, syncKinds[kind]);
    encoding.writeVarUint8Array(encoder, payload);
  });
}

/** Reads a message of y-protocols after its type. */
export function readSync(decoder: decoding.Decoder): SyncMessage {
  const number = decoding.readVarUint(decoder);
  const payload = readBytes(decoder);
  for (const kind of ["state-vector", "difference", "update"] as const) {
    if (syncKinds[kind] === number) {
      return { kind, payload };
    }
  }
  throw new TypeError(`There is no sync message ${number}`);
}

/** Writes an awareness message of y-protocols. */
export function encodeAwareness(update: Uint8Array): Uint8Array {
  return encodeMessage(messageType.awareness, (encoder) =>
    encoding.writeVarUint8Array(encoder, update),
  );
}
