/** A network with a relay in the middle: a star of ordered streams, each made anew after it breaks. */
import { encodeStateVector } from "yjs";
import type { Clock, Presence, ReplicaLink } from "../../../lib/index.ts";
import { encodeNews } from "./document-state.ts";
import type { Channel, Medium } from "./medium.ts";
import { MemoryConnection, type Topology } from "./memory-connection.ts";
import type { DownMessage, UpMessage, Welcome } from "./message.ts";
import { createRelayBoard, type RelayBoard } from "./relay-board.ts";

/** The relay's name in cuts and partitions. */
const RELAY_NAME = "relay";

/** What {@link createRelay} needs. */
export interface RelayOptions {
  readonly medium: Medium;
  readonly clock: Clock;
  readonly canReach: (from: string, to: string) => boolean;
  /** After how long a broken connection is made anew. */
  readonly reconnectMs: number;
}

/** What one client gets of the relay. */
interface RelaySeat extends RelayOptions {
  readonly clients: Set<RelayConnection>;
  readonly board: RelayBoard;
}

/** The marker whose echo ends a sync; null until it has been sent on the current stream. */
interface MarkerGoal {
  marker: number | null;
}

interface Stream {
  readonly up: Channel<UpMessage>;
  readonly down: Channel<DownMessage>;
}

/** Makes a relay that knows no board. */
export function createRelay(options: RelayOptions): Topology {
  const clients = new Set<RelayConnection>();
  const boards = new Map<string, RelayBoard>();

  return {
    capabilities: { barrier: true, presence: true },
    connections: clients,
    connect(name, link) {
      const board = boards.get(link.board) ?? createRelayBoard();
      boards.set(link.board, board);
      return new RelayConnection(name, link, { ...options, clients, board });
    },
    rewire() {
      for (const client of clients) {
        client.wire();
      }
    },
    restart() {
      for (const board of boards.values()) {
        board.clear();
      }
      for (const client of clients) {
        client.reconnect();
      }
    },
  };
}

/** One client. Its syncs wait for the echo of a marker that was sent after all that they cover. */
class RelayConnection extends MemoryConnection<MarkerGoal> {
  readonly #seat: RelaySeat;
  #cancelStart: (() => void) | null;
  #stream: Stream | null = null;
  #lastMarker = 0;
  #isRefused = false;

  constructor(name: string, link: ReplicaLink, seat: RelaySeat) {
    super(name, link);
    this.#seat = seat;
    this.#cancelStart = this.#scheduleStart(0);
    seat.clients.add(this);
  }

  /** Connects where the relay can be reached, disconnects where not. */
  wire(): void {
    const { canReach } = this.#seat;
    if (!canReach(this.name, RELAY_NAME) || !canReach(RELAY_NAME, this.name)) {
      this.#disconnect();
    } else if (this.#stream === null && this.#cancelStart === null && !this.#isRefused) {
      this.#connect();
    }
  }

  /** Loses the stream, and makes a new one after a while. */
  reconnect(): void {
    if (this.#stream !== null) {
      this.#disconnect();
      this.#cancelStart = this.#scheduleStart(this.#seat.reconnectMs);
    }
  }

  sendPresence(presences: readonly Presence[]): void {
    if (this.#stream !== null && this.status === "synced") {
      this.send(this.#stream.up, { kind: "presence", presences });
    }
  }

  resync(): void {
    if (this.#stream !== null) {
      this.#greet(this.#stream);
    }
  }

  protected currentGoal(): MarkerGoal {
    return { marker: null };
  }

  protected pursueSyncs(): void {
    const unmarked = this.pendingGoals.filter(({ marker }) => marker === null);
    if (this.#stream !== null && this.status === "synced" && unmarked.length > 0) {
      const marker = ++this.#lastMarker;
      for (const goal of unmarked) {
        goal.marker = marker;
      }
      this.send(this.#stream.up, { kind: "marker", marker });
    }
  }

  protected sendUpdate(update: Uint8Array): void {
    // What is made before the welcome is among the news that answer it.
    if (this.#stream !== null && this.status === "synced") {
      this.send(this.#stream.up, { kind: "update", update });
    }
  }

  protected leave(): void {
    this.#cancelStart?.();
    this.#seat.clients.delete(this);
    if (this.#stream !== null) {
      this.#stream.down.close();
      this.#seat.board.forget(this.#stream.down);
      this.#stream = null; // a loss under way must not bring it back
    }
  }

  protected loseOutgoing(): void {
    this.#stream?.up.close();
  }

  #scheduleStart(delayMs: number): () => void {
    return this.#seat.clock.schedule(delayMs, () => {
      this.#cancelStart = null;
      this.wire();
    });
  }

  #connect(): void {
    const { board, medium } = this.#seat;
    const onBroken = (): void => {
      if (this.#stream === stream) {
        this.reconnect();
      }
    };
    const down: Channel<DownMessage> = medium.openChannel({
      from: RELAY_NAME,
      to: this.name,
      board: this.link.board,
      deliver: (message: DownMessage) => this.#handle(message),
      onBroken,
    });
    const up: Channel<UpMessage> = medium.openChannel({
      from: this.name,
      to: RELAY_NAME,
      board: this.link.board,
      deliver: (message: UpMessage) => board.process(message, down),
      onBroken,
    });
    const stream = { up, down };
    this.#stream = stream;
    this.setStatus("syncing");
    this.#greet(stream);
  }

  #disconnect(): void {
    if (this.#stream !== null) {
      this.#stream.up.close();
      this.#stream.down.close();
      this.#seat.board.forget(this.#stream.down);
      this.#stream = null;
      for (const goal of this.pendingGoals) {
        goal.marker = null; // a marker from before the break proves nothing after it
      }
      this.setStatus("offline");
    }
  }

  #greet({ up }: Stream): void {
    const { doc, rule } = this.link;
    this.send(up, { kind: "hello", rule, vector: encodeStateVector(doc) });
  }

  #handle(message: DownMessage): void {
    if (message.kind === "update") {
      this.link.receive([message.update], this);
    } else if (message.kind === "marker") {
      this.resolveSyncs(({ marker }) => marker !== null && marker <= message.marker);
    } else if (message.kind === "presence") {
      this.link.receivePresence(message.presences);
    } else if (message.kind === "welcome") {
      this.#settleIn(message);
    } else {
      this.#isRefused = true;
      this.#disconnect();
      this.refuse(RELAY_NAME, message.rule);
    }
  }

  #settleIn({ update, vector }: Welcome): void {
    if (update !== null) {
      this.link.receive([update], this);
    }
    const news = encodeNews(this.link.doc, vector);
    if (news !== null && this.#stream !== null) {
      this.send(this.#stream.up, { kind: "update", update: news });
    }
    this.setStatus("synced");
    this.pursueSyncs();
  }
}
