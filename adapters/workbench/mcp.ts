/** Hosts of MCP as tests need them: official clients of both generations, each with a server process of its own. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as OldStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ResourceUpdatedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { until } from "../cli/workbench/until.ts";
import type { ToolAnswer } from "../tools/index.ts";

/** The client library, and for the second one which era of the protocol it asks for. */
export type Generation = "v1" | "v2" | "v2-modern";

/** How a tool call ends on the wire. */
export interface CallResult {
  readonly content: readonly { readonly type: string; readonly text?: string }[];
  readonly structuredContent?: Record<string, unknown>;
  readonly isError?: boolean;
}

/** What a test asks a client for, by the names that both libraries give it. */
export interface McpClient {
  listTools(): Promise<{ readonly tools: readonly { readonly name: string }[] }>;
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  listResources(): Promise<{ readonly resources: readonly { readonly uri: string }[] }>;
  listResourceTemplates(): Promise<{ readonly resourceTemplates: readonly unknown[] }>;
  readResource(params: { uri: string }): Promise<{ readonly contents: readonly unknown[] }>;
  listPrompts(): Promise<{ readonly prompts: readonly unknown[] }>;
  getPrompt(params: { name: string }): Promise<unknown>;
  getInstructions(): string | undefined;
  close(): Promise<void>;
}

/** A client that is connected. */
export interface Hand {
  readonly client: McpClient;
  /** What comes back for a call, as it is. */
  callRaw(tool: string, input?: object): Promise<CallResult>;
  /** What a tool answers. */
  call(tool: string, input?: object): Promise<ToolAnswer>;
  /** What a tool answers that must have an effect. */
  must(tool: string, input?: object): Promise<ToolAnswer>;
}

/** A client with a server of its own. */
export interface Host extends Hand {
  /** Asks to be told when a resource changes, in the way of the client's era. */
  subscribe(uri: string, onUpdated: (uri: string) => void): Promise<void>;
}

/** How a host starts its server. */
export interface HostOptions {
  readonly generation?: Generation;
  /** What the client calls itself. */
  readonly name?: string;
  readonly cwd?: string;
}

/** How long tests wait for a condition: less than a test may take, more than any machine needs. */
export const PATIENCE_MS: number = 50_000;

const ROOT = join(import.meta.dirname, "../..");

/** The built program. */
export const MAIN: string = join(
  ROOT,
  process.env["STIGMERGY_DIST"] ?? "dist",
  "adapters/cli/main.js",
);

/** The hosts and files of one test. */
export class McpBench {
  /** A folder of its own; servers start in it. */
  readonly folder: string = mkdtempSync(join(tmpdir(), "stigmergy-mcp-"));
  readonly #closers: (() => Promise<unknown>)[] = [];

  constructor() {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is not built; run \`npm run build\` first`);
  }

  /** Starts `stigmergy mcp` with these arguments, and a client of it. */
  host(args: readonly string[], options: HostOptions = {}): Promise<Host> {
    return this.hostOf(process.execPath, [MAIN, "mcp", ...args], options);
  }

  /** Starts any command as a server, and a client of it. */
  async hostOf(command: string, args: readonly string[], options: HostOptions): Promise<Host> {
    const { generation = "v2", name = "host", cwd = this.folder } = options;
    const env = { ...getDefaultEnvironment(), TMPDIR: this.folder };
    const server = { command, args: [...args], cwd, env, stderr: "ignore" as const };
    const { client, subscribe } = await connect(generation, name, server);
    this.closeLater(() => client.close());
    await client.listTools(); // from then on the client checks every answer against its schema
    return { ...bind(client), subscribe };
  }

  /** Runs this when the test is over; the last one first. */
  closeLater(close: () => Promise<unknown>): void {
    this.#closers.unshift(close);
  }

  /** Ends every host and removes the folder. */
  async close(): Promise<void> {
    await Promise.all(this.#closers.splice(0).map((close) => close()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Wraps a client that is connected. */
export function bind(client: McpClient): Hand {
  const callRaw: Hand["callRaw"] = async (tool, input = {}) =>
    (await client.callTool({ name: tool, arguments: { ...input } })) as CallResult;
  const call: Hand["call"] = async (tool, input) =>
    (await callRaw(tool, input)).structuredContent as ToolAnswer;
  return {
    client,
    callRaw,
    call,
    async must(tool, input) {
      const answer = await call(tool, input);
      if (answer.error !== undefined) throw new Error(`${tool}: ${JSON.stringify(answer.error)}`);
      return answer;
    },
  };
}

/** Waits until a host sees so many tasks in a state. */
export function untilSeen(
  hand: Hand,
  state: "submitted" | "completed",
  count: number,
): Promise<void> {
  return until(
    `${count} tasks are ${state}`,
    async () => {
      const { counts } = await hand.must("board_status");
      return (counts as Readonly<Record<typeof state, number>>)[state] === count;
    },
    PATIENCE_MS,
  );
}

/** Waits until the brief of a task, as a host gets it, says this; the task need not be known yet. */
export function untilBriefed(hand: Hand, task_id: string, words: RegExp): Promise<void> {
  return until(
    `the brief says ${words}`,
    async () => {
      const { brief = "" } = await hand.call("get_brief", { task_id });
      return words.test(String(brief));
    },
    PATIENCE_MS,
  );
}

type Server = ConstructorParameters<typeof OldStdio>[0] & {
  readonly env: Record<string, string>;
};

async function connect(
  generation: Generation,
  name: string,
  server: Server,
): Promise<Pick<Host, "client" | "subscribe">> {
  if (generation === "v1") return connectOld(name, server);
  const mode = generation === "v2" ? "legacy" : "auto";
  const client = new Client({ name, version: "1.0.0" }, { versionNegotiation: { mode } });
  await client.connect(new StdioClientTransport(server as never));
  return {
    client: client as McpClient,
    async subscribe(uri, onUpdated) {
      client.setNotificationHandler("notifications/resources/updated", ({ params }) =>
        onUpdated(params.uri),
      );
      if (mode === "legacy") await client.subscribeResource({ uri });
      else await client.listen({ resourceSubscriptions: [uri] });
    },
  };
}

async function connectOld(
  name: string,
  server: Server,
): Promise<Pick<Host, "client" | "subscribe">> {
  const client = new OldClient({ name, version: "1.0.0" });
  await client.connect(new OldStdio(server));
  return {
    client: client as McpClient,
    async subscribe(uri, onUpdated) {
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) =>
        onUpdated(params.uri),
      );
      await client.subscribeResource({ uri });
    },
  };
}
