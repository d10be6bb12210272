/** The board as MCP resources: what the reading tools answer, under addresses of its own. */
import {
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
} from "@modelcontextprotocol/server";
import type { Tool, ToolAnswer } from "../tools/index.ts";

const STATUS = "board://status";
const BRIEF = "board://brief";
const TASK = "board://task/";
const JSON_TYPE = "application/json";
const MARKDOWN_TYPE = "text/markdown";

/** What changes with the board. */
export const WATCHED: readonly string[] = [STATUS, BRIEF];

/** What can be read as it is. */
export const listResources: readonly {
  readonly uri: string;
  readonly name: string;
  readonly description: string;
  readonly mimeType: string;
}[] = [
  { uri: STATUS, name: "status", description: "How the board stands", mimeType: JSON_TYPE },
  {
    uri: BRIEF,
    name: "brief",
    description: "All that matters of the board",
    mimeType: MARKDOWN_TYPE,
  },
];

/** What can be read of each task. */
export const resourceTemplates: readonly {
  readonly uriTemplate: string;
  readonly name: string;
  readonly description: string;
  readonly mimeType: string;
}[] = [
  {
    uriTemplate: `${TASK}{id}`,
    name: "task",
    description: "All that matters of a task",
    mimeType: MARKDOWN_TYPE,
  },
];

/** Reads one; an error is never an empty text. */
export async function readResource(
  tools: readonly Tool[],
  uri: string,
): Promise<ReadResourceResult> {
  const ask = async (name: string, input: object): Promise<ToolAnswer> => {
    const answer = await tools.find((tool) => tool.name === name)?.run(input);
    if (answer !== undefined && answer.error === undefined) return answer;
    const { cause = "the tool is not there", remedy = "report it" } = answer?.error ?? {};
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `${cause}; ${remedy}`);
  };
  const page = (mimeType: string, text: string): ReadResourceResult => ({
    contents: [{ uri, mimeType, text }],
  });
  if (uri === STATUS) return page(JSON_TYPE, JSON.stringify(await ask("board_status", {})));
  if (uri === BRIEF) return page(MARKDOWN_TYPE, String((await ask("get_brief", {}))["brief"]));
  if (!uri.startsWith(TASK))
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      "There is no resource at this address",
    );
  const answer = await ask("get_brief", { task_id: idOf(uri) });
  return page(MARKDOWN_TYPE, String(answer["brief"]));
}

function idOf(uri: string): string {
  try {
    return decodeURIComponent(uri.slice(TASK.length));
  } catch {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, "The address has a broken %-code");
  }
}
