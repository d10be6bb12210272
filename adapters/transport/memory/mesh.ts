/**
 * A network without a middle: every replica exchanges updates with every other. Whoever is not known to hold the same
 * as oneself is asked again from time to time, so what was lost on the way is mended; once all agree, all is quiet.
 */
import type { Clock, Presence, ReplicaLink } from "../../../lib/index.ts";
import { encodeMissing, encodeState, includesState, isSameState } from "./document-state.ts";
import type { Channel, Medium } from "./medium.ts";
import { MemoryConnection, type Topology } from "./memory-connection.ts";
import type { Answer, Ask, MeshMessage } from "./message.ts";

/** What {@link createMesh} needs. */
export interface MeshOptions {
  readonly medium: Medium;
  readonly clock: Clock;
  readonly canReach: (from: string, to: string) => boolean;
  /** After how long a replica that may hold something else is asked again. */
  readonly repairMs: number;
}

interface Mesh extends MeshOptions {
  readonly connections: Set<MeshConnection>;
  /** The connections that have started. */
  readonly members: Set<MeshConnection>;
  readonly rewire: () => void;
}

interface Peer {
  readonly channel: Channel<MeshMessage>;
  /** What the peer last said it holds; from its first word on it is sent each change. */
  state: Uint8Array | null;
  hasAnswered: boolean;
  isRefused: boolean;
}

/** Makes a mesh without members. */
export function createMesh(options: MeshOptions): Topology {
  const connections = new Set<MeshConnection>();
  const members = new Set<MeshConnection>();
  const rewire = (): void => {
    for (const member of members) {
      member.wire();
    }
  };
  const mesh: Mesh = { ...options, connections, members, rewire };
  return {
    capabilities: { barrier: false, presence: true },
    connections,
    connect: (name, link) => new MeshConnection(name, link, mesh),
    rewire,
    restart() {},
  };
}

/** One member. Its syncs wait until every peer holds what this replica held at the call. */
class MeshConnection extends MemoryConnection<Uint8Array> {
  readonly #mesh: Mesh;
  readonly #peers = new Map<MeshConnection, Peer>();
  readonly #cancelJoin: () => void;
  #cancelRepair: (() => void) | null = null;
  #isAlone = false;

  constructor(name: string, link: ReplicaLink, mesh: Mesh) {
    super(name, link);
    this.#mesh = mesh;
    mesh.connections.add(this);
    this.#cancelJoin = mesh.clock.schedule(0, () => {
      mesh.members.add(this);
      mesh.rewire();
    });
  }

  /** Links with whoever can be reached, and drops the links to all others. */
  wire(): void {
    const others = [...this.#mesh.members].filter((other) => this.#isOnSameBoard(other));
    this.#isAlone = others.length === 0;
    for (const other of new Set([...this.#peers.keys(), ...others])) {
      if (!others.includes(other) || !this.#isInReach(other)) {
        this.#peers.get(other)?.channel.close();
        this.#peers.delete(other);
      } else if (!this.#peers.has(other)) {
        const peer = {
          channel: this.#openChannel(other),
          state: null,
          hasAnswered: false,
          isRefused: false,
        };
        this.#peers.set(other, peer);
        this.#ask([peer]);
      }
    }
    this.#review();
  }

  sendPresence(presences: readonly Presence[]): void {
    for (const { channel } of this.#livePeers()) {
      this.send(channel, { kind: "presence", presences });
    }
  }

  resync(): void {
    this.#ask(this.#livePeers());
  }

  protected currentGoal(): Uint8Array {
    return encodeState(this.link.doc);
  }

  protected pursueSyncs(): void {
    this.resync();
    this.#review();
  }

  protected sendUpdate(update: Uint8Array): void {
    for (const { channel } of this.#livePeers().filter(({ state }) => state !== null)) {
      this.send(channel, { kind: "update", update });
    }
    this.#scheduleRepair();
  }

  protected leave(): void {
    this.#cancelJoin();
    this.#cancelRepair?.();
    this.#mesh.connections.delete(this);
    this.#mesh.members.delete(this);
    this.#mesh.rewire();
  }

  protected loseOutgoing(): void {
    for (const { channel } of this.#peers.values()) {
      channel.close();
    }
  }

  #handle(message: MeshMessage, from: MeshConnection): void {
    if (message.kind === "presence") {
      this.link.receivePresence(message.presences);
    } else if (message.kind === "update") {
      this.#receive(message.update);
    } else if (message.kind === "ask") {
      this.#answer(message, from);
    } else {
      this.#hear(message, from);
    }
  }

  #answer({ rule, state }: Ask, from: MeshConnection): void {
    const peer = this.#peers.get(from);
    if (peer === undefined || peer.isRefused) {
      return;
    }
    if (rule !== this.link.rule) {
      peer.isRefused = true;
      this.refuse(from.name, rule);
    } else {
      peer.state = state;
      const update = encodeMissing(this.link.doc, state);
      this.send(peer.channel, { kind: "answer", update, state: encodeState(this.link.doc) });
      this.#scheduleRepair();
    }
    this.#review();
  }

  #hear({ update, state }: Answer, from: MeshConnection): void {
    if (update !== null) {
      this.#receive(update);
    }
    const peer = this.#peers.get(from);
    if (peer !== undefined) {
      peer.state = state;
      peer.hasAnswered = true;
      this.#review();
    }
  }

  #receive(update: Uint8Array): void {
    this.link.receive([update], this);
    this.#scheduleRepair();
  }

  /** Draws the conclusions from what the peers are known to hold. */
  #review(): void {
    const peers = this.#livePeers();
    if (peers.length === 0) {
      this.setStatus(this.#isAlone ? "synced" : "offline");
    } else if (peers.every(({ hasAnswered }) => hasAnswered)) {
      this.setStatus("synced");
    } else if (this.status === "offline") {
      this.setStatus("syncing");
    }
    if (this.status === "synced") {
      this.resolveSyncs((goal) =>
        peers.every(({ state }) => state !== null && includesState(state, goal)),
      );
    }
  }

  #scheduleRepair(): void {
    this.#cancelRepair ??= this.#mesh.clock.schedule(this.#mesh.repairMs, () => {
      this.#cancelRepair = null;
      const ours = encodeState(this.link.doc);
      this.#ask(
        this.#livePeers().filter(
          ({ state, hasAnswered }) => !hasAnswered || state === null || !isSameState(state, ours),
        ),
      );
    });
  }

  #ask(peers: readonly Peer[]): void {
    if (peers.length === 0) {
      return;
    }
    const state = encodeState(this.link.doc);
    for (const { channel } of peers) {
      this.send(channel, { kind: "ask", rule: this.link.rule, state });
    }
    this.#scheduleRepair();
  }

  #livePeers(): Peer[] {
    return [...this.#peers.values()].filter(({ isRefused }) => !isRefused);
  }

  #openChannel(other: MeshConnection): Channel<MeshMessage> {
    return this.#mesh.medium.openChannel({
      from: this.name,
      to: other.name,
      board: this.link.board,
      deliver: (message) => other.#handle(message, this),
    });
  }

  #isOnSameBoard(other: MeshConnection): boolean {
    return other !== this && other.link.board === this.link.board;
  }

  #isInReach(other: MeshConnection): boolean {
    const { canReach } = this.#mesh;
    return canReach(this.name, other.name) || canReach(other.name, this.name);
  }
}
