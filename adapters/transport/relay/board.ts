/** One board at the relay: takes in what its clients say, turn by turn, and passes it on in order. */
import * as decoding from "lib0/decoding";
import type { BoardStore, Clock } from "../../../lib/index.ts";
import { encodeGreeting, encodeRefusal, judgeHello, readHello } from "../wire/handshake.ts";
import { closeCode, messageType, PROTOCOL_VERSION } from "../wire/message.ts";
import { readMarker, readPresence, readSync } from "../wire/traffic.ts";
import { Barrier } from "./barrier.ts";
import type { Client, Traffic } from "./client.ts";
import { Cursors } from "./cursors.ts";
import type { BoardDocument } from "./document.ts";
import { Exchange } from "./exchange.ts";
import { PresenceRoom } from "./presence.ts";

/** What a board is made of. */
export interface BoardOptions {
  readonly name: string;
  /** Names the relay's memory of this board. */
  readonly incarnation: string;
  readonly document: BoardDocument;
  readonly store: BoardStore | undefined;
  readonly clock: Clock;
  readonly presenceIntervalMs: number;
  readonly maxHoldMs: number;
  readonly traffic: Traffic;
  /** Hears of each failure, mostly to store; the board is of no use after one. */
  readonly onFailure: (error: unknown) => void;
}

/** An open board with its clients. */
export class Board {
  readonly clients: Set<Client> = new Set();

  readonly #options: BoardOptions;
  readonly #barrier: Barrier;
  readonly #presence: PresenceRoom;
  readonly #cursors: Cursors;
  readonly #exchange: Exchange;
  #inbox: { readonly from: Client; readonly message: Uint8Array }[] = [];

  constructor(options: BoardOptions) {
    const { clock, onFailure, presenceIntervalMs: intervalMs } = options;
    this.#options = options;
    this.#barrier = new Barrier({ clock, clients: this.clients, onFailure });
    this.#presence = new PresenceRoom({ clock, clients: this.clients, intervalMs });
    this.#cursors = new Cursors(this.clients);
    this.#exchange = new Exchange({ ...options, barrier: this.#barrier });
  }

  /** Whether anything was stored since the board was opened. */
  get hasNews(): boolean {
    return this.#exchange.hasNews;
  }

  /** Lets a client in and asks it for what it has beyond the board. */
  attach(client: Client): void {
    this.clients.add(client);
    this.#exchange.askForDifference(client);
    this.#cursors.show(client);
  }

  /** Lets a client go; what it said before still counts. */
  detach(client: Client): void {
    this.clients.delete(client);
    this.#presence.forget(client);
    this.#cursors.forget(client);
  }

  /** Takes in one message, to be handled with all others of this turn of the event loop. */
  receive(from: Client, message: Uint8Array): void {
    if (this.#inbox.length === 0) {
      setImmediate(() => this.#handleInbox());
    }
    this.#inbox.push({ from, message });
  }

  /**
   * Handles what has come in, and waits until it is stored and its markers are echoed.
   *
   * @throws CoordinationError of the storage
   */
  async drain(): Promise<void> {
    this.#handleInbox();
    await this.#barrier.whenStored();
  }

  /** Sends every client away. */
  expelAll(code: number, reason: string): void {
    for (const client of this.clients) {
      client.expel(code, reason);
    }
  }

  /** Frees the document and the timers; the store is its opener's to close. */
  close(): void {
    this.#barrier.close();
    this.#presence.close();
    this.#cursors.close();
    this.#options.document.destroy();
  }

  #handleInbox(): void {
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const { from, message } of inbox) {
      if (!from.isExpelled) {
        this.#tryToHandle(from, message);
      }
    }
    try {
      this.#passOn(inbox.map(({ from }) => from));
    } catch (error) {
      this.#options.onFailure(error); // such as a document that Yjs can no longer encode: it costs this board only
    }
  }

  /** Whoever waits for an echo comes first: it need not wait until all others were served. */
  #passOn(senders: readonly Client[]): void {
    const tell = this.#exchange.endTurn();
    const waiting = new Set(senders.filter(({ markers }) => markers.length > 0));
    for (const client of waiting) {
      tell(client);
      this.#barrier.release(client);
    }
    for (const client of this.clients) {
      if (!waiting.has(client)) {
        tell(client);
      }
    }
  }

  /** A message that cannot be handled costs its sender the connection, and nobody else anything. */
  #tryToHandle(from: Client, message: Uint8Array): void {
    try {
      this.#handle(from, decoding.createDecoder(message));
    } catch (error) {
      from.expel(closeCode.undecodable, `undecodable message: ${error}`);
    }
  }

  #handle(from: Client, decoder: decoding.Decoder): void {
    const type = decoding.readVarUint(decoder);
    switch (type) {
      case messageType.sync:
        this.#exchange.receive(from, readSync(decoder));
        break;
      case messageType.awareness:
        this.#cursors.receive(from, decoding.readVarUint8Array(decoder));
        break;
      case messageType.queryAwareness:
        this.#cursors.show(from);
        break;
      case messageType.hello:
        this.#handleHello(from, decoder);
        break;
      default:
        this.#handleOurs(from, type, decoder);
    }
  }

  /** Handles what only a client that said hello may say. */
  #handleOurs(from: Client, type: number, decoder: decoding.Decoder): void {
    if (from.hello === undefined) {
      throw new TypeError(`message type ${type} before a hello`);
    }
    switch (type) {
      case messageType.marker:
        from.markers.push(readMarker(decoder));
        break;
      case messageType.presence:
        this.#presence.hear(from, readPresence(decoder));
        break;
      default:
        throw new TypeError(`there is no message type ${type}`);
    }
  }

  #handleHello(from: Client, decoder: decoding.Decoder): void {
    const { name, incarnation, maxHoldMs } = this.#options;
    const hello = readHello(decoder);
    const refusal = judgeHello(hello, { board: name, rule: this.#rule(), maxHoldMs });
    if (refusal !== undefined) {
      const { mismatch, expected, received } = refusal;
      from.send(encodeRefusal(refusal));
      from.expel(closeCode.refused, `${mismatch} is ${received}, not ${expected}`);
      return;
    }
    from.hello = hello;
    from.send(encodeGreeting({ protocol: PROTOCOL_VERSION, incarnation }));
    this.#presence.greet(from);
    if (hello.incarnation !== "" && hello.incarnation !== incarnation) {
      this.#barrier.hold(hello.longestLeaseMs);
    }
  }

  /** The rule by which those present play. */
  #rule(): string | undefined {
    for (const { hello } of this.clients) {
      if (hello !== undefined) {
        return hello.rule;
      }
    }
    return undefined;
  }
}
