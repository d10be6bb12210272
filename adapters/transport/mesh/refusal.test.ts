import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as encoding from "lib0/encoding";
import { WebSocketServer } from "ws";
import { encodeStateAsUpdate } from "yjs";
import { encodeGossip } from "../gossip/message.ts";
import { createMeshTransport } from "../mesh.ts";
import { encodeGreeting, MESH_VERSION } from "./greeting.ts";
import { MeshBench, type MeshNode, type NodeSetup, type Stranger, until } from "./workbench.ts";

const SECRET = "only we two know this";

let bench: MeshBench;
let ada: MeshNode;
let ben: MeshNode;

beforeEach(async () => {
  bench = new MeshBench();
  ada = await bench.join({ secret: SECRET, handshakeMs: 150, maxMessageBytes: 1 << 20 });
  ben = await bench.join({ secret: SECRET, peers: [ada.address] });
  ada.write();
  await until(() => ben.countOf(ada) === 1);
});

afterEach(async () => {
  // Whatever was tried, the two go on.
  const before = ada.countOf(ben);
  ben.write();
  await until(() => ada.countOf(ben) === before + 1);
  expect(ben.statuses).not.toContain("offline");
  expect([...ada.breaches, ...ben.breaches]).toEqual([]);
  await bench.close();
});

test("[T38] without a secret a node listens on loopback only, and says why", () => {
  const listenOn = (host: string, secret?: string) => () =>
    createMeshTransport({ listen: { host, port: 0 }, peers: [], ...(secret ? { secret } : {}) });

  expect(listenOn("0.0.0.0")).toThrow(/without a secret does not listen on 0.0.0.0/);
  expect(listenOn("::")).toThrow(TypeError);
  expect(listenOn("127.0.0.1.example.org")).toThrow(TypeError);
  expect(listenOn("0.0.0.0", "too short")).toThrow(RangeError);
  for (const host of ["127.0.0.1", "::1", "localhost", "127.1.2.3"]) {
    expect(listenOn(host)).not.toThrow();
  }
  expect(listenOn("0.0.0.0", SECRET)).not.toThrow();
  expect(() => createMeshTransport({ peers: [] })).toThrow(TypeError);
  expect(() => createMeshTransport({ peers: ["http://127.0.0.1:1"] })).toThrow(TypeError);
  expect(() => createMeshTransport({ peers: ["ws://a:1"], repairMs: 0 })).toThrow(RangeError);
});

test.each([
  ["another secret", { secret: "something else entirely" }, "secret", "BOARD_MISMATCH"],
  ["no secret", {}, "secret", "BOARD_MISMATCH"],
  ["another board", { secret: SECRET, board: "other#1" }, "board", "BOARD_MISMATCH"],
  ["another generation", { secret: SECRET, board: "docs#2" }, "board", "BOARD_MISMATCH"],
  ["another rule", { secret: SECRET, rule: "rendezvous@1" }, "rule", "RULE_MISMATCH"],
] as const)(
  "[T39] a peer with %s is refused by name and shares nothing",
  async (_, setup, mismatch, code) => {
    const eve = bench.createNode({ ...(setup as NodeSetup), peers: [ada.address] });
    eve.write();

    eve.connect();
    await until(() => eve.faults.length > 0);

    expect(eve.faults).toEqual([
      expect.objectContaining({ code, details: expect.objectContaining({ mismatch }) }),
    ]);
    expect(eve.connection.status).toBe("offline");
    expect([ada.countOf(eve), eve.countOf(ada)]).toEqual([0, 0]);
    expect(ada.faults).toEqual([]);
  },
);

test("[T39] a node that one peer refuses works with the others", async () => {
  const late = bench.createNode({ secret: SECRET, board: "late#1", peers: [ada.address] });
  late.connect();
  await until(() => late.faults.length > 0);

  const other = bench.createNode({ secret: SECRET, board: "late#1", peers: [late.address] });
  other.connect();
  await until(() => late.connection.status === "synced");

  late.write();
  await until(() => other.countOf(late) === 1);
});

test("[T40] a stranger learns a random number, and neither board nor proof", async () => {
  const stranger = await bench.meet(ada.address);
  const nonce = new Uint8Array(32);

  stranger.socket.send(encodeGreeting({ kind: "challenge", protocol: MESH_VERSION, nonce }));
  const code = await stranger.closed;

  expect(stranger.heard.map(([kind]) => kind)).toEqual([16]); // a challenge
  expect(code).toBe(1006);
});

test("[T40] what a node proves is not taken as the proof of the other side", async () => {
  const mirror = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  bench.onClose(() => mirror.close());
  await once(mirror, "listening");
  const kinds: unknown[] = [];
  const codes: number[] = [];
  mirror.on("connection", (socket) => {
    socket.on("close", (code) => codes.push(code));
    socket.on("message", (data: Buffer) => {
      kinds.push(data[0]);
      socket.send(data);
    });
  });
  const { port } = mirror.address() as AddressInfo;
  const eve = bench.createNode({ secret: SECRET, peers: [`ws://127.0.0.1:${port}`] });

  eve.connect();
  await until(() => codes.length > 0);

  expect(kinds.slice(0, 3)).toEqual([16, 17, 19]); // challenge, proof, and then a refusal: no hello
  expect(codes[0]).toBe(4409);
  expect(eve.faults).toEqual([expect.objectContaining({ code: "BOARD_MISMATCH" })]);
});

