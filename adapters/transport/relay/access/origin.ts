/** Who may speak to the relay by way of a browser: its own pages, not any page whose name was made to point here. */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { type Denial, deny } from "./denial.ts";

/** The names that a relay goes by. */
export interface OriginOptions {
  /** The interface that the relay listens on. */
  readonly host: string;
  /** Further names that clients reach it by, without a port. */
  readonly hostNames?: readonly string[];
  /** Origins whose pages may connect beside those of the relay's own names, such as `https://board.example`. */
  readonly allowedOrigins?: readonly string[];
}

/** Gives null for a request that may go on. */
export type CheckOrigin = (request: Pick<IncomingMessage, "headersDistinct">) => Denial | null;

const AUTHORITY = /^(\[[0-9a-f:.]+\]|[^:[\]/\\@?#\s]+)(?::[0-9]{1,5})?$/iu;
const EVERYWHERE: ReadonlySet<string> = new Set(["", "0.0.0.0", "::", "[::]"]);

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/gu, "").toLowerCase();
  return bare === "localhost" || bare === "::1" || (isIP(bare) === 4 && bare.startsWith("127."));
}

/**
 * Makes the check of `Host` (against DNS rebinding) and, where a browser sends it, of `Origin`. A relay that listens
 * everywhere may be named by any address, which no other site can own, but by no other name than its own.
 *
 * @throws TypeError when a name or an origin is written wrong
 */
export function createOriginCheck(options: OriginOptions): CheckOrigin {
  const { host, hostNames = [], allowedOrigins = [] } = options;
  const names = new Set(hostNames.map(readHostName));
  if (!EVERYWHERE.has(host)) names.add(readHostName(isIP(host) === 6 ? `[${host}]` : host));
  const origins = new Set(allowedOrigins.map(readAllowedOrigin));
  const isOwn = (name: string): boolean => isLoopback(name) || names.has(name);
  const isAddressed = (name: string): boolean =>
    isOwn(name) || (EVERYWHERE.has(host) && isIP(name.replace(/^\[|\]$/gu, "")) !== 0);

  return ({ headersDistinct }) => {
    const [authority = "", ...otherHosts] = headersDistinct["host"] ?? [];
    const name = hostNameOf(authority);
    if (name === null || otherHosts.length > 0 || !isAddressed(name)) return deny("wrong-host");
    const [origin, ...otherOrigins] = headersDistinct["origin"] ?? [];
    if (origin === undefined) return null;
    const page = pageHostOf(origin);
    const isPageOwn = page !== null && (isOwn(page) || page === name);
    const isAllowed = otherOrigins.length === 0 && (isPageOwn || origins.has(origin));
    return isAllowed ? null : deny("wrong-origin");
  };
}

/** The name in `name:port`, as URLs write it; null where there is none. */
function hostNameOf(authority: string): string | null {
  if (!AUTHORITY.test(authority)) return null;
  try {
    return new URL(`http://${authority}`).hostname;
  } catch {
    return null;
  }
}

/** The host of an origin of the web; null for any other, such as that of a file. */
function pageHostOf(origin: string): string | null {
  try {
    const { protocol, hostname, origin: normal } = new URL(origin);
    const isWeb = protocol === "http:" || protocol === "https:";
    return isWeb && normal === origin ? hostname : null;
  } catch {
    return null;
  }
}

function readHostName(text: string): string {
  const name = hostNameOf(text);
  if (name !== null && !/:[0-9]+$/u.test(text.replace(/^\[.*\]$/u, ""))) return name;
  throw new TypeError(`${JSON.stringify(text)} is no name of a host; leave out scheme and port`);
}

function readAllowedOrigin(text: string): string {
  if (text === "null" || pageHostOf(text) !== null) return text;
  throw new TypeError(
    `${JSON.stringify(text)} is no origin; write it as a browser does, such as https://board.example:8443`,
  );
}
