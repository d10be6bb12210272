// `stigmergy mcp` over stdio, as the clients of both generations see it: the tools as they are, and how it comes and goes.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { primeText, toolDefinitions } from "../../tools/index.ts";
import { createRelay } from "../../transport/relay.ts";
import {
  type Generation,
  type Host,
  MAIN,
  McpBench,
  PATIENCE_MS,
  untilBriefed,
} from "../../workbench/mcp.ts";
import { until } from "../workbench/until.ts";

const TEST_MS = 60_000; // they take a second or two; the rest is for a busy machine
const GENERATIONS: readonly Generation[] = ["v1", "v2", "v2-modern"];

let bench: McpBench;
let folder: string;
beforeAll(async () => {
  bench = new McpBench();
  folder = join(bench.folder, "shared");
  await mkdir(folder);
});
afterAll(() => bench.close(), TEST_MS);

const described = toolDefinitions.map(({ isReadOnly, ...definition }) => ({
  ...definition,
  annotations: { readOnlyHint: isReadOnly },
}));

describe.each(GENERATIONS)("a client of %s", (generation) => {
  let host: Host;
  beforeAll(async () => {
    host = await bench.host(["--folder", folder], { generation, name: `my ${generation} host` });
  }, TEST_MS);

  test(
    "[MC1] finds the ten tools as they are defined, the prime as instructions and as a prompt",
    async () => {
      expect((await host.client.listTools()).tools).toEqual(described);
      expect(host.client.getInstructions()).toBe(primeText);
      expect((await host.client.listPrompts()).prompts).toMatchObject([{ name: "prime" }]);
      expect(await host.client.getPrompt({ name: "prime" })).toMatchObject({
        messages: [{ role: "user", content: { type: "text", text: primeText } }],
      });
    },
    TEST_MS,
  );

  test(
    "[MC2] gets every answer of every tool twice over, as text and as data that fits its schema",
    async () => {
      const { task_ids } = await host.must("add_tasks", {
        tasks: [{ title: "one" }, { title: "two" }, { title: "three" }],
      });
      const [one = "", two = "", three = ""] = task_ids as readonly string[];
      const calls: readonly (readonly [tool: string, input: object])[] = [
        ["board_status", {}],
        ["list_ready", { limit: 1 }],
        ["add_tasks", { tasks: [{ title: "four", key: generation }] }],
        ["claim_task", { task_id: one }],
        ["add_note", { task_id: one, kind: "decision", text: "so \u2028 be it" }],
        ["get_brief", { task_id: one }],
        ["complete_task", { task_id: one, result: { done: [1, "é"] } }],
        ["claim_task", { task_id: two }],
        ["release_task", { task_id: two, reason: "later" }],
        ["claim_task", { task_id: three }],
        [
          "handoff_task",
          { task_id: three, summary: "half", decisions: [], questions: [], dead_ends: [] },
        ],
        ["wait_for_change", { timeout_s: 0 }],
      ];
      const failing = toolDefinitions.map(({ name }) => [name, { nonsense: true }] as const);

      for (const [tool, input] of [...calls, ...failing]) {
        const { content, structuredContent, isError } = await host.callRaw(tool, input); // the client checks the schema
        expect(content).toEqual([{ type: "text", text: JSON.stringify(structuredContent) }]);
        expect([tool, isError]).toEqual([tool, "nonsense" in input]);
        expect("error" in (structuredContent ?? {})).toBe(isError);
      }
      expect(new Set(calls.map(([tool]) => tool)).size).toBe(toolDefinitions.length);
    },
    TEST_MS,
  );

  test(
    "[MC1] reads the board as resources, and is an agent of the name that its client has",
    async () => {
      const { task_ids } = await host.must("add_tasks", { tasks: [{ title: "to be read" }] });
      const [id = ""] = task_ids as readonly string[];
      const read = async (uri: string): Promise<string> => {
        const [page] = (await host.client.readResource({ uri })).contents;
        return (page as { text: string }).text;
      };
      const { resources } = await host.client.listResources();
      const { resourceTemplates } = await host.client.listResourceTemplates();

      expect(resources.map(({ uri }) => uri)).toEqual(["board://status", "board://brief"]);
      expect(resourceTemplates).toMatchObject([{ uriTemplate: "board://task/{id}" }]);
      expect(JSON.parse(await read("board://status"))).toMatchObject({
        you: expect.stringMatching(`^my-${generation}-host~`),
      });
      expect(await read("board://brief")).toContain("Brief of board");
      expect(await read(`board://task/${id}`)).toContain("to be read");
      await expect(read("board://task/nowhere")).rejects.toThrow("no task with this task_id");
      await expect(read("board://elsewhere")).rejects.toThrow("no resource");
      await expect(host.callRaw("no_such_tool")).rejects.toThrow("no tool of this name");
    },
    TEST_MS,
  );

  test(
    "[MC13] is told that a resource has changed, if it asked for that",
    async () => {
      const told: string[] = [];
      await host.subscribe("board://status", (uri) => told.push(uri));

      await host.must("add_tasks", { tasks: [{ title: "news" }] });

      await until("the host is told", () => told.includes("board://status"), PATIENCE_MS);
    },
    TEST_MS,
  );
});

