import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { BoardStore, Storage } from "../../lib/index.ts";
import { createMemoryStorage } from "../storage/memory.ts";
import { createVirtualClock } from "./memory/virtual-clock.ts";
import { helloOf, settleSockets, until, Workbench } from "./relay/workbench.ts";
import { createRelay } from "./relay.ts";
import { messageType } from "./wire/message.ts";
import { encodePresence } from "./wire/traffic.ts";

let bench: Workbench;

beforeEach(() => {
  bench = new Workbench();
});

afterEach(() => bench.close());

test("[T22] a board without clients is compacted, closed and freed, and comes back from its store", async () => {
  const clock = createVirtualClock();
  const storage = createWatchedStorage();
  const relay = await bench.startRelay({ storage, clock, idleMs: 1_000 });
  const ada = await bench.joinReplica(relay.address);
  ada.write(2);
  await ada.connection.sync();
  await ada.connection.close();
  await until(() => relay.stats().connections === 0);

  clock.advance(999);
  const atFirst = relay.stats().boards;
  clock.advance(1);
  await until(() => relay.stats().boards === 0);

  const late = await bench.joinReplica(relay.address);
  expect(atFirst).toBe(1);
  expect(storage.calls).toEqual(["open", "compact", "close", "open"]);
  expect(late.countOf(ada)).toBe(2);
});

test("[T22] who comes while a board is being closed waits, and loses nothing", async () => {
  const clock = createVirtualClock();
  const storage = createWatchedStorage();
  const relay = await bench.startRelay({ storage, clock, idleMs: 0 });
  const ada = await bench.joinReplica(relay.address);
  ada.write(2);
  await ada.connection.sync();
  const finish = storage.holdClose();
  await ada.connection.close();
  await until(() => relay.stats().connections === 0);
  clock.advance(0);
  await until(() => storage.calls.includes("close"));

  const late = bench.createReplica(relay.address);
  late.connect();
  await settleSockets();
  const callsBefore = [...storage.calls];
  finish();

  await until(() => late.countOf(ada) === 2);
  await late.connection.sync();
  expect(storage.calls.at(-1)).toBe("open");
  expect(callsBefore).toEqual(["open", "compact", "close"]);
});

test("[T22] a client that comes back in time keeps the board open", async () => {
  const clock = createVirtualClock();
  const relay = await bench.startRelay({ clock, idleMs: 1_000 });
  const ada = await bench.joinReplica(relay.address);
  ada.write();
  await ada.connection.close();
  await until(() => relay.stats().connections === 0);
  clock.advance(999);

  const ben = await bench.joinReplica(relay.address);
  clock.advance(1_000);
  await settleSockets();

  expect(relay.stats().boards).toBe(1);
  expect(ben.countOf(ada)).toBe(1);
});

test("[T23] signs of life are told at once, then at most once a period, each agent's latest", async () => {
  const clock = createVirtualClock();
  const relay = await bench.startRelay({ clock, presenceIntervalMs: 1_000 });
  const [ada, ben, reader] = [
    await bench.joinReplica(relay.address),
    await bench.joinReplica(relay.address),
    await bench.joinReplica(relay.address),
  ];

  ada.connection.sendPresence([{ agent: ada.agent, slots: 1 }]);
  await until(() => reader.presences.length === 1);
  ben.connection.sendPresence([{ agent: ben.agent, slots: 2 }]);
  ada.connection.sendPresence([{ agent: ada.agent, slots: 3 }]);
  ada.connection.sendPresence([{ agent: ada.agent, slots: 0 }]);
  await Promise.all([ada.connection.sync(), ben.connection.sync()]);
  clock.advance(999);
  await settleSockets();
  const duringPeriod = reader.presences.length;
  clock.advance(1);
  await until(() => reader.presences.length === 3);

  expect(duringPeriod).toBe(1);
  expect(new Set(reader.presences.slice(1))).toEqual(
    new Set([
      { agent: ben.agent, slots: 2 },
      { agent: ada.agent, slots: 0 },
    ]),
  );
  expect(ada.presences).toEqual([{ agent: ben.agent, slots: 2 }]);
});

