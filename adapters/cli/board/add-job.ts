/** `add`: puts tasks on a board by hand, by their titles or from a list. */
import { type ExitCode, exitCode, usageFault } from "../fault.ts";
import { readTaskList } from "../list/read-list.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { addListed, addTasks, type PutTask } from "./add-listed.ts";
import { chooseMedium } from "./medium.ts";
import { openSynced } from "./open-board.ts";
import type { ReadOptions } from "./read-jobs.ts";

/** What is to be added: titles, or a list. */
export interface AddOptions extends ReadOptions {
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
  const listed = from === undefined ? [] : await readTaskList(from);
  const board = await openSynced(chooseMedium(options), options);
  try {
    let put: readonly PutTask[] = [];
    if (from !== undefined) put = await addListed(board, listed, options);
    else {
      const tasks = titles.map((title) => ({ title: title.trim() }));
      const ids = await addTasks(board, tasks, options);
      put = ids.map((id, i) => ({ id, title: tasks[i]?.title ?? "", isNew: true }));
    }
    const tasks = put.map(({ id, title, isNew }) => ({ id, title, added: isNew }));
    output.data({ tasks }, () => put.map(lineOf).join("\n"));
    return exitCode.ok;
  } finally {
    await board.close();
  }
}

function lineOf({ id, title, isNew }: PutTask): string {
  return `${id}  ${printable(title)}${isNew ? "" : "  (was there)"}`;
}

const MAX_TITLE = 1000;
