import { afterEach, expect, test } from "@jest/globals";
import { Doc, encodeStateAsUpdate } from "yjs";
import { systemClock, systemRandom } from "../../lib/index.ts";
import { type ContractReplica, createContractReplica } from "../contract/transport/replica.ts";
import { describeTransportContract } from "../contract/transport.ts";
import { decodeEnvelope, type Envelope, encodeEnvelope } from "./broadcast-channel/envelope.ts";
import { createBroadcastChannelTransport } from "./broadcast-channel.ts";
import { encodeGossip } from "./gossip/message.ts";
import { until } from "./relay/workbench.ts";

const createTransport = () => createBroadcastChannelTransport({ helloMs: 20, repairMs: 50 });
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) {
    await close();
  }
});

describeTransportContract({
  test,
  capabilities: { barrier: false, presence: true },
  createHarness: () => ({
    clock: systemClock,
    random: systemRandom,
    createTransport,
    settle: until,
    close() {},
  }),
});

test("[T45] what a tab hears of another before that one has answered it is not handed over", async () => {
  const { channel, heard } = openChannel("gap#1");
  const tab = openTab("gap#1");
  await until(() => heard.length > 0); // its hello
  const doc = new Doc();
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  doc.getArray("text").push(["first"]);
  doc.getArray("text").push(["second"]);
  const say = (body: Uint8Array): void => channel.postMessage(envelopeOf({ body }));

  say(encodeGossip({ kind: "update", update: updates[1] ?? new Uint8Array(0) }));
  await until(() => heard.some(({ to }) => to === "raw")); // it was asked
  const early = tab.received.length;
  const state = Uint8Array.of(0, 0);
  say(encodeGossip({ kind: "answer", update: encodeStateAsUpdate(doc), state }));
  await until(() => tab.doc.getArray("text").length === 2);

  expect(early).toBe(0);
  expect(tab.breaches).toEqual([]);
});

test("[T45] a tab of another version, and what is no message, are told once each and harm nobody", async () => {
  const { channel } = openChannel("odd#1");
  const [ada, ben] = [openTab("odd#1"), openTab("odd#1")];
  await until(() => [ada, ben].every(({ connection }) => connection.status === "synced"));
  const later = Uint8Array.of(2, 1, 2, 3);
  const cut = envelopeOf({ body: encodeGossip({ kind: "ask", state: Uint8Array.of(0, 0) }) });
  for (const odd of [later, later, "text", "text", { kind: "hello" }, cut.subarray(0, 6)]) {
    channel.postMessage(odd);
  }
  for (const body of [Uint8Array.of(99), Uint8Array.of(2, 200, 1), new Uint8Array(0)]) {
    channel.postMessage(envelopeOf({ body }));
  }
  ada.write(2);

  await until(() => ben.countOf(ada) === 2);
  await until(() => ada.faults.length > 1);

  const said = ada.faults.map(({ message }) => message);
  expect(new Set(said).size).toBe(said.length);
  expect(ada.faults.filter(({ message }) => message.includes("protocol is 2"))).toHaveLength(1);
  expect([...ada.breaches, ...ben.breaches]).toEqual([]);
});

test("[T45] a tab that is gone without a word is forgotten, and one that is alone is synced", async () => {
  const { channel, heard } = openChannel("gone#1");
  const tab = openTab("gone#1");
  await until(() => heard.length > 0);
  channel.postMessage(envelopeOf({ kind: "hello" }));
  await until(() => tab.connection.status === "syncing");

  channel.close();

  await until(() => tab.connection.status === "synced");
});

function openTab(board: string): ContractReplica {
  const harness = { clock: systemClock, random: systemRandom, createTransport };
  const tab = createContractReplica(harness, { name: "tab", board, rule: "earliest@1" });
  closers.push(() => tab.connection.close());
  tab.connect();
  return tab;
}

/** Opens the channel of a board as a script that says what it wants. */
function openChannel(board: string): { channel: BroadcastChannel; heard: Envelope[] } {
  const channel = new BroadcastChannel(`stigmergy ${board}`);
  const heard: Envelope[] = [];
  channel.addEventListener("message", ({ data }) => heard.push(decodeEnvelope(data) as Envelope));
  closers.push(() => channel.close());
  return { channel, heard };
}

function envelopeOf(changes: Partial<Envelope>): Uint8Array {
  const nothing = new Uint8Array(0);
  const plain = { kind: "gossip", from: "raw", to: "", rule: "earliest@1", body: nothing } as const;
  return encodeEnvelope({ ...plain, ...changes });
}
