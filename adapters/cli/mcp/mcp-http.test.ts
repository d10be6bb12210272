// `stigmergy mcp --http`: one agent behind an address of loopback, for whoever can reach it from this machine.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { request } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldHttp } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { toolDefinitions } from "../../tools/index.ts";
import {
  bind,
  type CallResult,
  McpBench,
  type McpClient,
  PATIENCE_MS,
  untilBriefed,
} from "../../workbench/mcp.ts";
import { CliBench, type CliProcess, dataOf } from "../workbench/cli.ts";
import { until } from "../workbench/until.ts";

const TEST_MS = 60_000; // they take a few seconds; the rest is for a busy machine
const require = createRequire(import.meta.url);
const INSPECTOR = require.resolve("@modelcontextprotocol/inspector-cli/build/index.js");

let hosts: McpBench;
let bench: CliBench;
let folder: string;
let server: CliProcess;
let address: string;

beforeAll(async () => {
  hosts = new McpBench();
  bench = new CliBench();
  folder = join(bench.folder, "board");
  await mkdir(folder);
  server = await serve("--name", "shared");
  address = server.stdout.trim();
}, TEST_MS);
afterAll(async () => {
  await hosts.close();
  await bench.close();
}, TEST_MS);

async function serve(...args: readonly string[]): Promise<CliProcess> {
  const started = bench.start(["mcp", "--folder", folder, "--http", ...args]);
  await until("the server says its address", () => started.stdout.includes("\n"), PATIENCE_MS);
  return started;
}

/** Calls a tool by the inspector, in a process of its own. */
async function inspect(
  tool: string,
  input: Readonly<Record<string, unknown>>,
): Promise<CallResult> {
  const pairs = Object.entries(input).map(([key, value]) => [
    "--tool-arg",
    `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  ]);
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(
    process.execPath,
    [INSPECTOR, address, "--method", "tools/call", "--tool-name", tool, ...pairs.flat()],
    { cwd: dirname(INSPECTOR), env, stdio: ["ignore", "pipe", "inherit"] }, // it looks for its own version from here
  );
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await once(child, "close");
  return JSON.parse(said) as CallResult;
}

test(
  "[MC8] the inspector carries one task through, one process for each call, as one agent",
  async () => {
    const must = async (tool: string, input = {}): Promise<Record<string, unknown>> => {
      const { content, structuredContent = {}, isError } = await inspect(tool, input);
      expect([tool, isError, content[0]?.text]).toEqual([
        tool,
        false,
        JSON.stringify(structuredContent),
      ]);
      return structuredContent;
    };
    const { task_ids } = await must("add_tasks", { tasks: [{ title: "by the inspector" }] });
    const [task_id = ""] = task_ids as readonly string[];

    const held = await must("claim_task", { task_id });
    await must("add_note", { task_id, kind: "finding", text: "it works" });
    const done = await must("complete_task", { task_id, result: "well done" });
    const status = await must("board_status");

    expect(held).toMatchObject({ status: "held", owner: expect.stringMatching(/^shared~/u) });
    expect(done).toMatchObject({ status: "completed", task_id });
    expect(status).toMatchObject({ counts: { completed: 1 }, you: held["owner"], holding: [] });
  },
  TEST_MS,
);

test(
  "[MC8] clients of both generations are the same agent there, and --json gives the address",
  async () => {
    const own = await serve("127.0.0.1:0", "--json", "--name", "both");
    const url = new URL(dataOf({ stdout: own.stdout })["address"] as string);
    const old = new OldClient({ name: "old", version: "1" });
    await old.connect(new OldHttp(url) as never);
    const mode = { versionNegotiation: { mode: "auto" } } as const;
    const young = new Client({ name: "young", version: "1" }, mode);
    await young.connect(new StreamableHTTPClientTransport(url));
    for (const client of [old, young]) hosts.closeLater(() => client.close());
    const [one, other] = [bind(old as McpClient), bind(young as McpClient)];

    expect((await one.client.listTools()).tools).toHaveLength(toolDefinitions.length);
    expect((await other.client.listTools()).tools).toHaveLength(toolDefinitions.length);
    const { task_ids } = await one.must("add_tasks", { tasks: [{ title: "shared" }] });
    const [task_id] = task_ids as readonly string[];
    const held = await one.must("claim_task", { task_id });

    expect(held).toMatchObject({ status: "held", owner: expect.stringMatching(/^both~/u) });
    expect(await other.must("complete_task", { task_id, result: 1 })).toMatchObject({
      status: "completed",
    });
  },
  TEST_MS,
);

const LIST = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };

/** Posts as a page or program would that is free in its headers. */
function post(
  headers: Readonly<Record<string, string>>,
  path = "/mcp",
): Promise<number | undefined> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        hostname,
        port,
        path,
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          ...headers,
        },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    asked.once("error", reject);
    asked.end(JSON.stringify(LIST));
  });
}

test(
  "[MC9] a foreign Host or Origin is refused with 403, so that no page in a browser can act for the agent",
  async () => {
    const { port } = new URL(address);

    expect(await post({})).toBe(200);
    expect(await post({ host: `localhost:${port}`, origin: `http://localhost:${port}` })).toBe(200);
    expect(await post({ host: "evil.example" })).toBe(403);
    expect(await post({ host: `127.0.0.1.evil.example:${port}` })).toBe(403);
    expect(await post({ origin: "https://evil.example" })).toBe(403);
    expect(await post({ origin: "null" })).toBe(403);
    expect(await post({}, "/")).toBe(404);
    const everywhere = await bench.run(["mcp", "--folder", folder, "--http", "0.0.0.0:0"]);
    expect(everywhere).toMatchObject({ code: 2, stderr: expect.stringContaining("loopback") });
  },
  TEST_MS,
);

test(
  "[MC10] what the agent holds is given back once no request has come for --silence-ms, and it can go on after that",
  async () => {
    const own = await serve("--name", "silent", "--silence-ms", "500");
    const young = new Client({ name: "young", version: "1" });
    await young.connect(new StreamableHTTPClientTransport(new URL(own.stdout.trim())));
    hosts.closeLater(() => young.close());
    const silent = bind(young as McpClient);
    const other = await hosts.host(["--folder", folder]);
    const { task_ids } = await silent.must("add_tasks", { tasks: [{ title: "left lying" }] });
    const [task_id = ""] = task_ids as readonly string[];
    // longer than the silence, and under way all the time: that is no silence
    const waiting = silent.must("wait_for_change", { task_id, timeout_s: 1.5 });
    const { cursor } = await silent.must("claim_task", { task_id });
    expect(await waiting).toMatchObject({ changes: [], timed_out: true });

    await untilBriefed(other, task_id, /its client fell silent/u);
    expect(await other.must("claim_task", { task_id })).toMatchObject({ status: "held", token: 2 });
    const { changes, next } = await silent.must("wait_for_change", { cursor, timeout_s: 0 });
    expect(changes).toContainEqual(expect.objectContaining({ what: "claim-lost", task_id }));
    expect(next).toContain("Stop working");
    expect(await silent.must("board_status")).toMatchObject({ holding: [] });
    expect(await silent.call("complete_task", { task_id, result: 1 })).toMatchObject({
      error: { code: "NOT_HELD", remedy: expect.stringContaining("claim_task") },
    });
  },
  TEST_MS,
);

test(
  "[MC5] at SIGTERM the server over HTTP leaves, too, and ends with 0",
  async () => {
    const own = await serve();
    own.child.kill("SIGTERM");

    expect(await own.ended).toMatchObject({ code: 0 });
  },
  TEST_MS,
);
