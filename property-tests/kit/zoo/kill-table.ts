/** The kill table: what was planted, and which part of the kit noticed. */
import { readFileSync, writeFileSync } from "node:fs";

/** One line of the table. */
export interface TableLine {
  readonly bug: string;
  readonly what: string;
  readonly suite: string;
  readonly broken: string;
  readonly run: string;
  readonly size: string;
}

const BEGIN = "<!-- zoo:begin -->";
const END = "<!-- zoo:end -->";

/** Writes the table as Markdown, sorted by suite and name, with its columns in line. */
export function formatKillTable(lines: readonly TableLine[]): string {
  const sorted = [...lines].sort((a, b) =>
    `${a.suite} ${a.bug}` < `${b.suite} ${b.bug}` ? -1 : 1,
  );
  const rows = [
    ["bug", "what was planted", "killed by", "which found broken", "in", "shrunk to"],
    ...sorted.map(({ bug, what, suite, broken, run, size }) => [
      bug,
      what,
      `\`${suite}\``,
      broken,
      run,
      size,
    ]),
  ].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => (row[i] ?? "").length)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)].join("\n");
}

/**
 * The name and the description of every bug in a file's table.
 *
 * @throws Error when its markers are not there, once each
 */
export function readKillTable(path: string): readonly (readonly [bug: string, what: string])[] {
  const lines = partsOf(path)[1]
    .split("\n")
    .filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) => {
    const [, bug = "", what = ""] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return [bug, what];
  });
}

/** Puts the table between its markers, and leaves the rest of the file as it is. */
export function writeKillTable(path: string, table: string): void {
  const [before, , after] = partsOf(path);
  writeFileSync(path, `${before}${BEGIN}\n\n${table}\n\n${END}${after}`);
}

function partsOf(path: string): readonly [string, string, string] {
  const [before, rest, ...more] = readFileSync(path, "utf8").split(BEGIN);
  const [table, after, ...others] = (rest ?? "").split(END);
  if (
    before === undefined ||
    table === undefined ||
    after === undefined ||
    more.length + others.length > 0
  )
    throw new Error(`${path} holds no kill table; write ${BEGIN} and ${END} where it is to stand.`);
  return [before, table, after];
}
