/** What a mesh and a relay have in common, and what their connections share: status, bytes, pending syncs and end. */
import {
  type Connection,
  type ConnectionStatus,
  CoordinationError,
  type Presence,
  type ReplicaLink,
  type TransportCapabilities,
} from "../../../lib/index.ts";
import type { Channel } from "./medium.ts";
import type { Message } from "./message.ts";

/** One connection, as the network's owner sees it. */
export interface NetworkedConnection extends Connection {
  /** The name of the transport that it belongs to. */
  readonly name: string;
  /** Ends without a word, as a crashed process does. */
  crash(): void;
}

/** Who is connected with whom, and how. */
export interface Topology {
  readonly capabilities: TransportCapabilities;
  readonly connections: Iterable<NetworkedConnection>;
  connect(name: string, link: ReplicaLink): Connection;
  /** Makes and breaks links after it has changed who can reach whom. */
  rewire(): void;
  /** Starts whatever stands in the middle anew, without its memory. */
  restart(): void;
}

interface PendingSync<Goal> {
  readonly goal: Goal;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A connection; `Goal` is what a sync waits for. */
export abstract class MemoryConnection<Goal> implements NetworkedConnection {
  readonly link: ReplicaLink;
  readonly name: string;
  #status: ConnectionStatus = "offline";
  #bytesSent = 0;
  #pendingSyncs: PendingSync<Goal>[] = [];

  constructor(name: string, link: ReplicaLink) {
    this.name = name;
    this.link = link;
    link.doc.on("update", this.#onUpdate);
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  get bytesSent(): number {
    return this.#bytesSent;
  }

  abstract sendPresence(presences: readonly Presence[]): void;

  abstract resync(): void;

  sync(): Promise<void> {
    if (this.#status === "closed") {
      return Promise.reject(this.#closedError());
    }
    return new Promise((resolve, reject) => {
      this.#pendingSyncs.push({ goal: this.currentGoal(), resolve, reject });
      this.pursueSyncs();
    });
  }

  close(): Promise<void> {
    if (this.#status !== "closed") {
      this.#end();
      this.link.statusChanged("closed");
      for (const { reject } of this.#pendingSyncs.splice(0)) {
        reject(this.#closedError());
      }
    }
    return Promise.resolve();
  }

  crash(): void {
    if (this.#status !== "closed") {
      this.loseOutgoing();
      this.#end();
      this.#pendingSyncs = [];
    }
  }

  /** Gives what a sync that begins now waits for. */
  protected abstract currentGoal(): Goal;
  /** Does what brings pending syncs nearer to their goals. */
  protected abstract pursueSyncs(): void;
  /** Sends a change that was made here, or came from elsewhere than this connection. */
  protected abstract sendUpdate(update: Uint8Array): void;
  /** Takes this connection out of the network; what it has under way to others still arrives. */
  protected abstract leave(): void;
  /** Loses what this connection has under way to others. */
  protected abstract loseOutgoing(): void;

  protected get pendingGoals(): readonly Goal[] {
    return this.#pendingSyncs.map(({ goal }) => goal);
  }

  protected resolveSyncs(isReached: (goal: Goal) => boolean): void {
    const reached = this.#pendingSyncs.filter(({ goal }) => isReached(goal));
    this.#pendingSyncs = this.#pendingSyncs.filter((pending) => !reached.includes(pending));
    for (const { resolve } of reached) {
      resolve();
    }
  }

  protected setStatus(status: Exclude<ConnectionStatus, "closed">): void {
    if (this.#status !== status && this.#status !== "closed") {
      this.#status = status;
      this.link.statusChanged(status);
    }
  }

  protected send<M extends Message>(channel: Channel<M>, message: M): void {
    this.#bytesSent += channel.send(message);
  }

  protected refuse(peer: string, rule: string): void {
    const { board, rule: ours } = this.link;
    this.link.fault(
      new CoordinationError(
        "RULE_MISMATCH",
        `${peer} plays ${board} by ${rule} and ${this.name} by ${ours}, so they share nothing; ` +
          "open the board with the same rule everywhere.",
        { details: { board, peer, theirs: rule, ours } },
      ),
    );
  }

  #end(): void {
    this.#status = "closed";
    this.link.doc.off("update", this.#onUpdate);
    this.leave();
  }

  readonly #onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin !== this) {
      this.sendUpdate(update);
    }
  };

  #closedError(): CoordinationError {
    const { board } = this.link;
    return new CoordinationError(
      "CONNECTION_CLOSED",
      `The connection of ${this.name} to ${board} is closed; connect anew to sync.`,
      { details: { board, transport: this.name } },
    );
  }
}
