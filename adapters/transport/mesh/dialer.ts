/** Dials one address again and again, ever more slowly while nobody answers, until there is no use in it. */
import { WebSocket } from "ws";
import { CoordinationError, type ReplicaLink } from "../../../lib/index.ts";
import {
  type MeshReplica,
  meshClose,
  PeerSocket,
  type Refusal,
  type SocketEnd,
} from "./peer-socket.ts";
import type { MeshSettings } from "./settings.ts";

/**
 * How far it has come: `first` attempt under way; `connected`; `resting`, as the two are connected by another socket;
 * `own`, as the address is this node's; `lost` otherwise.
 */
export type DialState = "first" | "connected" | "resting" | "own" | "lost";

/** What {@link Dialer} needs. */
export interface DialerOptions {
  readonly address: string;
  readonly settings: MeshSettings;
  readonly link: ReplicaLink;
  readonly self: MeshReplica;
  /** Whether a socket to this node stands. */
  readonly isConnectedTo: (node: string) => boolean;
  readonly onChange: () => void;
}

const FIRST_BACKOFF_MS = 50;

/** The dialing of one address. */
export class Dialer {
  readonly #options: DialerOptions;
  readonly #reported = new Set<string>();
  #state: DialState = "first";
  #failures = 0;
  #peer: PeerSocket | undefined;
  #cancelTimer: () => void = () => {};
  #isStopped = false;

  /** Dials at once. */
  constructor(options: DialerOptions) {
    this.#options = options;
    this.#dial();
  }

  get state(): DialState {
    return this.#state;
  }

  /** Dials no more, and breaks off an attempt under way. A socket that stands is its replica's to close. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer();
    if (this.#state !== "connected") {
      this.#peer?.terminate();
    }
  }

  #dial(): void {
    const { address, settings, link, self } = this.#options;
    const socket = new WebSocket(address, {
      perMessageDeflate: false,
      maxPayload: settings.maxMessageBytes,
    });
    socket.on("unexpected-response", (request, { statusCode }) => {
      request.destroy();
      this.#reportStranger(statusCode);
      socket.terminate();
    });
    const peer = new PeerSocket({
      socket,
      role: "dialer",
      settings,
      clock: link.clock,
      self,
      find: () => self,
      onAdmitted: () => this.#enter(),
      onEnd: (end) => this.#end(end),
    });
    this.#peer = peer;
    this.#schedule(settings.handshakeMs, () => peer.terminate());
  }

  #enter(): void {
    this.#cancelTimer();
    this.#failures = 0;
    this.#reported.clear();
    this.#state = "connected";
    this.#options.onChange();
  }

  #end({ code, remote, refusal }: SocketEnd): void {
    this.#peer = undefined;
    this.#cancelTimer();
    if (this.#isStopped) {
      return;
    }
    if (remote?.node === this.#options.self.node) {
      this.#state = "own";
    } else if (remote !== undefined && code === meshClose.duplicate) {
      this.#state = "resting";
      this.#rest(remote.node);
    } else {
      this.#state = "lost";
      this.#report(refusal);
      this.#schedule(this.#draw(refusal !== undefined), () => this.#dial());
    }
    this.#options.onChange();
  }

  #rest(node: string): void {
    this.#schedule(this.#options.settings.maxBackoffMs, () => {
      if (this.#options.isConnectedTo(node)) {
        this.#rest(node);
      } else {
        this.#dial();
      }
    });
  }

  /** Draws the wait before the next attempt, up to half less by chance, so that peers do not come back all at once. */
  #draw(isRefused: boolean): number {
    const { settings, link } = this.#options;
    const longestMs = isRefused ? Number.POSITIVE_INFINITY : FIRST_BACKOFF_MS * 2 ** this.#failures;
    this.#failures = Math.min(this.#failures + 1, 20);
    const [chance = 0] = link.random(1);
    return Math.min(longestMs, settings.maxBackoffMs) * (1 - chance / 512);
  }

  #report(refusal: Refusal | undefined): void {
    if (refusal !== undefined) {
      this.#reportOnce(refusal.mismatch, refusalToFault(refusal, this.#options));
    }
  }

  #reportStranger(statusCode: number | undefined): void {
    const { address, link } = this.#options;
    this.#reportOnce(
      `${statusCode}`,
      new CoordinationError(
        "BOARD_MISMATCH",
        `What listens at ${address} answered ${statusCode}: it is no peer, or does not go by this name; ` +
          "dial its IP address, or add the name to its `listen.names`",
        { details: { board: link.board, peer: address } },
      ),
    );
  }

  #reportOnce(what: string, fault: CoordinationError): void {
    if (!this.#reported.has(what)) {
      this.#reported.add(what);
      this.#options.link.fault(fault);
    }
  }

  #schedule(delayMs: number, callback: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.link.clock.schedule(delayMs, callback);
  }
}

const codeByMismatch = {
  protocol: "BOARD_MISMATCH",
  secret: "BOARD_MISMATCH",
  board: "BOARD_MISMATCH",
  rule: "RULE_MISMATCH",
} as const;

function refusalToFault(refusal: Refusal, { address, link }: DialerOptions): CoordinationError {
  const { mismatch, expected, received, isByOther } = refusal;
  const { board } = link;
  const [ours, theirs] = isByOther ? [received, expected] : [expected, received];
  return new CoordinationError(
    codeByMismatch[mismatch],
    `The peer ${address} and this replica of ${board} share nothing: its ${mismatch} is ${theirs}, this replica's is ${ours}`,
    { details: { board, peer: address, mismatch, theirs, ours } },
  );
}
