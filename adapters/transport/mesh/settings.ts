/** The options of a mesh transport, and what they come to: every default filled in, every mistake refused. */
import { isIP } from "node:net";
import { MAX_MESSAGE_BYTES } from "../wire/message.ts";
import { checkPeerAddress, isLoopback } from "./address.ts";

/** Where a process listens for its peers. */
export interface MeshListenOptions {
  /** The interface; `127.0.0.1` by default. Any other than a loopback one needs a secret. */
  readonly host?: string;
  /** The port; 0 takes a free one, which {@link MeshTransportOptions.onListening} tells. */
  readonly port: number;
  /** The host names under which peers dial, beside IP addresses, `localhost` and `host`. */
  readonly names?: readonly string[];
}

/** How a process meets its peers. */
export interface MeshTransportOptions {
  /** Where to listen, as long as a board is connected; a process that does not listen only dials. */
  readonly listen?: MeshListenOptions;
  /** Whom to dial, such as `ws://10.0.0.7:4445`; one's own address, and pairs that dial each other, do no harm. */
  readonly peers: readonly string[];
  /**
   * What all peers know and strangers do not, at least 16 characters. It is proven and never sent; the traffic is not
   * encrypted, so over a network that others can read or change, dial through a tunnel.
   */
  readonly secret?: string;
  /** The longest wait before a peer is dialed again, in milliseconds; 5,000 by default. */
  readonly maxBackoffMs?: number;
  /** After about how long a peer that may hold something else is asked again, in milliseconds; 2,000 by default. */
  readonly repairMs?: number;
  /** How often peers are pinged, in milliseconds; one that has not answered by the next ping is cut off. 10,000. */
  readonly pingMs?: number;
  /** How long a handshake may take, in milliseconds; 5,000 by default. */
  readonly handshakeMs?: number;
  /** The largest message taken; 256 MiB by default. A board's whole state is one message. */
  readonly maxMessageBytes?: number;
  /** From how many bytes on that wait for a slow peer it is sent no more, and syncs anew later; 1 MiB by default. */
  readonly maxBufferedBytes?: number;
  /** Told the address, such as `ws://127.0.0.1:4445`, whenever the node begins to listen. */
  readonly onListening?: (address: string) => void;
}

/** Where a node listens. */
export interface ListenSettings {
  readonly host: string;
  readonly port: number;
  /** The names under which it may be called, in lower case. */
  readonly names: readonly string[];
}

/** All settings of a mesh transport. */
export interface MeshSettings {
  readonly listen: ListenSettings | undefined;
  readonly peers: readonly string[];
  readonly secret: string | undefined;
  readonly maxBackoffMs: number;
  readonly repairMs: number;
  readonly pingMs: number;
  readonly handshakeMs: number;
  readonly maxMessageBytes: number;
  readonly maxBufferedBytes: number;
  readonly onListening: (address: string) => void;
}

const MIN_SECRET_LENGTH = 16;

/**
 * Fills in the defaults.
 *
 * @throws TypeError or RangeError for settings that cannot work, or that would let strangers in
 */
export function readSettings(options: MeshTransportOptions): MeshSettings {
  const { listen, peers, secret } = options;
  if (listen === undefined && peers.length === 0) {
    throw new TypeError("A mesh node that neither listens nor dials meets nobody; give it either");
  }
  if (secret !== undefined && secret.length < MIN_SECRET_LENGTH) {
    throw new RangeError(
      `The mesh's secret has ${secret.length} characters and could be guessed; use ${MIN_SECRET_LENGTH} or more`,
    );
  }
  return {
    listen: listen === undefined ? undefined : readListen(listen, secret),
    peers: [...new Set(peers.map(checkPeerAddress))],
    secret,
    maxBackoffMs: readNumber("maxBackoffMs", options.maxBackoffMs ?? 5_000),
    repairMs: readNumber("repairMs", options.repairMs ?? 2_000),
    pingMs: readNumber("pingMs", options.pingMs ?? 10_000),
    handshakeMs: readNumber("handshakeMs", options.handshakeMs ?? 5_000),
    maxMessageBytes: readNumber("maxMessageBytes", options.maxMessageBytes ?? MAX_MESSAGE_BYTES),
    maxBufferedBytes: readNumber("maxBufferedBytes", options.maxBufferedBytes ?? 1 << 20),
    onListening: options.onListening ?? (() => {}),
  };
}

function readListen(listen: MeshListenOptions, secret: string | undefined): ListenSettings {
  const { host = "127.0.0.1", port, names = [] } = listen;
  if (secret === undefined && !isLoopback(host)) {
    throw new TypeError(
      `A mesh without a secret does not listen on ${host}, where strangers could write to the board; ` +
        "give every peer the same `secret`, or listen on 127.0.0.1",
    );
  }
  const own = isIP(host) > 0 ? [] : [host];
  return { host, port, names: [...own, ...names].map((name) => name.toLowerCase()) };
}

function readNumber(name: string, value: number): number {
  if (!(value > 0 && value <= 2 ** 31 - 1)) {
    throw new RangeError(`${name} is ${value}; it must be above 0 and below 2,147,483,648`);
  }
  return value;
}
