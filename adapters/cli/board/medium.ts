/** Where a board lives, as the command line names it: behind a relay, or in a folder. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Transport } from "../../../lib/index.ts";
import { createFolderTransport } from "../../transport/folder.ts";
import { createWebsocketTransport } from "../../transport/websocket.ts";
import { syncFault, usageFault } from "../fault.ts";
import { findToken, subjectOf } from "../token/token-source.ts";

/** A board that can be opened. */
export interface Medium {
  readonly kind: "relay" | "folder";
  readonly board: string;
  /** For people, and for faults. */
  readonly place: string;
  readonly transport: Transport;
  /** The only name under which the relay lets an agent write; null where it is any. */
  readonly subject: string | null;
  /** The options that name the same board to another process, wherever it runs. */
  readonly named: MediumOptions;
}

/** How a board is named on the command line. */
export interface MediumOptions {
  readonly relay?: string;
  readonly folder?: string;
  /** The file with the token that the relay asks for; the token itself is passed on to nobody. */
  readonly tokenFile?: string;
}

/** The board's name where the address names none. */
export const DEFAULT_BOARD = "run";

const BOARD_NAME = /^[^#/\s]{1,128}$/u;

/**
 * Makes the medium from exactly one of the two options.
 *
 * @throws CliFault `USAGE`
 */
export function chooseMedium(options: MediumOptions, longestLeaseMs?: number): Medium {
  const { relay, folder, tokenFile } = options;
  if ((relay === undefined) === (folder === undefined))
    throw usageFault(
      `name one place of the board: --relay ws://host:port/board, or --folder DIR${relay === undefined ? "; or give this project a board with `stigmergy init`" : ""}`,
    );
  if (relay !== undefined) return relayMedium(relay, longestLeaseMs, tokenFile);
  if (tokenFile !== undefined)
    throw usageFault("a folder asks for no token; leave out --token-file");
  return folderMedium(folder ?? "");
}

/** A board in a folder that every process on it can write to. */
function folderMedium(directory: string): Medium {
  return {
    kind: "folder",
    board: DEFAULT_BOARD,
    place: directory,
    transport: createFolderTransport({ directory }),
    subject: null,
    named: { folder: resolve(directory) },
  };
}

/**
 * A board behind a relay; the last part of the path is the board's name.
 *
 * @param tokenFile - holds the token; else `$STIGMERGY_TOKEN` may
 * @throws CliFault `USAGE`
 */
export function relayMedium(address: string, longestLeaseMs?: number, tokenFile?: string): Medium {
  const url = parseUrl(address);
  const parts = url.pathname.split("/").filter((part) => part !== "");
  const board = parts.length === 0 ? DEFAULT_BOARD : decodePart(parts.pop() ?? "", address);
  if (!BOARD_NAME.test(board))
    throw usageFault(
      `${JSON.stringify(board)} is no name of a board: use 1 to 128 characters without # / or spaces`,
    );
  const base = `${url.protocol}//${url.host}${parts.map((part) => `/${part}`).join("")}`;
  const lease = longestLeaseMs === undefined ? {} : { longestLeaseMs };
  const token = findToken(tokenFile);
  const proof = token === undefined ? {} : { token };
  return {
    kind: "relay",
    board,
    place: base,
    transport: createWebsocketTransport({ url: base, ...lease, ...proof }),
    subject: token === undefined ? null : subjectOf(token),
    named: {
      relay: `${base}/${encodeURIComponent(board)}`,
      ...(tokenFile === undefined ? {} : { tokenFile: resolve(tokenFile) }),
    },
  };
}

/** The arguments that name a board to another process; a token goes there by its file, or by the environment. */
export function mediumArgs({ relay, folder, tokenFile }: MediumOptions): readonly string[] {
  const proof = tokenFile === undefined ? [] : ["--token-file", tokenFile];
  if (relay !== undefined) return ["--relay", relay, ...proof];
  return folder === undefined ? [] : ["--folder", folder];
}

/**
 * Refuses a folder that is not there: it is a typing error more often than an empty board.
 *
 * @throws CliFault `CANNOT_SYNC`
 */
export function requireFolder({ kind, place }: Medium): void {
  if (kind === "folder" && !existsSync(place))
    throw syncFault(
      `there is no folder ${place}; check its name, or start the board there with \`stigmergy add\``,
    );
}

function parseUrl(address: string): URL {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw usageFault(`--relay ${address} is no address; write it as ws://host:port/board`);
  }
  if (url.protocol !== "ws:" && url.protocol !== "wss:")
    throw usageFault(
      `--relay ${address} is no address of a relay; write it as ws://host:port/board`,
    );
  if (url.search !== "" || url.hash !== "" || url.username !== "")
    throw usageFault(
      `--relay ${address} has more than a host, a port and a board; leave out the rest`,
    );
  return url;
}

function decodePart(part: string, address: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw usageFault(`--relay ${address} has a broken %-code in its path; correct it`);
  }
}
