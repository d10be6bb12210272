/** `stigmergy ui`: a relay, the live board's page, and the address that opens the one on the other. */
import { parseKey } from "../../transport/relay/access/key.ts";
import { createToken } from "../../transport/relay/access/token.ts";
import { DEFAULT_BOARD, relayMedium } from "../board/medium.ts";
import { findRule } from "../board/open-board.ts";
import { type ExitCode, exitCode, usageFault } from "../fault.ts";
import { listenForInterruption } from "../interruption.ts";
import type { Output } from "../output/output.ts";
import { findProjectPlace } from "../project/project-place.ts";
import { type RelayAccess, readRelayAccess } from "../relay/relay-access.ts";
import { startRelay, tellRelay } from "../relay/start-relay.ts";
import { findToken } from "../token/token-source.ts";
import { servePage } from "./page-server.ts";
import type { UiOptions } from "./ui-options.ts";

/** What the page is told, in the hash of its address. */
interface Shown {
  /** The relay's address without the board. */
  readonly relay: string;
  readonly board: string;
  readonly token: string | undefined;
  readonly rule: string | undefined;
  /** For whoever is to join from elsewhere. */
  readonly hint: string;
  close(): Promise<void>;
}

/** Who has no name gets this one in a token, as on the page. */
const USUAL_NAME = "guest";

/** Long enough for a day's work; the page is to be started anew after it. */
const TOKEN_MS = 12 * 3_600_000;

/** Serves until SIGINT or SIGTERM. */
export async function uiJob(flags: UiOptions, output: Output): Promise<ExitCode> {
  const interruption = listenForInterruption();
  if (flags.rule !== undefined) findRule(flags.rule);
  const page = await servePage(flags.pagePort);
  try {
    const shown = await (isStarted(flags) ? startShown(flags, output) : findShown(flags));
    try {
      const address = addressOf(page.address, shown, flags);
      output.data({ address, relay: shown.relay, board: shown.board }, () => address);
      output.talk(shown.hint);
      await interruption.happens();
    } finally {
      await shown.close();
    }
  } finally {
    await page.close();
  }
  return interruption.by === "SIGTERM" ? exitCode.ok : exitCode.interrupted;
}

/** Whether the options, or for want of them the project, leave it to this command to start a relay. */
function isStarted(flags: UiOptions): boolean {
  const { relay, open, secretFile, publicKey = [], board, told } = flags;
  const isAsked = open || secretFile !== undefined || publicKey.length > 0;
  const surplus = board === undefined ? told : ["--board", ...told];
  const less = `leave out ${surplus.join(", ")}; the page's port is --page-port`;
  if (relay !== undefined) {
    if (surplus.length > 0)
      throw usageFault(`--relay names a relay that runs, and the board behind it; ${less}`);
    return false;
  }
  if (isAsked) return true;
  const project = findProjectPlace(process.cwd());
  if (project?.folder !== undefined)
    throw usageFault(
      `this project's board is in the folder ${project.folder}, which a page cannot reach: \`stigmergy init --relay URL\` puts it behind a relay, and --open starts a relay with another board`,
    );
  if (project !== null && surplus.length > 0)
    throw usageFault(
      `this project's board is ${project.relay}, behind a relay that runs; name another by --relay, start a relay with --open or --secret-file, or ${less}`,
    );
  return project === null;
}

/** Starts a relay, and makes a token for the page where it asks for one. */
async function startShown(flags: UiOptions, output: Output): Promise<Shown> {
  const access = await readRelayAccess(flags, output.talk);
  const board = flags.board ?? DEFAULT_BOARD;
  const token = await tokenFor(access, board, flags);
  const isLocked = token === undefined && access.access !== "open";
  const relay = await startRelay(flags, access, output);
  const place = `${relay.address}/${encodeURIComponent(board)}`;
  return {
    relay: relay.address,
    board,
    token,
    rule: flags.rule,
    hint: `open the address in a browser${isLocked ? ", and give it a token there, or here by --token-file" : ""}; others join by --relay ${place}${tellRelay(flags)}`,
    close: () => relay.close(),
  };
}

async function tokenFor(
  { access }: RelayAccess,
  board: string,
  { name = USUAL_NAME, tokenFile }: UiOptions,
): Promise<string | undefined> {
  if (tokenFile !== undefined) return findToken(tokenFile);
  if (access === "open" || access.secret === undefined) return undefined;
  const expiresAt = Date.now() + TOKEN_MS;
  return createToken(parseKey(access.secret), { subject: name, board, role: "write", expiresAt });
}

/** A relay that runs: as the options say, else as the project does. */
async function findShown({ relay, tokenFile, rule }: UiOptions): Promise<Shown> {
  const project = relay === undefined ? findProjectPlace(process.cwd()) : null;
  const file = tokenFile ?? project?.tokenFile;
  const medium = relayMedium(relay ?? project?.relay ?? "", undefined, file);
  return {
    relay: medium.place,
    board: medium.board,
    token: findToken(file),
    rule: rule ?? project?.rule,
    hint: `open the address in a browser; the page connects to ${medium.place}`,
    close: async () => {},
  };
}

/** No server sees what is in a hash. */
function addressOf(
  page: string,
  { relay, board, token, rule }: Shown,
  { name }: UiOptions,
): string {
  const hash = new URLSearchParams({ relay, board });
  for (const [key, value] of Object.entries({ token, name, rule }))
    if (value !== undefined) hash.set(key, value);
  return `${page}#${hash}`;
}
