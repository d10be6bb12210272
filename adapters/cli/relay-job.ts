/** `stigmergy relay`: forwards and stores boards until it is told to stop. */
import type { Storage } from "../../lib/index.ts";
import { createRelayLog } from "../transport/relay/observe/log.ts";
import type { RelayOptions } from "../transport/relay.ts";
import { createRelay } from "../transport/relay.ts";
import { CliFault, type ExitCode, exitCode, faultOf } from "./fault.ts";
import { listenForInterruption } from "./interruption.ts";
import type { Output } from "./output/output.ts";
import { readRelayAccess } from "./relay/relay-access.ts";
import type { RelayFlags } from "./relay/relay-flags.ts";

/** A relay at a port of its own may have been there before. */
const HELD =
  ". A board that it does not know is held for half a minute: add --fresh where nobody has worked through it before";

/** Relays until SIGINT or SIGTERM. */
export async function relayJob(flags: RelayFlags, output: Output): Promise<ExitCode> {
  const { host, port, store, open } = flags;
  const interruption = listenForInterruption();
  const relay = await createRelay(await optionsOf(flags, output)).catch(
    (error: NodeJS.ErrnoException) => {
      throw faultOfListening(error, `${host}:${port}`);
    },
  );
  try {
    output.data({ address: relay.address }, () => relay.address);
    const kept = store === undefined ? ". Nothing is kept: see --store" : "";
    const opened = open ? ". Everybody on this machine may write for every agent" : "";
    const held = port !== 0 && !flags.fresh ? HELD : "";
    output.talk(
      `relaying; name a board behind the address, such as ${relay.address}/work${kept}${opened}${held}`,
    );
    await new Promise<void>((resolve) => {
      interruption.signal.addEventListener("abort", () => resolve());
    });
    return interruption.by === "SIGTERM" ? exitCode.ok : exitCode.interrupted;
  } finally {
    await relay.close();
  }
}

async function optionsOf(flags: RelayFlags, output: Output): Promise<RelayOptions> {
  const { host, port, store, storeKind, text, fresh, logLevel } = flags;
  const access = await readRelayAccess(flags, (line) => output.talk(line));
  return {
    host,
    port,
    text,
    ...access,
    limits: Object.fromEntries(flags.limit ?? []),
    log: createRelayLog({ level: logLevel }),
    withProcessMetrics: true,
    onFault: (fault) => output.talk(faultOf(fault).message),
    ...(fresh ? { isFresh: true } : {}),
    ...(store === undefined ? {} : { storage: await openStorage(storeKind, store) }),
  };
}

/** A store that nobody asked for is not loaded: one of them is an optional part of the installation. */
async function openStorage(kind: RelayFlags["storeKind"], directory: string): Promise<Storage> {
  if (kind === "sqlite") {
    const { createSqliteStorage } = await import("../storage/sqlite.ts");
    return createSqliteStorage({ directory });
  }
  const { createLogFileStorage } = await import("../storage/log-file.ts");
  return createLogFileStorage({ directory });
}

function faultOfListening(error: NodeJS.ErrnoException, place: string): unknown {
  if (error instanceof CliFault) return error;
  if (error.name === "AccessUndecidedError" || error instanceof TypeError)
    return new CliFault("USAGE", exitCode.usage, error.message, error);
  if (error.code === undefined) return error;
  const cause = error.code === "EADDRINUSE" ? "something listens there already" : error.message;
  return new CliFault(
    "USAGE",
    exitCode.usage,
    `the relay cannot listen at ${place}: ${cause}; choose another --host or --port`,
    error,
  );
}