test(
  "[MC1] the list of tools takes at most 10,000 bytes on the wire",
  async () => {
    const server = startRaw(["--folder", folder]);
    await server.ask("initialize", INITIALIZE);

    const { bytes, result } = await server.ask("tools/list", {});

    expect((result as { tools: unknown }).tools).toEqual(described);
    expect(bytes).toBeLessThanOrEqual(10_000);
    expect(await server.end(() => server.child.stdin?.end())).toEqual({ code: 0, signal: null });
  },
  TEST_MS,
);

test(
  "[MC3] the handshake needs no board; a call without one is an answer with an error, and the next call tries again",
  async () => {
    const first = await createRelay({ access: "open" });
    const { port } = new URL(first.address);
    await first.close();
    const host = await bench.host(["--relay", `${first.address}/work`, "--sync-timeout-ms", "300"]);

    const { isError, structuredContent } = await host.callRaw("board_status");
    expect(isError).toBe(true);
    expect(structuredContent).toMatchObject({
      error: { code: "CANNOT_SYNC", cause: expect.stringContaining("nothing listens") },
      next: expect.stringContaining("stigmergy relay"),
    });
    expect(structuredContent).not.toHaveProperty("counts");
    await expect(host.client.readResource({ uri: "board://status" })).rejects.toThrow(
      "nothing listens",
    );

    const relay = await createRelay({ access: "open", port: Number(port), isFresh: true });
    bench.closeLater(() => relay.close());
    await until(
      "a call reaches the board",
      async () => {
        const { error } = await host.call("board_status"); // too busy a machine may need a second try
        return error === undefined;
      },
      PATIENCE_MS,
    );
    expect((await host.must("claim_task"))["status"]).toBe("none");
  },
  TEST_MS,
);

test(
  "[MC4] without a place a board is made where the server starts, and found from any directory below",
  async () => {
    const below = join(bench.folder, "project/src/deep");
    await mkdir(below, { recursive: true });
    const ann = await bench.host([], { cwd: join(bench.folder, "project") });
    const { task_ids } = await ann.must("add_tasks", { tasks: [{ title: "here" }] });
    const bob = await bench.host(["--name", "bob", "--can", "x,y"], { cwd: below });

    const [id] = task_ids as readonly string[];
    expect(await bob.must("claim_task")).toMatchObject({ status: "held", task_id: id });
    expect((await bob.must("board_status"))["you"]).toMatch(/^bob~/u);
    expect(existsSync(join(bench.folder, "project/.stigmergy/board"))).toBe(true);
    expect(existsSync(join(below, ".stigmergy"))).toBe(false);
  },
  TEST_MS,
);

describe("the end", () => {
  const ends: readonly (readonly [how: string, end: (child: ChildProcess) => void])[] = [
    ["stdin's end", (child) => child.stdin?.end()],
    ["SIGTERM", (child) => child.kill("SIGTERM")],
    ["SIGINT", (child) => child.kill("SIGINT")],
  ];
  test.each(ends)(
    "[MC5] at %s the agent leaves, what it held is given back, and the exit code is 0",
    async (_how, end) => {
      const watcher = await bench.host(["--folder", folder]);
      const { task_ids } = await watcher.must("add_tasks", { tasks: [{ title: "held" }] });
      const [task_id = ""] = task_ids as readonly string[];
      const server = startRaw(["--folder", folder, "--lease-ms", "86400000"]);
      await server.ask("initialize", INITIALIZE);
      await until(
        "the task is claimed",
        async () => {
          const { result } = await server.ask("tools/call", {
            name: "claim_task",
            arguments: { task_id },
          });
          return JSON.stringify(result).includes('"status":"held"');
        },
        PATIENCE_MS,
      );

      expect(await server.end(() => end(server.child))).toEqual({ code: 0, signal: null });

      await untilBriefed(watcher, task_id, /given back by `raw~/u);
      expect(await watcher.must("claim_task", { task_id })).toMatchObject({
        status: "held",
        token: 2,
      });
    },
    TEST_MS,
  );
});

const INITIALIZE = {
  protocolVersion: "2025-06-18",
  capabilities: {},
  clientInfo: { name: "raw", version: "1" },
};

interface RawServer {
  readonly child: ChildProcess;
  /** Sends a request; gives the result, and how many bytes the whole message took. */
  ask(
    method: string,
    params: object,
  ): Promise<{ readonly result: unknown; readonly bytes: number }>;
  /** Does this, and tells how the process ended. */
  end(how: () => void): Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** A server without a client library, whose bytes and exit code can be seen. */
function startRaw(args: readonly string[]): RawServer {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, [MAIN, "mcp", ...args], {
    cwd: bench.folder,
    env,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const exit = once(child, "exit") as Promise<[number | null, string | null]>;
  bench.closeLater(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let id = 0;
  return {
    child,
    async ask(method, params) {
      child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params })}\n`);
      for (;;) {
        const { value: line = "" } = (await lines.next()) as { value?: string };
        const message = JSON.parse(line) as { id?: number; result?: unknown };
        if (message.id === id) return { result: message.result, bytes: Buffer.byteLength(line) };
      }
    },
    async end(how) {
      how();
      const [code, signal] = await exit;
      return { code, signal };
    },
  };
}