test("[T23] a newcomer is told who is present, and not who has gone", async () => {
  const relay = await bench.startRelay();
  const [ada, ben] = [
    await bench.joinReplica(relay.address),
    await bench.joinReplica(relay.address),
  ];
  ada.connection.sendPresence([{ agent: ada.agent, slots: 1 }]);
  ben.connection.sendPresence([{ agent: ben.agent, slots: 2 }]);
  await Promise.all([ada.connection.sync(), ben.connection.sync()]);
  await ben.connection.close();
  await until(() => relay.stats().connections === 1);

  const client = await bench.openRaw(relay.address, "docs%231");
  client.send(helloOf("docs#1"));
  await until(() => client.countOf(messageType.presence) === 1);

  expect(client.messages.at(-1)).toEqual(encodePresence([{ agent: ada.agent, slots: 1 }]));
});

test("[T24] a closing relay stores what has come in, says 1012 and ends; closing again changes nothing", async () => {
  const storage = createMemoryStorage();
  const clock = createVirtualClock();
  const relay = await bench.startRelay({ storage, clock });
  const client = await bench.openRaw(relay.address, "docs%231");
  const ada = await bench.joinReplica(relay.address);
  ada.write(3);
  await until(() => relay.stats().updates === 3);

  await Promise.all([relay.close(), relay.close()]);

  expect(await client.closed).toEqual({ code: 1012, reason: "the relay is closing" });
  const store = await storage.open("docs#1");
  expect((await store.load()).length).toBe(3);
  expect(clock.pendingCount).toBe(0);
});

test("[T24] a relay ends with its scope, and its port is free again", async () => {
  let address = "";
  {
    await using relay = await createRelay({ access: "open" });
    address = relay.address;
    await expect(
      createRelay({ access: "open", port: Number(new URL(address).port) }),
    ).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
  }

  const next = await bench.startRelay({ port: Number(new URL(address).port) });

  expect(next.address).toBe(address);
});

test("[T24] a relay counts what passes through it", async () => {
  const relay = await bench.startRelay();
  const [ada, ben] = [
    await bench.joinReplica(relay.address),
    await bench.joinReplica(relay.address),
  ];
  ada.write(2);
  await until(() => ben.countOf(ada) === 2);

  const stats = relay.stats();

  expect(stats).toMatchObject({ boards: 1, connections: 2, updates: 2 });
  expect(stats.bytesReceived).toBe(ada.connection.bytesSent + ben.connection.bytesSent);
  expect(stats.bytesSent).toBeGreaterThan(0);
});

test("[T24] whoever asks a relay by plain HTTP is told how it is, and that boards are elsewhere", async () => {
  const relay = await bench.startRelay();
  const base = relay.address.replace("ws:", "http:");

  const board = await fetch(`${base}/docs%231`);
  const health = await fetch(`${base}/health`);

  expect(board.status).toBe(426);
  expect(await health.json()).toMatchObject({ status: "ok", boards: 0, connections: 0 });
});

/** A memory storage that notes when boards are opened, compacted and closed, and can hold a close. */
function createWatchedStorage() {
  const storage = createMemoryStorage();
  const calls: string[] = [];
  let gate = Promise.resolve();
  return {
    calls,
    holdClose() {
      let open = () => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return () => open();
    },
    async open(board: string): Promise<BoardStore> {
      if (board !== "docs#1") return storage.open(board);
      calls.push("open");
      const store = await storage.open(board);
      return {
        ...store,
        async compact() {
          calls.push("compact");
          await store.compact();
        },
        async close() {
          calls.push("close");
          await gate;
          await store.close();
        },
      };
    },
  } satisfies Storage & { calls: string[]; holdClose(): () => void };
}
