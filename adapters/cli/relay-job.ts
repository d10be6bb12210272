/** `stigmergy relay`: forwards and stores boards until it is told to stop. */
import { createLogFileStorage } from "../storage/log-file.ts";
import { createRelay } from "../transport/relay.ts";
import { CliFault, type ExitCode, exitCode, faultOf } from "./fault.ts";
import { listenForInterruption } from "./interruption.ts";
import type { Output } from "./output/output.ts";

/** What `stigmergy relay` was asked for. */
export interface RelayJobOptions {
  readonly host: string;
  readonly port: number;
  readonly store: string | undefined;
}

/** Relays until SIGINT or SIGTERM. */
export async function relayJob(
  { host, port, store }: RelayJobOptions,
  output: Output,
): Promise<ExitCode> {
  const interruption = listenForInterruption();
  const relay = await createRelay({
    host,
    port,
    ...(store === undefined ? {} : { storage: createLogFileStorage({ directory: store }) }),
    onFault: (fault) => output.talk(faultOf(fault).message),
  }).catch((error: NodeJS.ErrnoException) => {
    throw faultOfListening(error, `${host}:${port}`);
  });
  try {
    output.data({ address: relay.address }, () => relay.address);
    output.talk(
      `relaying; name a board behind the address, such as ${relay.address}/work${store === undefined ? ". Nothing is kept: see --store" : ""}`,
    );
    await new Promise<void>((resolve) => {
      interruption.signal.addEventListener("abort", () => resolve());
    });
    return interruption.by === "SIGTERM" ? exitCode.ok : exitCode.interrupted;
  } finally {
    await relay.close();
  }
}

function faultOfListening(error: NodeJS.ErrnoException, place: string): unknown {
  if (error.code === undefined || error instanceof CliFault) return error;
  const cause = error.code === "EADDRINUSE" ? "something listens there already" : error.message;
  return new CliFault(
    "USAGE",
    exitCode.usage,
    `the relay cannot listen at ${place}: ${cause}; choose another --host or --port`,
    error,
  );
}
