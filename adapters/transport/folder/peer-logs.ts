/** Follows the logs of the other replicas: gives what is new in each, waits for what is half written, names what is damaged. */
import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { join } from "node:path";
import { CoordinationError } from "../../../lib/index.ts";
import { storageFailed } from "../../storage/append-file.ts";
import { hasCode } from "../../storage/directory.ts";
import { readFrames, readHeader } from "../../storage/frame-reader.ts";

/** Whose logs are followed. */
export interface PeerLogsOptions {
  readonly directory: string;
  readonly board: string;
  readonly rule: string;
  /** Told once of each log that cannot be read, and of each that must not be. */
  readonly report: (error: CoordinationError) => void;
}

/** The logs of a folder, each read up to some point. */
export interface PeerLogs {
  /** Gives what is new in these logs, each one's updates in order; one file is open at a time. */
  read(names: readonly string[]): Promise<Uint8Array[]>;
  /** Reads every log from its start again. */
  rewind(): void;
}

interface PeerLog {
  readonly path: string;
  /** Where the next frame begins; 0 until the header has been read. */
  offset: number;
  seed: number;
  /** Size and time of change at the last look, to leave alone what has not changed. */
  look: string;
  damagedLooks: number;
  /** The offset of the damage that was reported. */
  reported: number | undefined;
  isRefused: boolean;
}

/** No longer frame is read, so that no file makes us hold more; no replica may write one. */
export const MAX_FOLDER_FRAME_BYTES: number = 64 << 20;

/** A network disk may show a file's new length before its content: damage is believed when seen this often. */
const DAMAGED_LOOKS = 3;

const { O_RDONLY, O_NOFOLLOW = 0 } = constants;

/** Makes the follower of a folder's logs. */
export function createPeerLogs(options: PeerLogsOptions): PeerLogs {
  const logByName = new Map<string, PeerLog>();
  return {
    async read(names) {
      const updates: Uint8Array[] = [];
      for (const name of names) {
        const log = logByName.get(name) ?? createPeerLog(join(options.directory, name));
        logByName.set(name, log);
        for (const update of await readNew(log, options)) {
          updates.push(update);
        }
      }
      return updates;
    },
    rewind() {
      for (const log of logByName.values()) {
        Object.assign(log, { offset: 0, seed: 0, look: "" });
      }
    },
  };
}

function createPeerLog(path: string): PeerLog {
  const unread = { offset: 0, seed: 0, look: "", damagedLooks: 0 };
  return { path, ...unread, reported: undefined, isRefused: false };
}

async function readNew(log: PeerLog, options: PeerLogsOptions): Promise<readonly Uint8Array[]> {
  if (log.isRefused) {
    return [];
  }
  try {
    const stat = await lstat(log.path);
    const look = `${stat.size} ${stat.mtimeMs}`;
    const isDoubtful = log.damagedLooks > 0 && log.damagedLooks < DAMAGED_LOOKS;
    if (!stat.isFile() || (look === log.look && !isDoubtful)) {
      return [];
    }
    log.look = look;
    const handle = await open(log.path, O_RDONLY | O_NOFOLLOW);
    try {
      return await readFrom(handle, stat.size, log, options);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!hasCode(error, "ENOENT")) {
      report(log, options, storageFailed(log.path, "could not be read", error));
    }
    return [];
  }
}

async function readFrom(
  handle: FileHandle,
  sizeBytes: number,
  log: PeerLog,
  options: PeerLogsOptions,
): Promise<readonly Uint8Array[]> {
  if (log.offset === 0 && !(await readStart(handle, sizeBytes, log, options))) {
    return [];
  }
  if (sizeBytes < log.offset) {
    noteDamage(log, options, `it has shrunk to ${sizeBytes} bytes`);
    return [];
  }
  const { updates, end, stop } = await readFrames(handle, {
    from: log.offset,
    to: sizeBytes,
    seed: log.seed,
    maxFrameBytes: MAX_FOLDER_FRAME_BYTES,
  });
  log.offset = end;
  if (stop?.kind === "damaged") {
    noteDamage(log, options, stop.reason);
  } else {
    log.damagedLooks = 0;
  }
  return updates;
}

/** Reads the header, and tells whether frames may be read behind it. */
async function readStart(
  handle: FileHandle,
  sizeBytes: number,
  log: PeerLog,
  options: PeerLogsOptions,
): Promise<boolean> {
  const reading = await readHeader(handle, sizeBytes);
  if (reading.kind === "damaged") {
    noteDamage(log, options, reading.reason);
  }
  if (reading.kind !== "header") {
    return false;
  }
  const { board, rule } = reading.header;
  const mismatch = findMismatch(log.path, { board, rule }, options);
  if (mismatch !== undefined) {
    log.isRefused = true;
    options.report(mismatch);
    return false;
  }
  log.offset = reading.sizeBytes;
  log.seed = reading.seed;
  return true;
}

function findMismatch(
  file: string,
  theirs: { readonly board: string; readonly rule: string },
  ours: { readonly board: string; readonly rule: string },
): CoordinationError | undefined {
  if (theirs.board !== ours.board) {
    const message = `${file} belongs to the board ${theirs.board}, not to ${ours.board}; move it there.`;
    const details = { file, ours: ours.board, theirs: theirs.board };
    return new CoordinationError("BOARD_MISMATCH", message, { details });
  }
  if (theirs.rule !== ours.rule) {
    const message = `${file} plays ${ours.board} by ${theirs.rule}, not by ${ours.rule}; open the board by one rule.`;
    const details = { file, board: ours.board, ours: ours.rule, theirs: theirs.rule };
    return new CoordinationError("RULE_MISMATCH", message, { details });
  }
  return undefined;
}

function noteDamage(log: PeerLog, options: PeerLogsOptions, reason: string): void {
  log.damagedLooks += 1;
  if (log.damagedLooks >= DAMAGED_LOOKS) {
    const message = `${log.path} cannot be read at byte ${log.offset}: ${reason}. Its later updates are missing here.`;
    const details = { file: log.path, offset: log.offset };
    report(log, options, new CoordinationError("STORAGE_CORRUPT", message, { details }));
  }
}

function report(log: PeerLog, options: PeerLogsOptions, error: CoordinationError): void {
  if (log.reported !== log.offset) {
    log.reported = log.offset;
    options.report(error);
  }
}
