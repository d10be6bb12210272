import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as decoding from "lib0/decoding";
import { Awareness, applyAwarenessUpdate } from "y-protocols/awareness";
import * as Y from "yjs";
import { createVirtualClock } from "../memory/virtual-clock.ts";
import { messageType } from "../wire/message.ts";
import { encodeSync, readFrame } from "../wire/traffic.ts";
import { helloOf, settleSockets, typeOf, until, Workbench } from "./workbench.ts";

let bench: Workbench;

beforeEach(() => {
  bench = new Workbench();
});

afterEach(() => bench.close());

test("[T10] plain y-websocket clients converge on a text through the relay", async () => {
  const relay = await bench.startRelay({ text: true });
  const ada = bench.createPlain(relay.address, "notes");
  const ben = bench.createPlain(relay.address, "notes");
  await until(() => ada.provider.synced && ben.provider.synced);

  ada.text.insert(0, "hello ");
  ben.text.insert(ben.text.length, "world");

  await until(() => ada.text.length === 11 && ben.text.length === 11);
  expect(ada.text.toString()).toBe(ben.text.toString());
});

test("[T10] what a plain client wrote offline, and while it connected, reaches the others", async () => {
  const relay = await bench.startRelay({ text: true });
  const ada = bench.createPlain(relay.address, "notes");
  const ben = bench.createPlain(relay.address, "notes", false);
  await until(() => ada.provider.synced);
  ben.text.insert(0, "offline");
  ben.provider.on("status", ({ status }) => {
    if (status === "connected") {
      ben.text.insert(7, " and early");
    }
  });

  ben.provider.connect();

  await until(() => ada.text.toString() === "offline and early");
});

test("[T10] a late plain client gets everything, deletions included", async () => {
  const relay = await bench.startRelay({ text: true });
  const ada = bench.createPlain(relay.address, "notes");
  await until(() => ada.provider.synced);
  ada.text.insert(0, "hello cruel world");
  ada.text.delete(6, 6);
  await until(() => relay.stats().updates === 2);

  const late = bench.createPlain(relay.address, "notes");

  await until(() => late.provider.synced);
  expect(late.text.toString()).toBe("hello world");
});

test("[T10] a plain client and a replica share one board", async () => {
  const relay = await bench.startRelay({ text: true });
  const replica = await bench.joinReplica(relay.address);
  const plain = bench.createPlain(relay.address, "docs%231");
  await until(() => plain.provider.synced);

  replica.write(3);
  plain.text.insert(0, "hi");

  await until(() => replica.doc.getText("text").toString() === "hi");
  await until(() => plain.doc.getArray(`log/${replica.agent}/0`).length === 3);
});

test("[T11] what arrives in one turn reaches a replica as one frame, in order", async () => {
  const relay = await bench.startRelay({ text: true });
  const writer = await bench.joinReplica(relay.address);
  const reader = await bench.openRaw(relay.address, "docs%231");
  reader.send(helloOf("docs#1"), stateVectorOf(new Y.Doc()));
  await until(() => reader.countOf(messageType.sync) === 2);

  writer.write(5);
  await until(() => reader.countOf(messageType.frame) > 0);
  await settleSockets();

  const frames = reader.messages.filter((message) => typeOf(message) === messageType.frame);
  const doc = new Y.Doc();
  const clocks = frames.flatMap(updatesOf).map((update) => {
    Y.applyUpdate(doc, update);
    return doc.getArray(`log/${writer.agent}/0`).length;
  });
  expect(frames.length).toBe(1);
  expect(clocks).toEqual([1, 2, 3, 4, 5]);
});

test("[T11] a plain client is sent no message type of ours", async () => {
  const relay = await bench.startRelay({ text: true, presenceIntervalMs: 1 });
  const plain = await bench.openRaw(relay.address, "docs%231");
  plain.send(stateVectorOf(new Y.Doc()));
  const ada = await bench.joinReplica(relay.address);
  const ben = await bench.joinReplica(relay.address);

  ada.write(3);
  ada.connection.sendPresence([{ agent: ada.agent, slots: 1 }]);
  await ada.connection.sync();
  await until(() => ben.presences.length > 0 && plain.messages.length >= 5);

  expect(new Set(plain.messages.map(typeOf))).toEqual(new Set([messageType.sync]));
});

