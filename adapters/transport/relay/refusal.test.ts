import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as encoding from "lib0/encoding";
import * as Y from "yjs";
import { messageType } from "../wire/message.ts";
import { encodeMarker, encodePresence, encodeSync } from "../wire/traffic.ts";
import type { Author } from "./admission/admission.ts";
import { BoardDocument, type Submission } from "./document.ts";
import { helloOf, settleSockets, until, Workbench } from "./workbench.ts";

let bench: Workbench;

beforeEach(() => {
  bench = new Workbench();
});

afterEach(() => bench.close());

test.each([
  ["protocol", helloOf("docs#1", { protocol: 2 }), "protocol is 2, not 1"],
  ["board", helloOf("docs#2"), "board is docs#2, not docs#1"],
  ["rule", helloOf("docs#1", { rule: "rendezvous@1" }), "rule is rendezvous@1, not earliest@1"],
  ["lease", helloOf("docs#1", { longestLeaseMs: 600_001 }), "lease is 600001, not 600000"],
])("[T18] a hello with another %s is refused by that name", async (_name, hello, reason) => {
  const relay = await bench.startRelay();
  const resident = await bench.joinReplica(relay.address);
  const client = await bench.openRaw(relay.address, "docs%231");

  client.send(hello, encodeSync({ kind: "state-vector", payload: Uint8Array.of(0) }), update(1));

  expect(await client.closed).toEqual({ code: 4409, reason });
  expect(client.countOf(messageType.refusal)).toBe(1);
  expect(client.countOf(messageType.sync)).toBe(1); // the relay's own question
  await until(() => relay.stats().connections === 1);
  expect(relay.stats().updates).toBe(0);
  expect(resident.connection.status).toBe("synced");
});

test("[T18] once nobody is left, the next hello names the rule", async () => {
  const relay = await bench.startRelay();
  const first = await bench.joinReplica(relay.address, { rule: "earliest@1" });
  await first.connection.close();
  await until(() => relay.stats().connections === 0);

  const second = await bench.joinReplica(relay.address, { rule: "rendezvous@1" });

  expect(second.connection.status).toBe("synced");
});

const undecodable: [string, Uint8Array][] = [
  ["nothing", new Uint8Array()],
  ["an unknown type", Uint8Array.of(77)],
  ["a torn sync message", Uint8Array.of(messageType.sync, 2, 9, 1)],
  ["an unknown sync message", Uint8Array.of(messageType.sync, 3, 0)],
  ["a state vector that is none", Uint8Array.of(messageType.sync, 0, 1, 255)],
  ["a difference that is none", Uint8Array.of(messageType.sync, 1, 2, 1, 1)],
  ["an update that is none", Uint8Array.of(messageType.sync, 2, 2, 1, 1)],
  ["awareness that is none", Uint8Array.of(messageType.awareness, 1, 1)],
  ["a marker before a hello", encodeMarker(1)],
  ["presence before a hello", encodePresence([])],
];

test.each(undecodable)(
  "[T19] %s costs its sender the connection and nobody else",
  async (_, message) => {
    const relay = await bench.startRelay({ text: true });
    const resident = await bench.joinReplica(relay.address);
    const witness = await bench.joinReplica(relay.address);
    const client = await bench.openRaw(relay.address, "docs%231");

    client.send(message);

    expect((await client.closed).code).toBe(4400);
    resident.write();
    await until(() => witness.countOf(resident) === 1);
  },
);

test("[T19] text costs its sender the connection", async () => {
  const relay = await bench.startRelay();
  const client = await bench.openRaw(relay.address, "docs%231");

  client.socket.send("hello");

  expect((await client.closed).code).toBe(4400);
});

test("[T19] of one turn's updates only the bad ones are left out", () => {
  const document = new BoardDocument(rules, [edit(1)]);

  const verdicts = kinds(document, [edit(2), poison, edit(3), edit(2), Uint8Array.of(1)]);

  expect(verdicts).toEqual(["new", "gap", "new", "known", "refused"]);
  expect(readAll(document)).toEqual([1, 2, 3]);
  expect(document.applyDifference(from(Uint8Array.of(1))).verdict.kind).toBe("refused");
  expect(readAll(document)).toEqual([1, 2, 3]);
});

test("[T20] an update with a gap is not passed on; its sender is asked for what is missing", async () => {
  const relay = await bench.startRelay({ text: true });
  const resident = await bench.joinReplica(relay.address);
  const client = await bench.openRaw(relay.address, "docs%231");
  const doc = new Y.Doc();
  doc.getArray("log").push([1]);
  const stateBefore = Y.encodeStateVector(doc);
  doc.getArray("log").push([2]);
  const later = Y.encodeStateAsUpdate(doc, stateBefore);
  const state = { kind: "difference", payload: Y.encodeStateAsUpdate(doc) } as const;
  client.send(helloOf("docs#1"), encodeSync({ kind: "state-vector", payload: Uint8Array.of(0) }));
  client.send(encodeSync({ ...state, payload: Uint8Array.of(0, 0) }));
  await until(() => client.countOf(messageType.sync) === 2);

  client.send(encodeSync({ kind: "update", payload: later }), encodeMarker(1));
  await until(() => client.countOf(messageType.sync) === 3);
  await settleSockets();
  const beforeAnswer = [client.countOf(messageType.marker), relay.stats().updates];
  client.send(encodeSync(state));

  await until(() => client.countOf(messageType.marker) === 1);
  await until(() => resident.doc.getArray("log").length === 2);
  expect(beforeAnswer).toEqual([0, 0]);
  expect(resident.breaches).toEqual([]);
});

