/** Attacks on what is shared: more connections, smaller messages, more names and more boards than a bearer's part. */
import { afterEach, expect, test } from "@jest/globals";
import { createVirtualClock } from "../../memory/virtual-clock.ts";
import { messageType } from "../../wire/message.ts";
import { encodePresence, encodeSync } from "../../wire/traffic.ts";
import { helloOf, settleSockets, typeOf, until } from "../workbench.ts";
import { ADA, BOARD, type Peer, Scene } from "./scene.ts";

const WHOLE_BOARD = encodeSync({ kind: "state-vector", payload: Uint8Array.of(0) });

let scene: Scene;
const open: Scene[] = [];

const enter = async (options?: Parameters<typeof Scene.open>[0]): Promise<void> => {
  scene = await Scene.open(options);
  open.push(scene);
};
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

test("[T80] several connections of one bearer have one rate together, and so have those that come one after the other", async () => {
  const clock = createVirtualClock();
  await enter({ clock, limits: { recordsPerSecond: 10 } });
  const before = scene.relay.stats().records;

  for (let i = 0; i < 6; i++) await writeMany(await attackAs(i));
  const atFirst = scene.relay.stats().records - before;
  const late = await attackAs(6);
  await writeMany(late);
  await settleSockets();

  expect(atFirst).toBeGreaterThanOrEqual(20); // of four seconds' worth
  expect(atFirst).toBeLessThan(80);
  expect(scene.relay.stats().records - before).toBe(atFirst);
  clock.advance(9_000);
  await until(() => scene.relay.stats().records - before > atFirst);
});

test("[T81] messages that hold next to nothing are held to a rate too", async () => {
  const clock = createVirtualClock();
  await enter({ clock, limits: { recordsPerSecond: 100 } });
  const attacker = await scene.attack();
  const before = scene.relay.stats().bytesReceived;

  for (let i = 0; i < 100_000; i++) attacker.send(Uint8Array.of(messageType.awareness));
  await scene.prove();
  await settleSockets();

  expect(scene.relay.stats().bytesReceived - before).toBeLessThan(50_000);
});

test("[T81] whoever asks faster than its rate is read more slowly, and sent away where it goes on", async () => {
  const clock = createVirtualClock();
  await enter({ clock, limits: { recordsPerSecond: 100 } });
  const attacker = await scene.attack();
  const sentBefore = scene.relay.stats().bytesSent;

  for (let i = 0; i < 5_000; i++) attacker.send(WHOLE_BOARD);

  expect((await attacker.closed).code).toBe(1013);
  const answer = (await scene.ada.state()).length;
  expect(scene.relay.stats().bytesSent - sentBefore).toBeLessThan(100 * answer);
  await scene.prove();
});

test("[T52] whoever makes up agents leaves room for those of others", async () => {
  await enter();
  const attacker = await scene.attack();
  const crowd = Array.from({ length: 10_000 }, (_, i) => ({
    agent: `mal~${i.toString(32).padStart(8, "0")}` as never,
    slots: 1,
  }));
  attacker.send(encodePresence(crowd));
  await attacker.sync();

  scene.ada.send(encodePresence([{ agent: ADA as never, slots: 1 }]));

  const signs = () => scene.bea.messages.filter((one) => typeOf(one) === messageType.presence);
  await until(() => signs().some((message) => Buffer.from(message).includes(ADA)));
});

test("[T83] a token opens no more than 1,000 generations of its board", async () => {
  await enter();
  const token = await scene.token({ role: "read" });

  for (const generation of ["0", "01", "1000", "9".repeat(30), "1_0"]) {
    const attacker = await scene.attack({ token, board: `docs#${generation}`, isSilent: true });
    expect((await attacker.closed).code).toBeGreaterThanOrEqual(4400);
  }
  const late = await scene.attack({ token, board: "docs#999" });

  expect(late.socket.readyState).toBe(late.socket.OPEN);
  expect(scene.relay.stats().boards).toBe(3);
});

/** Another connection of Mal, which says nothing yet. */
function attackAs(number: number): Promise<Peer> {
  const agent = `mal-${number + 1}~0c1d2e3f`;
  return scene.attack({ agent, client: 700 + number, isSilent: true });
}

/** Writes so many records, each in a message of its own, without a look at what becomes of them. */
async function writeMany(peer: Peer): Promise<void> {
  peer.send(helloOf(BOARD));
  for (let i = 0; i < 30; i++) peer.write();
  await settleSockets();
}
