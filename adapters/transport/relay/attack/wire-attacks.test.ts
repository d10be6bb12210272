/** Attacks on the wire and at the door: what is announced and not sent, what is sent too often, who may not be here. */
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as encoding from "lib0/encoding";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { messageType } from "../../wire/message.ts";
import { encodeMarker, encodePresence, encodeSync } from "../../wire/traffic.ts";
import { createSecret, parseKey } from "../access/key.ts";
import { createToken } from "../access/token.ts";
import { helloOf, until } from "../workbench.ts";
import { ADA, BEA, BOARD, MAL, OTHER_BOARD, record, Scene } from "./scene.ts";

let scene: Scene;

beforeEach(async () => {
  scene = await Scene.open();
});

afterEach(() => scene.close());

const WHOLE_BOARD = encodeSync({ kind: "state-vector", payload: Uint8Array.of(0) });
const SECRET_WORDS = "words of another, in the memory behind";

/** Messages that announce more bytes than they have. */
const announced: readonly (readonly [string, Uint8Array])[] = [
  ["an update", Uint8Array.of(messageType.sync, 2, 255, 255, 3, 1, 1)],
  ["a difference", Uint8Array.of(messageType.sync, 1, 200, 1, 0)],
  ["a state vector", Uint8Array.of(messageType.sync, 0, 100, 1)],
  ["a state vector of a million clients", Uint8Array.of(messageType.sync, 0, 4, 192, 132, 61, 1)],
  ["a hello's board", Uint8Array.of(messageType.hello, 1, 255, 1, 100)],
  ["a text in a value", updateWith([118, 1, 4, 110, 111, 116, 101, 119, 255, 31, 120])],
  ["a key in a value", updateWith([118, 1, 255, 31, 110])],
  ["a list in a value", updateWith([117, 255, 255, 127, 126])],
  ["a root's name", Uint8Array.of(messageType.sync, 2, 9, 1, 1, 7, 0, 8, 1, 255, 31, 108)],
];

test.each(announced)(
  "[T51] %s that ends before its announced length brings back no byte of another message",
  async (_, message) => {
    const attacker = await scene.attack({ isSilent: true });
    // small messages of others lie beside this one in Node's pool
    for (let i = 0; i < 20; i++)
      scene.cy.send(encodePresence([{ agent: SECRET_WORDS as never, slots: 1 }]));

    attacker.send(message);

    expect((await attacker.closed).code).toBe(4400);
    const received = Buffer.concat([...attacker.messages, ...scene.ada.messages]);
    expect(received.includes("words of another")).toBe(false);
    expect(Buffer.from(await scene.ada.state()).includes("words of another")).toBe(false);
    await scene.prove();
  },
);

test("[T52] presence in another agent's name is not told", async () => {
  const attacker = await scene.attack();
  const heard = scene.bea.messages.length;

  attacker.send(
    encodePresence([
      { agent: ADA as never, slots: 9 },
      { agent: "dan~0a1b2c3d" as never, slots: 1 },
    ]),
  );
  await attacker.sync();

  const told = Buffer.concat(scene.bea.messages.slice(heard));
  expect(told.includes("dan~") || told.includes("ada~")).toBe(false);
  await scene.prove();
});

test("[T52] more than 10,000 signs of life in one message cost the sender the connection", async () => {
  const attacker = await scene.attack();
  const presences = Array.from({ length: 10_001 }, (_, i) => ({
    agent: `mal-${i}~0a1b2c3d` as never,
    slots: 1,
  }));

  attacker.send(encodePresence(presences));

  expect((await attacker.closed).code).toBe(4400);
  await scene.prove();
});

test("[T53] whoever asks for the whole board again and again, and does not read, is sent away before it fills the memory", async () => {
  for (let n = 1; n < 200; n++) scene.ada.write(); // some bytes to ask for
  await scene.ada.sync();
  const attacker = await scene.attack();
  attacker.socket.pause();
  const sentBefore = scene.relay.stats().bytesSent;
  const size = (await scene.ada.state()).length;

  for (let i = 0; i < 30_000; i++) attacker.send(WHOLE_BOARD);
  await scene.prove();
  await until(() => scene.relay.stats().bytesSent - sentBefore > 1_000_000);
  attacker.socket.resume();

  expect((await attacker.closed).code).toBe(1013);
  expect(scene.relay.stats().bytesSent - sentBefore).toBeLessThan(30_000 * size * 0.5);
  await scene.prove();
}, 30_000);

test("[T54] a second hello costs the connection, so that no echoes are held by hellos made up", async () => {
  const attacker = await scene.attack();

  for (let i = 0; i < 50; i++) attacker.send(helloOf(BOARD, { incarnation: `made-up-${i}` }));

  expect((await attacker.closed).code).toBe(4400);
});

test("[T54] who only reads cannot have echoes held, nor name the rule", async () => {
  await scene.close();
  scene = await Scene.open();
  const token = await scene.token({ role: "read" });
  const reader = await scene.attack({ token, isSilent: true });
  const hello = { incarnation: "made up", longestLeaseMs: 600_000 };
  reader.send(helloOf(BOARD, hello));
  await reader.state();

  await scene.prove(); // whose syncs come at once

  expect(reader.socket.readyState).toBe(WebSocket.OPEN);
});

