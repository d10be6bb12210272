// A host that a test can kill: starts a server, claims a task, says what came of it, and stays.

import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const [task, ...args] = process.argv.slice(2);
const transport = new StdioClientTransport({
  command: process.execPath,
  args,
  stderr: "ignore",
});
const client = new Client({ name: "doomed", version: "1.0.0" });
await client.connect(transport);
for (;;) {
  const { structuredContent: answer } = await client.callTool({
    name: "claim_task",
    arguments: { task_id: task },
  });
  if (answer.error?.code === "TASK_UNKNOWN") continue; // not here yet
  process.stdout.write(`${JSON.stringify({ server: transport.pid, answer })}\n`);
  break;
}
