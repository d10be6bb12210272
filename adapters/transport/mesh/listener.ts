/** The listening end of a mesh node: lets strangers in as far as the handshake, and bounds what they cost until then. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Clock } from "../../../lib/index.ts";
import { isHostAllowed } from "./address.ts";
import { type MeshReplica, PeerSocket } from "./peer-socket.ts";
import type { ListenSettings, MeshSettings } from "./settings.ts";

/** What a stranger may send before it is known, beside the request. */
const MAX_STRANGER_BYTES = 4_096;
const MAX_STRANGERS = 256;
const MAX_HEADER_BYTES = 8_192;

/** Listens as long as a replica is registered. */
export class Listener {
  readonly #settings: MeshSettings;
  readonly #listen: ListenSettings;
  readonly #replicaByBoard = new Map<string, MeshReplica>();
  /** Sockets that have not proven themselves, each with what ends its time. */
  readonly #strangers = new Map<Duplex, () => void>();
  #server: Server | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(settings: MeshSettings, listen: ListenSettings) {
    this.#settings = settings;
    this.#listen = listen;
  }

  /**
   * Lets peers find a replica; resolves once the node listens.
   *
   * @throws Error of node:net, such as `EADDRINUSE`
   */
  register(replica: MeshReplica, clock: Clock): Promise<void> {
    this.#replicaByBoard.set(replica.board, replica);
    return this.#inTurn(async () => {
      if (this.#replicaByBoard.size > 0) {
        this.#server ??= await this.#start(clock);
      }
    });
  }

  /** Lets nobody find a replica any more; with the last one the port is freed. Its sockets must be closed before. */
  unregister(replica: MeshReplica): Promise<void> {
    if (this.#replicaByBoard.get(replica.board) === replica) {
      this.#replicaByBoard.delete(replica.board);
    }
    return this.#inTurn(async () => {
      if (this.#replicaByBoard.size === 0) {
        await this.#stop();
      }
    });
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(step);
    this.#tail = done.catch(() => {}); // whoever asked for the step is told
    return done;
  }

  async #start(clock: Clock): Promise<Server> {
    const sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      clientTracking: false,
      maxPayload: this.#settings.maxMessageBytes,
    });
    const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (_request, response) => {
      response.writeHead(426, { connection: "close" }).end("This is a peer of a mesh.\n");
    });
    server.on("connection", (socket) => this.#meet(socket, clock));
    server.on("upgrade", (request, socket, head) => {
      const objection = this.#objectTo(request);
      if (objection !== undefined) {
        socket.end(`HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n${objection}\n`);
        return;
      }
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const watch = this.#watchBytes(socket, head.length);
        new PeerSocket({
          socket: webSocket,
          role: "listener",
          settings: this.#settings,
          clock,
          wire: request.socket,
          find: (board) => this.#replicaByBoard.get(board),
          onAdmitted: () => {
            socket.off("data", watch);
            this.#forget(socket);
          },
          onEnd: () => {},
        });
      });
    });
    server.listen(this.#listen.port, this.#listen.host);
    await once(server, "listening");
    server.on("error", () => {}); // a socket that could not be accepted; its peer dials again
    this.#settings.onListening(formatAddress(server.address() as AddressInfo));
    return server;
  }

  async #stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) {
      const closed = once(server, "close");
      server.close();
      for (const stranger of this.#strangers.keys()) {
        stranger.destroy();
      }
      await closed;
    }
  }

  /** Gives a stranger only so long. */
  #meet(socket: Socket, clock: Clock): void {
    if (this.#strangers.size >= MAX_STRANGERS) {
      socket.destroy();
      return;
    }
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => this.#forget(socket));
    const cancel = clock.schedule(this.#settings.handshakeMs, () => socket.destroy());
    this.#strangers.set(socket, cancel);
  }

  #forget(socket: Duplex): void {
    this.#strangers.get(socket)?.();
    this.#strangers.delete(socket);
  }

  /** Cuts off a stranger that says too much: `ws` alone would wait for the largest message that a peer may send. */
  #watchBytes(socket: Duplex, alreadyBytes: number): (data: Buffer) => void {
    let received = alreadyBytes;
    const watch = (data: Buffer): void => {
      received += data.length;
      if (received > MAX_STRANGER_BYTES) {
        socket.destroy();
      }
    };
    socket.on("data", watch);
    return watch;
  }

  #objectTo({ headers }: IncomingMessage): string | undefined {
    if (headers.origin !== undefined) {
      return "No browser speaks to a mesh: the request has an Origin.";
    }
    return isHostAllowed(headers.host, this.#listen.names)
      ? undefined
      : "This node does not go by the name in the Host header; add it to `listen.names`.";
  }
}

function formatAddress({ address, family, port }: AddressInfo): string {
  return `ws://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
