/** Boards in this process's memory: the reference of the storage port. They last as long as the storage object. */
import { uuidv4 } from "lib0/random";
import type { BoardStore, Storage } from "../../lib/index.ts";
import { CoordinationError } from "../../lib/index.ts";
import { mergeByReplay } from "./replay.ts";

interface Board {
  readonly id: string;
  updates: Uint8Array[];
}

/** Makes a storage in memory; opened again, a board has all that was appended to it. */
export function createMemoryStorage(): Storage {
  const boardByName = new Map<string, Board>();
  return {
    async open(name) {
      const board = boardByName.get(name) ?? { id: uuidv4(), updates: [] };
      boardByName.set(name, board);
      return openBoard(name, board);
    },
  };
}

function openBoard(name: string, board: Board): BoardStore {
  let isClosed = false;
  const refuseClosed = (): void => {
    if (isClosed) {
      const message = `The store of ${name} is closed; open it again to go on.`;
      throw new CoordinationError("STORAGE_FAILED", message, { details: { board: name } });
    }
  };
  return {
    id: board.id,
    async load() {
      refuseClosed();
      return board.updates.map((update) => update.slice());
    },
    async append(update) {
      refuseClosed();
      board.updates.push(update.slice());
    },
    async compact() {
      refuseClosed();
      board.updates = mergeByReplay(board.updates);
    },
    async close() {
      isClosed = true;
    },
  };
}
