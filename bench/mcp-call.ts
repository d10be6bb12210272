/** What does a call of a tool cost over MCP on stdio, beside the same tool in the caller's own process? */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { createTools, type ToolAnswer } from "../adapters/tools/index.ts";
import { createWebsocketTransport } from "../adapters/transport/websocket.ts";
import { type Board, openBoard } from "../lib/index.ts";
import { collectGarbage, type Figure, percentile, timed } from "./measure.ts";
import { startRelay } from "./relay-process.ts";

const TASKS = 200;
const WARM_UP = 50;
const CALLS = 400;
const MAX_ADDED_MS = 5;

/** Calls a tool, and fails where the call has no effect. */
type Call = (tool: string, input: Readonly<Record<string, unknown>>) => Promise<ToolAnswer>;

/** Calls a reading tool, a writing one and a brief, here and over stdio in turn, on one board behind one relay. */
export async function benchMcpCall(): Promise<readonly Figure[]> {
  await using relay = await startRelay();
  await using board = await openBoard({
    board: "bench",
    transport: createWebsocketTransport({ url: relay.address }),
  });
  await using served = await startServer(`${relay.address}/bench`);
  const own = await bindHere(board);
  const tasks = Array.from({ length: TASKS }, (_, i) => ({ title: `task ${i} of the bench` }));
  const { task_ids } = await own("add_tasks", { tasks: tasks.slice(0, TASKS / 2) });
  await served.call("add_tasks", { tasks: tasks.slice(TASKS / 2) });
  const [task_id = ""] = task_ids as readonly string[];
  await Promise.all([own, served.call].map((call) => untilAll(call)));

  const figures: Figure[] = [];
  for (const [tool, input] of [
    ["board_status", {}],
    ["add_note", { task_id, kind: "finding", text: "what a model says in a line" }],
    ["get_brief", { task_id }],
  ] as const)
    figures.push(await compare(tool, input, [own, served.call]));
  return figures;
}

async function compare(
  tool: string,
  input: Readonly<Record<string, unknown>>,
  [own, served]: readonly [Call, Call],
): Promise<Figure> {
  collectGarbage();
  const times: { own: number; served: number }[] = [];
  for (let i = 0; i < WARM_UP + CALLS; i++)
    times.push({
      own: await timed(() => own(tool, input)),
      served: await timed(() => served(tool, input)),
    });
  const at = (percent: number): readonly [number, number] => {
    const warm = times.slice(WARM_UP);
    const here = warm.map((time) => time.own);
    return [
      percentile(here, percent),
      percentile(
        warm.map((time) => time.served),
        percent,
      ),
    ];
  };
  const [[ownP50, p50], [ownP99, p99]] = [at(50), at(99)];
  return {
    what: `\`${tool}\` over stdio, beside the same tool in-process, at ${TASKS} tasks`,
    target: `adds <= ${MAX_ADDED_MS} ms p50`,
    measured: `adds ${(p50 - ownP50).toFixed(2)} ms p50, ${(p99 - ownP99).toFixed(2)} ms p99: ${p50.toFixed(2)} and ${p99.toFixed(2)} ms, in-process ${ownP50.toFixed(2)} and ${ownP99.toFixed(2)} ms`,
    isMet: p50 - ownP50 <= MAX_ADDED_MS,
  };
}

async function bindHere(board: Board): Promise<Call> {
  await board.sync();
  const { tools } = createTools({ board, agent: await board.join({ name: "own" }) });
  return async (name, input) => {
    const answer = await tools.find((tool) => tool.name === name)?.run(input);
    return effective(name, answer);
  };
}

/** `stigmergy mcp` in a process of its own, with the official client, which checks every answer against its schema. */
async function startServer(address: string): Promise<AsyncDisposable & { readonly call: Call }> {
  const program = fileURLToPath(new URL("../adapters/cli/main.js", import.meta.url));
  const cwd = await mkdtemp(join(tmpdir(), "stigmergy-bench-"));
  const client = new Client({ name: "served", version: "1" });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [program, "mcp", "--relay", address],
      cwd,
      stderr: "inherit",
    }),
  );
  await client.listTools();
  return {
    async call(name, input) {
      const { structuredContent } = await client.callTool({ name, arguments: { ...input } });
      return effective(name, structuredContent as ToolAnswer | undefined);
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await rm(cwd, { recursive: true });
    },
  };
}

async function untilAll(call: Call): Promise<void> {
  for (;;) {
    const { counts, cursor } = await call("board_status", {});
    if ((counts as { submitted: number }).submitted === TASKS) return;
    await call("wait_for_change", { cursor, timeout_s: 1 });
  }
}

function effective(name: string, answer: ToolAnswer | undefined): ToolAnswer {
  if (answer !== undefined && answer.error === undefined) return answer;
  throw new Error(`${name} had no effect: ${answer?.error?.cause ?? "it answered nothing"}`);
}
