/** Reads every board of a store and tells what is damaged; nothing is locked or changed. */
import { type CoordinationError, Y } from "../../../lib/index.ts";
import { findStoredBoards, type StoredBoard } from "../../storage/stored-boards.ts";
import { faultOf } from "../fault.ts";
import { printable } from "../output/printable.ts";
import type { Finding } from "./finding.ts";

/** Gives a finding for each board, or one for the store. */
export async function checkStore(directory: string): Promise<readonly Finding[]> {
  let boards: readonly StoredBoard[];
  try {
    boards = await findStoredBoards(directory);
  } catch (error) {
    const message = `${directory} cannot be read (${error}); check its name and permissions`;
    return [{ check: "store", isOk: false, message, details: { file: directory } }];
  }
  if (boards.length === 0)
    return [{ check: "store", isOk: true, message: `${directory} holds no board` }];
  const findings: Finding[] = [];
  for (const board of boards) findings.push(await checkBoard(board));
  return findings;
}

async function checkBoard({ file, read }: StoredBoard): Promise<Finding> {
  try {
    const { board, id, updates, tornBytes } = await read();
    const records = countRecords(updates);
    const torn =
      tornBytes === 0
        ? ""
        : `, and ${tornBytes} bytes of one that a crash tore or that is being written`;
    const message = `${printable(board)}: ${records} records in ${updates.length} updates${torn}, in ${file}`;
    const details = { file, board, id, updates: updates.length, records, tornBytes };
    return { check: "store", isOk: true, message, details };
  } catch (error) {
    const details = { file, ...(error as Partial<CoordinationError>).details };
    return { check: "store", isOk: false, message: faultOf(error).message, details };
  }
}

function countRecords(updates: readonly Uint8Array[]): number {
  const doc = new Y.Doc();
  try {
    doc.transact(() => {
      for (const update of updates) Y.applyUpdate(doc, update);
    });
    let count = 0;
    for (const name of doc.share.keys())
      if (name.startsWith("log/")) count += doc.getArray(name).length;
    return count;
  } finally {
    doc.destroy();
  }
}
