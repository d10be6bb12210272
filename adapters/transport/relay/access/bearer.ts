/** Finds the token of a request, which has exactly one, in one of three places. */
import type { IncomingMessage } from "node:http";
import { type Denial, deny } from "./denial.ts";
import { tokensOffered } from "./subprotocol.ts";

/** The part of a request that may hold a token. */
export type TokenCarrier = Pick<IncomingMessage, "headersDistinct" | "url">;

const AUTHORIZATION = /^bearer +(\S*)$/iu;

/** Takes the token from the header `Authorization: Bearer`, the subprotocol `bearer.…`, or the query `token`. */
export function takeToken({ headersDistinct, url = "" }: TokenCarrier): string | Denial {
  const authorizations = headersDistinct["authorization"] ?? [];
  const borne = authorizations.map((value) => AUTHORIZATION.exec(value)?.[1] ?? "");
  const offered = (headersDistinct["sec-websocket-protocol"] ?? []).flatMap(tokensOffered);
  const asked = new URLSearchParams(queryOf(url)).getAll("token");
  const [token, ...more] = [...borne, ...offered, ...asked];
  if (token === undefined) return deny("missing");
  return more.length === 0 ? token : deny("malformed", "more than one token was sent");
}

function queryOf(url: string): string {
  const start = url.indexOf("?");
  return start === -1 ? "" : url.slice(start + 1);
}
