/** One replica's connection to the relay: its status, its reconnects and its end. */
import type { WebsocketProvider } from "y-websocket";
import {
  type Connection,
  type ConnectionStatus,
  CoordinationError,
  type Presence,
  type ReplicaLink,
} from "../../../lib/index.ts";
import { closeCode } from "../wire/message.ts";
import { Conversation } from "./conversation.ts";
import { createProvider, destroyProvider } from "./provider.ts";
import { closeSocket, createCountingClass, loadSocketClass, type SocketClass } from "./socket.ts";

/** How a connection reaches its relay. */
export interface ConnectionOptions {
  readonly url: string;
  readonly longestLeaseMs: number;
  readonly maxBackoffMs: number;
  /** Subprotocols to offer; one of them may hold a token. */
  readonly protocols: readonly string[];
  /** The platform's own class where undefined. */
  readonly socketClass: SocketClass | undefined;
}

const RESYNC_INTERVAL_MS = 1_000;
const FIRST_BACKOFF_MS = 100;
const OPEN = 1; // WebSocket.OPEN, of whichever class

/** The connection that `createWebsocketTransport` makes. */
export class WebsocketConnection implements Connection {
  readonly #link: ReplicaLink;
  readonly #options: ConnectionOptions;
  readonly #conversation: Conversation;
  #provider: WebsocketProvider | undefined;
  #status: ConnectionStatus = "offline";
  #bytesSent = 0;
  #resyncedAt = Number.NEGATIVE_INFINITY;
  #cancelResync: (() => void) | undefined;
  #cancelReconnect: () => void = () => {};
  #closing: Promise<void> | undefined;
  #fault: Error | undefined;

  constructor(link: ReplicaLink, options: ConnectionOptions) {
    this.#link = link;
    this.#options = options;
    this.#conversation = new Conversation({
      link,
      longestLeaseMs: options.longestLeaseMs,
      send: (message) => this.#send(message),
      onSynced: () => this.#becomeSynced(),
      onFault: (fault) => this.#stop(fault),
    });
    this.#open().catch((error) => this.#stop(error));
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  get bytesSent(): number {
    return this.#bytesSent;
  }

  sync(): Promise<void> {
    return this.#closing === undefined
      ? this.#conversation.markers.wait()
      : Promise.reject(this.#closedError());
  }

  sendPresence(presences: readonly Presence[]): void {
    this.#conversation.sendPresence(presences);
  }

  resync(): void {
    if (this.#closing === undefined) {
      const waitMs = this.#resyncedAt + RESYNC_INTERVAL_MS - this.#link.clock.now();
      this.#cancelResync ??= this.#link.clock.schedule(Math.max(0, waitMs), () => {
        this.#cancelResync = undefined;
        this.#resyncedAt = this.#link.clock.now();
        this.#conversation.askForState();
      });
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  async #open(): Promise<void> {
    const { url, protocols, socketClass = await loadSocketClass() } = this.#options;
    if (this.#closing !== undefined) {
      return;
    }
    const provider = createProvider({
      url,
      room: this.#link.board,
      doc: this.#link.doc,
      protocols,
      socketClass: createCountingClass(socketClass, (sizeBytes) => {
        this.#bytesSent += sizeBytes;
      }),
    });
    this.#provider = provider;
    this.#conversation.attach(provider);
    provider.on("status", ({ status }) => this.#followStatus(status));
    provider.on("connection-close", (event) => {
      if (event?.code === closeCode.storageFailed) this.#tellFailure(event.reason);
      this.#reconnectLater(provider);
    });
    provider.on("closed", ({ code, reason }) => this.#stop(this.#finalFault(code, reason)));
    provider.connect();
  }

  #followStatus(status: "connected" | "disconnected" | "connecting"): void {
    if (status === "connected") {
      this.#setStatus("syncing");
      this.#conversation.begin();
    } else if (status === "disconnected") {
      this.#conversation.markers.interrupt();
      this.#setStatus("offline");
    }
  }

  #becomeSynced(): void {
    if (this.#provider !== undefined) {
      this.#provider.synced = true; // its count of failed attempts starts anew
    }
    this.#setStatus("synced");
    this.#conversation.markers.open();
  }

  /** Waits as y-websocket would, but up to half less by chance, so that replicas do not come back all at once. */
  #reconnectLater(provider: WebsocketProvider): void {
    const { clock, random } = this.#link;
    const longestMs = FIRST_BACKOFF_MS * 2 ** (provider.wsUnsuccessfulReconnects + 1);
    const [chance = 0] = random(1);
    const delayMs = Math.min(longestMs, this.#options.maxBackoffMs) * (1 - chance / 512);
    this.#cancelReconnect();
    this.#cancelReconnect = clock.schedule(delayMs, () => provider.connect());
  }

  #send(message: Uint8Array): void {
    const socket = this.#provider?.ws;
    if (socket?.readyState === OPEN) {
      socket.send(message as Uint8Array<ArrayBuffer>);
    }
  }

  #setStatus(status: ConnectionStatus): void {
    if (status !== this.#status) {
      this.#status = status;
      this.#link.statusChanged(status);
    }
  }

  /** The relay cannot keep the board now: it may mend, so this replica goes on trying, but somebody should know. */
  #tellFailure(reason: string): void {
    const { board } = this.#link;
    const message = `The relay cannot hold ${board} now: ${reason || "it has failed"}`;
    this.#link.fault(new CoordinationError("STORAGE_FAILED", message, { details: { board } }));
  }

  /** Gives up: the fault is none that another attempt could mend. */
  #stop(fault: Error): void {
    if (this.#closing === undefined) {
      this.#fault = fault;
      this.#link.fault(fault);
      void this.close();
    }
  }

  async #shut(): Promise<void> {
    this.#cancelReconnect();
    this.#cancelResync?.();
    const socket = this.#provider === undefined ? null : destroyProvider(this.#provider);
    this.#setStatus("closed");
    this.#conversation.markers.reject(this.#closedError());
    if (socket !== null) {
      await closeSocket(socket, this.#link.clock);
    }
  }

  /** What a code that means "do not try again" says. */
  #finalFault(code: number, reason: string): CoordinationError {
    const { board } = this.#link;
    if (code !== closeCode.unauthorized && code !== closeCode.forbidden)
      return this.#closedError(`${code} ${reason}`);
    return new CoordinationError("ACCESS_DENIED", `The relay turned ${board} away: ${reason}`, {
      details: { board, code },
    });
  }

  #closedError(reason = "it was closed"): CoordinationError {
    const { board } = this.#link;
    return new CoordinationError(
      "CONNECTION_CLOSED",
      `The connection of ${board} has ended: ${this.#fault?.message ?? reason}`,
      { details: { board }, cause: this.#fault },
    );
  }
}
