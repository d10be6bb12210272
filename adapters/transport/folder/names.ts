/** Which files of a board's folder are whose: `<id>.log` holds a replica's updates, `<id>.presence` its signs of life. */
import { readdir } from "node:fs/promises";
import { hasCode } from "../../storage/directory.ts";

/** The names found in a board's folder, in order; everything else in it is left alone. */
export interface FolderListing {
  readonly logs: readonly string[];
  readonly presences: readonly string[];
}

const LOG = /^[0-9a-f]{32}\.log$/;
const PRESENCE = /^[0-9a-f]{32}\.presence$/;

/** Names the log of the replica with this id. */
export function logName(id: string): string {
  return `${id}.log`;
}

/** Names the presence file of the replica with this id. */
export function presenceName(id: string): string {
  return `${id}.presence`;
}

/** Sorts names into logs and signs of life. */
export function sortNames(names: Iterable<string>): FolderListing {
  const sorted = [...names].sort();
  return {
    logs: sorted.filter((name) => LOG.test(name)),
    presences: sorted.filter((name) => PRESENCE.test(name)),
  };
}

/** Lists the regular files of a board's folder, or tells that there is no folder. */
export async function listFolder(directory: string): Promise<FolderListing | undefined> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return sortNames(entries.filter((entry) => entry.isFile()).map(({ name }) => name));
  } catch (error) {
    if (hasCode(error, "ENOENT")) {
      return undefined;
    }
    throw error;
  }
}
