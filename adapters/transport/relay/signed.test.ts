import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as decoding from "lib0/decoding";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { type Board, openBoard } from "../../../lib/index.ts";
import {
  createRelay,
  createSecret,
  createToken,
  parseKey,
  type Relay,
  type Role,
} from "../relay.ts";
import { createWebsocketTransport } from "../websocket.ts";
import { messageType } from "../wire/message.ts";
import { encodeSync, readSync } from "../wire/traffic.ts";
import { forgeUpdate, json } from "./attack/forgery.ts";
import { MAL_CLIENT, record } from "./attack/scene.ts";
import { BoardDocument, findSigned } from "./document.ts";
import type { RelayLimits } from "./limits.ts";
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

test("[T79] a record that gets ground while signatures are checked is not taken for a signed one", async () => {
  const relay = await start(0);
  const board = await open("ada", relay.address, true);
  const ada = await board.join({ name: "ada" });
  await ada.add({ title: "first" });
  await board.sync();
  const older = await stateOf(relay.address);
  await ada.add({ title: "second" });
  await board.sync();
  const newer = await stateOf(relay.address);
  const [client, clock] = endOf(newer);
  const forged = { ref: 8, origin: [client, clock - 1] as const, content: json(record(clock)) };
  const claim = Y.mergeUpdates([
    older,
    forgeUpdate([{ client: MAL_CLIENT, clock: 0, structs: [forged] }]),
  ]);

  const document = new BoardDocument({ allowsText: false, maxLogs: 9, maxTasks: 9 });
  const signed = await findSigned(document.logsWith(claim), "docs#1");
  const author = { owns: () => true, mayWrite: true, maxLogs: 9 };
  document.apply([{ update: newer, author }]);
  document.applySigned(claim, signed);

  expect([...signed.values()]).toHaveLength(1);
  expect(document.differenceFrom(Uint8Array.of(0))).toEqual(newer);
});

test("[T81] checks of others' records that are not signed are held to a rate", async () => {
  const relay = await start(0, { recordsPerSecond: 100 });
  const board = await open("ada", relay.address, true);
  const ada = await board.join({ name: "ada" });
  await ada.add(Array.from({ length: 300 }, (_, i) => ({ title: `task ${i}` })));
  await board.sync();
  const [client, clock] = endOf(await stateOf(relay.address));
  const next = record(clock, { at: 100_000 });
  const forged = { ref: 8, origin: [client, clock - 1] as const, content: json(next) };
  const payload = forgeUpdate([{ client: MAL_CLIENT, clock: 0, structs: [forged] }]);
  const attacker = await connect(relay.address, await tokenFor("mal", "write"));
  const metrics = async (): Promise<string> => {
    const headers = { authorization: `Bearer ${await tokenFor("eve", "admin")}` };
    const url = `${relay.address.replace("ws", "http")}/metrics`;
    return (await fetch(url, { headers })).text();
  };

  await until(async () => {
    attacker.send(encodeSync({ kind: "difference", payload }));
    return (await metrics()).includes('stigmergy_relay_throttled_total{kind="messages"}');
  });

  await board.sync(); // nobody else waits
});

/** All that the relay tells of the board. */
async function stateOf(address: string): Promise<Uint8Array> {
  const socket = await connect(address, await tokenFor("eve", "read"));
  socket.send(encodeSync({ kind: "state-vector", payload: Uint8Array.of(0) }));
  return new Promise((resolve) =>
    socket.on("message", (data: Buffer) => {
      const decoder = decoding.createDecoder(new Uint8Array(data));
      if (decoding.readVarUint(decoder) !== messageType.sync) return;
      const { kind, payload } = readSync(decoder);
      if (kind === "difference") resolve(payload);
    }),
  );
}

async function connect(address: string, token: string): Promise<WebSocket> {
  const socket = new WebSocket(`${address}/docs%231?token=${token}`);
  closers.push(async () => socket.terminate());
  await new Promise((resolve) => socket.once("open", resolve));
  return socket;
}

/** The only client of an update, and its clock. */
function endOf(update: Uint8Array): readonly [client: number, clock: number] {
  const [end] = Y.decodeStateVector(Y.encodeStateVectorFromUpdate(update));
  if (end === undefined) throw new Error("nobody has written");
  return end;
}

async function start(port: number, limits: Partial<RelayLimits> = {}): Promise<Relay> {
  const relay = await createRelay({ access: { secret }, port, isFresh: true, limits });
  closers.push(() => relay.close());
  return relay;
}

async function open(subject: string, url: string, isSigned: boolean): Promise<Board> {
  const token = await tokenFor(subject, "write");
  const board = await openBoard({
    board: "docs",
    transport: createWebsocketTransport({ url, token, maxBackoffMs: 50, longestLeaseMs: 100 }),
    ...(isSigned ? { signatures: "required" } : {}),
  });
  closers.push(() => board.close());
  return board;
}

function tokenFor(subject: string, role: Role): Promise<string> {
  const expiresAt = Date.now() + 60_000;
  return createToken(parseKey(secret), { subject, board: "docs", role, expiresAt });
}
