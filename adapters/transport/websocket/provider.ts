/** The provider of y-websocket, kept from all that this transport does in its own way. */
import { Awareness } from "y-protocols/awareness";
import { WebsocketProvider } from "y-websocket";
import type { Doc } from "yjs";
import type { SocketClass } from "./socket.ts";

/** Where a provider connects. */
export interface ProviderTarget {
  readonly url: string;
  readonly room: string;
  readonly doc: Doc;
  readonly protocols: readonly string[];
  readonly socketClass: SocketClass;
}

/** Makes a provider that is not connected yet, sends no awareness, and never reconnects by itself. */
export function createProvider(target: ProviderTarget): WebsocketProvider {
  const { url, room, doc, protocols, socketClass } = target;
  const awareness = new Awareness(doc);
  awareness.destroy(); // no timer, and no state to send
  const provider = new WebsocketProvider(url, encodeURIComponent(room), doc, {
    awareness,
    connect: false,
    disableBc: true,
    maxBackoffTime: 0,
    protocols: [...protocols],
    WebSocketPolyfill: socketClass,
  });
  provider.disconnectBc = () => {}; // it would send an awareness state, and throw after a change of doc.clientID
  globalThis.process?.off?.("exit", provider._exitHandler); // it would, too; and Node warns of many such listeners
  provider.on("connection-close", () => {
    provider.shouldConnect = false; // whoever made it reconnects, by a timer that can be cancelled
  });
  return provider;
}

/**
 * Ends a provider for good, without the timer that its own `destroy` leaves behind.
 *
 * @returns the socket that was open, to be closed by the caller
 */
export function destroyProvider(provider: WebsocketProvider): WebSocket | null {
  const socket = provider.ws;
  provider.shouldConnect = false;
  provider.ws = null;
  provider.destroy();
  return socket;
}
