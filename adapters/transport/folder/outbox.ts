/** What this replica writes: its own log, made at the first write, and another one where the first cannot be trusted. */
import { join } from "node:path";
import type { ReplicaLink } from "../../../lib/index.ts";
import { type AppendFile, createAppendFile, createFile } from "../../storage/append-file.ts";
import { makeDirectory, syncDirectory } from "../../storage/directory.ts";
import { logName } from "./names.ts";
import { MAX_FOLDER_FRAME_BYTES } from "./peer-logs.ts";

/** Whose log it is, and whom to tell how it goes. */
export interface OutboxOptions {
  readonly link: ReplicaLink;
  readonly directory: string;
  /** Collects the names of all logs that are written here. */
  readonly ownNames: Set<string>;
  readonly onWritten: (sizeBytes: number) => void;
  /** Told when the current log cannot be written; it is to be renewed then. */
  readonly onFailure: (error: unknown) => void;
}

/** This replica's own log. */
export interface Outbox {
  /** The name of the current log, once there is such a file. */
  readonly madeName: string | undefined;
  /** Appends an update, and resolves when it is durable, or when its failure has been told to `onFailure`. */
  write(update: Uint8Array): Promise<void>;
  /** Resolves once all that was written to the current log is durable. */
  flush(): Promise<void>;
  /** Leaves the log as it is; the next write begins another. */
  renew(): void;
  /** Waits for what is under way and closes the log. */
  close(): Promise<void>;
}

interface OwnLog {
  readonly name: string;
  readonly file: AppendFile;
  isMade: boolean;
}

const ID_BYTES = 16;

/** The rest of a frame is room for its own bytes. */
const MAX_UPDATE_BYTES = MAX_FOLDER_FRAME_BYTES - 1024;

/** Prepares the outbox; there is no file before the first write. */
export function createOutbox(options: OutboxOptions): Outbox {
  let log = createOwnLog(options);
  return {
    get madeName() {
      return log.isMade ? log.name : undefined;
    },
    write(update) {
      const { file } = log;
      const appended =
        update.length > MAX_UPDATE_BYTES
          ? Promise.reject(new RangeError(`an update of ${update.length} bytes is too long`))
          : file.append(update);
      return appended.catch((error: unknown) => {
        if (file === log.file) {
          options.onFailure(error);
        }
      });
    },
    flush: () => log.file.flush(),
    renew() {
      log.file.close().catch(() => {}); // it has been given up, which its owner was told
      log = createOwnLog(options);
    },
    close: () => log.file.close(),
  };
}

function createOwnLog({ link, directory, ownNames, onWritten }: OutboxOptions): OwnLog {
  const { board, rule } = link;
  const id = Buffer.from(link.random(ID_BYTES)).toString("hex");
  const name = logName(id);
  const path = join(directory, name);
  ownNames.add(name);
  const make = async () => {
    await makeDirectory(directory);
    const made = await createFile(path, { id, board, rule });
    await syncDirectory(directory);
    log.isMade = true;
    onWritten(made.sizeBytes);
    return made;
  };
  const log: OwnLog = {
    name,
    file: createAppendFile({ path, file: make, onWritten }),
    isMade: false,
  };
  return log;
}
