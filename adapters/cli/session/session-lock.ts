/** The lock of a session: an agent's log has one writer at a time. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { CoordinationError } from "../../../lib/index.ts";
import { acquireLock, type FileLock } from "../../storage/lock-file.ts";
import { CliFault, exitCode, usageFault } from "../fault.ts";

/**
 * Locks the session for this process; the lock of a dead one is taken over.
 *
 * @throws CliFault `SESSION_BUSY` while another command acts with it
 */
export async function lockSession(path: string): Promise<FileLock> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return await acquireLock(`${path}.lock`);
  } catch (error) {
    if (!(error instanceof CoordinationError)) throw placeFault(path, error);
    const { pid, file } = error.details;
    throw new CliFault(
      "SESSION_BUSY",
      exitCode.refused,
      `another command (process ${pid ?? "unknown"}) acts with the session ${path}: an agent does one thing at a time. Wait until it ends, or use another --session; only if that process is gone for good, delete ${file}`,
      error,
    );
  }
}

function placeFault(path: string, error: unknown): CliFault {
  const cause = error instanceof Error ? error.message : String(error);
  return usageFault(
    `the session ${path} cannot be kept there (${cause}); choose another --session`,
  );
}
