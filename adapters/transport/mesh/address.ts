/** Addresses: which interfaces are this machine's own, and under which names a peer may have called. */
import { isIP } from "node:net";

/** Tells whether a host is reached from this machine only. */
export function isLoopback(host: string): boolean {
  const bare = stripBrackets(host);
  return bare === "localhost" || bare === "::1" || (isIP(bare) === 4 && bare.startsWith("127."));
}

/**
 * Tells whether a request's `Host` header is one that a peer would send: an IP address, `localhost`, or one of the names.
 * Any other name was made by somebody to point here, as in DNS rebinding.
 */
export function isHostAllowed(header: string | undefined, names: readonly string[]): boolean {
  const host = /^(\[[^\]]+\]|[^:]+)(:\d+)?$/.exec(header ?? "")?.[1]?.toLowerCase();
  return (
    host !== undefined &&
    (host === "localhost" || isIP(stripBrackets(host)) > 0 || names.includes(host))
  );
}

/** @throws TypeError for what is no `ws:` or `wss:` url */
export function checkPeerAddress(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== "ws:" && url?.protocol !== "wss:") {
    throw new TypeError(
      `The peer ${JSON.stringify(address)} is no address; write it as ws://host:port`,
    );
  }
  return url.href;
}

function stripBrackets(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}
