/** One board at the relay: takes in what its clients say, turn by turn, and passes it on in order. */
import * as decoding from "lib0/decoding";
import type { BoardStore, Clock } from "../../../lib/index.ts";
import { encodeGreeting, encodeRefusal, judgeHello, readHello } from "../wire/handshake.ts";
import { closeCode, messageType, PROTOCOL_VERSION, readBytes } from "../wire/message.ts";
import { encodeFrame, encodeSync, readMarker, readPresence, readSync } from "../wire/traffic.ts";
import { Barrier } from "./barrier.ts";
import type { Client, Traffic } from "./client.ts";
import { Cursors } from "./cursors.ts";
import type { BoardDocument } from "./document.ts";
import { Exchange } from "./exchange.ts";
import type { RelayLimits } from "./limits.ts";
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
  /** How long echoes are held at first, where the relay cannot know whether somebody works here; 0 where it can. */
  readonly holdMs: number;
  /** Whether plain clients' awareness is passed on. */
  readonly allowsText: boolean;
  readonly limits: RelayLimits;
  readonly traffic: Traffic;
  /** Whether the relay has no room for anything more. */
  readonly isFull: () => boolean;
  /** Hears of each failure, mostly to store. */
  readonly onFailure: (error: unknown) => void;
  /** Hears of each update that was not let in. */
  readonly onRefusal: (from: Client, reason: string) => void;
  /** Hears of each that was. */
  readonly onAdmission: (bytes: number, records: number) => void;
}

/** How often the relay looks whether those who fell behind have caught up. */
const CATCH_UP_MS = 50;

/** An open board with its clients. */
export class Board {
  readonly clients: Set<Client> = new Set();

  readonly #options: BoardOptions;
  readonly #barrier: Barrier;
  readonly #presence: PresenceRoom;
  readonly #cursors: Cursors;
  readonly #exchange: Exchange;
  #inbox: { readonly from: Client; readonly message: Uint8Array }[] = [];
  #cancelCatchUp: (() => void) | null = null;

