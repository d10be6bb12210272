/** One replica's connection to all of its peers: whom it dials, who has dialed it, and the end of both. */
import {
  type Connection,
  type ConnectionStatus,
  CoordinationError,
  type Presence,
  type ReplicaLink,
} from "../../../lib/index.ts";
import { Gossip, type Outlook } from "../gossip/gossip.ts";
import { createNode } from "../gossip/node.ts";
import { Dialer } from "./dialer.ts";
import type { Identity } from "./handshake.ts";
import type { Listener } from "./listener.ts";
import { type MeshReplica, meshClose, type PeerSocket, type SocketEnd } from "./peer-socket.ts";
import type { MeshSettings } from "./settings.ts";

/** The connection that `createMeshTransport` makes. */
export class MeshConnection implements Connection, MeshReplica {
  readonly node: string;
  readonly board: string;
  readonly rule: string;
  readonly #link: ReplicaLink;
  readonly #settings: MeshSettings;
  readonly #listener: Listener | undefined;
  readonly #gossip: Gossip;
  readonly #peerByNode = new Map<
    string,
    { readonly socket: PeerSocket; readonly dialer: string }
  >();
  /** Every admitted socket that has not ended, and what is called at its end. */
  readonly #open = new Map<PeerSocket, () => void>();
  #dialers: readonly Dialer[] = [];
  #listening: "awaited" | "yes" | "failed";
  /** Whether the last peer to go did so without a goodbye. */
  #isDeserted = false;
  #bytesSent = 0;
  #hasStarted = false;
  #cancelTimer: () => void;
  #cancelListen: () => void = () => {};
  #closing: Promise<void> | undefined;

  constructor(link: ReplicaLink, settings: MeshSettings, listener: Listener | undefined) {
    this.#link = link;
    this.#settings = settings;
    this.#listener = listener;
    this.#listening = listener === undefined ? "yes" : "awaited";
    this.node = createNode(link.random);
    this.board = link.board;
    this.rule = link.rule;
    this.#gossip = new Gossip({
      link,
      node: this.node,
      repairMs: settings.repairMs,
      outlook: () => this.#lookOut(),
    });
    this.#cancelTimer = link.clock.schedule(0, () => this.#start());
  }

  get status(): ConnectionStatus {
    return this.#gossip.status;
  }

  get bytesSent(): number {
    return this.#bytesSent;
  }

  sync(): Promise<void> {
    return this.#gossip.sync();
  }

  sendPresence(presences: readonly Presence[]): void {
    this.#gossip.sendPresence(presences);
  }

  resync(): void {
    this.#gossip.resync();
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  admit(socket: PeerSocket, remote: Identity): boolean {
    const dialer = socket.role === "dialer" ? this.node : remote.node;
    const standing = this.#peerByNode.get(remote.node);
    if (remote.node === this.node || this.#closing !== undefined) {
      return false;
    }
    if (standing !== undefined) {
      // Both ends judge alike: the socket that the lesser node dialed stands; of two of one dialer, the later.
      const [lesser] = [remote.node, this.node].sort();
      if (dialer !== standing.dialer && dialer !== lesser) {
        return false;
      }
      this.#forget(standing.socket);
      standing.socket.leave(meshClose.duplicate, "duplicate");
    }
    this.#peerByNode.set(remote.node, { socket, dialer });
    this.#open.set(socket, () => {});
    this.#isDeserted = false;
    this.#gossip.add(socket);
    return true;
  }

  hear(socket: PeerSocket, bytes: Uint8Array): void {
    this.#gossip.hear(socket, bytes);
  }

  lose(socket: PeerSocket, { code }: SocketEnd): void {
    if (this.#forget(socket)) {
      this.#isDeserted = code !== meshClose.goodbye;
      this.#gossip.review();
    }
    this.#open.get(socket)?.();
    this.#open.delete(socket);
  }

  count(sizeBytes: number): void {
    this.#bytesSent += sizeBytes;
  }

  #start(): void {
    this.#hasStarted = true;
    this.#dialers = this.#settings.peers.map(
      (address) =>
        new Dialer({
          address,
          settings: this.#settings,
          link: this.#link,
          self: this,
          isConnectedTo: (node) => this.#peerByNode.has(node),
          onChange: () => this.#gossip.review(),
        }),
    );
    this.#schedulePing();
    void this.#listen();
  }

  /** Listens, and where it cannot tries again; what keeps it from doing so is told once. */
  async #listen(): Promise<void> {
    try {
      await this.#listener?.register(this, this.#link.clock);
      this.#listening = "yes";
    } catch (cause) {
      if (this.#closing !== undefined) {
        return;
      }
      if (this.#listening !== "failed") {
        this.#listening = "failed";
        this.#link.fault(cannotListen(this.#settings, this.board, cause));
      }
      const { maxBackoffMs } = this.#settings;
      this.#cancelListen = this.#link.clock.schedule(maxBackoffMs, () => void this.#listen());
    }
    this.#gossip.review();
  }

  #lookOut(): Outlook {
    const states = this.#dialers.map(({ state }) => state);
    if (!this.#hasStarted || this.#listening === "awaited" || states.includes("first")) {
      return "awaited";
    }
    const isMissing = this.#isDeserted || this.#listening === "failed" || states.includes("lost");
    return isMissing ? "missing" : "nobody";
  }

  #schedulePing(): void {
    this.#cancelTimer = this.#link.clock.schedule(this.#settings.pingMs, () => {
      for (const socket of this.#open.keys()) {
        socket.ping();
      }
      this.#schedulePing();
    });
  }

  /** Tells whether the socket was that of a peer until now. */
  #forget(socket: PeerSocket): boolean {
    const node = [...this.#peerByNode].find(([, peer]) => peer.socket === socket)?.[0];
    if (node === undefined) {
      return false;
    }
    this.#peerByNode.delete(node);
    this.#gossip.remove(socket);
    return true;
  }

  async #shut(): Promise<void> {
    this.#cancelTimer();
    this.#cancelListen();
    for (const dialer of this.#dialers) {
      dialer.stop();
    }
    this.#gossip.close();
    const ends = [...this.#open.keys()].map((socket) => {
      const ended = new Promise<void>((resolve) => this.#open.set(socket, resolve));
      socket.leave(meshClose.goodbye, "goodbye");
      return ended;
    });
    await Promise.all(ends);
    await this.#listener?.unregister(this);
  }
}

function cannotListen({ listen }: MeshSettings, board: string, cause: unknown): CoordinationError {
  const place = `${listen?.host}:${listen?.port}`;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CoordinationError(
    "CONNECTION_CLOSED",
    `The mesh of ${board} cannot listen on ${place} (${reason}); free the port or choose another`,
    { details: { board, place }, cause },
  );
}
