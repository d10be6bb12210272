/** Opens a board for a command, and waits until what others know of it is here. */
import { connect } from "node:net";
import {
  type Board,
  builtInRules,
  CoordinationError,
  formatRule,
  openBoard,
  type Rule,
} from "../../../lib/index.ts";
import { CliFault, exitCode, faultOf, interruptedFault, syncFault, usageFault } from "../fault.ts";
import { checkRelay } from "../store/relay-check.ts";
import type { Medium, MediumOptions } from "./medium.ts";

/** Which board, by which rule, and how long to wait for it. */
export interface BoardOptions extends MediumOptions {
  readonly syncTimeoutMs: number;
  /** Name and version of a rule of the library, such as `earliest@1`, which is the usual one. */
  readonly rule?: string;
}

/** How a board is opened. */
export interface OpenOptions extends Pick<BoardOptions, "syncTimeoutMs" | "rule"> {
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** Told of faults after the board is open; by default they are left to the next sync. */
  readonly onFault?: (fault: Error) => void;
}

const PROBE_MS = 1000;

/**
 * Opens a board that is in sync.
 *
 * @throws CliFault `CANNOT_SYNC`, or the code of the fault, with its cause: an empty board is never shown for it
 */
export async function openSynced(
  medium: Medium,
  { syncTimeoutMs, rule, signal, onFault }: OpenOptions,
): Promise<Board> {
  const ruleOption = rule === undefined ? {} : { rule: findRule(rule) };
  let refuse: (fault: Error) => void = () => {};
  const refused = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  refused.catch(() => {});
  const board = await openBoard({
    board: medium.board,
    transport: medium.transport,
    ...ruleOption,
    onFault(fault) {
      refuse(fault);
      onFault?.(fault);
    },
  });
  const onAbort = (): void => refuse(interruptedFault());
  signal?.addEventListener("abort", onAbort);
  try {
    await Promise.race([board.sync({ timeoutMs: syncTimeoutMs }), refused]);
    return board;
  } catch (error) {
    await board.close();
    if (error instanceof CoordinationError && error.code === "SYNC_TIMEOUT")
      throw syncFault(await whyUnreachable(medium, syncTimeoutMs), error);
    if (error instanceof CoordinationError || error instanceof CliFault) throw faultOf(error);
    const cause = error instanceof Error ? error.message : String(error);
    throw new CliFault(
      "CANNOT_SYNC",
      exitCode.cannotSync,
      `${medium.place} cannot be used: ${cause}`,
      error,
    );
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/**
 * Finds a rule of the library by its name and version.
 *
 * @throws CliFault `USAGE`
 */
export function findRule(name: string): Rule {
  const found = builtInRules.find((rule) => formatRule(rule) === name);
  if (found !== undefined) return found;
  const known = builtInRules.map(formatRule).join(", ");
  throw usageFault(`there is no rule ${JSON.stringify(name)}; use one of ${known}`);
}

/** Says why a board was not in sync in time, after a look at the place itself. */
async function whyUnreachable(medium: Medium, syncTimeoutMs: number): Promise<string> {
  const lead = `board ${medium.board} was not in sync within ${syncTimeoutMs} ms`;
  if (medium.kind === "folder")
    return `${lead}: ${medium.place} does not answer; check that it can be written to`;
  const problem = await probe(medium.place);
  const fix = "check the address, or start a relay there with `stigmergy relay`";
  if (problem === null && (await isRelay(medium)))
    return `${lead}, though the relay at ${medium.place} is well: it holds its answers back where it does not know the past of a board, so that nobody passes by whoever holds a task there; wait longer with --sync-timeout-ms, or start a relay that nobody has worked through with --fresh`;
  if (problem === null)
    return `${lead}: something listens at ${medium.place}, but it does not answer as a relay; ${fix}, or wait longer with --sync-timeout-ms`;
  return `${lead}: ${problem}; ${fix}`;
}

async function isRelay({ named: { relay } }: Medium): Promise<boolean> {
  const findings = relay === undefined ? [] : await checkRelay(relay, PROBE_MS);
  return findings.some(({ check, isOk }) => check === "relay" && isOk);
}

/** Tries a bare connection; null when it is taken. */
function probe(address: string): Promise<string | null> {
  const { hostname, port, protocol } = new URL(address);
  const number = port === "" ? (protocol === "wss:" ? 443 : 80) : Number(port);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/gu, ""), port: number });
    const end = (problem: string | null): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(PROBE_MS, () => end(`${hostname} does not answer`));
    socket.once("connect", () => end(null));
    socket.once("error", (error: NodeJS.ErrnoException) => end(problemOf(error, address)));
  });
}

function problemOf(error: NodeJS.ErrnoException, address: string): string {
  if (error.code === "ECONNREFUSED") return `nothing listens at ${address}`;
  if (error.code === "ENOTFOUND" || error.code === "EAI_AGAIN")
    return `the host of ${address} is not known`;
  return `${address} cannot be reached (${error.code ?? error.message})`;
}
