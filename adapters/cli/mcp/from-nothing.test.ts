// From an empty folder to three agents on one board: as a user does it, with the package as it is published.

import { execFile } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Generation, type Host, McpBench, untilSeen } from "../../workbench/mcp.ts";

const TEST_MS = 120_000; // it takes about ten seconds; the rest is for a busy machine or a slow registry
const ROOT = join(import.meta.dirname, "../../..");

let bench: McpBench;
let tarball: string;
beforeAll(async () => {
  bench = new McpBench();
  const packed = await run(ROOT, "npm", [
    ...["pack", "--ignore-scripts", "--json", "--pack-destination", bench.folder],
  ]);
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  tarball = join(bench.folder, filename);
}, TEST_MS);
afterAll(() => bench.close(), TEST_MS);

async function run(cwd: string, command: string, args: readonly string[]): Promise<string> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return (await promisify(execFile)(command, [...args], { cwd, env })).stdout;
}

interface ServerEntry {
  readonly command: string;
  readonly args: readonly string[];
}

test(
  "[MC12] two commands in an empty folder, and three clients started by the file they wrote share one board",
  async () => {
    const project = join(bench.folder, "project");
    await mkdir(project);

    await run(project, "npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball]);
    await run(project, "npx", ["stigmergy", "init", "--client", "claude"]);

    const written = JSON.parse(await readFile(join(project, ".mcp.json"), "utf8")) as {
      mcpServers: { stigmergy: ServerEntry };
    };
    const { command, args } = written.mcpServers.stigmergy;
    const start = (generation: Generation): Promise<Host> =>
      bench.hostOf(command, args, { generation, name: `host-${generation}`, cwd: project });
    const hosts = await Promise.all([start("v1"), start("v2"), start("v2-modern")]);
    const { task_ids } = await hosts[0].must("add_tasks", { tasks: [{ title: "the only one" }] });
    const [task_id = ""] = task_ids as readonly string[];
    await Promise.all(hosts.map((host) => untilSeen(host, "submitted", 1)));
    const held = await hosts[1].must("claim_task");
    await hosts[1].must("complete_task", { task_id, result: "done" });
    await Promise.all(hosts.map((host) => untilSeen(host, "completed", 1)));

    expect(held).toMatchObject({
      status: "held",
      task_id,
      owner: expect.stringMatching(/^host-v2~/u),
    });
    for (const host of hosts) {
      const { agents } = await host.must("board_status");
      expect(agents).toHaveLength(3);
    }
  },
  TEST_MS,
);
