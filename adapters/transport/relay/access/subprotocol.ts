/** The WebSocket subprotocols that carry a token where no header can be set, as in browsers. Imports nothing, for them. */

const NAME = "stigmergy";
const BEARER = "bearer.";
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * The subprotocols to offer with a token.
 *
 * @throws TypeError when the token is no JWT; it is not told, since a socket would tell it
 */
export function bearerProtocols(token: string): string[] {
  if (JWT.test(token)) return [NAME, `${BEARER}${token}`];
  throw new TypeError("The token is no JWT; make one with `stigmergy token create`");
}

/** The tokens among the offered subprotocols, as their header lists them. */
export function tokensOffered(header: string): readonly string[] {
  const offered = header.split(",").map((one) => one.trim());
  return offered.filter((one) => one.startsWith(BEARER)).map((one) => one.slice(BEARER.length));
}

/** The one to answer with, or false for none; never one that holds a token. To be given to `ws` as `handleProtocols`. */
export function chooseProtocol(offered: ReadonlySet<string>): string | false {
  return offered.has(NAME) && NAME;
}
