import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as decoding from "lib0/decoding";
import * as Y from "yjs";
import { CoordinationError, type Storage } from "../../../lib/index.ts";
import { createMemoryStorage } from "../../storage/memory.ts";
import { createVirtualClock } from "../memory/virtual-clock.ts";
import { readGreeting } from "../wire/handshake.ts";
import { messageType } from "../wire/message.ts";
import { encodeMarker, encodeSync } from "../wire/traffic.ts";
import { helloOf, settleSockets, typeOf, until, Workbench } from "./workbench.ts";

let bench: Workbench;

beforeEach(() => {
  bench = new Workbench();
});

afterEach(() => bench.close());

test("[T14] a marker is echoed only once what came before it is stored", async () => {
  const storage = createGatedStorage("held");
  const relay = await bench.startRelay({ storage });
  const [writer, reader] = [
    await bench.joinReplica(relay.address),
    await bench.joinReplica(relay.address),
  ];
  writer.write(3);

  const synced = watch(writer.connection.sync());
  await until(() => reader.countOf(writer) === 3);
  await settleSockets();

  expect(synced.isResolved).toBe(false);
  storage.become("open");
  await until(() => synced.isResolved);
  expect(storage.appendedCount).toBe(3);
});

test("[T14] the echo follows what others had sent to the relay before the marker", async () => {
  const relay = await bench.startRelay();
  const writer = await bench.joinReplica(relay.address);
  const client = await bench.openRaw(relay.address, "docs%231");
  client.send(helloOf("docs#1"), stateVector(), answer);
  await until(() => client.countOf(messageType.sync) === 2);

  writer.write();
  client.send(encodeMarker(7));
  client.send(encodeMarker(8));
  await until(() => client.countOf(messageType.marker) === 2);

  const types = client.messages.slice(-3).map(typeOf);
  expect(types).toEqual([messageType.frame, messageType.marker, messageType.marker]);
  expect(client.messages.slice(-2)).toEqual([encodeMarker(7), encodeMarker(8)]);
});

test.each([
  ["sent the board's state", () => [stateVector(), answer]],
  ["has sent its own", () => [answer, stateVector()]],
])("[T14] a marker waits until its client %s, and for the rest", async (_, messages) => {
  const relay = await bench.startRelay();
  const client = await bench.openRaw(relay.address, "docs%231");
  const [first = answer, second = answer] = messages();

  client.send(helloOf("docs#1"), encodeMarker(1));
  await until(() => client.countOf(messageType.greeting) === 1);
  await settleSockets();
  const atFirst = client.countOf(messageType.marker);
  client.send(first);
  await settleSockets();
  const afterFirst = client.countOf(messageType.marker);
  client.send(second);

  expect([atFirst, afterFirst]).toEqual([0, 0]);
  await until(() => client.countOf(messageType.marker) === 1);
});

test("[T15] a relay that cannot store echoes no marker and sends the board's clients away", async () => {
  const storage = createGatedStorage("held");
  const faults: unknown[] = [];
  const relay = await bench.startRelay({
    text: true,
    storage,
    onFault: (error) => faults.push(error),
  });
  const client = await bench.openRaw(relay.address, "docs%231");
  const other = await bench.openRaw(relay.address, "other%231");
  client.send(helloOf("docs#1"), stateVector(), answer, update(), encodeMarker(1));
  await until(() => relay.stats().updates === 1);

  storage.become("broken");
  const { code, reason } = await client.closed;

  expect({ code, reason }).toEqual({
    code: 1011,
    reason: expect.stringContaining("cannot be kept"),
  });
  expect(client.countOf(messageType.marker)).toBe(0);
  expect(faults).toEqual([expect.objectContaining({ code: "STORAGE_FAILED" })]);
  expect(other.socket.readyState).toBe(other.socket.OPEN);
});

test("[T15] while its store fails a board can be read, and what was on it is kept once the store works again", async () => {
  const storage = createGatedStorage("open");
  const relay = await bench.startRelay({ storage });
  const writer = await bench.joinReplica(relay.address);
  writer.write(2);
  await writer.connection.sync();
  storage.become("broken");
  writer.write();
  await until(() => relay.stats().readOnlyBoards === 1);

  const reader = await bench.joinReplica(relay.address);
  const health = await fetch(`${relay.address.replace("ws:", "http:")}/health`);
  const { status } = reader.connection;
  storage.become("open");
  await until(() => relay.stats().readOnlyBoards === 0);
  await writer.connection.sync();

  expect([status, reader.countOf(writer)]).toEqual(["synced", 3]);
  expect([health.status, await health.json()]).toEqual([
    503,
    expect.objectContaining({ status: "degraded", readOnlyBoards: 1 }),
  ]);
  const kept = new Y.Doc();
  const store = await storage.open("docs#1");
  for (const update of await store.load()) Y.applyUpdate(kept, update);
  expect(kept.getArray(`log/${writer.agent}/0`).length).toBe(3);
});

