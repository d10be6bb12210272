// Clients that subscribe to the board's resources, in the way of their era, are told when the board changes.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { ResourceUpdatedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { McpBench } from "../../workbench/mcp.ts";
import { CliBench } from "../workbench/cli.ts";
import { until } from "../workbench/until.ts";

const TEST_MS = 60_000; // it takes a few seconds; the rest is for a busy machine
const URI = "board://status";

let bench: McpBench;
let programs: CliBench;
let place: readonly string[];
beforeAll(async () => {
  bench = new McpBench();
  programs = new CliBench();
  const folder = join(bench.folder, "board");
  await mkdir(folder);
  place = ["--folder", folder];
});
afterAll(async () => {
  await bench.close();
  await programs.close();
}, TEST_MS);

test(
  "[MC13] whoever subscribes to a resource is told when the board changes, and whoever does not is left alone",
  async () => {
    const told: Record<string, string[]> = { v1: [], v2: [], modern: [], http: [], quiet: [] };
    const tell =
      (who: string) =>
      ({ params }: { params: { uri: string } }): void =>
        void told[who]?.push(params.uri);
    const clientOf = async (generation: "v2" | "v2-modern"): Promise<Client> =>
      (await bench.host(place, { generation })).client as unknown as Client;
    const v1 = (await bench.host(place, { generation: "v1" })).client as unknown as OldClient;
    v1.setNotificationHandler(ResourceUpdatedNotificationSchema, tell("v1"));
    await v1.subscribeResource({ uri: URI });
    const v2 = await clientOf("v2");
    v2.setNotificationHandler("notifications/resources/updated", tell("v2"));
    await v2.subscribeResource({ uri: URI });
    const modern = await clientOf("v2-modern");
    modern.setNotificationHandler("notifications/resources/updated", tell("modern"));
    await modern.listen({ resourceSubscriptions: [URI] });
    const quiet = await clientOf("v2");
    quiet.setNotificationHandler("notifications/resources/updated", tell("quiet"));
    const server = programs.start(["mcp", ...place, "--http"]);
    await until("the server says its address", () => server.stdout.includes("\n"));
    const http = new Client(
      { name: "http", version: "1" },
      { versionNegotiation: { mode: "auto" } },
    );
    await http.connect(new StreamableHTTPClientTransport(new URL(server.stdout.trim())));
    bench.closeLater(() => http.close());
    http.setNotificationHandler("notifications/resources/updated", tell("http"));
    await http.listen({ resourceSubscriptions: [URI] });
    await http.callTool({ name: "board_status", arguments: {} });

    const writer = await bench.host(place);
    await writer.must("add_tasks", { tasks: [{ title: "news" }] });

    const { quiet: unasked, ...asked } = told;
    await until("all are told", () => Object.values(asked).every((uris) => uris.includes(URI)));
    expect([...new Set(Object.values(asked).flat())]).toEqual([URI]);
    expect(unasked).toEqual([]);
  },
  TEST_MS,
);
