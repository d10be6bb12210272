/** `history`: every record about a task in the order, one a line: who wrote what, and why it was ignored if it was. */
import { formatRef, type HistoryEntry } from "../../../lib/index.ts";
import { findTask } from "../board/find-task.ts";
import type { ExitCode } from "../fault.ts";
import type { Colors, Output } from "../output/output.ts";
import { printable, shorten } from "../output/printable.ts";
import { readBoard, type TaskOptions } from "./read-board.ts";

const MAX_VALUE_LENGTH = 200;

/** Prints the history. */
export function historyJob(options: TaskOptions, output: Output): Promise<ExitCode> {
  return readBoard(options, (board) => {
    const task = findTask(board, options.id);
    const entries = board.history(task.id);
    const ledger = board.ledger(task.id);
    output.data({ task: task.id, entries: entries.map(dataOf), ledger }, () =>
      entries.map((entry) => lineOf(entry, output.dataColors)).join("\n"),
    );
    const { records, agents, claims, contested, messages } = ledger;
    output.talk(
      `${records} records by ${agents} agents; ${claims} claims, ${contested} of them contested; ${messages} messages`,
    );
  });
}

function dataOf({ agent, record, ignored }: HistoryEntry): object {
  return { ref: formatRef({ agent, n: record.n }), agent, record, ignored };
}

function lineOf({ agent, record, ignored }: HistoryEntry, colors: Colors): string {
  const { n, at: _, kind, task: __, ...fields } = record;
  const said = Object.entries(fields).map(
    ([name, value]) => `  ${name} ${shorten(sayValue(value), MAX_VALUE_LENGTH)}`,
  );
  const line = printable(`${formatRef({ agent, n })}  ${kind}${said.join("")}`);
  return ignored === null ? line : `${line}  ${colors.yellow(`ignored: ${ignored}`)}`;
}

function sayValue(value: unknown): string {
  return typeof value === "string" && /^[\w:~.@/-]+$/u.test(value) ? value : JSON.stringify(value);
}