test("[T55] a flood of markers is answered or costs the connection, and hinders nobody", async () => {
  const attacker = await scene.attack({ isSilent: true });
  attacker.send(helloOf(BOARD)); // and never asks for the state: nothing is echoed

  for (let i = 0; i < 10_001; i++) attacker.send(encodeMarker(i));

  expect((await attacker.closed).code).toBe(4400);
  await scene.prove();
});

test("[T56] a frame larger than allowed is not taken into memory", async () => {
  await scene.close();
  scene = await Scene.open({ limits: { messageBytes: 100_000 } });
  const attacker = await scene.attack();

  attacker.send(new Uint8Array(100_001));

  expect((await attacker.closed).code).toBe(1009);
  await scene.prove();
});

test("[T56] a message in fragments is held to the same length", async () => {
  await scene.close();
  scene = await Scene.open({ limits: { messageBytes: 100_000 } });
  const attacker = await scene.attack();

  for (let i = 0; i < 60; i++) attacker.socket.send(new Uint8Array(2_000), { fin: false });

  expect((await attacker.closed).code).toBe(1009);
  await scene.prove();
});

const strangers: readonly (readonly [
  string,
  (scene: Scene) => Promise<{ token: string; board?: string }>,
  number,
])[] = [
  ["no token", async () => ({ token: "" }), 4401],
  ["a token of another relay", async () => ({ token: await foreignToken() }), 4401],
  ["a token that no algorithm signed", async () => ({ token: unsigned() }), 4401],
  [
    "an expired token",
    async (at) => ({ token: await at.token({ expiresAt: Date.now() - 60_000 }) }),
    4401,
  ],
  ["a token of another board", async (at) => ({ token: await at.token({ board: "hall" }) }), 4403],
  ["two tokens", async (at) => ({ token: `${await at.token()}&token=${await at.token()}` }), 4401],
  [
    "a path that climbs",
    async (at) => ({ token: await at.token(), board: "docs#1/../hall#1" }),
    4403,
  ],
  [
    "a path that climbs back",
    async (at) => ({ token: await at.token({ board: "hall" }), board: "../docs#1" }),
    4403,
  ],
  ["a name coded twice", async (at) => ({ token: await at.token(), board: "docs%231" }), 4403],
  ["two generations", async (at) => ({ token: await at.token(), board: "docs#1#2" }), 4403],
  ["a name with a null byte", async (at) => ({ token: await at.token(), board: "docs\0#1" }), 4400],
  [
    "the relay's own ledger",
    async (at) => ({ token: await at.token(), board: ".relay-ledger" }),
    4400,
  ],
];

test.each(strangers)(
  "[T57] with %s nobody comes in, nor hears a byte",
  async (_, stranger, code) => {
    const attacker = await scene.attack({ ...(await stranger(scene)), isSilent: true });

    attacker.send(helloOf(BOARD), WHOLE_BOARD);

    expect((await attacker.closed).code).toBe(code);
    expect(attacker.messages).toEqual([]);
    await scene.prove();
  },
);

test("[T58] a connection ends with its token", async () => {
  const token = await scene.token({ expiresAt: Math.ceil(Date.now() / 1000) * 1000 + 1_000 });
  const guest = await scene.attack({ token });

  expect((await guest.closed).code).toBe(4401);
  await scene.prove();
});

const requests: readonly (readonly [string, string])[] = [
  ["a name that points here from elsewhere", upgrade({ Host: "evil.example" })],
  ["two hosts", upgrade({}, "Host: 127.0.0.1\r\n")],
  ["no host", upgrade({ Host: null })],
  ["a page of another origin", upgrade({ Origin: "https://evil.example" })],
  ["a page of no origin", upgrade({ Origin: "null" })],
  ["a body beside the upgrade", upgrade({ "Content-Length": "5", "Transfer-Encoding": "chunked" })],
  ["a header folded into another", upgrade({}, "X-A: b\r\n Host: evil.example\r\nHost : evil\r\n")],
  ["another method", upgrade({}, "", "POST")],
  ["another version of WebSocket", upgrade({ "Sec-WebSocket-Version": "99" })],
  ["a key that is none", upgrade({ "Sec-WebSocket-Key": "x" })],
  ["an answer in place of a request", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
  ["another protocol", "SSH-2.0-OpenSSH_9.0\r\n\r\n"],
];

test.each(requests)(
  "[T59] a request with %s is refused, and its socket does not stay",
  async (_, request) => {
    const wire = tcp();

    wire.write(request);

    const answer = await allOf(wire);
    expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d|$)/u);
    await scene.prove();
  },
);

test("[T60] messages that come byte by byte hinder nobody", async () => {
  const wire = tcp();
  wire.write(upgrade({}).replace("/docs", `/docs%231?token=${await scene.token()}`));
  await once(wire, "data");
  const frame = [0x82, 0xfe, 0x40, 0, 1, 2, 3, 4];

  for (const byte of frame) {
    wire.write(Uint8Array.of(byte));
    await scene.prove();
  }

  expect(scene.relay.stats().connections).toBe(4);
  wire.destroy();
});

