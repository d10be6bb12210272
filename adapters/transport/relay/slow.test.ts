import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as decoding from "lib0/decoding";
import * as Y from "yjs";
import { createVirtualClock } from "../memory/virtual-clock.ts";
import { messageType } from "../wire/message.ts";
import { encodeSync, readFrame } from "../wire/traffic.ts";
import { helloOf, type RawClient, settleSockets, typeOf, until, Workbench } from "./workbench.ts";

let bench: Workbench;

beforeEach(() => {
  bench = new Workbench();
});

afterEach(() => bench.close());

/** More than the kernel's buffers between two sockets hold. */
const RECORDS = 1_500;

test("[T76] who reads slowly is sent no more until it has caught up, and then all that it missed", async () => {
  const relay = await bench.startRelay({ limits: { sendBufferBytes: 100_000 } });
  const slow = await subscribe(relay.address);
  slow.socket.pause();

  await writeLargeRecords(relay.address);
  await until(() => relay.stats().records === RECORDS);
  slow.socket.resume();

  await until(() => recordsAt(slow) === RECORDS);
  expect(slow.countOf(messageType.frame)).toBeLessThan(RECORDS);
});

test("[T76] who does not catch up in time is sent away, and nobody else notices", async () => {
  const clock = createVirtualClock();
  const relay = await bench.startRelay({
    clock,
    limits: { sendBufferBytes: 100_000, lagMs: 1_000 },
  });
  const [slow, quick] = [await subscribe(relay.address), await subscribe(relay.address)];
  slow.socket.pause();

  await writeLargeRecords(relay.address);
  await until(() => recordsAt(quick) === RECORDS);
  clock.advance(50);
  const before = relay.stats().connections;
  clock.advance(1_050);

  await until(() => relay.stats().connections === before - 1);
  expect(quick.socket.readyState).toBe(quick.socket.OPEN);
});

test("[T77] who writes faster than its rate is read more slowly, and loses nothing", async () => {
  const clock = createVirtualClock();
  const relay = await bench.startRelay({ clock, limits: { recordsPerSecond: 10 } });
  const writer = await bench.joinReplica(relay.address);
  const reader = await bench.joinReplica(relay.address);

  for (let n = 0; n < 60; n++) {
    writer.write();
    await settleSockets();
  }
  const atFirst = reader.countOf(writer);
  clock.advance(10_000);

  await until(() => reader.countOf(writer) === 60);
  expect(atFirst).toBeGreaterThanOrEqual(40); // four seconds' worth may come at once
  expect(atFirst).toBeLessThan(60);
});

/** A replica's socket that was sent the board's state. */
async function subscribe(address: string): Promise<RawClient> {
  const client = await bench.openRaw(address, "docs%231");
  client.send(helloOf("docs#1"), encodeSync({ kind: "state-vector", payload: Uint8Array.of(0) }));
  client.send(encodeSync({ kind: "difference", payload: Uint8Array.of(0, 0) }));
  await until(() => client.countOf(messageType.sync) === 2);
  return client;
}

/** Writes one log of records near their largest size, each an update of its own. */
async function writeLargeRecords(address: string): Promise<void> {
  const client = await subscribe(address);
  const doc = new Y.Doc();
  doc.on("update", (update) => client.send(encodeSync({ kind: "update", payload: update })));
  const text = "x".repeat(12_000);
  for (let n = 0; n < RECORDS; n++) {
    const record = { n, at: n + 1, kind: "noted", task: "t", text };
    doc.getArray(`log/ada~00000000/${Math.floor(n / 256)}`).push([record]);
    if (n % 50 === 0) await settleSockets();
  }
}

function recordsAt({ messages }: RawClient): number {
  const doc = new Y.Doc();
  for (const message of messages.filter((one) => typeOf(one) === messageType.frame)) {
    const decoder = decoding.createDecoder(message);
    decoding.readVarUint(decoder);
    for (const update of readFrame(decoder)) Y.applyUpdate(doc, update);
  }
  let count = 0;
  for (const name of doc.share.keys()) count += doc.getArray(name).length;
  return count;
}
