/** Where a run's board lives: where the user says, or behind a relay that the run brings along. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogFileStorage } from "../../storage/log-file.ts";
import { writeSecretFile } from "../../transport/relay/access/key-file.ts";
import { createRelay, createSecret, createToken, parseKey } from "../../transport/relay.ts";
import { chooseMedium, DEFAULT_BOARD, type Medium, relayMedium } from "../board/medium.ts";
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
  const { relay, folder, store, leaseMs, tokenFile } = options;
  if (relay === undefined && folder === undefined) {
    if (tokenFile !== undefined)
      throw usageFault("a run makes the tokens of its own relay; leave out --token-file");
    return embeddedPlace(options, talk);
  }
  if (store !== undefined)
    throw usageFault(
      "--store keeps the board of the run's own relay; leave it out here, or give it to `stigmergy relay --store`",
    );
  return { medium: chooseMedium(options, Math.max(leaseMs, 30_000)), close: async () => {} };
}

/** The run's own agents are called so, each with a number behind it; their token covers all of them. */
const SUBJECT = "agent";
const YEAR_MS = 365 * 86_400_000;

/**
 * A relay on loopback with a store, which is a temporary one unless the user wants to keep it. Its secret is known to this
 * process alone, so that no other program of this machine can join.
 */
async function embeddedPlace(
  { store, leaseMs }: PlaceOptions,
  talk: (line: string) => void,
): Promise<Place> {
  const own = await mkdtemp(join(tmpdir(), "stigmergy-run-"));
  const directory = store ?? join(own, "boards");
  const forget = (): Promise<void> => rm(own, { recursive: true, force: true });
  try {
    const secret = createSecret();
    const tokenFile = join(own, "token");
    await writeSecretFile(tokenFile, await tokenFor(secret));
    const relay = await createRelay({
      access: { secret },
      host: "127.0.0.1",
      port: 0,
      storage: createLogFileStorage({ directory }),
      maxHoldMs: Math.max(leaseMs, 600_000),
      onFault: (fault) => talk(faultOf(fault).message),
    });
    return {
      medium: relayMedium(relay.address, leaseMs, tokenFile),
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

function tokenFor(secret: string): Promise<string> {
  const expiresAt = Date.now() + YEAR_MS;
  return createToken(parseKey(secret), {
    subject: SUBJECT,
    board: DEFAULT_BOARD,
    role: "write",
    expiresAt,
  });
}
