/**
 * The relay: forwards the updates of each board in order, stores them where it has a storage, and echoes markers.
 * It decides nothing, and lets nobody harm another's records. Plain y-websocket clients may use it as they use any
 * y-websocket server.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type Clock,
  type Random,
  type Storage,
  systemClock,
  systemRandom,
} from "../../lib/index.ts";
import type { AccessKeys } from "./relay/access/access.ts";
import { decideAccess } from "./relay/access/decide.ts";
import { endWithToken } from "./relay/access/expiry.ts";
import { createOriginCheck } from "./relay/access/origin.ts";
import { Bearers } from "./relay/bearers.ts";
import type { Board } from "./relay/board.ts";
import { Boards, RelayFullError } from "./relay/boards.ts";
import { Client, type Traffic } from "./relay/client.ts";
import { type Guest, openDoor } from "./relay/door.ts";
import { DEFAULT_LIMITS, type RelayLimits } from "./relay/limits.ts";
import { createHttpHandler } from "./relay/observe/http.ts";
import { createRelayLog, type RelayLog } from "./relay/observe/log.ts";
import { createMetrics, type RelayMetrics } from "./relay/observe/metrics.ts";
import { closeCode } from "./wire/message.ts";
import { encodeAwareness, encodeFrame } from "./wire/traffic.ts";

export type { AccessKeys } from "./relay/access/access.ts";
export { AccessUndecidedError } from "./relay/access/decide.ts";
export type { Quotas, Role } from "./relay/access/grant.ts";
export {
  createSecret,
  type HalfKey,
  type Key,
  parseKey,
  type SecretKey,
} from "./relay/access/key.ts";
export { createToken, type TokenOptions } from "./relay/access/token.ts";
export type { RelayLimits } from "./relay/limits.ts";
export type { LogFields, LogLevel, RelayLog } from "./relay/observe/log.ts";

/** How a relay is set up. */
export interface RelayOptions {
  /**
   * Who may connect: whoever has a token that these keys vouch for; or, on loopback only, `"open"`: everybody, with every
   * agent's name.
   */
  readonly access: AccessKeys | "open";
  /** The interface to listen on; `127.0.0.1` by default. */
  readonly host?: string;
  /** The port to listen on; 0, the default, takes a free one. */
  readonly port?: number;
  /** Further names that clients reach the relay by, for the check of `Host`. */
  readonly hostNames?: readonly string[];
  /** Origins whose pages may connect, beside those of the relay's own names. */
  readonly allowedOrigins?: readonly string[];
  /** Where boards are kept; without it they live as long as somebody is connected, and `idleMs` longer. */
  readonly storage?: Storage;
  /** Whether a board takes shared text beside records: false by default. */
  readonly text?: boolean | ((board: string) => boolean);
  /**
   * Whether nobody can have worked through this relay before. Otherwise one without its memory holds the first echoes back
   * (see `holdMs`). By default a relay at a port that it was just given is fresh, and one at a port of its own is not.
   */
  readonly isFresh?: boolean;
  /**
   * How long the first echoes are held where the past of a board is unknown, in milliseconds; 30,000 by default, and as
   * much longer as a client's longest lease.
   */
  readonly holdMs?: number;
  /** How long a board without clients stays open, in milliseconds; 30,000 by default. */
  readonly idleMs?: number;
  /** Signs of life are told at most once in this many milliseconds; 1,000 by default. */
  readonly presenceIntervalMs?: number;
  /** The longest lease that is waited for after a loss of memory; replicas with a longer one are refused. 10 minutes. */
  readonly maxHoldMs?: number;
  readonly limits?: Partial<RelayLimits>;
  /** Whether `GET /metrics` tells of the process, too. */
  readonly withProcessMetrics?: boolean;
  /** Takes what happens; nothing is logged by default. */
  readonly log?: RelayLog;
  /** Hears of faults of the storage, of which clients hear by a close code only. */
  readonly onFault?: (error: unknown) => void;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** What a relay has done and holds, in plain numbers; bytes are those of messages, without the frames around them. */
export interface RelayStats {
  readonly boards: number;
  /** Boards that take nothing in, since their store failed. */
  readonly readOnlyBoards: number;
  readonly connections: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly updates: number;
  readonly records: number;
  /** Updates that were refused. */
  readonly refusals: number;
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
/** How long a request's headers, and then the first message, may take. */
const PATIENCE_MS = 10_000;
/** What may come of a message between two pings without its end, again and again. */
const DRIBBLE_BYTES = 65_536;

/**
 * Starts a relay; resolves once it listens.
 *
 * @throws AccessUndecidedError when it would be open to more than this machine
 * @throws Error of node:net, such as `EADDRINUSE`
 */
export async function createRelay(options: RelayOptions): Promise<Relay> {
  const { host = "127.0.0.1", access, hostNames = [], allowedOrigins = [] } = options;
  const judge = decideAccess({ host, ...(access === "open" ? { isOpen: true } : access) });
  const checkOrigin = createOriginCheck({ host, hostNames, allowedOrigins });
  const server = createServer({
    headersTimeout: PATIENCE_MS,
    requestTimeout: PATIENCE_MS,
    connectionsCheckingInterval: 1_000, // Node would look every 30 s only
  });
  server.listen(options.port ?? 0, host);
  await once(server, "listening");
  const relay = new ListeningRelay(server, options);
  server.on(
    "request",
    createHttpHandler({ access: judge, checkOrigin, metrics: relay.metrics, gauges: relay.gauges }),
  );
  openDoor({
    server,
    access: judge,
    checkOrigin,
    limits: relay.limits,
    onGuest: (guest) => relay.welcome(guest),
    onDenial: (reason) => relay.noteDenial(reason),
  });
  return {
    address: relay.address,
    stats: () => relay.stats(),
    close: () => relay.close(),
    [Symbol.asyncDispose]: () => relay.close(),
  };
}

class ListeningRelay {
  readonly address: string;
  readonly limits: RelayLimits;
  readonly metrics: RelayMetrics;
  readonly gauges = {
    connections: (): number => this.#clients.size,
    boards: (): number => this.#boards.size,
    agents: (): number => this.#boards.agentCount,
    memoryBytes: (): number => this.#boards.memoryBytes,
    readOnlyBoards: (): number => this.#boards.readOnlyCount,
  };
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #boards: Boards;
  readonly #bearers: Bearers;
  readonly #log: RelayLog;
  readonly #onFault: (error: unknown) => void;
  readonly #clients = new Set<Client>();
  readonly #traffic: Traffic = {
    bytesReceived: 0,
    bytesSent: 0,
    updates: 0,
    records: 0,
    refusals: 0,
  };
  #cancelKeepAlive: () => void = () => {};
  #closing: Promise<void> | undefined;
  #lastConnection = 0;

