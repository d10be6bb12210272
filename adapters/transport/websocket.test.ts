import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as decoding from "lib0/decoding";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { systemClock, systemRandom } from "../../lib/index.ts";
import { describeTransportContract } from "../contract/transport.ts";
import { createVirtualClock } from "./memory/virtual-clock.ts";
import { createLink, settleSockets, typeOf, until, Workbench } from "./relay/workbench.ts";
import { createRelay } from "./relay.ts";
import { createWebsocketTransport } from "./websocket.ts";
import { encodeGreeting, encodeRefusal, readHello } from "./wire/handshake.ts";
import { messageType } from "./wire/message.ts";
import { encodeMarker, encodeSync } from "./wire/traffic.ts";

describeTransportContract({
  test,
  capabilities: { barrier: true, presence: true },
  async createHarness() {
    const relay = await createRelay({ access: "open" });
    const link = await createLink(relay.address);
    return {
      clock: systemClock,
      random: systemRandom,
      createTransport: () => createWebsocketTransport({ url: link.address, maxBackoffMs: 50 }),
      settle: until,
      breakConnections: link.cut,
      heal: link.mend,
      async close() {
        await link.close();
        await relay.close();
      },
    };
  },
});

let bench: Workbench;

beforeEach(() => {
  bench = new Workbench();
});

afterEach(() => bench.close());

const refusals = [
  { code: "BOARD_MISMATCH", setup: {}, mismatch: "protocol" },
  { code: "BOARD_MISMATCH", setup: {}, mismatch: "board" },
  { code: "RULE_MISMATCH", setup: { rule: "rendezvous@1" }, mismatch: "rule" },
  { code: "GUARANTEE_UNAVAILABLE", setup: { longestLeaseMs: 600_001 }, mismatch: "lease" },
] as const;

test.each(refusals)(
  "[T25] a refused $mismatch is reported as $code",
  async ({ code, mismatch }) => {
    const server = await startServer();
    const replica = bench.createReplica(server.address);

    const connection = replica.connect();
    await until(() => server.hellos.length === 1);
    server.send(encodeRefusal({ mismatch, expected: "this", received: "that" }));
    await until(() => connection.status === "closed");

    expect(replica.faults).toEqual([expect.objectContaining({ code })]);
    expect(replica.faults[0]?.message).toContain(`its ${mismatch} is this`);
    await expect(connection.sync()).rejects.toMatchObject({
      code: "CONNECTION_CLOSED",
      cause: { code },
    });
  },
);

test.each(refusals.slice(2))(
  "[T25] a real relay refuses another $mismatch, once",
  async ({ code, setup }) => {
    const relay = await bench.startRelay();
    await bench.joinReplica(relay.address);
    const replica = bench.createReplica(relay.address, setup);

    const pending = replica.connect().sync();

    await expect(pending).rejects.toMatchObject({ code: "CONNECTION_CLOSED", cause: { code } });
    await until(() => relay.stats().connections === 1);
    expect(replica.faults.length).toBe(1);
    expect(replica.statuses).toEqual(["syncing", "closed"]);
  },
);

test("[T26] a server that gives no greeting is reported, since it has no barrier", async () => {
  const server = await startServer();
  const replica = bench.createReplica(server.address);

  const connection = replica.connect();
  await until(() => server.hellos.length === 1);
  server.send(emptyDifference);
  await until(() => connection.status === "closed");

  expect(replica.faults).toEqual([expect.objectContaining({ code: "GUARANTEE_UNAVAILABLE" })]);
});

test("[T26] a message that cannot be decoded ends the connection with a fault", async () => {
  const server = await startServer();
  const replica = bench.createReplica(server.address);

  const connection = replica.connect();
  await until(() => server.hellos.length === 1);
  server.send(Uint8Array.of(messageType.frame, 9, 1));
  await until(() => connection.status === "closed");

  expect(replica.faults).toEqual([expect.objectContaining({ code: "CONNECTION_CLOSED" })]);
});

test("[T26] a close code of 4400 to 4499 is final and reported", async () => {
  const server = await startServer();
  const replica = bench.createReplica(server.address);

  const connection = replica.connect();
  await until(() => server.hellos.length === 1);
  server.closeAll(4400, "undecodable message");
  await until(() => connection.status === "closed");

  expect(replica.faults[0]?.message).toContain("4400 undecodable message");
});

