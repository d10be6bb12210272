/** The awareness of plain y-websocket clients on one board, kept as the usual y-websocket server keeps it. */
import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness";
import * as Y from "yjs";
import { encodeAwareness } from "../wire/traffic.ts";
import { Client } from "./client.ts";

interface AwarenessChange {
  readonly added: readonly number[];
  readonly updated: readonly number[];
  readonly removed: readonly number[];
}

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
    this.#awareness ??= this.#createAwareness();
    applyAwarenessUpdate(this.#awareness, update, client);
  }

  /** Sends the states of all to a client. */
  show(client: Client): void {
    const awareness = this.#awareness;
    if (awareness !== undefined && awareness.getStates().size > 0) {
      client.send(this.#encode(awareness, [...awareness.getStates().keys()]));
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
        client.send(message);
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
