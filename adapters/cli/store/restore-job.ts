/** `stigmergy restore`: puts copies into a store, each under a new id, since the store's memory is not the old one. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { restoreBoard } from "../../storage/board-restore.ts";
import { SQLITE_FILE } from "../../storage/sqlite/database-file.ts";
import { type BoardCopy, findStoredBoards } from "../../storage/stored-boards.ts";
import { type ExitCode, exitCode, refusedFault } from "../fault.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { chooseBoards } from "./choose-boards.ts";

/** What is restored where. */
export interface RestoreOptions {
  readonly from: string;
  readonly store: string;
  readonly storeKind?: "log" | "sqlite";
  readonly board?: string;
  readonly force: boolean;
}

/** Restores all that was chosen; where one copy is damaged, or one board there already, none of them. */
export async function restoreJob(options: RestoreOptions, output: Output): Promise<ExitCode> {
  const { from, store, force } = options;
  const kind = options.storeKind ?? (existsSync(join(store, SQLITE_FILE)) ? "sqlite" : "log");
  const chosen = await chooseBoards(from, options.board);
  const copies: BoardCopy[] = [];
  for (const stored of chosen) copies.push(await stored.read());
  if (!force && existsSync(store)) {
    const there = new Set((await findStoredBoards(store)).map(({ board }) => board));
    for (const { board } of copies) if (there.has(board)) throw boardExists(board, store);
  }
  const restored: { readonly board: string; readonly updates: number }[] = [];
  for (const { board, updates } of copies) {
    const isDone = await restoreBoard({
      directory: store,
      kind,
      board,
      updates,
      isReplacing: force,
    });
    if (!isDone) throw boardExists(board, store); // made since the look
    restored.push({ board, updates: updates.length });
  }
  output.data({ store, kind, boards: restored }, () =>
    restored
      .map(({ board, updates }) => `${printable(board)}: ${updates} updates into ${store}`)
      .join("\n"),
  );
  output.talk(
    "a relay on this store takes its memory for lost, and holds settled claims back for one longest lease",
  );
  return exitCode.ok;
}

function boardExists(board: string, store: string): Error {
  return refusedFault(
    "board-exists",
    `the board ${board} is in ${store} already; replace it by --force, or choose another store`,
  );
}
