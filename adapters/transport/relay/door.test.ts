import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createVirtualClock } from "../memory/virtual-clock.ts";
import { createSecret, createToken, parseKey, type Quotas, type Relay } from "../relay.ts";
import { settleSockets, until, Workbench } from "./workbench.ts";

let bench: Workbench;

beforeEach(() => {
  bench = new Workbench();
});

afterEach(() => bench.close());

test("[T78] a bearer's connections count while they last, also those that end before they were judged", async () => {
  const { relay, token } = await startClosed({ connections: 2 });
  const { port } = new URL(relay.address);
  for (let i = 0; i < 6; i++) {
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(upgradeTo(`/docs%231?token=${token}`, port));
    await new Promise((resolve) => socket.once("connect", resolve));
    setImmediate(() => socket.resetAndDestroy());
    await new Promise((resolve) => socket.once("close", resolve));
  }
  await settleSockets();

  const ada = await bench.joinReplica(relay.address, { token });
  const ben = await bench.joinReplica(relay.address, { token });
  const third = await bench.openRaw(relay.address, `docs%231?token=${token}`);

  expect((await third.closed).code).toBe(1013);
  expect([ada, ben].map(({ connection }) => connection.status)).toEqual(["synced", "synced"]);
});

test("[T78] a relay with as many connections as it takes refuses more, and takes them when there is room", async () => {
  const relay = await bench.startRelay({ limits: { connections: 1 } });
  const first = await bench.joinReplica(relay.address);

  await expect(bench.openRaw(relay.address, "docs%231")).rejects.toThrow("503");
  await first.connection.close();
  await until(() => relay.stats().connections === 0);

  const second = await bench.joinReplica(relay.address);
  expect(second.connection.status).toBe("synced");
});

test("[T78] a relay with as many boards as it opens frees one that nobody is on for another", async () => {
  const relay = await bench.startRelay({ limits: { boards: 1 } });
  const first = await bench.joinReplica(relay.address, { board: "first#1" });
  const refused = await bench.openRaw(relay.address, "second%231");
  const { code } = await refused.closed;
  await first.connection.close();
  await until(() => relay.stats().connections === 0);

  const second = await bench.joinReplica(relay.address, { board: "second#1" });

  expect([code, second.connection.status]).toEqual([1013, "synced"]);
});

test("[T78] who says nothing after the opening is sent away", async () => {
  const clock = createVirtualClock();
  const relay = await bench.startRelay({ clock });
  const silent = await bench.openRaw(relay.address, "docs%231");
  await until(() => relay.stats().connections === 1);

  clock.advance(10_000);

  expect((await silent.closed).code).toBe(1013);
});

async function startClosed(
  quotas: Quotas,
): Promise<{ readonly relay: Relay; readonly token: string }> {
  const secret = createSecret();
  const relay = await bench.startRelay({ access: { secret } });
  const expiresAt = Date.now() + 60_000;
  const grant = { subject: "ada", board: "docs", role: "write", expiresAt, quotas } as const;
  return { relay, token: await createToken(parseKey(secret), grant) };
}

function upgradeTo(path: string, port: string): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}