test("[T60] requests that are never completed are given up after ten seconds", async () => {
  const starts = ["", "GET /docs HTTP/1.1\r\nHost: 127.0.0.1\r\nX-"];
  const slow = starts.map((start) => {
    const wire = tcp();
    wire.resume();
    wire.write(start);
    return wire;
  });

  const ends = slow.map((wire) => new Promise((resolve) => wire.once("end", resolve)));

  await Promise.all(ends);
  await scene.prove();
}, 30_000);

test("[T61] 500 connections at once are all served", async () => {
  await scene.close();
  scene = await Scene.open({ limits: { connectionsPerSubject: 1_000 } });
  const token = await scene.token();

  const guests = await Promise.all(
    Array.from({ length: 500 }, () => scene.attack({ token, isSilent: true })),
  );
  for (const guest of guests) guest.send(helloOf(BOARD));
  await Promise.all(guests.map((guest) => guest.state()));

  expect(scene.relay.stats().connections).toBe(503);
  await scene.prove();
}, 30_000);

test("[T61] a storm of connections that come and go leaves nothing behind", async () => {
  const token = await scene.token();

  for (let round = 0; round < 5; round++) {
    const guests = await Promise.all(
      Array.from({ length: 40 }, () => scene.attack({ token, isSilent: true })),
    );
    for (const { socket } of guests) socket.terminate();
  }

  await until(() => scene.relay.stats().connections === 3);
  await scene.prove();
});

test("[T62] a relay that is full takes nothing more, and goes on telling what it has", async () => {
  await scene.close();
  scene = await Scene.open({ limits: { memoryBytes: 20_000 } });
  const writer = await scene.attack();
  const log = writer.doc.getArray(`log/${MAL}/0`);
  for (let i = 0; i < 5; i++) {
    const before = Y.encodeStateVector(writer.doc);
    log.push([record(i, { note: "x".repeat(8_000) })]);
    writer.sendUpdate(Y.encodeStateAsUpdate(writer.doc, before));
    await Promise.race([writer.sync(), writer.closed]);
  }

  expect((await writer.closed).code).toBe(1011);
  expect((await scene.ada.state()).length).toBeGreaterThan(16_000);
  expect((await scene.ada.state()).length).toBeLessThan(32_000);
});

test("[T63] one board's guest hears nothing of another, whatever happens there", async () => {
  for (let i = 0; i < 20; i++) scene.ada.write();
  scene.ada.send(encodePresence([{ agent: ADA as never, slots: 1 }]));
  await scene.ada.sync();

  await scene.prove();

  const heard = Buffer.concat(scene.cy.messages);
  for (const agent of [ADA, BEA, MAL]) expect(heard.includes(agent)).toBe(false);
  const token = await scene.token({ subject: "cy", board: "hall" });
  const guest = await scene.attack({
    token,
    board: OTHER_BOARD,
    agent: "cy~0d1e2f3h",
    client: 104,
  });
  expect(Buffer.from(await guest.state()).includes("ada~")).toBe(false);
});

function updateWith(value: readonly number[]): Uint8Array {
  const name = [...Buffer.from(`log/${MAL}/0`)];
  const payload = [1, 1, 7, 0, 8, 1, name.length, ...name, 1, ...value];
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, messageType.sync);
    encoding.writeVarUint(encoder, 2);
    encoding.writeVarUint8Array(encoder, Uint8Array.from(payload));
  });
}

function upgrade(
  changes: Readonly<Record<string, string | null>>,
  more = "",
  method = "GET",
): string {
  const headers = {
    Host: "127.0.0.1",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    ...changes,
  };
  const lines = Object.entries(headers).map(([name, value]) =>
    value === null ? "" : `${name}: ${value}\r\n`,
  );
  return `${method} /docs HTTP/1.1\r\n${lines.join("")}${more}\r\n`;
}

/** A socket that goes on after the other side has ended it. */
function tcp(): Socket {
  const socket = connectTcp({
    port: Number(new URL(scene.relay.address).port),
    host: "127.0.0.1",
    allowHalfOpen: true,
  });
  socket.on("error", () => {});
  return socket;
}

/** All that comes from a socket until it is gone altogether; a socket that is only half gone is written to, to find out. */
async function allOf(wire: Socket): Promise<string> {
  let text = "";
  wire.on("data", (data: Buffer) => {
    text += data.toString("latin1");
  });
  const gone = new Promise((resolve) => wire.once("close", resolve));
  await new Promise((resolve) => wire.once("end", resolve));
  const probe = setInterval(() => wire.write("x"), 5);
  await gone;
  clearInterval(probe);
  return text;
}

async function foreignToken(): Promise<string> {
  const key = parseKey(createSecret());
  return createToken(key, {
    subject: "mal",
    board: "docs",
    role: "write",
    expiresAt: Date.now() + 60_000,
  });
}

function unsigned(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = {
    iss: "stigmergy",
    aud: "stigmergy-relay",
    sub: "mal",
    board: "docs",
    role: "admin",
    exp: 4e9,
  };
  return `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.`;
}
