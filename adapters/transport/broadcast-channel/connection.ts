/** One tab's connection: who is on the channel, and the conversation with them. */
import {
  type Connection,
  type ConnectionStatus,
  CoordinationError,
  type CoordinationErrorCode,
  type Presence,
  type ReplicaLink,
} from "../../../lib/index.ts";
import { Gossip, type PeerLine } from "../gossip/gossip.ts";
import { createNode } from "../gossip/node.ts";
import { CHANNEL_VERSION, decodeEnvelope, type Envelope, encodeEnvelope } from "./envelope.ts";

/** How a connection finds its peers. */
export interface BroadcastSettings {
  readonly helloMs: number;
  readonly repairMs: number;
}

/** The first hello, and another one where nobody answered. */
const HELLOS = 2;
const NOTHING = new Uint8Array(0);

/** The connection that `createBroadcastChannelTransport` makes. */
export class BroadcastConnection implements Connection {
  readonly #link: ReplicaLink;
  readonly #settings: BroadcastSettings;
  readonly #node: string;
  readonly #gossip: Gossip;
  readonly #lineByNode = new Map<string, PeerLine>();
  readonly #reported = new Set<string>();
  #channel: BroadcastChannel | undefined;
  #isSettled = false;
  #bytesSent = 0;
  #cancelTimer: () => void;

  constructor(link: ReplicaLink, settings: BroadcastSettings) {
    this.#link = link;
    this.#settings = settings;
    this.#node = createNode(link.random);
    this.#gossip = new Gossip({
      link,
      node: this.#node,
      repairMs: settings.repairMs,
      outlook: () => (this.#isSettled ? "nobody" : "awaited"),
      broadcast: (message) => this.#post({ kind: "gossip", to: "", body: message }),
      onSilent: (line) => this.#forget(line),
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
    this.#cancelTimer();
    this.#gossip.close();
    this.#post({ kind: "bye", to: "", body: NOTHING });
    this.#channel?.close();
    this.#channel = undefined;
    return Promise.resolve();
  }

  #start(): void {
    this.#channel = new BroadcastChannel(`stigmergy ${this.#link.board}`);
    this.#channel.addEventListener("message", ({ data }) => this.#receive(data));
    this.#sayHello(HELLOS);
  }

  #sayHello(hellos: number): void {
    if (hellos === 0 || this.#lineByNode.size > 0) {
      this.#isSettled = true;
      this.#gossip.review();
      return;
    }
    this.#post({ kind: "hello", to: "", body: NOTHING });
    this.#cancelTimer = this.#link.clock.schedule(this.#settings.helloMs, () =>
      this.#sayHello(hellos - 1),
    );
  }

  #receive(data: unknown): void {
    try {
      const envelope = decodeEnvelope(data);
      if ("version" in envelope) {
        this.#report("BOARD_MISMATCH", "protocol", String(CHANNEL_VERSION), `${envelope.version}`);
      } else if (this.#channel !== undefined && [this.#node, ""].includes(envelope.to)) {
        this.#hear(envelope);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#report("BOARD_MISMATCH", "message", "one of this library", `none: ${reason}`);
    }
  }

  #hear({ kind, from, rule, body }: Envelope): void {
    if (rule !== this.#link.rule) {
      this.#report("RULE_MISMATCH", "rule", this.#link.rule, rule);
      return;
    }
    const known = this.#lineByNode.get(from);
    if (kind === "bye") {
      this.#forget(known);
      return;
    }
    const line = known ?? this.#meet(from);
    if (kind === "gossip") {
      this.#gossip.hear(line, body);
    }
  }

  #meet(node: string): PeerLine {
    const line: PeerLine = {
      isCongested: false,
      send: (message) => this.#post({ kind: "gossip", to: node, body: message }),
    };
    this.#lineByNode.set(node, line);
    this.#gossip.add(line);
    return line;
  }

  #forget(line: PeerLine | undefined): void {
    for (const [node, each] of this.#lineByNode) {
      if (each === line) {
        this.#lineByNode.delete(node);
        this.#gossip.remove(line);
        this.#gossip.review();
      }
    }
  }

  #post(message: Pick<Envelope, "kind" | "to" | "body">): void {
    const bytes = encodeEnvelope({ ...message, from: this.#node, rule: this.#link.rule });
    if (this.#channel !== undefined) {
      this.#bytesSent += bytes.length;
      this.#channel.postMessage(bytes);
    }
  }

  /** Tells of each mismatch once; where it is the rule, the other tab tells of it too. */
  #report(code: CoordinationErrorCode, mismatch: string, ours: string, theirs: string): void {
    if (!this.#reported.has(`${mismatch} ${theirs}`)) {
      this.#reported.add(`${mismatch} ${theirs}`);
      const { board } = this.#link;
      this.#link.fault(
        new CoordinationError(
          code,
          `Another tab with ${board} and this one share nothing: its ${mismatch} is ${theirs}, here it is ${ours}; reload both`,
          { details: { board, mismatch, ours, theirs } },
        ),
      );
    }
  }
}
