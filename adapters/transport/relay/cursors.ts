/** The awareness of plain y-websocket clients on one board, kept as the usual y-websocket server keeps it. */
import * as encoding from "lib0/encoding";
import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness";
import * as Y from "yjs";
import { ByteReader } from "../wire/bounded.ts";
import { encodeAwareness } from "../wire/traffic.ts";
import { Client } from "./client.ts";

interface AwarenessChange {
  readonly added: readonly number[];
  readonly updated: readonly number[];
  readonly removed: readonly number[];
}

/** States of one client, which has one as a rule. */
const MAX_STATES = 16;
const MAX_STATE_BYTES = 16_384;

interface State {
  readonly id: number;
  readonly clock: number;
  readonly state: string;
}

/**
 * Reads an awareness update.
 *
 * @throws Error when it is none, or one of its states is too large
 */
function readStates(update: Uint8Array): State[] {
  const reader = new ByteReader(update);
  const states: State[] = [];
  for (let left = reader.count(); left > 0; left--) {
    const [id, clock, bytes] = [reader.varUint(), reader.varUint(), reader.varBytes()];
    if (bytes.length > MAX_STATE_BYTES) throw new RangeError("a state is too large");
    states.push({ id, clock, state: utf8.decode(bytes) });
  }
  return states;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The cursors and names that plain clients show to each other; clients that said hello take no part. */
export class Cursors {
  readonly #clients: ReadonlySet<Client>;
  readonly #idsByClient = new Map<Client, Set<number>>();
  #awareness: Awareness | undefined;

  constructor(clients: ReadonlySet<Client>) {
    this.#clients = clients;
  }

  /** Takes in an awareness update; throws when it cannot be decoded. */
  receive(client: Client, update: Uint8Array): void {
    const own = this.#ownPart(client, update);
    if (own === null) return;
    this.#awareness ??= this.#createAwareness();
    applyAwarenessUpdate(this.#awareness, own, client);
  }

  /** Sends the states of all to a client. */
  show(client: Client): void {
    const awareness = this.#awareness;
    if (awareness !== undefined && awareness.getStates().size > 0) {
      client.sendIfQuick(this.#encode(awareness, [...awareness.getStates().keys()]));
    }
  }

  /** Removes the states of a client that is gone. */
  forget(client: Client): void {
    const ids = this.#idsByClient.get(client);
    if (ids !== undefined && this.#awareness !== undefined) {
      this.#idsByClient.delete(client);
      removeAwarenessStates(this.#awareness, [...ids], "gone");
    }
  }

  /** Lets the timer go. */
  close(): void {
    this.#awareness?.doc.destroy();
  }

  /**
   * What of an update is the client's to say: the states that nobody else connected has shown. Editors echo those of others,
   * which is left out; so nobody can change or remove another's.
   */
  #ownPart(client: Client, update: Uint8Array): Uint8Array | null {
    const own = this.#idsByClient.get(client) ?? new Set();
    const entries = readStates(update).filter(
      ({ id, state }) => own.has(id) || (state !== "null" && this.#mayShow(client, id)),
    );
    if (entries.length === 0) return null;
    const added = new Set(entries.map(({ id }) => id).filter((id) => !own.has(id)));
    if (own.size + added.size > MAX_STATES) throw new RangeError("too many states of one client");
    return encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, entries.length);
      for (const { id, clock, state } of entries) {
        encoding.writeVarUint(encoder, id);
        encoding.writeVarUint(encoder, clock);
        encoding.writeVarString(encoder, state);
      }
    });
  }

  #mayShow(client: Client, id: number): boolean {
    for (const [other, ids] of this.#idsByClient) if (other !== client && ids.has(id)) return false;
    return true;
  }

  /** Made when the first plain client speaks, since it keeps a timer. */
  #createAwareness(): Awareness {
    const awareness = new Awareness(new Y.Doc());
    awareness.setLocalState(null);
    awareness.on("update", (change: AwarenessChange, origin: unknown) =>
      this.#spread(awareness, change, origin),
    );
    return awareness;
  }

  #spread(awareness: Awareness, change: AwarenessChange, origin: unknown): void {
    if (origin instanceof Client) {
      this.#note(origin, change);
    }
    const { added, updated, removed } = change;
    const message = this.#encode(awareness, [...added, ...updated, ...removed]);
    for (const client of this.#clients) {
      if (client.hello === undefined) {
        client.sendIfQuick(message);
      }
    }
  }

  #note(client: Client, { added, removed }: AwarenessChange): void {
    const ids = this.#idsByClient.get(client) ?? new Set();
    this.#idsByClient.set(client, ids);
    for (const id of added) {
      ids.add(id);
    }
    for (const id of removed) {
      ids.delete(id);
    }
  }

  #encode(awareness: Awareness, ids: number[]): Uint8Array {
    return encodeAwareness(encodeAwarenessUpdate(awareness, ids));
  }
}
