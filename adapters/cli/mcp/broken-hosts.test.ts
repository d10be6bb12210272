// Hosts that break off in other ways than by the end of stdin, and requests that no client would send: the server neither stays nor falls.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { ToolAnswer } from "../../tools/index.ts";
import { createRelay } from "../../transport/relay.ts";
import { type Host, MAIN, McpBench } from "../../workbench/mcp.ts";
import { CliBench } from "../workbench/cli.ts";
import { until } from "../workbench/until.ts";

const TEST_MS = 60_000; // they take a second or two; the rest is for a busy machine
const TOO_LONG = 11_000_000; // the official library reads messages of up to 10 MiB

let bench: McpBench;
let programs: CliBench;
let folder: string;
let watcher: Host;
beforeAll(async () => {
  bench = new McpBench();
  programs = new CliBench();
  folder = join(bench.folder, "board");
  await mkdir(folder);
  watcher = await bench.host(["--folder", folder]);
}, TEST_MS);
afterAll(async () => {
  await bench.close();
  await programs.close();
}, TEST_MS);

const requestOf = (id: number, method: string, params: object): string =>
  `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;

interface BareHost {
  readonly child: ChildProcess;
  readonly exit: Promise<readonly [code: number | null, signal: string | null]>;
  /** Calls a tool, and gives its answer. */
  call(tool: string, input: object): Promise<ToolAnswer>;
  /** Asks for something without waiting for the answer. */
  send(method: string, params: object): void;
}

/** A host without a client library, that can break off as none of them does. */
function startBare(args: readonly string[]): BareHost {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, [MAIN, "mcp", ...args], {
    cwd: bench.folder,
    env,
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => {}); // it may end before it has read all
  const exit = once(child, "exit") as Promise<[number | null, string | null]>;
  bench.closeLater(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last = 0;
  const send: BareHost["send"] = (method, params) =>
    void child.stdin.write(requestOf(++last, method, params));
  send("initialize", {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "bare", version: "1" },
  });
  return {
    child,
    exit,
    send,
    async call(name, input) {
      send("tools/call", { name, arguments: input });
      const id = last;
      for (;;) {
        const { value = "{}" } = (await lines.next()) as { value?: string };
        const { id: answered, result } = JSON.parse(value) as {
          id?: number;
          result?: { structuredContent: ToolAnswer };
        };
        if (answered === id && result !== undefined) return result.structuredContent;
      }
    },
  };
}

const breaks: readonly (readonly [how: string, breakOff: (host: BareHost) => void])[] = [
  ["sends more than can be read", ({ send }) => send("x".repeat(TOO_LONG), {})],
  [
    "takes no answers any more",
    ({ child, send }) => {
      child.stdout?.destroy();
      send("tools/list", {});
    },
  ],
];
test.each(breaks)(
  "[MC5] the server of a host that %s ends with 0, and what its agent held is given back",
  async (_how, breakOff) => {
    const { task_ids } = await watcher.must("add_tasks", { tasks: [{ title: "held" }] });
    const [task_id = ""] = task_ids as readonly string[];
    const host = startBare(["--folder", folder, "--lease-ms", "86400000"]);
    await until("the task is claimed", async () => {
      const { status } = await host.call("claim_task", { task_id });
      return status === "held";
    });
    const claim = (): Promise<ToolAnswer> => watcher.call("claim_task", { task_id });
    await until("others know that it is held", async () => {
      const { brief } = await watcher.must("get_brief", { task_id });
      return /holder `bare~/u.test(String(brief));
    });

    breakOff(host);

    expect(await host.exit).toEqual([0, null]);
    await until("it can be claimed again", async () => (await claim())["status"] === "held");
    expect(await claim()).toMatchObject({ token: 2 });
  },
  TEST_MS,
);

test(
  "[MC5] a server that still waits for its board ends without waiting any longer",
  async () => {
    const relay = await createRelay({ access: "open" });
    const place = ["--relay", `${relay.address}/work`, "--sync-timeout-ms", "600000"];
    await relay.close();
    const host = startBare(place);
    host.send("tools/call", { name: "board_status", arguments: {} });
    host.send("ping", {});
    const lines = createInterface({ input: host.child.stdout as NodeJS.ReadableStream });
    for await (const line of lines) if (line.includes('"id":3')) break; // by then the call is under way

    host.child.stdin?.end();

    expect(await host.exit).toEqual([0, null]);
  },
  TEST_MS,
);

test(
  "[MC9] what is no address gets 404 and ends nothing; only an address that its guard lets in can be served",
  async () => {
    const server = programs.start(["mcp", "--folder", folder, "--http"]);
    await until("the server says its address", () => server.stdout.includes("\n"));
    const { hostname, port } = new URL(server.stdout.trim());
    const get = (path: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const asked = request({ hostname, port, path }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        asked.once("error", reject);
        asked.end();
      });

    // any page in a browser can have these sent, with the right Host and no Origin
    expect([await get("//"), await get("http://["), await get("/mcp?%")]).toEqual([404, 404, 405]);
    const elsewhere = await programs.run(["mcp", "--folder", folder, "--http", "127.1.2.3:0"]);
    expect(elsewhere).toMatchObject({ code: 2, stderr: expect.stringContaining("loopback") });
  },
  TEST_MS,
);
