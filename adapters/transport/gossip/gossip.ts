/**
 * One replica among peers, without anybody in the middle: each is asked what it holds, is sent what it lacks and then each
 * change. Whoever is not known to hold the same is asked again from time to time; once all agree, all is quiet.
 */
import type { ConnectionStatus, Presence, ReplicaLink } from "../../../lib/index.ts";
import { encodeState, isSameState } from "../memory/document-state.ts";
import {
  type Answer,
  type Ask,
  decodeGossip,
  encodeGossip,
  type GossipMessage,
  type NodePresence,
} from "./message.ts";
import { encodeWhole, findNews } from "./news.ts";
import { PendingSyncs } from "./pending-syncs.ts";
import { PresenceMemory } from "./presence.ts";

/** The way to one peer. */
export interface PeerLine {
  send(message: Uint8Array): void;
  /** Whether so much waits to be sent that nothing may be added. */
  readonly isCongested: boolean;
}

/** Who should be there beside the peers that are: `awaited` (not known yet), `missing` (somebody is), `nobody`. */
export type Outlook = "awaited" | "missing" | "nobody";

/** What {@link Gossip} needs. */
export interface GossipOptions {
  readonly link: ReplicaLink;
  /** This replica among its peers. */
  readonly node: string;
  /** After about how long a peer that may hold something else is asked again. */
  readonly repairMs: number;
  readonly outlook: () => Outlook;
  /** Sends to all at once, on a medium where everybody hears everything; nothing is passed on there. */
  readonly broadcast?: (message: Uint8Array) => void;
  /** Called for a peer that has answered nothing for long. */
  readonly onSilent?: (line: PeerLine) => void;
}

interface Peer {
  readonly line: PeerLine;
  /** What the peer last said it holds. */
  state: Uint8Array | null;
  hasAnswered: boolean;
  /** Whether it has all that was here when it last asked, and so is to be sent each change. */
  isSubscribed: boolean;
  /** Rounds of repair since it last answered. */
  unanswered: number;
}

const RESYNC_INTERVAL_MS = 1_000;
/** After so many rounds of repair without an answer a peer is not waited for. */
const PATIENCE = 5;

/** The conversation of one replica with all of its peers. */
export class Gossip {
  readonly #options: GossipOptions;
  readonly #link: ReplicaLink;
  readonly #peers = new Map<PeerLine, Peer>();
  readonly #syncs: PendingSyncs;
  readonly #presence: PresenceMemory;
  #status: ConnectionStatus = "offline";
  #cancelRepair: (() => void) | undefined;
  #cancelAsk: (() => void) | undefined;
  #cancelResync: (() => void) | undefined;
  #resyncedAt = Number.NEGATIVE_INFINITY;