test("[T27] a replica tries until the relay is there, and says its last incarnation again", async () => {
  const port = await freePort();
  const replica = bench.createReplica(`ws://127.0.0.1:${port}`, { longestLeaseMs: 5_000 });
  const connection = replica.connect();
  const rejected = expect(connection.sync()).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
  await settleSockets();
  expect(connection.status).toBe("offline");

  const server = await startServer(port);
  await until(() => server.hellos.length === 1);
  server.send(encodeGreeting({ protocol: 1, incarnation: "memory" }), question, emptyDifference);
  await until(() => connection.status === "synced");
  server.closeAll(1012, "restarting");
  await until(() => server.hellos.length === 2);

  expect(server.hellos).toEqual([
    { protocol: 1, board: "docs#1", rule: "earliest@1", longestLeaseMs: 5_000, incarnation: "" },
    {
      protocol: 1,
      board: "docs#1",
      rule: "earliest@1",
      longestLeaseMs: 5_000,
      incarnation: "memory",
    },
  ]);
  expect(replica.statuses).toEqual(["syncing", "synced", "offline", "syncing"]);
  await connection.close();
  await rejected;
});

test("[T27] after each break a replica waits as for the first time, once it was synced", async () => {
  const clock = createVirtualClock();
  const server = await startServer();
  const replica = bench.createReplica(server.address, { clock, maxBackoffMs: 60_000 });
  const connection = replica.connect();

  for (let round = 1; round <= 4; round++) {
    await until(() => server.hellos.length === round);
    server.send(encodeGreeting({ protocol: 1, incarnation: "memory" }), question, emptyDifference);
    await until(() => connection.status === "synced");
    server.closeAll(1012, "restarting");
    await until(() => connection.status === "offline");
    clock.advance(99); // half of 200 ms at the least
    await settleSockets();
    expect(server.hellos.length).toBe(round);
    clock.advance(101);
  }

  await until(() => server.hellos.length === 5);
});

test("[T27] markers wait for the first exchange after each opening, and one then stands for all", async () => {
  const server = await startServer();
  const greeting = encodeGreeting({ protocol: 1, incarnation: "memory" });
  const connection = bench.createReplica(server.address).connect();
  await until(() => server.hellos.length === 1);
  server.send(greeting, question, emptyDifference);
  await until(() => connection.status === "synced");
  server.closeAll(1012, "restarting");
  await until(() => server.hellos.length === 2);

  const synced = Promise.all([connection.sync(), connection.sync()]);
  server.send(greeting, emptyDifference);
  await settleSockets();
  const beforeAnswer = server.countOf(messageType.marker);
  server.send(question);
  await until(() => server.countOf(messageType.marker) === 1);
  server.send(encodeMarker(3));

  await synced;
  expect(beforeAnswer).toBe(0);
});

test("[T28] a connection closes also after Yjs has changed the document's client id", async () => {
  const relay = await bench.startRelay();
  const replica = await bench.joinReplica(relay.address);
  replica.doc.clientID = 4711;

  await replica.connection.close();

  expect(replica.connection.status).toBe("closed");
});

test("[T28] a closed connection leaves no timer, no listener and no socket behind", async () => {
  const clock = createVirtualClock();
  const relay = await bench.startRelay({ clock: createVirtualClock() });
  await settleSockets(); // what the test before left under way
  const resourcesBefore = countResources();
  const listenersBefore = process.listenerCount("exit");
  const replica = await bench.joinReplica(relay.address, { clock });
  const listenersDuring = process.listenerCount("exit");
  const sentBefore = replica.connection.bytesSent;
  replica.connection.resync();
  clock.advance(0);
  await until(() => replica.connection.bytesSent > sentBefore);
  replica.connection.resync(); // waits for its second
  const pendingDuring = clock.pendingCount;

  await replica.connection.close();
  const pendingAfter = clock.pendingCount;
  await until(() => countResources().timers <= resourcesBefore.timers);
  await until(() => countResources().sockets <= resourcesBefore.sockets);
  expect([pendingDuring, pendingAfter]).toEqual([1, 0]);
  expect([listenersDuring, process.listenerCount("exit")]).toEqual([
    listenersBefore,
    listenersBefore,
  ]);
});

