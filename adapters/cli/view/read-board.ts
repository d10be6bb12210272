/** Lets a command read a board, where it leaves no trace. */
import type { Board } from "../../../lib/index.ts";
import { chooseMedium, requireFolder } from "../board/medium.ts";
import { openSynced } from "../board/open-board.ts";
import { type ExitCode, exitCode } from "../fault.ts";
import { type PlaceOptions, recallPlace } from "../session/place.ts";

/** One task of a board. */
export interface TaskOptions extends PlaceOptions {
  readonly id: string;
}

/** Opens the board, reads, and closes it again. */
export async function readBoard(
  options: PlaceOptions,
  read: (board: Board) => void | Promise<void>,
): Promise<ExitCode> {
  const place = await recallPlace(options);
  const medium = chooseMedium(place);
  requireFolder(medium);
  const board = await openSynced(medium, place);
  try {
    await read(board);
    return exitCode.ok;
  } finally {
    await board.close();
  }
}
