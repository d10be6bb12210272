/** What tests of the relay and of the WebSocket transport share: clients of each kind, and bounded waiting. */
import { connect, createServer, type Socket } from "node:net";
import * as decoding from "lib0/decoding";
import { type RawData, WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { type Clock, systemClock, systemRandom } from "../../../lib/index.ts";
import { type ContractReplica, createContractReplica } from "../../contract/transport/replica.ts";
import { createRelay, type Relay, type RelayOptions } from "../relay.ts";
import { createWebsocketTransport, type WebsocketTransportOptions } from "../websocket.ts";
import { encodeHello, type Hello } from "../wire/handshake.ts";
import { PROTOCOL_VERSION } from "../wire/message.ts";

/** A client that speaks bytes. */
export interface RawClient {
  readonly socket: WebSocket;
  readonly messages: readonly Uint8Array[];
  /** Counts messages by their type. */
  countOf(type: number): number;
  send(...messages: readonly Uint8Array[]): void;
  /** The close code and reason, once the socket is closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

/** A plain y-websocket client, as an editor has it. */
export interface PlainClient {
  readonly doc: Y.Doc;
  readonly provider: WebsocketProvider;
  readonly text: Y.Text;
}

/** How a replica of the workbench differs from one of `docs#1` under `earliest@1`. */
export type ReplicaSetup = Partial<WebsocketTransportOptions> & {
  readonly board?: string;
  readonly rule?: string;
  /** The clock in the replica's link; the machine's by default. */
  readonly clock?: Clock;
};

/** Relays, proxies and clients of one test, which all end with it. */
export class Workbench {
  readonly #closers: (() => unknown)[] = [];
  #made = 0;

  /** Has something ended with the test. */
  onClose(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** Starts a relay. */
  async startRelay(options: Partial<RelayOptions> = {}): Promise<Relay> {
    const relay = await createRelay({ access: "open", ...options });
    this.#closers.push(() => relay.close());
    return relay;
  }

  /** Makes a replica that is not connected yet. */
  createReplica(url: string, setup: ReplicaSetup = {}): ContractReplica {
    const { board = "docs#1", rule = "earliest@1", clock = systemClock, ...options } = setup;
    this.#made++;
    const transport = createWebsocketTransport({ url, maxBackoffMs: 50, ...options });
    const harness = { clock, random: systemRandom, createTransport: () => transport };
    const replica = createContractReplica(harness, { name: `replica-${this.#made}`, board, rule });
    this.#closers.push(() => Promise.all(replica.connections.map((each) => each.close())));
    return replica;
  }

  /** Makes a replica that is synced. */
  async joinReplica(url: string, setup: ReplicaSetup = {}): Promise<ContractReplica> {
    const replica = this.createReplica(url, setup);
    const connection = replica.connect();
    await until(() => connection.status === "synced");
    return replica;
  }

  /** Makes a plain y-websocket client, connected unless told otherwise. */
  createPlain(url: string, room: string, isConnected = true): PlainClient {
    const doc = new Y.Doc();
    const provider = new WebsocketProvider(url, room, doc, {
      connect: isConnected,
      disableBc: true,
      maxBackoffTime: 50,
      WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
    });
    this.#closers.push(() => {
      provider.destroy();
      doc.destroy();
    });
    return { doc, provider, text: doc.getText("text") };
  }

  /** Opens a socket on a path, and collects what it is sent. */
  async openRaw(url: string, path: string): Promise<RawClient> {
    const socket = new WebSocket(`${url}/${path}`);
    const messages: Uint8Array[] = [];
    socket.on("message", (data: RawData) => messages.push(new Uint8Array(data as Buffer)));
    const closed = new Promise<{ code: number; reason: string }>((resolve) =>
      socket.on("close", (code, reason) => resolve({ code, reason: String(reason) })),
    );
    this.#closers.push(() => socket.terminate());
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    return {
      socket,
      messages,
      countOf: (type) => messages.filter((message) => typeOf(message) === type).length,
      send: (...sent) => {
        for (const message of sent) {
          socket.send(message);
        }
      },
      closed,
    };
  }

  /** Ends everything, the latest first. */
  async close(): Promise<void> {
    for (const close of this.#closers.reverse()) {
      await close();
    }
  }
}

/** A stretch of network before a relay that can be cut and mended. */
export interface Link {
  readonly address: string;
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Puts a link before a relay. */
export async function createLink(target: string): Promise<Link> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    near.setNoDelay(true);
    far.setNoDelay(true);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) {
      socket.destroy();
    }
  };
  return {
    address: `ws://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    cut,
    mend: () => {
      isCut = false;
    },
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Waits until the condition holds, and rejects after some seconds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  limitMs = 4_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) {
      throw new Error(`Waited in vain until ${condition}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Lets what is under way between sockets of this process arrive: for checks that something does not happen. */
export async function settleSockets(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Reads the type of a message. */
export function typeOf(message: Uint8Array): number {
  return decoding.readVarUint(decoding.createDecoder(message));
}

/** Writes the hello of a replica under `earliest@1`. */
export function helloOf(board: string, changes: Partial<Hello> = {}): Uint8Array {
  return encodeHello({
    protocol: PROTOCOL_VERSION,
    board,
    rule: "earliest@1",
    longestLeaseMs: 30_000,
    incarnation: "",
    ...changes,
  });
}