test("[T28] a connection closed while it waits to try again leaves no timer behind", async () => {
  const url = `ws://127.0.0.1:${await freePort()}`;
  const replica = bench.createReplica(url, { maxBackoffMs: 60_000 });
  await settleSockets();
  const resourcesBefore = countResources();
  const connection = replica.connect();
  await until(() => countResources().timers >= resourcesBefore.timers + 2); // its own and y-websocket's

  await connection.close();

  await until(() => countResources().timers === resourcesBefore.timers);
  expect(countResources()).toEqual(resourcesBefore);
});

test("[T28] a connection closed at once never connects", async () => {
  const relay = await bench.startRelay();
  const replica = bench.createReplica(relay.address);

  await replica.connect().close();
  await settleSockets();

  expect(replica.statuses).toEqual(["closed"]);
  expect(relay.stats().connections).toBe(0);
});

test("[T28] a socket whose other side does not answer the close is cut off", async () => {
  const clock = createVirtualClock();
  const server = await startServer();
  const replica = bench.createReplica(server.address, { clock });
  const connection = replica.connect();
  await until(() => server.hellos.length === 1);
  server.pause();

  const closed = connection.close();
  clock.advance(2_000);

  await closed;
});

test("[T29] resync asks for the state, at most once a second", async () => {
  const clock = createVirtualClock();
  const server = await startServer();
  const replica = bench.createReplica(server.address, { clock });
  const connection = replica.connect();
  await until(() => server.countOf(messageType.sync) === 1);

  for (let time = 0; time < 9; time++) {
    connection.resync();
    clock.advance(100);
  }
  await until(() => server.countOf(messageType.sync) === 2);
  await settleSockets();
  const inFirstSecond = server.countOf(messageType.sync);
  clock.advance(1_000);
  await until(() => server.countOf(messageType.sync) === 3);

  expect(inFirstSecond).toBe(2);
});

test("[T29] every byte handed to the socket is counted, of whichever class it is", async () => {
  const server = await startServer();
  const replica = bench.createReplica(server.address, {
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
  });

  const connection = replica.connect();
  await until(() => server.hellos.length === 1);
  replica.write(2);
  await until(() => server.countOf(messageType.sync) === 3);

  expect(connection.bytesSent).toBe(server.bytesReceived());
});

const question = encodeSync({ kind: "state-vector", payload: Uint8Array.of(0) });
const emptyDifference = encodeSync({ kind: "difference", payload: Uint8Array.of(0, 0) });

/** A server that says only what it is told to. */
async function startServer(port = 0) {
  const server = new WebSocketServer({ port, host: "127.0.0.1" });
  const messages: Uint8Array[] = [];
  server.on("connection", (socket) =>
    socket.on("message", (data: RawData) => messages.push(new Uint8Array(data as Buffer))),
  );
  await new Promise((resolve) => server.once("listening", resolve));
  bench.onClose(() => {
    for (const socket of server.clients) {
      socket.terminate();
    }
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return {
    address: `ws://127.0.0.1:${typeof address === "object" ? address?.port : address}`,
    get hellos() {
      return messages.filter((message) => typeOf(message) === messageType.hello).map(decodeHello);
    },
    countOf: (type: number) => messages.filter((message) => typeOf(message) === type).length,
    bytesReceived: () => messages.reduce((sum, { length }) => sum + length, 0),
    send(...sent: readonly Uint8Array[]) {
      for (const socket of server.clients) {
        for (const message of sent) {
          socket.send(message);
        }
      }
    },
    pause() {
      for (const socket of server.clients) {
        socket.pause();
      }
    },
    closeAll(code: number, reason: string) {
      for (const socket of server.clients) {
        socket.close(code, reason);
      }
    },
  };
}

function decodeHello(message: Uint8Array) {
  const decoder = decoding.createDecoder(message);
  decoding.readVarUint(decoder);
  return readHello(decoder);
}

async function freePort(): Promise<number> {
  const relay = await createRelay({ access: "open" });
  await relay.close();
  return Number(new URL(relay.address).port);
}

/** What keeps this process alive. */
function countResources(): { readonly timers: number; readonly sockets: number } {
  const resources = process.getActiveResourcesInfo();
  return {
    timers: resources.filter((each) => each === "Timeout").length,
    sockets: resources.filter((each) => each.startsWith("TCPSocket")).length,
  };
}
