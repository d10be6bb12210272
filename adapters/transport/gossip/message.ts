/** What peers without a relay say to each other once they know that they belong together. */
import * as encoding from "lib0/encoding";
import { decodeSnapshot } from "yjs";
import type { AgentId, Presence } from "../../../lib/index.ts";
import { ByteReader } from "../wire/bounded.ts";
import { MAX_NAME_LENGTH } from "../wire/message.ts";

/** "This is what I hold; give me what I lack, and tell me what you hold". */
export interface Ask {
  readonly kind: "ask";
  readonly state: Uint8Array;
}

/** The answer to an {@link Ask}: what the asker lacked (empty where that is nothing), and all that the answerer holds. */
export interface Answer {
  readonly kind: "answer";
  readonly update: Uint8Array;
  readonly state: Uint8Array;
}

/** A change that was new to the sender. */
export interface Update {
  readonly kind: "update";
  readonly update: Uint8Array;
}

/** Signs of life of one node's agents; its later ones have higher counts. */
export interface NodePresence {
  readonly kind: "presence";
  readonly node: string;
  readonly count: number;
  readonly presences: readonly Presence[];
}

/** Every message of the conversation. */
export type GossipMessage = Ask | Answer | Update | NodePresence;

const numberByKind = { ask: 0, answer: 1, update: 2, presence: 3 } as const;

/** Writes a message. */
export function encodeGossip(message: GossipMessage): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeUint8(encoder, numberByKind[message.kind]);
    if (message.kind === "ask") {
      encoding.writeVarUint8Array(encoder, message.state);
    } else if (message.kind === "answer") {
      encoding.writeVarUint8Array(encoder, message.update);
      encoding.writeVarUint8Array(encoder, message.state);
    } else if (message.kind === "update") {
      encoding.writeVarUint8Array(encoder, message.update);
    } else {
      encoding.writeVarString(encoder, message.node);
      encoding.writeVarUint(encoder, message.count);
      for (const { agent, slots } of message.presences) {
        encoding.writeVarString(encoder, agent);
        encoding.writeVarUint(encoder, slots);
      }
    }
  });
}

/**
 * Reads a message. What stands behind its known content is left unread.
 *
 * @throws Error for one that cannot be decoded; updates are not looked into
 */
export function decodeGossip(bytes: Uint8Array): GossipMessage {
  const reader = new ByteReader(bytes);
  const number = reader.uint8();
  switch (number) {
    case numberByKind.ask:
      return { kind: "ask", state: readState(reader) };
    case numberByKind.answer:
      return { kind: "answer", update: readUpdate(reader), state: readState(reader) };
    case numberByKind.update:
      return { kind: "update", update: readUpdate(reader) };
    case numberByKind.presence:
      return readNodePresence(reader);
    default:
      throw new TypeError(`there is no message ${number}`);
  }
}

/**
 * Reads a name and refuses one that is absurdly long.
 *
 * @throws RangeError or TypeError
 */
export function readBoundedName(reader: ByteReader): string {
  const name = reader.varString();
  if (name.length > MAX_NAME_LENGTH) {
    throw new RangeError(`a name has ${name.length} characters; ${MAX_NAME_LENGTH} are allowed`);
  }
  return name;
}

/** Reads an update as a copy: beyond the end of its own buffer even Yjs cannot read. */
function readUpdate(reader: ByteReader): Uint8Array {
  return reader.varBytes().slice();
}

function readState(reader: ByteReader): Uint8Array {
  const state = reader.varBytes().slice();
  decodeSnapshot(state); // throws here rather than wherever it is first compared
  return state;
}

function readNodePresence(reader: ByteReader): NodePresence {
  const node = readBoundedName(reader);
  const count = reader.varUint();
  const presences: Presence[] = [];
  while (reader.left > 0) {
    const agent = readBoundedName(reader) as AgentId;
    presences.push({ agent, slots: reader.varUint() });
  }
  return { kind: "presence", node, count, presences };
}
