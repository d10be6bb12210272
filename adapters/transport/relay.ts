/**
 * The relay: forwards the updates of each board in order, stores them where it has a storage, and echoes markers.
 * It decides nothing. Plain y-websocket clients may use it as they use any y-websocket server.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import {
  type Clock,
  type Random,
  type Storage,
  systemClock,
  systemRandom,
} from "../../lib/index.ts";
import type { Board } from "./relay/board.ts";
import { Boards } from "./relay/boards.ts";
import { Client, type Traffic } from "./relay/client.ts";
import { closeCode, MAX_MESSAGE_BYTES, MAX_NAME_LENGTH } from "./wire/message.ts";
import { encodeAwareness, encodeFrame } from "./wire/traffic.ts";

/** How a relay is set up. */
export interface RelayOptions {
  /** The interface to listen on; `127.0.0.1` by default. There is no authentication yet: think before opening it. */
  readonly host?: string;
  /** The port to listen on; 0, the default, takes a free one. */
  readonly port?: number;
  /** Where boards are kept; without it they live as long as somebody is connected, and `idleMs` longer. */
  readonly storage?: Storage;
  /** How long a board without clients stays open, in milliseconds; 30,000 by default. */
  readonly idleMs?: number;
  /** Signs of life are told at most once in this many milliseconds; 1,000 by default. */
  readonly presenceIntervalMs?: number;
  /** The longest lease that is waited for after a loss of memory; replicas with a longer one are refused. 10 minutes. */
  readonly maxHoldMs?: number;
  /** Hears of faults of the storage, of which clients hear by a close code only. */
  readonly onFault?: (error: unknown) => void;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** What a relay has done and holds, in plain numbers; bytes are those of messages, without the frames around them. */
export interface RelayStats {
  readonly boards: number;
  readonly connections: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly updates: number;
}

/** A running relay. */
export interface Relay extends AsyncDisposable {
  /** The url for `createWebsocketTransport`, such as `ws://127.0.0.1:4444`. */
  readonly address: string;
  /** Counts what has happened so far. */
  stats(): RelayStats;
  /** Stores what is under way, closes every connection and stops; idempotent. */
  close(): Promise<void>;
}

/** Some of these must reach a y-websocket client every 30 s, or it takes the connection for dead. */
const KEEP_ALIVE_MS = 15_000;
const KEEP_ALIVE = encodeFrame([]);
const PLAIN_KEEP_ALIVE = encodeAwareness(Uint8Array.of(0));

const CLOSING_MS = 1_000;

/**
 * Starts a relay; resolves once it listens.
 *
 * @throws Error of node:net, such as `EADDRINUSE`
 */
export async function createRelay(options: RelayOptions = {}): Promise<Relay> {
  const server = createServer((_request, response) => {
    response.writeHead(426, { connection: "close" }).end("This is a WebSocket relay.\n");
  });
  server.listen(options.port ?? 0, options.host ?? "127.0.0.1");
  await once(server, "listening");
  return new ListeningRelay(server, options);
}

class ListeningRelay implements Relay {
  readonly address: string;
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #boards: Boards;
  readonly #onFault: (error: unknown) => void;
  readonly #clients = new Set<Client>();
  readonly #traffic: Traffic = { bytesReceived: 0, bytesSent: 0, updates: 0 };
  #cancelKeepAlive: () => void = () => {};
  #closing: Promise<void> | undefined;

  constructor(server: Server, options: RelayOptions) {
    this.#server = server;
    this.#clock = options.clock ?? systemClock;
    this.#onFault = options.onFault ?? (() => {});
    this.#boards = new Boards({
      storage: options.storage,
      clock: this.#clock,
      random: options.random ?? systemRandom,
      idleMs: options.idleMs ?? 30_000,
      presenceIntervalMs: options.presenceIntervalMs ?? 1_000,
      maxHoldMs: options.maxHoldMs ?? 600_000,
      traffic: this.#traffic,
      onFault: this.#onFault,
    });
    this.address = formatAddress(server.address() as AddressInfo);
    const sockets = new WebSocketServer({
      server,
      perMessageDeflate: false,
      clientTracking: false,
      maxPayload: MAX_MESSAGE_BYTES,
    });
    sockets.on("connection", (socket, request) => void this.#welcome(socket, request));
    this.#scheduleKeepAlive();
  }

  stats(): RelayStats {
    return { boards: this.#boards.size, connections: this.#clients.size, ...this.#traffic };
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Reads nothing from the socket until its board is open, so that no message comes too early. */
  async #welcome(socket: WebSocket, request: IncomingMessage): Promise<void> {
    socket.on("error", () => {}); // "close" follows
    const client = new Client(socket, this.#traffic);
    const name = boardOfPath(request.url ?? "");
    if (name === undefined) {
      client.expel(closeCode.undecodable, "the path names no board");
      return;
    }
    socket.pause();
    try {
      this.#serve(socket, client, await this.#boards.enter(name));
    } catch (error) {
      this.#onFault(error);
      client.expel(closeCode.storageFailed, `the board cannot be opened: ${error}`);
    }
    socket.resume();
  }

  #serve(
    socket: WebSocket,
    client: Client,
    { board, leave }: { readonly board: Board; readonly leave: () => void },
  ): void {
    if (socket.readyState === socket.CLOSED) {
      leave();
      return;
    }
    this.#clients.add(client);
    board.attach(client);
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      this.#traffic.bytesReceived += data.length;
      if (isBinary) {
        board.receive(client, data);
      } else {
        client.expel(closeCode.undecodable, "undecodable message: text");
      }
    });
    socket.on("pong", () => {
      client.isResponsive = true;
    });
    socket.on("close", () => {
      this.#clients.delete(client);
      board.detach(client);
      leave();
    });
  }

  #scheduleKeepAlive(): void {
    this.#cancelKeepAlive = this.#clock.schedule(KEEP_ALIVE_MS, () => {
      for (const client of this.#clients) {
        if (client.isResponsive) {
          client.ping();
          client.send(client.hello === undefined ? PLAIN_KEEP_ALIVE : KEEP_ALIVE);
        } else {
          client.terminate();
        }
      }
      this.#scheduleKeepAlive();
    });
  }

  async #shut(): Promise<void> {
    this.#cancelKeepAlive();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    await this.#boards.close();
    const cancel = this.#clock.schedule(CLOSING_MS, () => {
      for (const client of this.#clients) {
        client.terminate();
      }
      this.#server.closeAllConnections();
    });
    await closed;
    cancel();
  }
}

function formatAddress({ address, family, port }: AddressInfo): string {
  return `ws://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

/** Reads the board's name from the path; undefined for a name that no board should have. */
function boardOfPath(url: string): string | undefined {
  const [path = ""] = url.slice(1).split("?");
  try {
    const name = decodeURIComponent(path);
    const isPlausible = name.length > 0 && name.length <= MAX_NAME_LENGTH && !/\p{Cc}/u.test(name);
    return isPlausible ? name : undefined;
  } catch {
    return undefined; // not percent-encoded text
  }
}
