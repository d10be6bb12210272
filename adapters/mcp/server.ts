/** An MCP server over one seat: the tools as they are, the board as resources, and one prompt. */
import {
  type CallToolResult,
  CLIENT_INFO_META_KEY,
  type McpServerFactory,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
  type Tool,
} from "@modelcontextprotocol/server";
import {
  primeText,
  type ToolAnswer,
  type ToolDefinition,
  type ToolFault,
  toolDefinitions,
} from "../tools/index.ts";
import { listResources, readResource, resourceTemplates, WATCHED } from "./resources.ts";
import type { Seat } from "./seat.ts";

/** What a server is made from. */
export interface McpServerOptions {
  readonly seat: Seat;
  readonly version: string;
  /** Says in our words why the seat could not be taken. */
  readonly explain: (error: unknown) => ToolFault;
}

/** Makes servers for one connection or request each, of either era of the protocol; all sit in the same seat. */
export function createMcpServers({ seat, version, explain }: McpServerOptions): McpServerFactory {
  return ({ era }) => {
    const server = new Server(
      { name: "stigmergy", title: "stigmergy", version },
      {
        capabilities: { tools: {}, resources: { subscribe: true }, prompts: {} },
        instructions: primeText,
      },
    );
    const wanted = new Set<string>(era === "modern" ? WATCHED : []);
    const stop = seat.watch(() => {
      for (const uri of wanted) void server.sendResourceUpdated({ uri }).catch(() => {});
    });
    server.onclose = stop;
    const sitDown = (context: ServerContext): ReturnType<Seat["take"]> =>
      seat.take(server.getClientVersion()?.name ?? clientOf(context));

    server.setRequestHandler("tools/list", (_, context) => {
      sitDown(context).catch(() => {}); // whoever lists is about to call; a fault is told to the call
      return { tools: toolDefinitions.map(describe) };
    });
    server.setRequestHandler("tools/call", async ({ params }, context) => {
      if (!toolDefinitions.some(({ name }) => name === params.name))
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, "There is no tool of this name");
      try {
        const { tools } = await sitDown(context);
        const tool = tools.find(({ name }) => name === params.name);
        if (tool === undefined) throw new TypeError(`${params.name} is not bound`);
        return resultOf(await tool.run(params.arguments ?? {}, { signal: context.mcpReq.signal }));
      } catch (error) {
        return resultOf(absence(explain(error)));
      }
    });
    server.setRequestHandler("resources/list", () => ({ resources: [...listResources] }));
    server.setRequestHandler("resources/templates/list", () => ({
      resourceTemplates: [...resourceTemplates],
    }));
    server.setRequestHandler("resources/read", async ({ params }, context) => {
      const { tools } = await sitDown(context).catch((error: unknown) => {
        const { cause, remedy } = explain(error);
        throw new ProtocolError(ProtocolErrorCode.InternalError, `${cause}; ${remedy}`);
      });
      return readResource(tools, params.uri);
    });
    server.setRequestHandler("resources/subscribe", ({ params }) => {
      wanted.add(params.uri);
      return {};
    });
    server.setRequestHandler("resources/unsubscribe", ({ params }) => {
      wanted.delete(params.uri);
      return {};
    });
    server.setRequestHandler("prompts/list", () => ({ prompts: [PRIME] }));
    server.setRequestHandler("prompts/get", ({ params }) => {
      if (params.name !== PRIME.name)
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, "There is no prompt of this name");
      return { messages: [{ role: "user", content: { type: "text", text: primeText } }] };
    });
    return server;
  };
}

const PRIME = { name: "prime", description: "How to work on the board: read it first" };

/** In the modern era a client names itself in each request. */
function clientOf({ mcpReq }: ServerContext): string | undefined {
  const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {};
  const info = envelope[CLIENT_INFO_META_KEY] as { readonly name?: unknown } | undefined;
  return typeof info?.name === "string" ? info.name : undefined;
}

function describe({ isReadOnly, ...definition }: ToolDefinition): Tool {
  return { ...definition, annotations: { readOnlyHint: isReadOnly } };
}

function resultOf(answer: ToolAnswer): CallToolResult {
  return {
    content: [{ type: "text", text: JSON.stringify(answer) }],
    structuredContent: answer as CallToolResult["structuredContent"],
    isError: answer.error !== undefined,
  };
}

/** The answer where there is no board to ask. */
function absence(error: ToolFault): ToolAnswer {
  return { error, cursor: "none.0", next: `Nothing was done; ${error.remedy}.` };
}
