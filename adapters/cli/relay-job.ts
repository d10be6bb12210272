/** `stigmergy relay`: forwards and stores boards until it is told to stop. */
import { type ExitCode, exitCode } from "./fault.ts";
import { listenForInterruption } from "./interruption.ts";
import type { Output } from "./output/output.ts";
import { readRelayAccess } from "./relay/relay-access.ts";
import type { RelayFlags } from "./relay/relay-flags.ts";
import { startRelay, tellRelay } from "./relay/start-relay.ts";

/** Relays until SIGINT or SIGTERM. */
export async function relayJob(flags: RelayFlags, output: Output): Promise<ExitCode> {
  const interruption = listenForInterruption();
  const relay = await startRelay(flags, await readRelayAccess(flags, output.talk), output);
  try {
    output.data({ address: relay.address }, () => relay.address);
    output.talk(
      `relaying; name a board behind the address, such as ${relay.address}/work${tellRelay(flags)}`,
    );
    await interruption.happens();
    return interruption.by === "SIGTERM" ? exitCode.ok : exitCode.interrupted;
  } finally {
    await relay.close();
  }
}
