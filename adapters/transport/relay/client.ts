/** One client of the relay: its socket, what it may do, and how far it has come. */
import type { WebSocket } from "ws";
import type { Clock } from "../../../lib/index.ts";
import type { Hello } from "../wire/handshake.ts";
import type { Author } from "./admission/admission.ts";
import type { Bearer } from "./bearers.ts";
import type { RelayLimits } from "./limits.ts";

/** Plain counters that all boards and clients of one relay share. */
export interface Traffic {
  bytesReceived: number;
  bytesSent: number;
  updates: number;
  records: number;
  refusals: number;
}

/** What is held to a rate. */
export type Metered = "records" | "bytes" | "messages";

/** What a client is made of. */
export interface ClientParts {
  readonly socket: WebSocket;
  readonly traffic: Traffic;
  readonly clock: Clock;
  readonly bearer: Bearer;
  readonly limits: Pick<RelayLimits, "sendBufferBytes" | "lagMs">;
  /** Hears each time that it is made to wait. */
  readonly onThrottle: (kind: Metered) => void;
}

const MAX_REASON_BYTES = 123; // RFC 6455, section 5.5

/** A connected client; one that has said no hello is a plain y-websocket client. */
export class Client {
  readonly author: Author;
  /** What it said of itself. */
  hello: Hello | undefined;
  /** Whether it was sent the board's state, so that updates are of use to it. */
  isSubscribed = false;
  /** Whether it was asked for what it has beyond the board, and has not answered; its markers wait for that. */
  awaitsDifference = false;
  /** Its markers whose echo is not on its way yet. */
  markers: number[] = [];
  /** Its markers that were not echoed yet, those that only wait for the store too. */
  openMarkers = 0;
  /** Whether it was sent away; what it still says is not heard. */
  isExpelled = false;
  /** Whether its socket answered the last ping. */
  isResponsive = true;
  /** How many messages came from it. */
  heard = 0;
  /** How many bytes came from it since its last whole message. */
  unfinishedBytes: () => number = () => 0;
  /** Where it was when it fell behind: it is sent nothing until it has taken what waits for it. */
  behind: { readonly since: number; readonly vector: Uint8Array } | null = null;

  readonly #parts: ClientParts;
  #cancelPause: (() => void) | null = null;
  #heardAtPing = 0;
  readonly #cancels: (() => void)[] = [];
  #pausedUntil = 0;

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.author = parts.bearer.author;
  }

  /** Whether so much waits for it that it should be sent no more. */
  get isClogged(): boolean {
    const { socket, limits } = this.#parts;
    return socket.bufferedAmount > limits.sendBufferBytes;
  }

  /** Whether it took most of what waited for it. */
  get hasRoom(): boolean {
    const { socket, limits } = this.#parts;
    return socket.bufferedAmount <= limits.sendBufferBytes / 4;
  }

  /** Whether it is not read from for a while. */
  get isPaused(): boolean {
    return this.#cancelPause !== null;
  }

  /** Sends one message; none to a socket that is closing. */
  send(message: Uint8Array): void {
    const { socket, traffic } = this.#parts;
    if (socket.readyState !== socket.OPEN) return;
    traffic.bytesSent += message.length;
    socket.send(message);
  }

  /** Sends what may as well be lost, unless it is slow. */
  sendIfQuick(message: Uint8Array): void {
    if (this.behind === null && !this.isClogged) this.send(message);
  }

  /** Counts what came from it; whoever is too fast is read more slowly. */
  meter(kind: Metered, amount: number): void {
    const waitMs = this.#parts.bearer[kind].take(amount);
    if (waitMs === 0) return;
    this.#parts.onThrottle(kind);
    this.#pause(waitMs);
  }

  /** Whether part of a message came before the last ping, and since then no whole one. */
  dribbles(mostBytes: number): boolean {
    const isStuck = this.heard === this.#heardAtPing && this.unfinishedBytes() > mostBytes;
    this.#heardAtPing = this.heard;
    return isStuck;
  }

  /** Sends the client away, after what was sent before. */
  expel(code: number, reason: string): void {
    if (this.isExpelled) return;
    this.isExpelled = true;
    this.#resume();
    this.#parts.socket.close(code, fitReason(reason));
  }

  /** Asks the socket for a sign of life. */
  ping(): void {
    this.isResponsive = false;
    this.#parts.socket.ping();
  }

  /** Cuts the socket off. */
  terminate(): void {
    this.#parts.socket.terminate();
  }

  /** Has a timer end with the client. */
  endWith(cancel: () => void): void {
    this.#cancels.push(cancel);
  }

  /** Lets its timers go. */
  close(): void {
    this.#cancelPause?.();
    for (const cancel of this.#cancels.splice(0)) cancel();
  }

  #pause(waitMs: number): void {
    const { socket, clock } = this.#parts;
    const until = clock.now() + waitMs;
    if (this.isExpelled || socket.readyState !== socket.OPEN || until <= this.#pausedUntil) return;
    this.#pausedUntil = until;
    this.#cancelPause?.();
    socket.pause();
    this.#cancelPause = clock.schedule(waitMs, () => this.#resume());
  }

  #resume(): void {
    this.#cancelPause?.();
    this.#cancelPause = null;
    this.#pausedUntil = 0;
    this.#parts.socket.resume();
  }
}

function fitReason(reason: string): string {
  const bytes = Buffer.from(reason);
  const fits = bytes.length <= MAX_REASON_BYTES;
  return fits
    ? reason
    : bytes
        .subarray(0, MAX_REASON_BYTES)
        .toString()
        .replace(/\uFFFD+$/, "");
}
