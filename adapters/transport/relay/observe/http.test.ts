// The relay's plain HTTP, asked with real requests, and the metrics behind it.

import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Access, createAccess, openAccess } from "../access/access.ts";
import { createSecret, parseKey } from "../access/key.ts";
import { createOriginCheck } from "../access/origin.ts";
import { createToken } from "../access/token.ts";
import { createHttpHandler } from "./http.ts";
import { createMetrics, type RelayMetrics } from "./metrics.ts";

const secret = createSecret();
const gauges = {
  connections: () => 3,
  boards: () => 2,
  agents: () => 5,
  memoryBytes: () => 4096,
  readOnlyBoards: () => readOnlyBoards,
};

let readOnlyBoards: number;
let metrics: RelayMetrics;
let server: Server;

beforeEach(async () => {
  readOnlyBoards = 0;
  metrics = createMetrics({ gauges });
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

const serve = (access: Access): void => {
  const checkOrigin = createOriginCheck({ host: "127.0.0.1" });
  server.on("request", createHttpHandler({ access, checkOrigin, metrics, gauges }));
};

interface Answer extends Pick<IncomingMessage, "headers" | "statusCode"> {
  readonly text: string;
}

const ask = async (
  path: string,
  {
    method = "GET",
    headers = {},
    body = "",
  }: { method?: string; headers?: Readonly<Record<string, string>>; body?: string } = {},
): Promise<Answer> => {
  const { port } = server.address() as AddressInfo;
  const sent = request({ port, host: "127.0.0.1", path, method, headers }).end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  const text = Buffer.concat(await response.toArray()).toString();
  return { statusCode: response.statusCode, headers: response.headers, text };
};

const adminToken = (role: "admin" | "write" = "admin"): Promise<string> =>
  createToken(parseKey(secret), {
    subject: "ops",
    board: "any",
    role,
    expiresAt: Date.now() + 60_000,
  });

test("[J13] health tells counts, and 503 while a board takes nothing in", async () => {
  serve(createAccess({ secret }));
  const counts = { connections: 3, boards: 2, agents: 5, memoryBytes: 4096 };

  const well = await ask("/health?verbose=1");
  readOnlyBoards = 1;
  const ill = await ask("/health");

  expect(well.statusCode).toBe(200);
  expect(well.headers).toMatchObject({
    "content-type": "application/json",
    "cache-control": "no-store",
  });
  expect(JSON.parse(well.text)).toEqual({ status: "ok", ...counts, readOnlyBoards: 0 });
  expect(ill.statusCode).toBe(503);
  expect(JSON.parse(ill.text)).toEqual({ status: "degraded", ...counts, readOnlyBoards: 1 });
});

test("[J13] metrics count what the relay tells, without names of boards or free codes", async () => {
  serve(openAccess());
  metrics.connectionOpened("secret-plans");
  metrics.connectionOpened("secret-plans");
  metrics.connectionClosed(1006);
  for (let code = 3000; code < 4000; code++) metrics.connectionClosed(code);
  metrics.updateAdmitted(100, 2);
  metrics.updateAdmitted(50, 1);
  metrics.updateRefused("foreign-log");
  metrics.denied("expired");
  metrics.throttled("records");
  metrics.storeFailed();

  const { statusCode, headers, text } = await ask("/metrics");

  expect([statusCode, headers["content-type"]]).toEqual([
    200,
    "text/plain; version=0.0.4; charset=utf-8",
  ]);
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines.map((line) => line.replace("stigmergy_relay_", "")).sort()).toEqual([
    "admitted_bytes_total 150",
    "admitted_records_total 3",
    "agents 5",
    "boards 2",
    "connections 3",
    'connections_closed_total{code="1006"} 1',
    'connections_closed_total{code="other"} 1000',
    "connections_opened_total 2",
    'denied_total{reason="expired"} 1',
    "memory_bytes 4096",
    "read_only_boards 0",
    "store_failures_total 1",
    'throttled_total{kind="records"} 1',
    "updates_admitted_total 2",
    'updates_refused_total{reason="foreign-log"} 1',
  ]);
});

test("[J13] two relays in one process count apart, and tell of the process only when asked", async () => {
  const other = createMetrics({ gauges, withProcess: true });
  metrics.storeFailed();

  expect(await metrics.text()).toContain("store_failures_total 1");
  expect(await other.text()).toContain("store_failures_total 0");
  expect(await metrics.text()).not.toContain("process_cpu");
  expect(await other.text()).toContain("process_cpu_user_seconds_total");
});

test("[J8] the metrics of a closed relay are for an admin", async () => {
  serve(createAccess({ secret }));
  const bearing = async (token: string): Promise<Answer> =>
    ask("/metrics", { headers: { authorization: `Bearer ${token}` } });

  const none = await ask("/metrics");
  const writer = await bearing(await adminToken("write"));
  const forged = await bearing(`${await adminToken()}x`);
  const admin = await bearing(await adminToken());

  expect([none.statusCode, none.headers["www-authenticate"]]).toEqual([
    401,
    'Bearer realm="stigmergy"',
  ]);
  expect([writer.statusCode, forged.statusCode, admin.statusCode]).toEqual([403, 401, 200]);
  expect(none.text + writer.text + forged.text).not.toContain("stigmergy_relay_");
  expect(admin.text).toContain('denied_total{reason="missing"} 1');
  expect(admin.text).toContain('denied_total{reason="wrong-role"} 1');
});

test("[J13] HEAD has no body, another method is refused, and boards ask for an upgrade", async () => {
  serve(openAccess());

  const head = await ask("/health", { method: "HEAD" });
  const post = await ask("/health", { method: "POST", body: "x".repeat(100_000) });
  const options = await ask("/docs", { method: "OPTIONS" });
  const board = await ask("/docs%231");
  const root = await ask("/");

  expect([head.statusCode, head.text]).toEqual([200, ""]);
  expect(Number(head.headers["content-length"])).toBeGreaterThan(50);
  expect([post.statusCode, post.headers.allow, post.headers.connection]).toEqual([
    405,
    "GET, HEAD",
    "close",
  ]);
  expect(options.statusCode).toBe(405);
  expect(options.headers["access-control-allow-origin"]).toBeUndefined();
  expect([board.statusCode, board.headers.upgrade]).toEqual([426, "websocket"]);
  expect([root.statusCode, root.text]).toEqual([404, expect.stringContaining("WebSocket")]);
});

test("[J11] another Host, or a page from elsewhere, is told nothing", async () => {
  serve(openAccess());
  for (const path of ["/health", "/metrics", "/docs"])
    for (const headers of [{ host: "evil.example" }, { origin: "http://evil.example" }]) {
      const { statusCode, text } = await ask(path, { headers } as object);
      expect([path, headers, statusCode]).toEqual([path, headers, 403]);
      expect(text).toMatch(/--host-name|--allow-origin/u);
    }
  expect(await metrics.text()).toContain('denied_total{reason="wrong-host"} 3');
});

test("[J13] a fault while answering is a plain 500", async () => {
  metrics = createMetrics({
    gauges: {
      ...gauges,
      boards: () => {
        throw new Error("the inside of the relay");
      },
    },
  });
  serve(openAccess());

  const { statusCode, text } = await ask("/metrics");

  expect([statusCode, text]).toEqual([500, "the relay could not answer; see its log\n"]);
});
