/** What travels through a memory network. Messages stay objects; their size is counted as if they were bytes. */
import type { Presence } from "../../../lib/index.ts";

/** Between peers of a mesh: "this is what I hold; give me what I lack, and tell me what you hold". */
export interface Ask {
  readonly kind: "ask";
  readonly rule: string;
  readonly state: Uint8Array;
}

/** The answer to an {@link Ask}: what the asker lacked, and all that the answerer holds. */
export interface Answer {
  readonly kind: "answer";
  readonly update: Uint8Array | null;
  readonly state: Uint8Array;
}

/** To a relay, first of all on a connection: the board's rule, and the state vector of what is held. */
export interface Hello {
  readonly kind: "hello";
  readonly rule: string;
  readonly vector: Uint8Array;
}

/** A relay's reply to a {@link Hello}: what the client lacks, and the state vector of what the relay holds. */
export interface Welcome {
  readonly kind: "welcome";
  readonly update: Uint8Array | null;
  readonly vector: Uint8Array;
}

/** A relay's other reply to a {@link Hello}: this board plays by another rule. */
export interface Refusal {
  readonly kind: "refusal";
  readonly rule: string;
}

/** A change, as it is made. */
export interface Update {
  readonly kind: "update";
  readonly update: Uint8Array;
}

/** To a relay and back: everything before it has been processed. */
export interface Marker {
  readonly kind: "marker";
  readonly marker: number;
}

/** Signs of life. */
export interface PresenceMessage {
  readonly kind: "presence";
  readonly presences: readonly Presence[];
}

/** Every message between two peers of a mesh. */
export type MeshMessage = Ask | Answer | Update | PresenceMessage;

/** Every message from a client to a relay. */
export type UpMessage = Hello | Update | Marker | PresenceMessage;

/** Every message from a relay to a client. */
export type DownMessage = Welcome | Refusal | Update | Marker | PresenceMessage;

/** Every message of a memory network. */
export type Message = MeshMessage | UpMessage | DownMessage;

const OVERHEAD_BYTES = 1;

/** Counts a message's bytes: one for its kind, and its content. */
export function sizeOf(message: Message): number {
  if (message.kind === "update") {
    return OVERHEAD_BYTES + message.update.length; // by far the most
  }
  let size = OVERHEAD_BYTES;
  for (const [name, part] of Object.entries(message)) {
    if (name !== "kind") {
      size += part instanceof Uint8Array ? part.length : JSON.stringify(part).length;
    }
  }
  return size;
}
