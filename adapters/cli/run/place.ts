/** Where a run's board lives: where the user says, or behind a relay that the run brings along. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogFileStorage } from "../../storage/log-file.ts";
import { createRelay } from "../../transport/relay.ts";
import { chooseMedium, type Medium, relayMedium } from "../board/medium.ts";
import type { BoardOptions } from "../board/open-board.ts";
import { faultOf, usageFault } from "../fault.ts";

/** What the place is made from. */
export interface PlaceOptions extends BoardOptions {
  readonly store: string | undefined;
  readonly leaseMs: number;
}

/** A place that is there until it is closed. */
export interface Place {
  readonly medium: Medium;
  close(): Promise<void>;
}

/**
 * Opens the place.
 *
 * @throws CliFault `USAGE` when options contradict each other
 */
export async function openPlace(
  options: PlaceOptions,
  talk: (line: string) => void,
): Promise<Place> {
  const { relay, folder, store, leaseMs } = options;
  if (relay === undefined && folder === undefined) return embeddedPlace(options, talk);
  if (store !== undefined)
    throw usageFault(
      "--store keeps the board of the run's own relay; leave it out here, or give it to `stigmergy relay --store`",
    );
  return { medium: chooseMedium(options, Math.max(leaseMs, 30_000)), close: async () => {} };
}

/** A relay on loopback with a store, which is a temporary one unless the user wants to keep it. */
async function embeddedPlace(
  { store, leaseMs }: PlaceOptions,
  talk: (line: string) => void,
): Promise<Place> {
  const directory = store ?? (await mkdtemp(join(tmpdir(), "stigmergy-run-")));
  const forget = async (): Promise<void> => {
    if (store === undefined) await rm(directory, { recursive: true, force: true });
  };
  try {
    const relay = await createRelay({
      host: "127.0.0.1",
      port: 0,
      storage: createLogFileStorage({ directory }),
      maxHoldMs: Math.max(leaseMs, 600_000),
      onFault: (fault) => talk(faultOf(fault).message),
    });
    return {
      medium: relayMedium(relay.address, leaseMs),
      async close() {
        await relay.close();
        await forget();
      },
    };
  } catch (error) {
    await forget();
    throw error;
  }
}
