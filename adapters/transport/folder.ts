/** No server at all: every replica appends to a file of its own in a shared folder and follows the files of the others. */
import { join, resolve } from "node:path";
import type { Doc } from "yjs";
import type { Transport } from "../../lib/index.ts";
import { boardToFileName } from "../storage/directory.ts";
import { FolderConnection } from "./folder/connection.ts";

/** Which folder, and how often to look at it. */
export interface FolderTransportOptions {
  /** The shared folder, made where there is none; each board has a folder of its own in it. */
  readonly directory: string;
  /**
   * Milliseconds from one full look to the next, by default 100. The system's hints usually bring changes within a few
   * milliseconds; on a network disk, where there are none, this is the delay.
   */
  readonly pollMs?: number;
}

const POLL_MS = 100;

/**
 * Makes a transport through a folder. Whoever may write to the folder is trusted with the board, and whoever may read
 * it can read all of the board. It has no barrier, so no claim through it can be `settled`.
 *
 * @example
 * const transport = createFolderTransport({ directory: "/mnt/team/boards" });
 */
export function createFolderTransport(options: FolderTransportOptions): Transport {
  const { pollMs = POLL_MS } = options;
  if (!(pollMs >= 1 && pollMs <= 60_000)) {
    throw new RangeError(`pollMs is 1 to 60000 milliseconds, not ${pollMs}.`);
  }
  const root = resolve(options.directory);
  const ownNamesByDoc = new WeakMap<Doc, Set<string>>();
  return {
    capabilities: { barrier: false, presence: true },
    connect(link) {
      const ownNames = ownNamesByDoc.get(link.doc) ?? new Set();
      ownNamesByDoc.set(link.doc, ownNames);
      const directory = join(root, boardToFileName(link.board));
      return new FolderConnection({ link, directory, pollMs, ownNames });
    },
  };
}