  constructor(options: GossipOptions) {
    this.#options = options;
    this.#link = options.link;
    this.#syncs = new PendingSyncs(options.link.board);
    this.#presence = new PresenceMemory(options.node);
    options.link.doc.on("update", this.#onUpdate);
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  /** Takes in a peer and asks it. */
  add(line: PeerLine): void {
    const peer: Peer = {
      line,
      state: null,
      hasAnswered: false,
      isSubscribed: false,
      unanswered: 0,
    };
    this.#peers.set(line, peer);
    this.#ask([peer]);
    this.review();
  }

  /** Forgets a peer; a `review` is to follow. */
  remove(line: PeerLine): void {
    this.#peers.delete(line);
  }

  /**
   * Takes in what a peer said; the bytes must be of a buffer of their own.
   *
   * @throws Error for what cannot be decoded; nothing of it is taken in
   */
  hear(line: PeerLine, bytes: Uint8Array): void {
    const peer = this.#peers.get(line);
    if (peer === undefined) {
      return;
    }
    const message = decodeGossip(bytes);
    if (message.kind === "presence") {
      this.#hearPresence(message, peer);
    } else if (message.kind === "ask") {
      this.#answer(message, peer);
    } else if (message.kind === "answer") {
      this.#hearAnswer(message, peer);
    } else if (peer.hasAnswered) {
      this.#receive(message.update, peer); // before its answer there would be a gap; the answer holds it
    }
  }

  sync(): Promise<void> {
    const goal = encodeState(this.#link.doc);
    const promise = this.#syncs.wait(goal);
    this.review();
    if (this.#status !== "closed" && !this.#syncs.isEmpty) {
      this.#cancelAsk ??= this.#link.clock.schedule(0, () => {
        this.#cancelAsk = undefined;
        this.#ask([...this.#peers.values()]);
      });
    }
    return promise;
  }

  sendPresence(presences: readonly Presence[]): void {
    if (this.#status !== "closed" && presences.length > 0) {
      this.#spread(this.#presence.announce(presences), [...this.#peers.values()]);
    }
  }

  /** Asks all peers anew, at most once a second. */
  resync(): void {
    if (this.#status !== "closed") {
      const { clock } = this.#link;
      const waitMs = this.#resyncedAt + RESYNC_INTERVAL_MS - clock.now();
      this.#cancelResync ??= clock.schedule(Math.max(0, waitMs), () => {
        this.#cancelResync = undefined;
        this.#resyncedAt = clock.now();
        this.#ask([...this.#peers.values()]);
      });
    }
  }

  /** Draws the conclusions from who is there and what they hold. */
  review(): void {
    if (this.#status === "closed") {
      return;
    }
    const peers = [...this.#peers.values()];
    const outlook = this.#options.outlook();
    if (peers.length === 0) {
      this.#setStatus(outlook === "nobody" ? "synced" : "offline");
    } else if (
      outlook !== "awaited" &&
      peers.some(({ hasAnswered }) => hasAnswered) &&
      peers.every(({ hasAnswered, unanswered }) => hasAnswered || unanswered > PATIENCE)
    ) {
      this.#setStatus("synced");
    } else if (this.#status === "offline") {
      this.#setStatus("syncing");
    }
    for (const { state } of peers) {
      if (state !== null) {
        this.#syncs.confirm(state);
      }
    }
  }

  /** Ends the conversation, for good. */
  close(): void {
    this.#link.doc.off("update", this.#onUpdate);
    this.#peers.clear();
    this.#cancelRepair?.();
    this.#cancelAsk?.();
    this.#cancelResync?.();
    this.#setStatus("closed");
    this.#syncs.close();
  }

  #answer({ state }: Ask, peer: Peer): void {
    const { doc } = this.#link;
    peer.state = state;
    peer.isSubscribed = !peer.line.isCongested;
    if (peer.isSubscribed) {
      const update = encodeWhole(doc, state);
      peer.line.send(encodeGossip({ kind: "answer", update, state: encodeState(doc) }));
    }
    this.#scheduleRepair();
    this.review();
  }

  #hearAnswer({ update, state }: Answer, peer: Peer): void {
    if (update.length > 0) {
      this.#receive(update, peer);
    }
    peer.state = state;
    peer.hasAnswered = true;
    peer.unanswered = 0;
    if (!isSameState(state, encodeState(this.#link.doc))) {
      this.#scheduleRepair();
    }
    this.review();
  }

  #hearPresence(message: NodePresence, from: Peer): void {
    if (this.#presence.isNew(message)) {
      this.#link.receivePresence(message.presences);
      this.#passOn(message, from);
    }
  }

  #receive(update: Uint8Array, peer: Peer): void {
    const news = findNews(this.#link.doc, update);
    if (news !== null) {
      this.#link.receive([news], peer);
    }
    this.#scheduleRepair();
  }

  readonly #onUpdate = (update: Uint8Array, origin: unknown): void => {
    const from = [...this.#peers.values()].find((peer) => peer === origin);
    const message = { kind: "update", update } as const;
    if (from === undefined) {
      this.#spread(message, this.#subscribers());
    } else {
      this.#passOn(message, from);
    }
    this.#scheduleRepair();
  };

  #passOn(message: GossipMessage, from: Peer): void {
    if (this.#options.broadcast === undefined) {
      this.#spread(
        message,
        this.#subscribers().filter((peer) => peer !== from),
      );
    }
  }

  #subscribers(): Peer[] {
    return [...this.#peers.values()].filter(({ isSubscribed }) => isSubscribed);
  }

  #scheduleRepair(): void {
    if (this.#cancelRepair !== undefined || this.#status === "closed") {
      return;
    }
    const { clock, random } = this.#link;
    const [chance = 0] = random(1);
    const delayMs = this.#options.repairMs * (0.5 + chance / 256);
    this.#cancelRepair = clock.schedule(delayMs, () => {
      this.#cancelRepair = undefined;
      this.#repair();
    });
  }

  #repair(): void {
    const ours = encodeState(this.#link.doc);
    const unsure = [...this.#peers.values()].filter(
      ({ state, hasAnswered }) => !hasAnswered || state === null || !isSameState(state, ours),
    );
    this.#ask(unsure);
    for (const peer of unsure) {
      peer.unanswered++;
      if (peer.unanswered > PATIENCE) {
        this.#options.onSilent?.(peer.line);
      }
    }
    this.review();
  }

  #ask(peers: readonly Peer[]): void {
    if (peers.length > 0) {
      const state = encodeState(this.#link.doc);
      this.#spread({ kind: "ask", state }, peers);
      this.#scheduleRepair();
    }
  }

  #spread(message: GossipMessage, peers: readonly Peer[]): void {
    const { broadcast } = this.#options;
    const bytes = peers.length === 0 ? undefined : encodeGossip(message);
    if (bytes !== undefined && broadcast !== undefined && peers.length > 1) {
      broadcast(bytes);
    } else if (bytes !== undefined) {
      for (const peer of peers) {
        if (peer.line.isCongested) {
          peer.isSubscribed = false; // until it asks anew, which the repair brings about
        } else {
          peer.line.send(bytes);
        }
      }
    }
  }

  #setStatus(status: ConnectionStatus): void {
    if (status !== this.#status) {
      this.#status = status;
      this.#link.statusChanged(status);
    }
  }
}
