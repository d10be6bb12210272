/** `stigmergy backup`: copies each board as it is at one moment, into a file that is whole or not there. */
import { existsSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { writeLog } from "../../storage/board-restore.ts";
import { boardToFileName, makeDirectory } from "../../storage/directory.ts";
import type { StoredBoard } from "../../storage/stored-boards.ts";
import { type ExitCode, exitCode, faultOf, usageFault } from "../fault.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { chooseBoards } from "./choose-boards.ts";

/** What is copied where. */
export interface BackupOptions {
  readonly store: string;
  readonly to: string;
  readonly board?: string;
}

interface Copied {
  readonly board: string;
  readonly file: string;
  readonly updates: number;
  readonly tornBytes: number;
}

/** Copies all boards that can be read; exit code 1 where there is one that cannot. */
export async function backupJob(options: BackupOptions, output: Output): Promise<ExitCode> {
  const { store, to, board } = options;
  const boards = await chooseBoards(store, board);
  const isFile = to.endsWith(".log");
  if (isFile && boards.length > 1)
    throw usageFault(`${to} is one file for ${boards.length} boards; name one by --board`);
  const directory = isFile ? dirname(resolve(to)) : resolve(to);
  await makeDirectory(directory);
  if (isInside(directory, store))
    throw usageFault(`${to} is in the store itself; choose another place for the copy`);

  const copied: Copied[] = [];
  const damaged: { readonly file: string; readonly code: string; readonly message: string }[] = [];
  for (const each of boards) {
    try {
      copied.push(await copy(each, (name) => (isFile ? resolve(to) : pathOf(directory, name))));
    } catch (error) {
      const { code, message } = faultOf(error);
      damaged.push({ file: each.file, code, message });
      output.talk(message);
    }
  }
  output.data({ boards: copied, damaged }, () => textOf(copied, damaged.length));
  return damaged.length === 0 ? exitCode.ok : exitCode.taskFailed;
}

async function copy(stored: StoredBoard, choosePath: (board: string) => string): Promise<Copied> {
  const { board, updates, tornBytes } = await stored.read();
  const file = choosePath(board);
  await writeLog(file, board, updates);
  return { board, file, updates: updates.length, tornBytes };
}

function pathOf(directory: string, board: string): string {
  return join(directory, `${boardToFileName(board)}.log`);
}

function isInside(directory: string, store: string): boolean {
  return existsSync(store) && realpathSync(directory) === realpathSync(store);
}

function textOf(copied: readonly Copied[], damaged: number): string {
  const lines = copied.map(
    ({ board, file, updates }) => `${printable(board)}: ${updates} updates in ${file}`,
  );
  if (damaged > 0) lines.push(`${damaged} could not be read`);
  return lines.join("\n");
}
