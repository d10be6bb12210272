/** The MCP configuration of the clients that `init` knows, in the project: one file and one form each. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { usageFault } from "../fault.ts";
import { printable } from "../output/printable.ts";
import { replaceFile } from "../project/whole-file.ts";
import { type Edit, SERVER, SERVER_NAME, UnfitText } from "./entry.ts";
import { editJson } from "./json-entry.ts";
import { editToml, TOML_TABLE } from "./toml-entry.ts";

/** A client that can be configured. */
export type Client = "claude" | "cursor" | "vscode" | "codex";

/** A file of a client, and what is to become of it. */
export interface ClientFile {
  readonly client: Client;
  /** As seen from the project. */
  readonly file: string;
  readonly outcome: Edit["outcome"];
  write(): Promise<void>;
}

interface Form {
  readonly file: string;
  /** What to paste where it cannot be put in. */
  readonly lines: string;
  readonly edit: (text: string, isForced: boolean) => Edit;
}

const FORMS: Readonly<Record<Client, Form>> = {
  claude: jsonForm(".mcp.json", "mcpServers", SERVER),
  cursor: jsonForm(".cursor/mcp.json", "mcpServers", SERVER),
  vscode: jsonForm(".vscode/mcp.json", "servers", { type: "stdio", ...SERVER }),
  codex: { file: ".codex/config.toml", lines: TOML_TABLE, edit: editToml },
};

/** All of them. */
export const clients: readonly Client[] = Object.keys(FORMS) as readonly Client[];

/**
 * Reads a client's file and works out what is to become of it; nothing is written yet.
 *
 * @throws CliFault `USAGE` naming the file, with what to paste into it
 */
export async function planClient(
  directory: string,
  client: Client,
  isForced: boolean,
): Promise<ClientFile> {
  const { file, lines, edit } = FORMS[client];
  const path = join(directory, file);
  try {
    const made = edit(await readText(path), isForced);
    return {
      client,
      file,
      outcome: made.outcome,
      write: async () => (made.outcome === "written" ? replaceFile(path, made.text) : undefined),
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (!(error instanceof UnfitText) && code === undefined) throw error;
    const cause = error instanceof Error ? error.message : String(error);
    throw usageFault(
      `${path} is left as it is, since nothing can be put into it (${printable(cause)}); correct it, or paste this by hand:\n${lines}`,
    );
  }
}

function jsonForm(file: string, section: string, entry: object): Form {
  return {
    file,
    lines: JSON.stringify({ [section]: { [SERVER_NAME]: entry } }, null, 2),
    edit: (text, isForced) => editJson(text, { section, entry, isForced }),
  };
}

async function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
}
