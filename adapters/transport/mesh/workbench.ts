/** The workbench of the mesh's tests: nodes on loopback, gates before them that can be shut, and strangers. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { type RawData, WebSocket } from "ws";
import { type Clock, systemClock, systemRandom } from "../../../lib/index.ts";
import { type ContractReplica, createContractReplica } from "../../contract/transport/replica.ts";
import { createMeshTransport, type MeshTransportOptions } from "../mesh.ts";
import { until } from "../relay/workbench.ts";
import { Handshake, type Identity } from "./handshake.ts";

export { until } from "../relay/workbench.ts";

/** An address that stays the same while what is behind it comes, goes and is cut off. */
export interface Gate {
  readonly address: string;
  /** Where the gate leads; nowhere at first. */
  target: string | undefined;
  /** How long each piece that arrives is held, in milliseconds. */
  delayMs: number;
  shut(): void;
  open(): void;
  /** Lets nothing pass, without a word to either side, until {@link Gate.flow}. */
  stall(): void;
  flow(): void;
  close(): Promise<void>;
}

/** How a node differs from a listening one of `docs#1` under `earliest@1`. */
export type NodeSetup = Partial<MeshTransportOptions> & {
  readonly board?: string;
  readonly rule?: string;
  readonly clock?: Clock;
};

/** A replica, and where it listens. */
export interface MeshNode extends ContractReplica {
  readonly address: string;
}

/** Whoever speaks bytes to a node. */
export interface Stranger {
  readonly socket: WebSocket;
  readonly heard: readonly Uint8Array[];
  readonly closed: Promise<number>;
}

/** What tests want short. */
export const quick = { maxBackoffMs: 50, repairMs: 50 } as const;

/** Nodes, gates and strangers of one test, which all end with it. */
export class MeshBench {
  readonly #closers: (() => unknown)[] = [];
  #made = 0;

  /** Has something ended with the test. */
  onClose(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** Makes a node that is not connected yet; it listens on a free port unless told otherwise. */
  createNode(setup: NodeSetup = {}): MeshNode {
    const { board = "docs#1", rule = "earliest@1", clock = systemClock, ...options } = setup;
    let address = "";
    const transport = createMeshTransport({
      listen: { port: 0 },
      peers: [],
      ...quick,
      ...options,
      onListening(told) {
        address = told;
        options.onListening?.(told);
      },
    });
    const harness = { clock, random: systemRandom, createTransport: () => transport };
    const replica = createContractReplica(harness, { name: `node-${++this.#made}`, board, rule });
    this.#closers.push(() => Promise.all(replica.connections.map((each) => each.close())));
    return Object.defineProperties(replica, {
      address: { get: () => address },
    }) as MeshNode;
  }

  /** Makes a node that listens and is connected to those that it dials. */
  async join(setup: NodeSetup = {}): Promise<MeshNode> {
    const node = this.createNode(setup);
    const connection = node.connect();
    await until(() => connection.status === "synced");
    return node;
  }

  /** Makes a gate that leads nowhere yet. */
  async createGate(target?: string): Promise<Gate> {
    const gate = await createGate();
    gate.target = target;
    this.#closers.push(() => gate.close());
    return gate;
  }

  /** Opens a socket to a node and says nothing. */
  async meet(address: string, headers: Readonly<Record<string, string>> = {}): Promise<Stranger> {
    const socket = new WebSocket(address, { headers });
    const heard: Uint8Array[] = [];
    socket.on("message", (data: RawData) => heard.push(new Uint8Array(data as Buffer)));
    socket.on("error", () => {});
    const closed = new Promise<number>((resolve) => socket.on("close", resolve));
    this.#closers.push(() => socket.terminate());
    await Promise.race([once(socket, "open"), closed]);
    return { socket, heard, closed };
  }

  /** Goes through the handshake with a node as a peer would, and then does as the test wants. */
  async impersonate(
    address: string,
    { secret, ...identity }: Partial<Identity> & { readonly secret?: string } = {},
  ): Promise<Stranger> {
    const stranger = await this.meet(address);
    const self = { node: "impostor", board: "docs#1", rule: "earliest@1", ...identity };
    const handshake = new Handshake({
      role: "dialer",
      secret,
      self,
      find: () => self,
      send: (message) => stranger.socket.send(message),
    });
    await new Promise<void>((resolve) => {
      let heard = 0;
      const proceed = (): void => {
        for (const message of stranger.heard.slice(heard)) {
          heard++;
          if (handshake.hear(message).kind !== "going-on") {
            stranger.socket.off("message", proceed);
            resolve();
            return;
          }
        }
      };
      stranger.socket.on("message", proceed).on("close", () => resolve());
      proceed();
    });
    return stranger;
  }

  /** Ends everything, the latest first. */
  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) {
      await close();
    }
  }
}

async function createGate(): Promise<Gate> {
  const sockets = new Set<Socket>();
  let isShut = false;
  const server = createServer((near) => {
    if (isShut || gate.target === undefined) {
      near.destroy();
      return;
    }
    const far = connect(Number(new URL(gate.target).port), "127.0.0.1");
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket.setNoDelay(true));
      socket.on("error", () => {});
      socket.on("data", (data) => {
        other.write(data);
        if (gate.delayMs > 0) {
          socket.pause();
          setTimeout(() => socket.resume(), gate.delayMs);
        }
      });
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const gate: Gate = {
    address: `ws://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    target: undefined,
    delayMs: 0,
    shut() {
      isShut = true;
      for (const socket of sockets) {
        socket.destroy();
      }
    },
    open() {
      isShut = false;
    },
    stall() {
      for (const socket of sockets) {
        socket.pause();
      }
    },
    flow() {
      for (const socket of sockets) {
        socket.resume();
      }
    },
    close() {
      gate.shut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return gate;
}
