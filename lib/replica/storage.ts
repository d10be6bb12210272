/** The port through which a board's updates survive a crash; used by a replica and by the relay alike. */

/** One board's stored updates. */
export interface BoardStore {
  /**
   * Names this store's memory: made at random when the board's store is first created and kept with it. A board that
   * comes back under another id has lost its past.
   */
  readonly id: string;
  /** Gives every stored update, in the order of appending; after compaction, updates with the same content. */
  load(): Promise<readonly Uint8Array[]>;
  /**
   * Stores one Yjs update (format V1). The promise resolves only when the update survives a power cut; calls made
   * while one is under way share its flush. Order of appending is kept.
   *
   * @throws CoordinationError `STORAGE_FAILED` with the file and cause; from then on every append is refused
   */
  append(update: Uint8Array): Promise<void>;
  /** Rewrites the store as one update, by replaying all of it into a fresh document; crash-safe at every point. */
  compact(): Promise<void>;
  /** Waits for what is under way and closes; idempotent. */
  close(): Promise<void>;
}

/** A place where boards are kept. */
export interface Storage {
  /**
   * Opens the store of one board, making it where there is none. A tail torn by a crash is cut off; anything else that
   * cannot be read is an error, never an empty board.
   *
   * @param board - the document name, such as `docs#1`
   * @throws CoordinationError `STORAGE_CORRUPT` or `STORAGE_FAILED`, naming the file
   */
  open(board: string): Promise<BoardStore>;
}
