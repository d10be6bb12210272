/**
 * The handshake of two peers, as a machine of bytes in and bytes out. The dialer proves the secret first, so that a stranger
 * who dials learns nothing, not even a board's name.
 */
import {
  decodeGreeting,
  encodeGreeting,
  type Greeting,
  MESH_VERSION,
  type Mismatch,
} from "./greeting.ts";
import { createNonce, isProven, type Nonces, proveSecret, type Role } from "./proof.ts";

/** A replica as it presents itself. */
export interface Identity {
  readonly node: string;
  readonly board: string;
  readonly rule: string;
}

/** What one message led to. */
export type HandshakeStep<Self> =
  | { readonly kind: "going-on" }
  | { readonly kind: "done"; readonly self: Self; readonly remote: Identity }
  | {
      readonly kind: "refused";
      /** Whether the other side said so; it is told otherwise. */
      readonly isByOther: boolean;
      readonly mismatch: Mismatch;
      readonly expected: string;
      readonly received: string;
    };

/** What {@link Handshake} needs. */
export interface HandshakeOptions<Self extends Identity> {
  readonly role: Role;
  readonly secret: string | undefined;
  readonly send: (message: Uint8Array) => void;
  /** The dialer's own replica. */
  readonly self?: Self;
  /** Finds the listener's replica of the board that a peer names. */
  readonly find: (board: string) => Self | undefined;
}

const GOING_ON = { kind: "going-on" } as const;

/** One side of one handshake. */
export class Handshake<Self extends Identity> {
  readonly #options: HandshakeOptions<Self>;
  readonly #nonce = createNonce();
  #nonces: Nonces | undefined;
  #expects: "challenge" | "proof" | "hello" = "challenge";

  /** Says the first word. */
  constructor(options: HandshakeOptions<Self>) {
    this.#options = options;
    this.#say({ kind: "challenge", protocol: MESH_VERSION, nonce: this.#nonce });
  }

  /**
   * Takes in a message.
   *
   * @throws Error for one that cannot be decoded or was not to come now
   */
  hear(bytes: Uint8Array): HandshakeStep<Self> {
    const greeting = decodeGreeting(bytes);
    if (greeting.kind === "refusal") {
      return { ...greeting, kind: "refused", isByOther: true };
    }
    if (greeting.kind !== this.#expects) {
      throw new TypeError(`${greeting.kind} came where ${this.#expects} belongs`);
    }
    if (greeting.kind === "challenge") {
      return this.#hearChallenge(greeting.protocol, greeting.nonce);
    }
    return greeting.kind === "proof" ? this.#hearProof(greeting.proof) : this.#hearHello(greeting);
  }

  #hearChallenge(protocol: number, nonce: Uint8Array): HandshakeStep<Self> {
    if (protocol !== MESH_VERSION) {
      return this.#refuse("protocol", String(MESH_VERSION), String(protocol));
    }
    this.#expects = "proof";
    this.#nonces =
      this.#options.role === "dialer"
        ? { dialer: this.#nonce, listener: nonce }
        : { dialer: nonce, listener: this.#nonce };
    if (this.#options.role === "dialer") {
      this.#prove(this.#nonces);
    }
    return GOING_ON;
  }

  #hearProof(proof: Uint8Array): HandshakeStep<Self> {
    const { role, secret, self } = this.#options;
    const other = role === "dialer" ? "listener" : "dialer";
    if (this.#nonces === undefined || !isProven(proof, secret, other, this.#nonces)) {
      const received = proof.length === 0 ? "none" : "another";
      return this.#refuse("secret", secret === undefined ? "none" : "the same", received);
    }
    this.#expects = "hello";
    if (role === "listener") {
      this.#prove(this.#nonces);
    } else if (self !== undefined) {
      this.#introduce(self);
    }
    return GOING_ON;
  }

  #hearHello(remote: Identity): HandshakeStep<Self> {
    const { role, find } = this.#options;
    const self = this.#options.self ?? find(remote.board);
    if (self?.board !== remote.board) {
      return this.#refuse("board", self?.board ?? "another", remote.board);
    }
    if (self.rule !== remote.rule) {
      return this.#refuse("rule", self.rule, remote.rule);
    }
    if (role === "listener") {
      this.#introduce(self);
    }
    return { kind: "done", self, remote };
  }

  #prove(nonces: Nonces): void {
    const { role, secret } = this.#options;
    this.#say({ kind: "proof", proof: proveSecret(secret, role, nonces) });
  }

  #introduce({ node, board, rule }: Identity): void {
    this.#say({ kind: "hello", node, board, rule });
  }

  #refuse(mismatch: Mismatch, expected: string, received: string): HandshakeStep<Self> {
    this.#say({ kind: "refusal", mismatch, expected, received });
    return { kind: "refused", isByOther: false, mismatch, expected, received };
  }

  #say(greeting: Greeting): void {
    this.#options.send(encodeGreeting(greeting));
  }
}
