/** Reads a task list from a file or from stdin. */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { usageFault } from "../fault.ts";
import { parseTaskList } from "../task-list.ts";
import type { ListedTask } from "./listed-task.ts";

/**
 * Reads and checks a list; `-` is stdin.
 *
 * @throws CliFault `USAGE` when there is no such file
 * @throws ListError when it is broken
 */
export async function readTaskList(file: string): Promise<readonly ListedTask[]> {
  return parseTaskList(await readSource(file), file);
}

async function readSource(file: string): Promise<string> {
  if (file === "-") return text(process.stdin);
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw usageFault(
      `the list ${file} cannot be read (${cause}); check its name, or give - for stdin`,
    );
  }
}
