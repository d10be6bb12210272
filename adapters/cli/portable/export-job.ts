/** `export`: the board as JSON Lines, one task a line, the same bytes for the same board. */
import { exportTasks, tasksOf } from "../../../lib/index.ts";
import type { ExitCode } from "../fault.ts";
import type { Output } from "../output/output.ts";
import { printableJson } from "../output/printable.ts";
import type { PlaceOptions } from "../session/place.ts";
import { readBoard } from "../view/read-board.ts";

/** Prints the lines; of an empty board none. */
export function exportJob(options: PlaceOptions, output: Output): Promise<ExitCode> {
  return readBoard(options, (board) => {
    const tasks = exportTasks(tasksOf(board.snapshot()));
    if (output.isJson || tasks.length > 0)
      output.data({ tasks }, () => tasks.map(printableJson).join("\n"));
  });
}
