/** The directory of one attempt: what its command may read lies there, and what it leaves there is read back. */
import { lstatSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { usageFault } from "../../fault.ts";

/** A directory that is there until it is removed, or the process ends by itself. */
export interface AttemptDirectory {
  /** Absolute. */
  readonly path: string;
  /** Whether what is there is still the directory that was made. */
  isOwn(): boolean;
  remove(): Promise<void>;
}

/** What is removed at the end of this process, also where the user does not wait for it. */
const present = new Set<string>();
process.once("exit", () => {
  for (const path of present) removeNow(path);
});

/** Makes a fresh directory that nobody else may enter, below the system's temporary one, and puts the files in. */
export function makeAttemptDirectory(files: Readonly<Record<string, string>>): AttemptDirectory {
  const path = mkdtempSync(join(resolve(tmpdir()), "stigmergy-task-"));
  present.add(path);
  try {
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(path, name), text, { mode: 0o600, flag: "wx" });
    const identity = identityOf(path);
    return {
      path,
      isOwn: () => identityOf(path) === identity,
      remove: () => remove(path),
    };
  } catch (error) {
    present.delete(path);
    removeNow(path);
    throw error;
  }
}

/**
 * Checks that directories can be made.
 *
 * @throws CliFault `USAGE` when they cannot; every task would fail for that
 */
export async function checkAttemptDirectories(): Promise<void> {
  try {
    await makeAttemptDirectory({}).remove();
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw usageFault(
      `no directory for tasks can be made in ${tmpdir()} (${cause}); name another place in $TMPDIR`,
    );
  }
}

function identityOf(path: string): string {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat?.isDirectory() ? `${stat.dev}:${stat.ino}` : "none";
}

function removeNow(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // as in `remove`
  }
}

/** What a command has locked in there stays in the temporary directory: that is no reason to fail its task. */
async function remove(path: string): Promise<void> {
  present.delete(path);
  await rm(path, { recursive: true, force: true }).catch(() => {});
}
