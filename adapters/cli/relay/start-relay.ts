/** Starts a relay as the options of `stigmergy relay` say. */
import type { Storage } from "../../../lib/index.ts";
import { createRelayLog } from "../../transport/relay/observe/log.ts";
import { createRelay, type Relay } from "../../transport/relay.ts";
import { CliFault, exitCode, faultOf } from "../fault.ts";
import type { Output } from "../output/output.ts";
import type { RelayAccess } from "./relay-access.ts";
import type { RelayFlags } from "./relay-flags.ts";

/** A relay at a port of its own may have been there before. */
const HELD =
  ". A board that it does not know is held for half a minute: add --fresh where nobody has worked through it before";

/**
 * Starts it.
 *
 * @throws CliFault `USAGE` when it cannot listen there
 */
export async function startRelay(
  flags: RelayFlags,
  access: RelayAccess,
  output: Output,
): Promise<Relay> {
  const { host, port, store, storeKind, text, fresh, limit = [], logLevel } = flags;
  const kept = store === undefined ? {} : { storage: await openStorage(storeKind, store) };
  return createRelay({
    host,
    port,
    text,
    ...access,
    limits: Object.fromEntries(limit),
    log: createRelayLog({ level: logLevel }),
    withProcessMetrics: true,
    onFault: (fault) => output.talk(faultOf(fault).message),
    ...(fresh ? { isFresh: true } : {}),
    ...kept,
  }).catch((error: NodeJS.ErrnoException) => {
    throw faultOfListening(error, `${host}:${port}`, "the relay", "--host or --port");
  });
}

/** What one should know of a relay that was started so. */
export function tellRelay({ store, open, port, fresh }: RelayFlags): string {
  const kept = store === undefined ? ". Nothing is kept: see --store" : "";
  const opened = open ? ". Everybody on this machine may write for every agent" : "";
  return `${kept}${opened}${port !== 0 && !fresh ? HELD : ""}`;
}

/** What went wrong with listening somewhere, with the remedy. */
export function faultOfListening(
  error: NodeJS.ErrnoException,
  place: string,
  who: string,
  remedy: string,
): unknown {
  if (error instanceof CliFault) return error;
  if (error.name === "AccessUndecidedError" || error instanceof TypeError)
    return new CliFault("USAGE", exitCode.usage, error.message, error);
  if (error.code === undefined) return error;
  const cause = error.code === "EADDRINUSE" ? "something listens there already" : error.message;
  return new CliFault(
    "USAGE",
    exitCode.usage,
    `${who} cannot listen at ${place}: ${cause}; choose another ${remedy}`,
    error,
  );
}

/** A store that nobody asked for is not loaded: one of them is an optional part of the installation. */
async function openStorage(kind: RelayFlags["storeKind"], directory: string): Promise<Storage> {
  if (kind === "sqlite") {
    const { createSqliteStorage } = await import("../../storage/sqlite.ts");
    return createSqliteStorage({ directory });
  }
  const { createLogFileStorage } = await import("../../storage/log-file.ts");
  return createLogFileStorage({ directory });
}
