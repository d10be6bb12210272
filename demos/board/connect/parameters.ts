/** What the page needs to open a board, as the hash of its address gives it. */
import { builtInRules, earliest, formatRule, type Rule } from "../../../lib/index.ts";
import type { HashState } from "../../page/hash.ts";

/** What was asked for; texts may be empty. */
export interface Wanted {
  readonly relay: string;
  readonly board: string;
  readonly token: string;
  readonly rule: string;
  readonly name: string;
}

/** What a board can be opened with. */
export interface Parameters {
  readonly relay: string;
  readonly board: string;
  readonly token: string | null;
  readonly rule: Rule;
  readonly name: string;
  /** Whether the token, where there is one, lets its bearer write. */
  readonly mayAct: boolean;
}

/** What is wrong, field by field, in words. */
export type Flaws = Partial<Record<keyof Wanted, string>>;

/** The names of the rules to choose from. */
export const RULE_NAMES: readonly string[] = builtInRules.map(formatRule);

/** Reads what the hash says. */
export function readWanted(hash: HashState): Wanted {
  const { relay = "", board = "", token = "", rule = formatRule(earliest), name = "" } = hash;
  return { relay, board, token, rule, name: name === "" ? nameIn(token) : name };
}

/** Checks what was asked for; never says a token. */
export function checkWanted(wanted: Wanted): Parameters | { readonly flaws: Flaws } {
  const flaws: { -readonly [field in keyof Flaws]: string } = {};
  const { relay, board, token, name } = wanted;
  if (!isSocketUrl(relay)) flaws.relay = "Give the relay's address, such as ws://127.0.0.1:4444.";
  if (!/^[^#/\s]{1,128}$/u.test(board))
    flaws.board = "A board's name has 1 to 128 characters without # / or spaces.";
  if (token !== "" && !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token))
    flaws.token = "This is no token; have one made with `stigmergy token create`.";
  const rule = builtInRules.find((one) => formatRule(one) === wanted.rule);
  if (rule === undefined)
    flaws.rule = `No rule of that name is built in; there are ${RULE_NAMES.join(", ")}.`;
  if (!/^[^/\s:~\p{Cc}\p{Cs}]{1,32}$/u.test(name))
    flaws.name = "A name has 1 to 32 characters without / : ~ or spaces.";
  if (rule === undefined || Object.keys(flaws).length > 0) return { flaws };
  return {
    relay,
    board,
    token: token === "" ? null : token,
    rule,
    name,
    mayAct: claimsOf(token)["role"] !== "read",
  };
}

function isSocketUrl(text: string): boolean {
  try {
    const { protocol, search, hash } = new URL(text);
    return (protocol === "ws:" || protocol === "wss:") && search === "" && hash === "";
  } catch {
    return false;
  }
}

/** A token says whose it is, and lets nobody write under another name. */
function nameIn(token: string): string {
  const { sub } = claimsOf(token);
  return typeof sub === "string" ? sub : "guest";
}

/** What a token says; the relay alone checks whether that is so. */
function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const [, payload = ""] = token.split(".");
  try {
    return JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return {};
  }
}