  constructor(options: BoardOptions) {
    const { clock, onFailure, presenceIntervalMs: intervalMs, limits } = options;
    this.#options = options;
    this.#barrier = new Barrier({ clock, clients: this.clients, onFailure });
    this.#presence = new PresenceRoom({
      clock,
      clients: this.clients,
      intervalMs,
      maxAgents: limits.agentsPerBoard,
    });
    this.#cursors = new Cursors(this.clients);
    this.#exchange = new Exchange({
      ...options,
      barrier: this.#barrier,
      isSigned: () => this.#rule()?.includes(SIGNED) === true,
      wake: () => setImmediate(() => this.#handleInbox()),
    });
    if (options.holdMs > 0) this.#barrier.hold(options.holdMs);
  }

  /** Whether anything was stored since the board was opened. */
  get hasNews(): boolean {
    return this.#exchange.hasNews;
  }

  /** Why nothing can be written, or null where it can. */
  get readOnlyReason(): string | null {
    return this.#exchange.readOnlyReason;
  }

  get document(): BoardDocument {
    return this.#options.document;
  }

  /** Lets a client in and asks it for what it has beyond the board. */
  attach(client: Client): void {
    this.clients.add(client);
    this.#exchange.askForDifference(client);
    if (this.#options.allowsText) this.#cursors.show(client);
  }

  /** Lets a client go; what it said before still counts. */
  detach(client: Client): void {
    this.clients.delete(client);
    this.#exchange.forget(client);
    this.#presence.forget(client);
    this.#cursors.forget(client);
    client.close();
  }

  /** Takes in one message, to be handled with all others of this turn of the event loop. */
  receive(from: Client, message: Uint8Array): void {
    from.heard++;
    if (from.isExpelled) return;
    from.meter("bytes", message.length);
    from.meter("messages", 1);
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

  /** Lets nothing in any more, and sends those away who wait for an echo; all others may go on reading. */
  becomeReadOnly(reason: string): void {
    this.#exchange.readOnlyReason = reason;
    for (const client of this.clients)
      if (client.openMarkers > 0)
        client.expel(closeCode.storageFailed, `the board cannot be kept: ${reason}`);
  }

  /** Goes on with a store that has all that is here. */
  becomeWritable(store: BoardStore): void {
    this.#exchange.store = store;
    this.#exchange.readOnlyReason = null;
    this.#barrier.forgetFailure();
  }

  /** Sends every client away. */
  expelAll(code: number, reason: string): void {
    for (const client of this.clients) {
      client.expel(code, reason);
    }
  }

  /** Frees the document and the timers; the store is its opener's to close. */
  close(): void {
    this.#cancelCatchUp?.();
    this.#exchange.close();
    this.#barrier.close();
    this.#presence.close();
    this.#cursors.close();
    this.#options.document.destroy();
  }

  #handleInbox(): void {
    const inbox = this.#inbox;
    this.#inbox = [];
    this.#noteWhoFallsBehind();
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
      if (client.behind === null) tell(client);
      this.#barrier.release(client);
    }
    for (const client of this.clients) {
      if (!waiting.has(client) && client.behind === null) {
        tell(client);
      }
    }
  }

  /** Before this turn changes anything: until they have caught up, these are sent nothing of what comes. */
  #noteWhoFallsBehind(): void {
    for (const client of this.clients) {
      if (client.behind !== null || !client.isSubscribed || !client.isClogged) continue;
      const since = this.#options.clock.now();
      client.behind = { since, vector: this.#options.document.stateVector() };
      this.#cancelCatchUp ??= this.#options.clock.schedule(CATCH_UP_MS, () => this.#catchUp());
    }
  }

  /** Sends all that they missed as one to those who have room again; who takes too long is sent away. */
  #catchUp(): void {
    const { clock, document, limits } = this.#options;
    this.#cancelCatchUp = null;
    let isAnyBehind = false;
    for (const client of this.clients) {
      const { behind } = client;
      if (behind === null) continue;
      if (client.hasRoom) {
        client.behind = null;
        const payload = document.differenceFrom(behind.vector);
        client.send(
          client.hello === undefined
            ? encodeSync({ kind: "update", payload })
            : encodeFrame([payload]),
        );
        this.#barrier.release(client);
      } else if (clock.now() - behind.since > limits.lagMs) {
        client.expel(closeCode.tryLater, "it reads too slowly");
        client.terminate(); // it would not read that either
      } else isAnyBehind = true;
    }
    if (isAnyBehind) this.#cancelCatchUp = clock.schedule(CATCH_UP_MS, () => this.#catchUp());
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
        // every y-websocket client sends it; without shared text there is nothing that it could be for
        if (this.#options.allowsText) this.#cursors.receive(from, readBytes(decoder));
        break;
      case messageType.queryAwareness:
        if (this.#options.allowsText) this.#cursors.show(from);
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
        this.#takeMarker(from, readMarker(decoder));
        break;
      case messageType.presence:
        this.#presence.hear(from, readPresence(decoder));
        break;
      default:
        throw new TypeError(`there is no message type ${type}`);
    }
  }

  #takeMarker(from: Client, marker: number): void {
    const { readOnlyReason } = this;
    if (from.openMarkers === MAX_MARKERS) throw new RangeError("too many markers wait");
    from.markers.push(marker);
    from.openMarkers++;
    if (readOnlyReason !== null)
      from.expel(closeCode.storageFailed, `the board cannot be kept: ${readOnlyReason}`);
  }

  #handleHello(from: Client, decoder: decoding.Decoder): void {
    const { name, incarnation, maxHoldMs, holdMs } = this.#options;
    if (from.hello !== undefined) throw new TypeError("it says hello again");
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
    const knowsAnother = hello.incarnation !== "" && hello.incarnation !== incarnation;
    // whoever may not write has no claim that another memory could know of
    if (from.author.mayWrite && (knowsAnother || holdMs > 0))
      this.#barrier.hold(hello.longestLeaseMs);
  }

  /** The rule by which those present play; whoever only reads has no say in it. */
  #rule(): string | undefined {
    for (const { hello, author } of this.clients) {
      if (hello !== undefined && author.mayWrite) {
        return hello.rule;
      }
    }
    return undefined;
  }
}

/** In the name of a rule that asks for signatures. */
const SIGNED = "+signed";

/** A replica has one marker under way, or a few after a break. */
const MAX_MARKERS = 10_000;