test("[T11] a plain client is not sent its own updates", async () => {
  const relay = await bench.startRelay({ text: true });
  const doc = new Y.Doc();
  const plain = await bench.openRaw(relay.address, "notes");
  const other = bench.createPlain(relay.address, "notes");
  plain.send(stateVectorOf(doc), encodeSync({ kind: "difference", payload: emptyUpdate }));
  await until(() => other.provider.synced && plain.messages.length === 2);

  doc.on("update", (update) => plain.send(encodeSync({ kind: "update", payload: update })));
  doc.getText("text").insert(0, "mine");
  await until(() => other.text.toString() === "mine");
  await settleSockets();

  expect(plain.messages.length).toBe(2);
});

test("[T12] awareness passes between plain clients, and goes when they go", async () => {
  const relay = await bench.startRelay({ text: true });
  const ada = bench.createPlain(relay.address, "notes");
  const ben = bench.createPlain(relay.address, "notes");
  await until(() => ada.provider.synced && ben.provider.synced);

  ada.provider.awareness.setLocalStateField("cursor", 7);
  await until(() => ben.provider.awareness.getStates().get(ada.doc.clientID)?.["cursor"] === 7);
  const late = bench.createPlain(relay.address, "notes");
  await until(() => late.provider.awareness.getStates().has(ada.doc.clientID));
  ada.provider.ws?.close(); // without the farewell of a destroyed provider
  ada.provider.shouldConnect = false;

  await until(() => !ben.provider.awareness.getStates().has(ada.doc.clientID));
});

test("[T12] a replica neither sends nor is sent awareness", async () => {
  const relay = await bench.startRelay({ text: true });
  const plain = await bench.openRaw(relay.address, "docs%231");
  const ours = await bench.openRaw(relay.address, "docs%231");
  ours.send(helloOf("docs#1"), stateVectorOf(new Y.Doc()));
  const replica = await bench.joinReplica(relay.address);
  const editor = bench.createPlain(relay.address, "docs%231");
  editor.provider.awareness.setLocalStateField("name", "editor");

  await until(() => editor.provider.synced && plain.countOf(messageType.awareness) > 0);
  replica.write();
  await replica.connection.close();
  await settleSockets();

  const awareness = new Awareness(new Y.Doc());
  for (const message of plain.messages) {
    if (typeOf(message) === messageType.awareness) {
      applyAwarenessUpdate(awareness, payloadOf(message), "relay");
    }
  }
  const ids = [...awareness.getStates().keys()].filter((id) => id !== awareness.clientID);
  awareness.doc.destroy();
  expect(ids).toEqual([editor.doc.clientID]);
  expect(ours.countOf(messageType.awareness)).toBe(0);
});

test("[T13] every client is sent a message at least every 20 seconds, one that it knows", async () => {
  const clock = createVirtualClock();
  const relay = await bench.startRelay({ text: true, clock });
  const plain = await bench.openRaw(relay.address, "docs%231");
  const ours = await bench.openRaw(relay.address, "docs%231");
  plain.send(encodeSync({ kind: "difference", payload: emptyUpdate }));
  ours.send(helloOf("docs#1"));
  await until(() => plain.messages.length === 1 && ours.messages.length === 2);

  for (let period = 1; period <= 3; period++) {
    clock.advance(20_000);
    await until(() => plain.countOf(messageType.awareness) >= period);
    await until(() => ours.countOf(messageType.frame) >= period);
    await settleSockets(); // the sockets answer the relay's ping
  }

  expect(new Set(plain.messages.map(typeOf))).toEqual(
    new Set([messageType.sync, messageType.awareness]),
  );
});

test("[T13] a client that no longer answers is cut off", async () => {
  const clock = createVirtualClock();
  const relay = await bench.startRelay({ text: true, clock });
  const client = await bench.openRaw(relay.address, "notes");
  await until(() => relay.stats().connections === 1);

  client.socket.pause();
  clock.advance(15_000);
  clock.advance(15_000);

  await until(() => relay.stats().connections === 0);
});

const emptyUpdate = Uint8Array.of(0, 0);

function stateVectorOf(doc: Y.Doc): Uint8Array {
  return encodeSync({ kind: "state-vector", payload: Y.encodeStateVector(doc) });
}

function updatesOf(frame: Uint8Array): Uint8Array[] {
  const decoder = decoding.createDecoder(frame);
  decoding.readVarUint(decoder);
  return readFrame(decoder);
}

function payloadOf(message: Uint8Array): Uint8Array {
  const decoder = decoding.createDecoder(message);
  decoding.readVarUint(decoder);
  return decoding.readVarUint8Array(decoder);
}
