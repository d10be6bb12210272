// The door, with real requests: where a token may be, for which board, and under which names a browser may come.

import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { WebSocket, WebSocketServer } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { type Access, createAccess, openAccess } from "./access.ts";
import { AccessUndecidedError, decideAccess } from "./decide.ts";
import { type Denial, deny, isDenial } from "./denial.ts";
import type { Grant } from "./grant.ts";
import { createSecret, parseKey } from "./key.ts";
import { type CheckOrigin, createOriginCheck, isLoopback } from "./origin.ts";
import { bearerProtocols, chooseProtocol } from "./subprotocol.ts";
import { createToken } from "./token.ts";

const secret = createSecret();
const access = createAccess({ secret });
const wish = {
  subject: "ada",
  board: "docs",
  role: "write",
  expiresAt: Date.now() + 3_600_000,
} as const;

let token: string;
let server: Server;
let port: number;
let judge: (request: IncomingMessage) => Promise<Grant | Denial>;

/** A server that closes every socket with what the judge says, and answers plain requests with it. */
beforeEach(async () => {
  token = await createToken(parseKey(secret), wish);
  judge = (request) => access.judge(request, boardOf(request));
  server = createServer(async (request, response) => {
    response.end(JSON.stringify(await judge(request)));
  });
  const sockets = new WebSocketServer({ server, handleProtocols: chooseProtocol });
  sockets.on("connection", async (socket, request) => {
    const judgement = await judge(request);
    if (isDenial(judgement)) socket.close(judgement.closeCode, judgement.message);
    else socket.close(1000, JSON.stringify(judgement));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

const ask = async (
  path: string,
  headers: Readonly<Record<string, string | string[]>> = {},
): Promise<Grant | Denial> => {
  const sent = request({ port, host: "127.0.0.1", path, headers }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  const chunks = await response.toArray();
  return JSON.parse(Buffer.concat(chunks).toString()) as Grant | Denial;
};

const reasonOf = async (...what: Parameters<typeof ask>): Promise<string> => {
  const judgement = await ask(...what);
  return isDenial(judgement) ? judgement.reason : "granted";
};

const bearer = (value = token) => ({ authorization: `Bearer ${value}` });

test("[J1] a token is taken from the header, the subprotocol or the query", async () => {
  expect(await ask("/docs%231", bearer())).toMatchObject({ subject: "ada", board: "docs" });
  expect(await reasonOf("/docs", { authorization: `bearer  ${token}` })).toBe("granted");
  expect(await reasonOf("/docs", { "sec-websocket-protocol": `stigmergy, bearer.${token}` })).toBe(
    "granted",
  );
  expect(await reasonOf(`/docs?x=1&token=${token}`)).toBe("granted");
});

test("[J1] a request without exactly one token is refused", async () => {
  const subprotocol = `stigmergy, bearer.${token}`;
  const offer = { "sec-websocket-protocol": subprotocol };

  expect(await reasonOf("/docs")).toBe("missing");
  expect(await reasonOf("/docs?tokens=1&TOKEN=2", { cookie: `token=${token}` })).toBe("missing");
  for (const [path, headers] of [
    [`/docs?token=${token}`, bearer()],
    [`/docs?token=${token}`, offer],
    ["/docs", { ...bearer(), ...offer }],
    [`/docs?token=${token}&token=${token}`, {}],
    ["/docs?token=", bearer()],
    ["/docs", { "sec-websocket-protocol": `${subprotocol}, bearer.${token}` }],
    ["/docs", { "sec-websocket-protocol": [subprotocol, `bearer.${token}`] }],
    ["/docs", { "sec-websocket-protocol": "stigmergy, bearer." }],
    ["/docs", { authorization: `Basic ${token}` }],
    ["/docs", { authorization: `Bearer ${token} ${token}` }],
    ["/docs", { authorization: "Bearer" }],
    ["/docs", { authorization: "" }],
  ] as const)
    expect([path, headers, await reasonOf(path, headers as never)]).toEqual([
      path,
      headers,
      "malformed",
    ]);
});

test("[J1] two headers of authorization are refused, as they came over the wire", async () => {
  const socket = connect(port, "127.0.0.1");
  const line = `Authorization: Bearer ${token}\r\n`;
  socket.write(`GET /docs HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n${line}${line}\r\n`);
  const said = Buffer.concat(await socket.toArray()).toString();

  expect(said).toContain("more than one token was sent");
  expect(said).not.toContain(token);
});

test("[J1] a browser's way brings the token in, and the answer does not repeat it", async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/docs%231`, bearerProtocols(token).reverse());
  const [answer] = (await once(socket, "upgrade")) as [IncomingMessage];
  const [code, reason] = (await once(socket, "close")) as [number, Buffer];

  expect(answer.headers["sec-websocket-protocol"]).toBe("stigmergy");
  expect(JSON.stringify(answer.rawHeaders)).not.toContain(token);
  expect([code, JSON.parse(reason.toString())]).toEqual([
    1000,
    expect.objectContaining({ role: "write" }),
  ]);
  expect(() => bearerProtocols("a b")).toThrow(TypeError);
});

test("[J1] plain y-websocket comes in by its query", async () => {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`ws://127.0.0.1:${port}`, "docs", doc, {
    params: { token },
    WebSocketPolyfill: WebSocket as never,
    disableBc: true,
  });
  const [event] = await new Promise<[CloseEvent | null]>((resolve) => {
    provider.on("connection-close", (...args) => resolve(args as never));
  });
  provider.destroy();
  doc.destroy(); // and the timer of its awareness

  expect(event?.code).toBe(1000);
});

test("[J9] a denial closes with a code that says whether another token helps, and fits a close frame", async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/plans%231?token=${token}`);
  const [code, reason] = (await once(socket, "close")) as [number, Buffer];
  expect([code, reason.toString()]).toEqual([4403, deny("wrong-board").message]);

  const reasons = ["missing", "malformed", "bad-signature", "expired", "not-yet"] as const;
  const places = ["wrong-board", "wrong-role", "wrong-host", "wrong-origin"] as const;
  expect(reasons.map((one) => deny(one).closeCode)).toEqual([4401, 4401, 4401, 4401, 4401]);
  expect(places.map((one) => deny(one).closeCode)).toEqual([4403, 4403, 4403, 4403]);
  const longest = "the token's agent is no name of an agent, or ends in a number";
  for (const { message } of [
    ...[...reasons, ...places].map((one) => deny(one)),
    deny("malformed", longest),
  ]) {
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(123);
    expect(message).toMatch(/^[^;]+; [^;]+$/u); // cause; remedy
  }
});

test.each([
  ["/docs", "granted"],
  ["/docs%231", "granted"],
  ["/docs%2342", "granted"],
  ["/docs#1", "granted"],
  ["/plans%231", "wrong-board"],
  ["/docs%23", "wrong-board"],
  ["/docs%23x", "wrong-board"],
  ["/docs%231%231", "wrong-board"],
  ["/Docs%231", "wrong-board"],
  ["/docs%2f..%2fplans", "wrong-board"],
  ["/docs2", "wrong-board"],
  ["/%64ocs%231", "granted"],
])("[J4] a token of docs at %s: %s", async (path, reason) => {
  expect(await reasonOf(path, bearer())).toBe(reason);
});

test("[J8] only an admin's token speaks for the relay as a whole", async () => {
  const admin = await createToken(parseKey(secret), { ...wish, board: "plans", role: "admin" });
  judge = async (request) => (await access.judgeOperator(request)) ?? ({} as Grant);

  expect(await reasonOf("/metrics", bearer(admin))).toBe("granted");
  expect(await reasonOf("/metrics", bearer())).toBe("wrong-role");
  expect(await reasonOf("/metrics")).toBe("missing");
  judge = async (request) => (await openAccess().judgeOperator(request)) ?? ({} as Grant);
  expect(await reasonOf("/metrics")).toBe("granted");
});

test("[J10] an open relay grants everything to everybody, without a subject", async () => {
  judge = (request) => openAccess().judge(request, boardOf(request));

  expect(await ask("/docs%231")).toEqual({
    subject: null,
    board: "docs",
    role: "admin",
    expiresAt: null,
    quotas: {},
  });
});

const pair = generateKeyPairSync("ed25519");
const publicPem = pair.publicKey.export({ type: "spki", format: "pem" }) as string;
const privatePem = pair.privateKey.export({ type: "pkcs8", format: "pem" }) as string;

test.each([
  ["nothing is said", { host: "127.0.0.1" }, "does not know whom to let in"],
  ["an open one is beyond loopback", { host: "0.0.0.0", isOpen: true }, "127.0.0.1"],
  ["an open one is everywhere", { host: "", isOpen: true }, "every interface"],
  ["an open one is on the LAN", { host: "192.168.1.5", isOpen: true }, "192.168.1.5"],
  ["an open one is at a name", { host: "localhost.example", isOpen: true }, "will not be open"],
  ["it is open and has a secret", { host: "::1", isOpen: true, secret }, "leave out one"],
  [
    "it is open and has a key",
    { host: "::1", isOpen: true, publicKey: publicPem },
    "leave out one",
  ],
  ["the list of keys is empty", { host: "::1", publicKey: [] }, "does not know whom"],
])("[J10] a relay does not start when %s", (_name, options, message) => {
  expect(() => decideAccess(options)).toThrow(AccessUndecidedError);
  expect(() => decideAccess(options)).toThrow(message);
});

test("[J10] with a key, or open on loopback, it is decided", () => {
  const isOpen = (options: Parameters<typeof decideAccess>[0]): boolean =>
    (decideAccess(options) satisfies Access).isOpen;

  expect(isOpen({ host: "0.0.0.0", secret })).toBe(false);
  expect(isOpen({ host: "0.0.0.0", publicKey: [publicPem] })).toBe(false);
  for (const host of ["127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]"])
    expect([host, isOpen({ host, isOpen: true })]).toEqual([host, true]);
  expect(["127.0.0.1.example", "0.0.0.0", "128.0.0.1", "::"].filter(isLoopback)).toEqual([]);
});

test.each([
  ["a public key as the secret", { secret: publicPem }, "public key where a secret"],
  ["a private key as the public one", { publicKey: privatePem }, "a relay only verifies"],
  ["a secret as the public key", { publicKey: secret }, "secret key where a public"],
  ["a short secret", { secret: "hunter2 hunter2" }, "15 bytes; it needs 32"],
  ["no key", {}, "needs a secret or a public key"],
])("[J3] %s is refused before the relay starts, and not shown", (_name, keys, message) => {
  expect(() => createAccess(keys)).toThrow(TypeError);
  expect(() => createAccess(keys)).toThrow(message);
  expect(() => createAccess(keys)).not.toThrow(/hunter2|BEGIN/u);
});

const judgeOrigin = (check: CheckOrigin, host: string | string[], origin?: string | string[]) => {
  const list = (value: string | string[] | undefined) =>
    value === undefined ? undefined : [value].flat();
  const headersDistinct = { host: list(host), origin: list(origin) };
  return check({ headersDistinct } as never)?.reason ?? "ok";
};

test.each([
  ["127.0.0.1:4444", undefined, "ok"],
  ["localhost", undefined, "ok"],
  ["LOCALHOST:1", "http://localhost:3000", "ok"],
  ["[::1]:4444", "http://[::1]:4444", "ok"],
  ["board.example:4444", "https://board.example", "ok"],
  ["board.example:4444", "https://app.example:8443", "ok"],
  ["evil.example:4444", undefined, "wrong-host"],
  ["evil.example:4444", "http://evil.example:4444", "wrong-host"],
  ["192.168.1.5:4444", undefined, "wrong-host"],
  ["localhost.evil.example", undefined, "wrong-host"],
  ["localhost.", undefined, "wrong-host"],
  ["evil@localhost", undefined, "wrong-host"],
  ["localhost/evil", undefined, "wrong-host"],
  ["localhost:evil", undefined, "wrong-host"],
  ["", undefined, "wrong-host"],
  [["localhost", "evil.example"], undefined, "wrong-host"],
  [[], undefined, "wrong-host"],
  ["localhost", "http://evil.example", "wrong-origin"],
  ["localhost", "http://localhost.evil.example", "wrong-origin"],
  ["localhost", "https://app.example", "wrong-origin"], // another port
  ["localhost", "null", "wrong-origin"],
  ["localhost", "", "wrong-origin"],
  ["localhost", "file://", "wrong-origin"],
  ["localhost", "chrome-extension://localhost", "wrong-origin"],
  ["localhost", "http://evil@localhost", "wrong-origin"],
  ["localhost", ["http://localhost", "http://evil.example"], "wrong-origin"],
] as const)("[J11] Host %j with Origin %j: %s", (host, origin, answer) => {
  const check = createOriginCheck({
    host: "127.0.0.1",
    hostNames: ["board.example"],
    allowedOrigins: ["https://app.example:8443"],
  });

  expect(judgeOrigin(check, host as string, origin as string)).toBe(answer);
});

test("[J11] a relay that listens everywhere goes by any address, and pages from it alone may connect", () => {
  for (const host of ["0.0.0.0", "::", ""]) {
    const check = createOriginCheck({ host });
    expect(judgeOrigin(check, "192.168.1.5:4444")).toBe("ok");
    expect(judgeOrigin(check, "192.168.1.5:4444", "http://192.168.1.5:8080")).toBe("ok");
    expect(judgeOrigin(check, "192.168.1.5:4444", "http://203.0.113.9")).toBe("wrong-origin");
    expect(judgeOrigin(check, "[fe80::1]:4444")).toBe("ok");
    expect(judgeOrigin(check, "evil.example:4444")).toBe("wrong-host");
  }
  expect(judgeOrigin(createOriginCheck({ host: "fe80::1" }), "[fe80::1]:4444")).toBe("ok");
});

test("[J11] names and origins that are written wrong are refused", () => {
  for (const name of ["http://a.example", "a.example:80", "a b", "", "[::1]:80"])
    expect(() => createOriginCheck({ host: "::1", hostNames: [name] })).toThrow(TypeError);
  for (const origin of ["a.example", "https://a.example/", "https://a.example/x", "*", "ftp://a"])
    expect(() => createOriginCheck({ host: "::1", allowedOrigins: [origin] })).toThrow(TypeError);
});

function boardOf({ url = "" }: IncomingMessage): string {
  return decodeURIComponent((url.slice(1).split("?")[0] ?? "").replace("#1", "%231"));
}