  constructor(server: Server, options: RelayOptions) {
    const { text = false, log = createRelayLog({ level: "silent" }) } = options;
    this.#server = server;
    this.#clock = options.clock ?? systemClock;
    this.#log = log;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#bearers = new Bearers(this.#clock, this.limits);
    this.metrics = createMetrics({
      gauges: this.gauges,
      limits: { ...this.limits },
      withProcess: options.withProcessMetrics ?? false,
    });
    this.#onFault = (error) => {
      this.metrics.storeFailed();
      log.error("store-failed", { reason: String(error) });
      options.onFault?.(error);
    };
    this.#boards = new Boards({
      storage: options.storage,
      clock: this.#clock,
      random: options.random ?? systemRandom,
      idleMs: options.idleMs ?? 30_000,
      presenceIntervalMs: options.presenceIntervalMs ?? 1_000,
      maxHoldMs: options.maxHoldMs ?? 600_000,
      holdMs: options.holdMs ?? 30_000,
      isFresh: options.isFresh ?? (options.port ?? 0) === 0,
      allowsText: typeof text === "function" ? text : () => text,
      limits: this.limits,
      traffic: this.#traffic,
      onFault: this.#onFault,
      onRefusal: (board, _client, reason) => this.#noteRefusal(board, reason),
      onAdmission: (bytes, records) => this.metrics.updateAdmitted(bytes, records),
    });
    this.address = formatAddress(server.address() as AddressInfo);
    this.#scheduleKeepAlive();
  }

  stats(): RelayStats {
    return {
      boards: this.#boards.size,
      readOnlyBoards: this.#boards.readOnlyCount,
      connections: this.#clients.size,
      ...this.#traffic,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  noteDenial(reason: string): void {
    this.metrics.denied(reason);
    this.#log.warn("denied", { reason });
  }

  /** Reads nothing from the socket until its board is open, so that no message comes too early. */
  async welcome(guest: Guest): Promise<void> {
    const { socket, board: name, grant } = guest;
    const { bearer, leave } = this.#bearers.enter(grant);
    socket.once("close", leave);
    const client = new Client({
      socket,
      traffic: this.#traffic,
      clock: this.#clock,
      bearer,
      limits: this.limits,
      onThrottle: (kind) => this.metrics.throttled(kind),
    });
    try {
      this.#serve(guest, client, await this.#boards.enter(name));
    } catch (error) {
      if (error instanceof RelayFullError) {
        this.noteDenial("full");
        client.expel(closeCode.tryLater, error.message);
      } else {
        this.#onFault(error);
        client.expel(closeCode.storageFailed, `the board cannot be opened: ${error}`);
      }
    }
    socket.resume();
    // what its other connections used up is used up here too
    for (const kind of ["records", "bytes", "messages"] as const) client.meter(kind, 0);
  }

  #serve(
    { socket, board: name, grant, bytesRead }: Guest,
    client: Client,
    { board, leave }: { readonly board: Board; readonly leave: () => void },
  ): void {
    if (socket.readyState === socket.CLOSED) {
      leave();
      return;
    }
    const connection = ++this.#lastConnection;
    this.#clients.add(client);
    this.metrics.connectionOpened(name);
    this.#log.info("connection-opened", { connection, board: name, subject: grant.subject });
    board.attach(client);
    this.#watchFirst(client);
    client.endWith(
      endWithToken(grant, this.#clock, () =>
        client.expel(closeCode.unauthorized, "the token has expired; have a new one made"),
      ),
    );
    let complete = 0;
    client.unfinishedBytes = () => bytesRead() - complete;
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      complete = bytesRead();
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
    socket.on("close", (code) => {
      this.#clients.delete(client);
      this.metrics.connectionClosed(code);
      this.#log.info("connection-closed", { connection, board: name, code });
      board.detach(client);
      leave();
    });
  }

  /** Whoever connects has something to say; who says nothing only takes up room. */
  #watchFirst(client: Client): void {
    const cancel = this.#clock.schedule(PATIENCE_MS, () => {
      if (client.heard === 0 && !client.isPaused)
        client.expel(closeCode.tryLater, "it has not said a word");
    });
    client.endWith(cancel);
  }

  #noteRefusal(board: string, reason: string): void {
    const [kind = ""] = reason.split(/[:(]/u); // what follows may name somebody
    this.metrics.updateRefused(kind.trim());
    this.#log.warn("update-refused", { board, reason });
  }

  #scheduleKeepAlive(): void {
    this.#cancelKeepAlive = this.#clock.schedule(KEEP_ALIVE_MS, () => {
      for (const client of this.#clients) {
        if (client.isPaused) continue; // it could not answer
        if (client.isResponsive && !client.dribbles(DRIBBLE_BYTES)) {
          client.ping();
          client.sendIfQuick(client.hello === undefined ? PLAIN_KEEP_ALIVE : KEEP_ALIVE);
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
    for (const client of this.#clients) client.close(); // the server may end before its sockets say so
  }
}

function formatAddress({ address, family, port }: AddressInfo): string {
  return `ws://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
