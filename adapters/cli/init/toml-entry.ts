/** Puts our entry into TOML that others wrote. Tables stand by themselves, so that all else needs no reading. */
import { type Edit, SERVER, SERVER_NAME, UnfitText } from "./entry.ts";

const LINES = [
  `command = "${SERVER.command}"`,
  `args = [${SERVER.args.map((arg) => `"${arg}"`).join(", ")}]`,
];

/** The table as it is written. */
export const TOML_TABLE: string = [`[mcp_servers.${SERVER_NAME}]`, ...LINES, ""].join("\n");

const NAME = `["']?${SERVER_NAME}["']?`;
const HEADER = new RegExp(`^\\s*\\[\\s*mcp_servers\\s*\\.\\s*${NAME}\\s*\\]`, "u");
const PART_OF_IT = new RegExp(`^\\s*\\[+\\s*mcp_servers\\s*\\.\\s*${NAME}\\s*\\.`, "u");
/** The same table by a dotted key, or in the table of all servers. */
const ELSEWHERE = new RegExp(`^\\s*(?:mcp_servers\\s*\\.\\s*)?${NAME}\\s*[.=]`, "u");
const ANY_HEADER = /^\s*\[/u;

/**
 * Edits the text of a file.
 *
 * @throws UnfitText when the servers are an inline table, to which nothing can be added from outside
 */
export function editToml(text: string, isForced: boolean): Edit {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = text.split(/\r?\n/u);
  const from = lines.findIndex((line) => HEADER.test(line)) + 1;
  if (from === 0) return append(text, lines, eol);
  const next = lines.findIndex((line, i) => i >= from && ANY_HEADER.test(line));
  const body = lines.slice(from, next === -1 ? undefined : next);
  const said = body.filter(isSaid).map((line) => line.trim());
  if (said.join("\n") === LINES.join("\n")) return { outcome: "unchanged" };
  if (!isForced) return { outcome: "kept" };
  const after = lines.slice(from + body.findLastIndex(isSaid) + 1); // comments there are about what follows
  return { outcome: "written", text: [...lines.slice(0, from), ...LINES, ...after].join(eol) };
}

function append(text: string, lines: readonly string[], eol: string): Edit {
  if (lines.some((line) => /^\s*mcp_servers\s*=/u.test(line)))
    throw new UnfitText("its mcp_servers is an inline table");
  if (lines.some((line) => PART_OF_IT.test(line) || ELSEWHERE.test(line)))
    return { outcome: "kept" };
  const end = lines.at(-1) === "" ? "" : eol;
  const before = text === "" ? "" : `${text}${end}${eol}`;
  return { outcome: "written", text: `${before}${TOML_TABLE.replaceAll("\n", eol)}` };
}

function isSaid(line: string): boolean {
  return line.trim() !== "" && !line.trim().startsWith("#");
}
