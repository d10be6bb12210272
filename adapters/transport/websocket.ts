/** The transport over WebSockets to a relay, in Node and in browsers, upon the provider of y-websocket. */
import type { Transport } from "../../lib/index.ts";
import { bearerProtocols } from "./relay/access/subprotocol.ts";
import { WebsocketConnection } from "./websocket/connection.ts";

/** How replicas reach their relay. */
export interface WebsocketTransportOptions {
  /** Where the relay listens, such as `ws://127.0.0.1:4444`; boards become paths below it. */
  readonly url: string;
  /**
   * The longest lease of any agent on the board, in milliseconds; 30,000 by default. A relay that lost its memory
   * lets no claim pass for so long.
   */
  readonly longestLeaseMs?: number;
  /** The longest wait before another attempt to connect, in milliseconds; 1,000 by default. */
  readonly maxBackoffMs?: number;
  /** What the relay asks for; see `stigmergy token create`. It travels as a subprotocol, which browsers can send too. */
  readonly token?: string;
  /** The class of socket to use; the platform's own in browsers and `ws` in Node by default. */
  readonly WebSocket?: typeof globalThis.WebSocket;
}

/**
 * Makes a transport to the relay at `url`; it has a barrier and presence.
 *
 * @throws TypeError when the token is none
 */
export function createWebsocketTransport(options: WebsocketTransportOptions): Transport {
  const settings = {
    url: options.url,
    longestLeaseMs: options.longestLeaseMs ?? 30_000,
    maxBackoffMs: options.maxBackoffMs ?? 1_000,
    protocols: options.token === undefined ? [] : bearerProtocols(options.token),
    socketClass: options.WebSocket,
  };
  return {
    capabilities: { barrier: true, presence: true },
    connect: (link) => new WebsocketConnection(link, settings),
  };
}
