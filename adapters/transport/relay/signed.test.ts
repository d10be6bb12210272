import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Board, openBoard } from "../../../lib/index.ts";
import { createRelay, createSecret, createToken, parseKey, type Relay } from "../relay.ts";
import { createWebsocketTransport } from "../websocket.ts";
import { until } from "./workbench.ts";

const secret = createSecret();
const closers: (() => Promise<void>)[] = [];

beforeEach(() => {
  closers.length = 0;
});

afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

test.each([
  ["with signatures a lost record comes back from whoever has it", true, 2],
  ["without signatures only its own agent brings it back", false, 1],
])("[T79] %s", async (_, isSigned, count) => {
  const first = await start(0);
  const port = Number(new URL(first.address).port);
  const ada = await open("ada", first.address, isSigned);
  const ben = await open("ben", first.address, isSigned);
  await (await ada.join({ name: "ada" })).add({ title: "by ada" });
  await (await ben.join({ name: "ben" })).add({ title: "by ben" });
  await Promise.all([ada.sync(), ben.sync()]);
  await until(() => ben.snapshot().counts.submitted === 2);

  await ada.close();
  await first.close();
  await until(() => ben.status === "offline");
  await start(port);
  await ben.sync();
  const cyd = await open("cyd", first.address, isSigned);
  await until(() => cyd.snapshot().counts.submitted === count);
  await cyd.sync();

  expect(cyd.snapshot().counts.submitted).toBe(count);
});

async function start(port: number): Promise<Relay> {
  const relay = await createRelay({ access: { secret }, port, isFresh: true });
  closers.push(() => relay.close());
  return relay;
}

async function open(subject: string, url: string, isSigned: boolean): Promise<Board> {
  const expiresAt = Date.now() + 60_000;
  const grant = { subject, board: "docs", role: "write", expiresAt } as const;
  const token = await createToken(parseKey(secret), grant);
  const board = await openBoard({
    board: "docs",
    transport: createWebsocketTransport({ url, token, maxBackoffMs: 50, longestLeaseMs: 100 }),
    ...(isSigned ? { signatures: "required" } : {}),
  });
  closers.push(() => board.close());
  return board;
}
