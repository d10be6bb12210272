/** What a replica and the relay say to each other: the handshake, then updates, markers and signs of life. */
import type { Decoder } from "lib0/decoding";
import type { WebsocketProvider } from "y-websocket";
import { encodeStateAsUpdate, encodeStateVector } from "yjs";
import {
  type AgentId,
  CoordinationError,
  type Presence,
  type ReplicaLink,
} from "../../../lib/index.ts";
import { encodeHello, readGreeting, readRefusal } from "../wire/handshake.ts";
import { messageType, PROTOCOL_VERSION } from "../wire/message.ts";
import {
  encodeMarker,
  encodePresence,
  encodeSync,
  readFrame,
  readMarker,
  readPresence,
  readSync,
} from "../wire/traffic.ts";
import { Markers } from "./markers.ts";
import { refusalToFault } from "./refusal-fault.ts";

/** What a conversation is told about its connection. */
export interface ConversationOptions {
  readonly link: ReplicaLink;
  readonly longestLeaseMs: number;
  /** Sends a message if the socket is open, else drops it. */
  readonly send: (message: Uint8Array) => void;
  /** Called each time when the first exchange after an opening is complete. */
  readonly onSynced: () => void;
  /** Called when there is no use in going on. */
  readonly onFault: (fault: CoordinationError) => void;
}

/** The conversation of one connection, through all of its breaks. */
export class Conversation {
  readonly markers: Markers;
  readonly #options: ConversationOptions;
  readonly #ownAgents = new Set<AgentId>();
  /** Names the relay's memory of the board, as last greeted. */
  #incarnation = "";
  #isGreeted = false;
  #hasAnswered = false;
  #hasState = false;
  #isSynced = false;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.markers = new Markers((marker) => options.send(encodeMarker(marker)));
  }

  /** The socket opened: says hello. The provider then sends the state vector. */
  begin(): void {
    const { link, longestLeaseMs, send } = this.#options;
    this.#isGreeted = false;
    this.#hasAnswered = false;
    this.#hasState = false;
    this.#isSynced = false;
    send(
      encodeHello({
        protocol: PROTOCOL_VERSION,
        board: link.board,
        rule: link.rule,
        longestLeaseMs,
        incarnation: this.#incarnation,
      }),
    );
  }

  /** Asks for what the relay has and the document has not. */
  askForState(): void {
    const payload = encodeStateVector(this.#options.link.doc);
    this.#options.send(encodeSync({ kind: "state-vector", payload }));
  }

  /** Sends signs of life, and remembers whose, since the relay tells them to everybody. */
  sendPresence(presences: readonly Presence[]): void {
    for (const { agent } of presences) {
      this.#ownAgents.add(agent);
    }
    this.#options.send(encodePresence(presences));
  }

  /** Makes the provider hand over what it receives. */
  attach(provider: WebsocketProvider): void {
    const readers: Readonly<Record<number, (decoder: Decoder) => void>> = {
      [messageType.sync]: (decoder) => this.#receiveSync(decoder, provider),
      [messageType.awareness]: () => {},
      [messageType.greeting]: (decoder) => this.#receiveGreeting(decoder),
      [messageType.marker]: (decoder) => this.markers.echo(readMarker(decoder)),
      [messageType.presence]: (decoder) => this.#receivePresence(decoder),
      [messageType.frame]: (decoder) => this.#receiveUpdates(readFrame(decoder), provider),
      [messageType.refusal]: (decoder) =>
        this.#options.onFault(refusalToFault(readRefusal(decoder), this.#options.link.board)),
    };
    provider.messageHandlers = [];
    for (const [type, read] of Object.entries(readers)) {
      provider.messageHandlers[Number(type)] = (_encoder, decoder) =>
        this.#tryToRead(read, decoder);
    }
  }

  #tryToRead(read: (decoder: Decoder) => void, decoder: Decoder): void {
    try {
      read(decoder);
    } catch (cause) {
      const { board } = this.#options.link;
      const message = `A message of the relay on ${board} cannot be decoded`;
      this.#options.onFault(
        new CoordinationError("CONNECTION_CLOSED", message, { details: { board }, cause }),
      );
    }
  }

  #receiveSync(decoder: Decoder, provider: WebsocketProvider): void {
    const { link, send } = this.#options;
    const { kind, payload } = readSync(decoder);
    if (kind === "state-vector") {
      send(encodeSync({ kind: "difference", payload: encodeStateAsUpdate(link.doc, payload) }));
      this.#hasAnswered = true;
    } else if (this.#isGreeted) {
      this.#receiveUpdates([payload], provider);
      this.#hasState ||= kind === "difference";
    } else {
      this.#reportStranger();
    }
    this.#completeOpening();
  }

  #receiveUpdates(updates: readonly Uint8Array[], provider: WebsocketProvider): void {
    if (updates.length > 0) {
      this.#options.link.receive(updates, provider); // with this origin the provider sends none of it back
    }
  }

  #receiveGreeting(decoder: Decoder): void {
    this.#incarnation = readGreeting(decoder).incarnation;
    this.#isGreeted = true;
  }

  #receivePresence(decoder: Decoder): void {
    const others = readPresence(decoder).filter(({ agent }) => !this.#ownAgents.has(agent));
    if (others.length > 0) {
      this.#options.link.receivePresence(others);
    }
  }

  /** What this replica had must be on its way before it counts as synced: markers follow it. */
  #completeOpening(): void {
    if (this.#hasAnswered && this.#hasState && !this.#isSynced) {
      this.#isSynced = true;
      this.#options.onSynced();
    }
  }

  /** A server that knows no hello has no barrier and no presence; to go on would be a silent downgrade. */
  #reportStranger(): void {
    const { board } = this.#options.link;
    const message = `The server that ${board} was sent to is no stigmergy relay: it gave no greeting`;
    this.#options.onFault(
      new CoordinationError("GUARANTEE_UNAVAILABLE", message, { details: { board } }),
    );
  }
}
