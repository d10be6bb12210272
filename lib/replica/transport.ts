/** The port through which a board's document reaches other replicas; adapters implement it, the replica uses it. */
import type { Doc } from "yjs";
import type { AgentId } from "../core/record.ts";
import type { Clock, Random } from "./clock.ts";

/** What a transport can promise, as data, so that nothing asked for is silently downgraded. */
export interface TransportCapabilities {
  /** Whether {@link Connection.sync} is also a barrier: see there. Without it no claim can be `settled`. */
  readonly barrier: boolean;
  /** Whether presence messages reach the other replicas. Without it no lease is ever judged. */
  readonly presence: boolean;
}

/**
 * Whether the other replicas can be reached: `offline` (nothing arrives), `syncing` (connected, the first
 * exchange is under way), `synced` (all that the other side held at the connect is here), `closed` (for good).
 */
export type ConnectionStatus = "offline" | "syncing" | "synced" | "closed";

/** One agent's sign of life. It never enters the document and is never an input to a rule. */
export interface Presence {
  readonly agent: AgentId;
  /** How many tasks the agent would work on at once; 0 for one that takes none by itself. */
  readonly slots: number;
}

/** What a replica offers to its transport. */
export interface ReplicaLink {
  /** The board's document name with its generation, such as `docs#1`. */
  readonly board: string;
  /** The board's rule, such as `earliest@1`; a peer with another one is to be refused by name. */
  readonly rule: string;
  /** The document; read its state from here, but let foreign updates in through {@link ReplicaLink.receive} only. */
  readonly doc: Doc;
  readonly clock: Clock;
  readonly random: Random;
  /**
   * Takes in foreign Yjs updates (format V1) in one transaction with the given origin, in order.
   * Never throws: an update that cannot be applied is set aside and reported by the replica.
   */
  receive(updates: readonly Uint8Array[], origin: unknown): void;
  /** Takes in signs of life; the same agent may come again and again. */
  receivePresence(presences: readonly Presence[]): void;
  /** Tells the replica that the connection's status changed. */
  statusChanged(status: ConnectionStatus): void;
  /** Reports a fault that the transport cannot mend, such as a refused handshake. */
  fault(error: Error): void;
}

/**
 * One replica's live connection.
 *
 * Promises: updates of one replica arrive everywhere in the order in which it made them, at least once (applying twice
 * is harmless); what was made offline is sent after the next connect; no update is echoed to its sender; and a
 * connection heals by itself after a break.
 */
export interface Connection {
  readonly status: ConnectionStatus;
  /** Bytes handed to the medium so far by this connection. */
  readonly bytesSent: number;
  /**
   * Resolves once all that the document held at the call is safe with the medium (at a relay: processed, and stored
   * where it has a store; in a folder: flushed). Where the transport has a `barrier`, also everything that reached the
   * relay before that is then in this document: after the promise resolves, whoever the relay heard first has been seen.
   * After a break it starts anew once synced, so it may take as long as the break.
   *
   * @throws CoordinationError `CONNECTION_CLOSED` when the connection is closed first
   */
  sync(): Promise<void>;
  /** Sends signs of life of this replica's agents, best effort. */
  sendPresence(presences: readonly Presence[]): void;
  /** Exchanges state anew, after the replica found a gap. */
  resync(): void;
  /** Ends the connection for good; idempotent. What was handed over before is still sent where possible. */
  close(): Promise<void>;
}

/** A way to reach other replicas of a board. One transport may connect many boards. */
export interface Transport {
  readonly capabilities: TransportCapabilities;
  /** Starts to keep `link.doc` in step with its peers; returns at once. */
  connect(link: ReplicaLink): Connection;
}