test("[T40] board data before the handshake is refused", async () => {
  const update = encodeStateAsUpdate(ada.doc);
  for (const message of [
    encodeGossip({ kind: "update", update }),
    encodeGossip({ kind: "answer", update, state: Uint8Array.of(0, 0) }),
    encodeGreeting({ kind: "hello", node: "eve", board: "docs#1", rule: "earliest@1" }),
  ]) {
    const stranger = await bench.meet(ada.address);
    stranger.socket.send(message);
    expect(await stranger.closed).toBe(4400);
  }
});

test("[T40] a request with an Origin, or under a name that is not the node's, is refused", async () => {
  const { host } = new URL(ada.address);
  for (const headers of [
    { origin: "http://example.org" },
    { origin: `http://${host}` },
    { host: "example.org" },
    { host: `example.org:${new URL(ada.address).port}` },
    { host: "127.0.0.1.example.org" },
  ]) {
    const stranger = await bench.meet(ada.address, headers);
    expect(await stranger.closed).toBe(1006);
    expect(stranger.heard).toEqual([]);
  }
  const allowed = await bench.meet(ada.address, { host: "localhost:9" });
  await until(() => allowed.heard.length === 1);
});

test("[T40] who dials what is no peer is told so once", async () => {
  const server = createServer((_request, response) => response.writeHead(404).end());
  bench.onClose(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  let refused = 0;
  server.on("upgrade", (_request, socket) => {
    refused++;
    socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
  });
  const eve = bench.createNode({ peers: [`ws://127.0.0.1:${port}`] });

  eve.connect();
  await until(() => refused > 2);

  expect(eve.faults).toEqual([expect.objectContaining({ code: "BOARD_MISMATCH" })]);
});

test("[T41] strangers that say nothing, or too slowly, are cut off", async () => {
  const port = Number(new URL(ada.address).port);
  const silent = connect(port, "127.0.0.1").on("error", () => {});
  const slow = connect(port, "127.0.0.1").on("error", () => {});
  slow.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-");
  const ends = [once(silent.resume(), "close"), once(slow.resume(), "close")];
  const open = await bench.meet(ada.address);

  await Promise.all([...ends, open.closed]);

  expect(ada.faults).toEqual([]);
});

test("[T41] a stranger that says more than a greeting takes is cut off before the message is whole", async () => {
  const stranger = await bench.meet(ada.address);

  stranger.socket.send(new Uint8Array(1 << 19)); // a peer might send as much

  expect(await stranger.closed).toBe(1006);
});

test("[T41] of strangers only so many are borne at a time, and peers are not among them", async () => {
  const eve = await bench.join({ secret: SECRET, peers: [ada.address], handshakeMs: 60_000 });
  const port = Number(new URL(eve.address).port);
  let closed = 0;
  const sockets = Array.from({ length: 300 }, () =>
    connect(port, "127.0.0.1")
      .on("error", () => {})
      .on("close", () => closed++)
      .resume(),
  );
  bench.onClose(() => sockets.map((socket) => socket.destroy()));
  const late = bench.createNode({ secret: SECRET, peers: [eve.address] });

  await until(() => closed === 300 - 256);
  late.connect();
  for (const socket of sockets) {
    socket.destroy();
  }

  await until(() => late.connection.status === "synced");
  await until(() => late.countOf(ada) === ada.countOf(ada));
});

test("[T42] a peer whose message is too large, is text or cannot be decoded loses its connection", async () => {
  const long = encoding.encode((encoder) => {
    encoding.writeUint8(encoder, 2); // an update
    encoding.writeVarUint(encoder, 1_000); // that is longer than the message
    encoding.writeUint8Array(encoder, Uint8Array.of(1, 2, 3));
  });
  const beyond = encodeGossip({
    kind: "update",
    update: Uint8Array.of(1, 1, 1, 0, 4, 1, 1, 97, 100, 97),
  });
  const cases: [Uint8Array | string, number][] = [
    [new Uint8Array((1 << 20) + 1), 1009],
    ["hello", 4400],
    [new Uint8Array(0), 4400],
    [Uint8Array.of(99), 4400],
    [Uint8Array.of(0, 3, 255, 255, 255), 4400],
    [long, 4400],
  ];
  for (const [message, code] of cases) {
    const peer = await impersonate();
    peer.socket.send(message);
    expect(await peer.closed).toBe(code);
  }
  const peer = await impersonate();
  await answer(peer);
  peer.socket.send(beyond);
  expect(await peer.closed).toBe(4400);
  expect(ada.received.length).toBe(0);
});

test("[T42] 2,000 random messages of a proven peer change nothing and stop nobody", async () => {
  const before = encodeStateAsUpdate(ada.doc);
  let seed = 7;
  const random = (): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed >>> 16;
  };
  let peer = await impersonate();
  await answer(peer);
  for (let sent = 0; sent < 2_000; sent++) {
    if (peer.socket.readyState !== peer.socket.OPEN) {
      peer = await impersonate();
      await answer(peer);
    }
    const body = Uint8Array.from({ length: random() % 40 }, () => random());
    peer.socket.send(Uint8Array.of(random() % 3, ...body));
    if (sent % 50 === 0) {
      await new Promise(setImmediate);
    }
  }
  peer.socket.terminate();

  expect(encodeStateAsUpdate(ada.doc)).toEqual(before);
  expect(ada.connection.status).toBe("synced");
}, 20_000);

function impersonate(): Promise<Stranger> {
  return bench.impersonate(ada.address, { secret: SECRET });
}

/** Answers the node's first question, so that it takes updates. */
async function answer(peer: Stranger): Promise<void> {
  const state = Uint8Array.of(0, 0);
  peer.socket.send(encodeGossip({ kind: "answer", update: new Uint8Array(0), state }));
}
