/** One socket between two peers, from the first word of the handshake to its end. */
import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { Clock } from "../../../lib/index.ts";
import type { PeerLine } from "../gossip/gossip.ts";
import type { Mismatch } from "./greeting.ts";
import { Handshake, type Identity } from "./handshake.ts";
import type { Role } from "./proof.ts";
import type { MeshSettings } from "./settings.ts";

/** Codes with which a peer closes a socket. */
export const meshClose = {
  goodbye: 1000,
  undecodable: 4400,
  duplicate: 4408,
  refused: 4409,
} as const;

/** A replica as its sockets see it. */
export interface MeshReplica extends Identity {
  /** Takes in a peer that has proven itself; false where this socket is one too many. */
  admit(socket: PeerSocket, remote: Identity): boolean;
  /** @throws Error for what cannot be decoded */
  hear(socket: PeerSocket, bytes: Uint8Array): void;
  lose(socket: PeerSocket, end: SocketEnd): void;
  count(sizeBytes: number): void;
}

/** How a socket ended. */
export interface SocketEnd {
  readonly code: number;
  /** Who was at the other end, if it came so far. */
  readonly remote: Identity | undefined;
  /** What kept the two apart. */
  readonly refusal: Refusal | undefined;
}

/** A mismatch by name, as the side that said it sees it. */
export interface Refusal {
  readonly mismatch: Mismatch;
  readonly expected: string;
  readonly received: string;
  readonly isByOther: boolean;
}

/** What {@link PeerSocket} needs. */
export interface PeerSocketOptions {
  readonly socket: WebSocket;
  readonly role: Role;
  readonly settings: MeshSettings;
  readonly clock: Clock;
  readonly self?: MeshReplica;
  readonly find: (board: string) => MeshReplica | undefined;
  /** What the socket's bytes go through, where it is open already. */
  readonly wire?: Socket;
  readonly onAdmitted: () => void;
  readonly onEnd: (end: SocketEnd) => void;
}

const CLOSING_MS = 1_000;

/** A socket of `ws`, with what it has come to. */
export class PeerSocket implements PeerLine {
  readonly role: Role;
  readonly #options: PeerSocketOptions;
  readonly #socket: WebSocket;
  #handshake: Handshake<MeshReplica> | undefined;
  #replica: MeshReplica | undefined;
  #remote: Identity | undefined;
  #refusal: Refusal | undefined;
  #wire: Socket | undefined;
  #isResponsive = true;
  #readBytes = 0;
  #waitingBytes = 0;
  #isLeaving = false;
  #cancelClosing: () => void = () => {};

  constructor(options: PeerSocketOptions) {
    const { socket, role } = options;
    this.#options = options;
    this.#socket = socket;
    this.role = role;
    this.#wire = options.wire;
    socket.once("upgrade", (response) => {
      this.#wire = response.socket;
    });
    socket.on("error", () => {}); // "close" follows
    socket.on("close", (code) => this.#end(code));
    socket.on("pong", () => {
      this.#isResponsive = true;
    });
    socket.on("message", (data: Buffer, isBinary: boolean) => this.#receive(data, isBinary));
    if (socket.readyState === socket.OPEN) {
      this.#greet();
    } else {
      socket.once("open", () => this.#greet());
    }
  }

  get isCongested(): boolean {
    return (
      this.#socket.readyState !== this.#socket.OPEN ||
      this.#socket.bufferedAmount > this.#options.settings.maxBufferedBytes
    );
  }

  send(message: Uint8Array): void {
    this.#replica?.count(message.length);
    this.#socket.send(message);
  }

  /**
   * Cuts off a peer that has not answered the last ping, and pings the others. As long as bytes pass either way it is there:
   * ping and answer wait behind a large message.
   */
  ping(): void {
    const [readBytes, waitingBytes] = [this.#wire?.bytesRead ?? 0, this.#socket.bufferedAmount];
    const isMoving = readBytes > this.#readBytes || waitingBytes < this.#waitingBytes;
    this.#readBytes = readBytes;
    this.#waitingBytes = waitingBytes;
    if (this.#isResponsive || isMoving) {
      this.#isResponsive = false;
      this.#socket.ping();
    } else {
      this.terminate();
    }
  }

  /** Closes the socket after what was sent; hears nothing from now on. */
  leave(code: number, reason: string): void {
    if (!this.#isLeaving) {
      this.#isLeaving = true;
      this.#socket.close(code, reason);
      this.#cancelClosing = this.#options.clock.schedule(CLOSING_MS, () => this.terminate());
    }
  }

  /** Cuts the socket off. */
  terminate(): void {
    this.#socket.terminate();
  }

  #greet(): void {
    const { role, settings, self, find } = this.#options;
    this.#handshake = new Handshake<MeshReplica>({
      role,
      secret: settings.secret,
      ...(self === undefined ? {} : { self }),
      find,
      send: (message) => {
        self?.count(message.length);
        this.#socket.send(message);
      },
    });
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#isLeaving) {
      return;
    }
    try {
      if (!isBinary) {
        throw new TypeError("it is text");
      }
      const bytes = new Uint8Array(data); // a copy: behind a Buffer may lie what others sent
      if (this.#replica === undefined) {
        this.#proceed(bytes);
      } else {
        this.#replica.hear(this, bytes);
      }
    } catch {
      this.leave(meshClose.undecodable, "undecodable message");
    }
  }

  #proceed(bytes: Uint8Array): void {
    const step = this.#handshake?.hear(bytes);
    if (step?.kind === "refused") {
      this.#refusal = step;
      this.leave(meshClose.refused, step.mismatch);
    } else if (step?.kind === "done") {
      this.#remote = step.remote;
      if (step.self.admit(this, step.remote)) {
        this.#replica = step.self;
        this.#options.onAdmitted();
      } else {
        this.leave(meshClose.duplicate, "duplicate");
      }
    }
  }

  #end(code: number): void {
    this.#cancelClosing();
    const end = { code, remote: this.#remote, refusal: this.#refusal };
    this.#replica?.lose(this, end);
    this.#options.onEnd(end);
  }
}
