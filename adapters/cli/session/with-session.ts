/** Reads the session of a command, which nobody else may use meanwhile. */
import { existsSync } from "node:fs";
import { usageFault } from "../fault.ts";
import type { SessionNeed } from "./hand.ts";
import type { PlaceOptions } from "./place.ts";
import { readSession, type Session, sessionPath } from "./session-file.ts";
import { lockSession } from "./session-lock.ts";

/**
 * Locks the session for as long as `use` takes.
 *
 * @throws CliFault `USAGE` where `need` is `held` and there is none
 */
export async function withSession<T>(
  options: PlaceOptions,
  need: SessionNeed,
  use: (path: string | null, session: Session | null) => Promise<T>,
): Promise<T> {
  const path = sessionPath(options.session);
  if (need !== "made" && !existsSync(path)) {
    if (need === "any") return use(null, null);
    throw usageFault(
      `there is no session ${path}, so nothing is held; claim a task first, or name the --session in which it was claimed`,
    );
  }
  const lock = await lockSession(path);
  try {
    return await use(path, await readSession(path));
  } finally {
    await lock.release();
  }
}
