/** The reading side of a connection: lists the folder, reads what others wrote, and keeps the hints going. */
import type { Presence } from "../../../lib/index.ts";
import { createFolderHints } from "./hints.ts";
import { type FolderListing, listFolder, sortNames } from "./names.ts";
import { createPeerLogs, type PeerLogsOptions } from "./peer-logs.ts";
import { createPeerPresences } from "./presence.ts";

/** Whose files are read, and which of them are this replica's own. */
export interface FolderReaderOptions extends PeerLogsOptions {
  readonly ownNames: ReadonlySet<string>;
  /** Told that the named file has changed, or that some file has. */
  readonly onHint: (name?: string) => void;
}

/** All updates in the folder. */
export interface FolderContent {
  /** Those in logs that this replica wrote. */
  readonly own: readonly Uint8Array[];
  /** Those in the logs of others. */
  readonly foreign: readonly Uint8Array[];
}

/** What one look found. */
export interface FolderNews {
  readonly updates: readonly Uint8Array[];
  readonly presences: readonly Presence[];
  /** The logs in the folder; left out where only hinted files were looked at. */
  readonly logs?: readonly string[];
}

/** The reading side of a connection. */
export interface FolderReader {
  /** Reads every log from its start. */
  readAll(): Promise<FolderContent>;
  /** Reads what others have added, to the named files or to any. */
  readNew(names?: ReadonlySet<string>): Promise<FolderNews>;
  /** Ends the hints. */
  stop(): void;
}

/** Makes the reader of a board's folder. */
export function createFolderReader(options: FolderReaderOptions): FolderReader {
  const { directory, ownNames, onHint } = options;
  const ownLogs = createPeerLogs(options);
  const peerLogs = createPeerLogs(options);
  const peerPresences = createPeerPresences(options);
  const isForeign = (name: string): boolean => !ownNames.has(name);
  const hints = createFolderHints(directory, (name) => {
    if (name === undefined || isForeign(name)) {
      onHint(name);
    }
  });
  let isFirst = true;

  const list = async (): Promise<FolderListing> => {
    const listing = await listFolder(directory);
    if (listing === undefined) {
      hints.stop();
      return { logs: [], presences: [] };
    }
    hints.start();
    return listing;
  };

  return {
    async readAll() {
      const { logs, presences } = await list();
      ownLogs.rewind();
      peerLogs.rewind();
      const own = await ownLogs.read(logs.filter((name) => ownNames.has(name)));
      const foreign = await peerLogs.read(logs.filter(isForeign));
      if (isFirst) {
        await peerPresences.skip(presences.filter(isForeign));
        isFirst = false;
      }
      return { own, foreign };
    },
    async readNew(names) {
      const { logs, presences } = names === undefined ? await list() : sortNames(names);
      const news = {
        updates: await peerLogs.read(logs.filter(isForeign)),
        presences: await peerPresences.read(presences.filter(isForeign)),
      };
      return names === undefined ? { ...news, logs } : news;
    },
    stop: () => hints.stop(),
  };
}
