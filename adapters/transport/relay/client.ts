/** One client of the relay: its socket, and how far it has come. */
import type { WebSocket } from "ws";
import type { Hello } from "../wire/handshake.ts";
import { MAX_MESSAGE_BYTES } from "../wire/message.ts";

/** Plain counters that all boards and clients of one relay share. */
export interface Traffic {
  bytesReceived: number;
  bytesSent: number;
  updates: number;
}

const MAX_REASON_BYTES = 123; // RFC 6455, section 5.5

/** A connected client; one that has said no hello is a plain y-websocket client. */
export class Client {
  /** What it said of itself. */
  hello: Hello | undefined;
  /** Whether it was sent the board's state, so that updates are of use to it. */
  isSubscribed = false;
  /** Whether it was asked for what it has beyond the board, and has not answered; its markers wait for that. */
  awaitsDifference = false;
  /** Its markers that were not echoed yet. */
  markers: number[] = [];
  /** Whether it was sent away; what it still says is not heard. */
  isExpelled = false;
  /** Whether its socket answered the last ping. */
  isResponsive = true;

  readonly #socket: WebSocket;
  readonly #traffic: Traffic;

  constructor(socket: WebSocket, traffic: Traffic) {
    this.#socket = socket;
    this.#traffic = traffic;
  }

  /** Sends one message; none to a socket that is closing. */
  send(message: Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN) {
      return;
    }
    if (this.#socket.bufferedAmount > MAX_MESSAGE_BYTES) {
      this.terminate(); // it reads too slowly; it comes back and syncs anew
      return;
    }
    this.#traffic.bytesSent += message.length;
    this.#socket.send(message);
  }

  /** Sends the client away, after what was sent before. */
  expel(code: number, reason: string): void {
    if (!this.isExpelled) {
      this.isExpelled = true;
      this.#socket.close(code, fitReason(reason));
    }
  }

  /** Asks the socket for a sign of life. */
  ping(): void {
    this.isResponsive = false;
    this.#socket.ping();
  }

  /** Cuts the socket off. */
  terminate(): void {
    this.#socket.terminate();
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