test("[T15] a sync that met a failing store resolves once the store works again", async () => {
  const storage = createGatedStorage("open");
  const relay = await bench.startRelay({ storage });
  const replica = await bench.joinReplica(relay.address);
  storage.become("broken");
  replica.write(2);

  const synced = watch(replica.connection.sync());
  await until(() => replica.statuses.includes("offline"));
  expect(synced.isResolved).toBe(false);
  storage.become("open");

  await until(() => synced.isResolved);
  const late = await bench.joinReplica(relay.address);
  expect(late.countOf(replica)).toBe(2);
});

test("[T15] a board that cannot be opened is closed with 1011, and tried again", async () => {
  const storage = createGatedStorage("broken");
  const relay = await bench.startRelay({ storage });
  const client = await bench.openRaw(relay.address, "docs%231");
  expect((await client.closed).code).toBe(1011);

  storage.become("open");

  await bench.joinReplica(relay.address);
});

test("[T16] after a restart with its store a relay has the same memory, and replicas converge", async () => {
  const storage = createMemoryStorage();
  const first = await bench.startRelay({ storage });
  const [ada, ben] = [
    await bench.joinReplica(first.address),
    await bench.joinReplica(first.address),
  ];
  ada.write(3);
  await ada.connection.sync();
  const before = await greetingOf(first.address);

  await first.close();
  ben.write(2);
  const second = await bench.startRelay({ storage, port: portOf(first.address) });
  await until(() => ada.countOf(ben) === 2);
  await ben.connection.sync();
  const late = await bench.joinReplica(second.address);

  expect([late.countOf(ada), late.countOf(ben)]).toEqual([3, 2]);
  expect(await greetingOf(second.address)).toEqual(before);
});

test("[T17] a relay that lost its memory echoes no marker for one longest lease", async () => {
  const first = await bench.startRelay();
  const veteran = await bench.joinReplica(first.address, { longestLeaseMs: 60_000 });
  await veteran.connection.sync();
  await first.close();
  const clock = createVirtualClock();
  const second = await bench.startRelay({ clock, port: portOf(first.address) });
  await until(() => veteran.statuses.join() === "syncing,synced,offline,syncing,synced");
  const newcomer = await bench.joinReplica(second.address);
  const markers = [veteran, newcomer].map(({ connection }) => watch(connection.sync()));

  clock.advance(59_999);
  await settleSockets();
  await until(() => second.stats().connections === 2);
  const atLast = markers.map(({ isResolved }) => isResolved);
  clock.advance(1);
  await until(() => markers.every(({ isResolved }) => isResolved));

  expect(atLast).toEqual([false, false]);
});

test("[T17] a board without a store that was freed comes back with another memory", async () => {
  const clock = createVirtualClock();
  const relay = await bench.startRelay({ clock, idleMs: 10 });
  const before = await greetingOf(relay.address);
  await until(() => relay.stats().connections === 0);

  clock.advance(10);
  await until(() => relay.stats().boards === 0);

  expect(await greetingOf(relay.address)).not.toEqual(before);
});

/** A memory storage whose appends wait while it is held, and fail while it is broken. */
function createGatedStorage(first: "open" | "held" | "broken") {
  type State = typeof first;
  const storage = createMemoryStorage();
  let state: State = first;
  const waiting: (() => void)[] = [];
  const pass = async (): Promise<void> => {
    while (state === "held") {
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    if (state === "broken") {
      throw new CoordinationError("STORAGE_FAILED", "the disk is gone");
    }
  };
  const gated = {
    appendedCount: 0,
    become(next: State) {
      state = next;
      for (const resume of waiting.splice(0)) {
        resume();
      }
    },
    async open(board) {
      if (board !== "docs#1") return storage.open(board);
      if (state === "broken") {
        await pass();
      }
      const store = await storage.open(board);
      const append = async (bytes: Uint8Array): Promise<void> => {
        await pass();
        await store.append(bytes);
        gated.appendedCount++;
      };
      return { ...store, append };
    },
  } satisfies Storage & { appendedCount: number; become(next: State): void };
  return gated;
}

function watch(promise: Promise<void>): { readonly isResolved: boolean } {
  const watched = { isResolved: false };
  promise.then(
    () => {
      watched.isResolved = true;
    },
    () => {},
  );
  return watched;
}

async function greetingOf(address: string): Promise<unknown> {
  const client = await bench.openRaw(address, "docs%231");
  client.send(helloOf("docs#1"));
  await until(() => client.countOf(messageType.greeting) === 1);
  client.socket.close();
  await client.closed;
  const greeting = client.messages.find((message) => typeOf(message) === messageType.greeting);
  const decoder = decoding.createDecoder(greeting ?? new Uint8Array());
  decoding.readVarUint(decoder);
  return readGreeting(decoder);
}

function portOf(address: string): number {
  return Number(new URL(address).port);
}

const answer = encodeSync({ kind: "difference", payload: Uint8Array.of(0, 0) });

function stateVector(): Uint8Array {
  return encodeSync({ kind: "state-vector", payload: Uint8Array.of(0) });
}

function update(): Uint8Array {
  const doc = new Y.Doc();
  doc.getArray("log").push([1]);
  return encodeSync({ kind: "update", payload: Y.encodeStateAsUpdate(doc) });
}
