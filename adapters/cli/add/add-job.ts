/** `add`: puts tasks on a board by hand, by their titles or from a list. */
import type { Board, NewTask } from "../../../lib/index.ts";
import { findTask } from "../board/find-task.ts";
import { chooseMedium } from "../board/medium.ts";
import { openSynced } from "../board/open-board.ts";
import { type ExitCode, exitCode, usageFault } from "../fault.ts";
import { readTaskList } from "../list/read-list.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { type PlaceOptions, recallPlace } from "../session/place.ts";
import { type AddParts, addListed, addTasks, type PutTask } from "./add-listed.ts";
import { type FieldFlags, fieldsOf, type PolicyFlags, policyOf } from "./task-flags.ts";

/** What is to be added: titles with what the options say of each of them, or a list, which says it itself. */
export interface AddOptions extends PlaceOptions, FieldFlags, PolicyFlags {
  readonly titles: readonly string[];
  readonly from?: string;
}

/** Adds the tasks and gives their ids. */
export async function addJob(options: AddOptions, output: Output): Promise<ExitCode> {
  const { titles, from } = options;
  if (titles.length > 0 === (from !== undefined))
    throw usageFault("say what to add: one or more titles, or --from FILE");
  if (titles.some((title) => title.trim() === "" || title.length > MAX_TITLE))
    throw usageFault(`a title is empty or longer than ${MAX_TITLE} characters; correct it`);
  const said = { ...fieldsOf(options), ...policyOf(options) };
  if (from !== undefined && Object.keys(said).length > 0)
    throw usageFault("the lines of a list say themselves what their tasks are; leave that out");
  const listed = from === undefined ? [] : await readTaskList(from);
  const place = await recallPlace(options);
  const medium = chooseMedium(place);
  const board = await openSynced(medium, place);
  try {
    const put =
      from === undefined
        ? await addTitled(board, { ...place, medium, said })
        : await addListed(board, listed, { ...place, medium });
    const tasks = put.map(({ id, title, isNew }) => ({ id, title, added: isNew }));
    output.data({ tasks }, () => put.map(lineOf).join("\n"));
    return exitCode.ok;
  } finally {
    await board.close();
  }
}

async function addTitled(
  board: Board,
  parts: AddParts & {
    readonly titles: readonly string[];
    readonly said: Omit<NewTask, "title">;
  },
): Promise<readonly PutTask[]> {
  const { said } = parts;
  for (const id of [...(said.needs ?? []), ...(said.parent === undefined ? [] : [said.parent])])
    findTask(board, id);
  const tasks = parts.titles.map((title) => ({ ...said, title: title.trim() }));
  const ids = await addTasks(board, tasks, parts).catch((error: unknown) => {
    throw error instanceof RangeError ? usageFault(error.message) : error;
  });
  return ids.map((id, i) => ({ id, title: tasks[i]?.title ?? "", isNew: true }));
}

function lineOf({ id, title, isNew }: PutTask): string {
  return `${id}  ${printable(title)}${isNew ? "" : "  (was there)"}`;
}

const MAX_TITLE = 1000;