test("[T20] a gap is one of clocks, of neighbours, of parents or of deletions", () => {
  const base = new Y.Doc();
  base.getText("text").insert(0, "ab");
  base.getMap("map").set("child", new Y.Array());
  const gaps = [
    (doc: Y.Doc) => doc.getText("text").insert(2, "after"),
    (doc: Y.Doc) => doc.getText("text").insert(0, "before"),
    (doc: Y.Doc) => (doc.getMap("map").get("child") as Y.Array<number>).push([1]),
    (doc: Y.Doc) => doc.getText("text").delete(0, 1),
  ].map((change) => {
    const doc = new Y.Doc();
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(base));
    const before = Y.encodeStateVector(doc);
    change(doc);
    return Y.encodeStateAsUpdate(doc, before);
  });

  const document = new BoardDocument(rules);
  const before = gaps.flatMap((bytes) => kinds(document, [bytes]));
  const after = kinds(document, [Y.encodeStateAsUpdate(base), ...gaps]);

  expect(before).toEqual(["gap", "gap", "gap", "gap"]);
  expect(after).toEqual(["new", "new", "new", "new", "new"]);
});

test("[T20] of a difference the clients whose ground is missing are left out, and may come later", () => {
  const ground = new Y.Doc();
  ground.getText("text").insert(0, "ground");
  const upon = new Y.Doc();
  Y.applyUpdate(upon, Y.encodeStateAsUpdate(ground));
  upon.getText("text").insert(6, " and more");
  const more = Y.encodeStateAsUpdate(upon, Y.encodeStateVector(ground));
  const document = new BoardDocument(rules);

  const first = document.applyDifference(from(Y.mergeUpdates([more, edit(1)])));
  const second = document.applyDifference(from(Y.encodeStateAsUpdate(upon)));

  expect(first).toMatchObject({ verdict: { kind: "new" }, hasGap: true });
  expect(second).toMatchObject({ verdict: { kind: "new" }, hasGap: false });
  expect(textOf(document)).toBe("ground and more");
  expect(readAll(document)).toEqual([1]);
});

test.each(["", "%", "%00", "a".repeat(257), "%E0%A4%A"])(
  "[T21] the path /%s names no board and is refused",
  async (path) => {
    const relay = await bench.startRelay();

    const client = await bench.openRaw(relay.address, path);

    expect((await client.closed).code).toBe(4400);
    expect(relay.stats().boards).toBe(0);
  },
);

/** Two structs of one client: the first is sound, the second names itself as its neighbour. */
const poison = encoding.encode((encoder) => {
  for (const number of [1, 2, 4711, 0]) {
    encoding.writeVarUint(encoder, number); // one client, two structs, the client, its clock
  }
  encoding.writeUint8(encoder, 8); // JSON content at the root
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarString(encoder, "poison");
  encoding.writeVarUint(encoder, 1);
  encoding.writeAny(encoder, "sound");
  encoding.writeUint8(encoder, 8 | 128); // JSON content, right of …
  encoding.writeVarUint(encoder, 4711);
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarUint(encoder, 1);
  encoding.writeAny(encoder, "unsound");
  encoding.writeVarUint(encoder, 0); // no deletions
});

const rules = { allowsText: true, maxLogs: 100, maxTasks: 100 };
const anybody: Author = { owns: () => true, mayWrite: true, maxLogs: 100 };

function from(update: Uint8Array): Submission {
  return { update, author: anybody };
}

function kinds(document: BoardDocument, updates: readonly Uint8Array[]): string[] {
  return document.apply(updates.map(from)).map(({ kind }) => kind);
}

const editById = new Map<unknown, Uint8Array>();

function edit(value: number | string): Uint8Array {
  const known = editById.get(value);
  if (known !== undefined) {
    return known;
  }
  const doc = new Y.Doc();
  doc.clientID = editById.size + 1;
  doc.getArray("log").push([value]);
  editById.set(value, Y.encodeStateAsUpdate(doc));
  return edit(value);
}

function update(value: number): Uint8Array {
  return encodeSync({ kind: "update", payload: edit(value) });
}

function textOf(document: BoardDocument): string {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, document.differenceFrom(Uint8Array.of(0)));
  return doc.getText("text").toString();
}

function readAll(document: BoardDocument): unknown[] {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, document.differenceFrom(Uint8Array.of(0)));
  return doc.getArray("log").toArray().sort();
}
