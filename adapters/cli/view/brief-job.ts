/** `brief`: all that a newcomer has to know of a task or a board, as Markdown of a bounded size. */
import { type Brief, type BriefLimit, brief } from "../../../lib/index.ts";
import { findTask } from "../board/find-task.ts";
import type { ExitCode } from "../fault.ts";
import type { Output } from "../output/output.ts";
import type { PlaceOptions } from "../session/place.ts";
import { readBoard } from "./read-board.ts";

/** What the brief is about; the whole board without an id. */
export interface BriefFlags extends PlaceOptions, BriefLimit {
  readonly id?: string;
}

/** Prints the brief; its text is safe for a terminal as the library makes it. */
export function briefJob(options: BriefFlags, output: Output): Promise<ExitCode> {
  const { id, maxBytes, maxTokens } = options;
  return readBoard(options, (board) => {
    const { json, markdown }: Brief = brief(board, {
      ...(id === undefined ? {} : { task: findTask(board, id).id }),
      ...(maxBytes === undefined ? {} : { maxBytes }),
      ...(maxTokens === undefined ? {} : { maxTokens }),
    });
    output.data(json, () => markdown.trimEnd());
  });
}
