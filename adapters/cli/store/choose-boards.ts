/** Finds the boards that a command is about. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { findStoredBoards, readLog, type StoredBoard } from "../../storage/stored-boards.ts";
import { LEDGER_BOARD } from "../../transport/relay/ledger.ts";
import { CliFault, exitCode } from "../fault.ts";
import { printable } from "../output/printable.ts";

/**
 * Gives the boards in a folder, or the one in a file; those of a name where one is given, in all their generations
 * where the name has none. A file too damaged to tell its board may be the one that is meant, so it is among them; the
 * relay's own book about its store is not.
 *
 * @throws CliFault `NOT_FOUND`
 */
export async function chooseBoards(
  place: string,
  name: string | undefined,
): Promise<readonly StoredBoard[]> {
  const found = (await findBoards(place)).filter(({ board }) => board !== LEDGER_BOARD);
  const isMeant = (board: string): boolean =>
    name === undefined || board === name || board.replace(/#\d+$/u, "") === name;
  const boards = found.filter(({ board }) => board === undefined || isMeant(board));
  if (boards.length > 0) return boards;
  const wanted = name === undefined ? "board" : `board ${printable(name)}`;
  const names = found.map(({ board = "?" }) => printable(board)).join(", ");
  const there = names === "" ? "" : `; there are ${names}`;
  throw notFound(`there is no ${wanted} in ${place}${there}`);
}

async function findBoards(place: string): Promise<readonly StoredBoard[]> {
  const status = statSync(place, { throwIfNoEntry: false });
  if (status === undefined) throw notFound(`there is no ${place}; check its name`);
  if (status.isDirectory()) return findStoredBoards(place);
  const file = resolve(place);
  const copy = await readLog(file);
  return [{ file, board: copy.board, read: async () => copy }];
}

function notFound(message: string): CliFault {
  return new CliFault("NOT_FOUND", exitCode.notFound, message);
}
