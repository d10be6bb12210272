/**
 * Which boards the relay has kept before, and under which id: kept in its own storage beside them. So it knows a new board
 * from one whose past is lost, and need not hold back the first claims on a board that never had any.
 */
import * as Y from "yjs";
import type { BoardStore, Storage } from "../../../lib/index.ts";

/** The ledger's own name in the storage; no client may open it. */
export const LEDGER_BOARD = ".relay-ledger";
const ROOT = "boards";
const SINCE = "";

/** What the relay remembers of its boards. */
export interface Ledger {
  /**
   * Whether it cannot be known who worked on a board: it was known under another id, or its storage is new as a whole, or it
   * holds records that the ledger never heard of, such as those of an older copy.
   */
  isPastUnknown(board: string, storeId: string, hasRecords: boolean): boolean;
  /** Remembers a board. */
  remember(board: string, storeId: string): void;
  close(): Promise<void>;
}

/**
 * Opens the ledger of a storage. Nobody waits for what it writes: what a crash takes of it, only makes the relay more careful.
 *
 * @param onFault - hears when it can no longer write
 * @throws CoordinationError of the storage
 */
export async function openLedger(
  storage: Storage,
  onFault: (error: unknown) => void,
): Promise<Ledger> {
  const store: BoardStore = await storage.open(LEDGER_BOARD);
  const doc = new Y.Doc();
  for (const update of await store.load()) Y.applyUpdate(doc, update);
  const boards = doc.getMap<string>(ROOT);
  const isNew = !boards.has(SINCE);
  const keep = (board: string, storeId: string): void => {
    const before = Y.encodeStateVector(doc);
    boards.set(board, storeId);
    store.append(Y.encodeStateAsUpdate(doc, before)).catch(onFault);
  };
  if (isNew) keep(SINCE, store.id);
  return {
    isPastUnknown(board, storeId, hasRecords) {
      const known = boards.get(board);
      return known === undefined ? isNew || hasRecords : known !== storeId;
    },
    remember(board, storeId) {
      if (boards.get(board) !== storeId) keep(board, storeId);
    },
    async close() {
      doc.destroy();
      await store.close();
    },
  };
}
