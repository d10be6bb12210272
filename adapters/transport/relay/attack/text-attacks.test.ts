/** Attacks on a board that allows shared text beside its logs: records stay out of reach, and cursors are each their own. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as encoding from "lib0/encoding";
import * as Y from "yjs";
import { messageType } from "../../wire/message.ts";
import { encodeAwareness, encodeSync } from "../../wire/traffic.ts";
import { until } from "../workbench.ts";
import { type ForgedStruct, forgeUpdate, hole, json, texts } from "./forgery.ts";
import { ADA, ADA_CLIENT, BEA_CLIENT, MAL, MAL_CLIENT, record, Scene } from "./scene.ts";

let scene: Scene;

beforeEach(async () => {
  scene = await Scene.open({ text: true });
  const before = Y.encodeStateVector(scene.bea.doc);
  scene.bea.doc.getText("text").insert(0, "shared");
  scene.bea.sendUpdate(Y.encodeStateAsUpdate(scene.bea.doc, before));
  await scene.bea.sync();
});

afterEach(() => scene.close());

function as(client: number, clock: number, ...structs: readonly ForgedStruct[]): Uint8Array {
  return forgeUpdate([{ client, clock, structs }]);
}

const text = { ref: 4, content: texts("x") };
const inText = { ...text, parent: "text" };

const attacks: readonly (readonly [string, Uint8Array])[] = [
  ["text right of a record", as(MAL_CLIENT, 0, { ...text, origin: [ADA_CLIENT, 0] })],
  ["text left of a record", as(MAL_CLIENT, 0, { ...text, rightOrigin: [ADA_CLIENT, 0] })],
  [
    "text between text and a record",
    as(MAL_CLIENT, 0, { ...text, origin: [BEA_CLIENT, 1], rightOrigin: [ADA_CLIENT, 0] }),
  ],
  [
    "text in a record as if it were a type",
    as(MAL_CLIENT, 0, { ...text, parent: [ADA_CLIENT, 0] }),
  ],
  ["text as another's log", as(MAL_CLIENT, 0, { ...text, parent: `log/${ADA}/0` })],
  ["text under a name that only logs have", as(MAL_CLIENT, 0, { ...text, parent: "log/text" })],
  [
    "deletions of records among those of text",
    forgeUpdate(
      [],
      [
        [BEA_CLIENT, 1, 2],
        [ADA_CLIENT, 0, 1],
      ],
    ),
  ],
  ["a deletion from text into a record", forgeUpdate([], [[BEA_CLIENT, 0, 3]])],
  ["GC over the clocks of a client with a log", as(ADA_CLIENT, 1, hole(0, 5))],
  ["text of a client with another's log", as(BEA_CLIENT, 7, inText)],
  [
    "a key in another's log",
    as(MAL_CLIENT, 0, { ref: 8, parent: `log/${ADA}/0`, key: "0", content: json(1) }),
  ],
  [
    "an embed 20,000 levels deep",
    as(MAL_CLIENT, 0, { ref: 5, parent: "text", content: texts(nested(20_000)) }),
  ],
  [
    "a format 20,000 levels deep",
    as(MAL_CLIENT, 0, { ref: 6, parent: "text", content: texts("bold", nested(20_000)) }),
  ],
];

test.each(attacks)("[T64] %s is refused, and no byte of the board changes", async (_, update) => {
  const before = await scene.ada.state();
  const attacker = await scene.attack();

  attacker.sendUpdate(update);

  expect([4400, 4403]).toContain((await attacker.closed).code);
  expect(await scene.ada.state()).toEqual(before);
  await scene.prove();
});

test("[T64] texts beyond the most of a board are refused, and the reason says so", async () => {
  const before = await scene.ada.state();
  const attacker = await scene.attack();
  const roots = Array.from({ length: 300 }, (_, i) => ({ ...text, parent: `t${i}` }));

  attacker.sendUpdate(as(MAL_CLIENT, 0, ...roots));

  const { code, reason } = await attacker.closed;
  expect([code, reason]).toEqual([4403, "an update was refused: there are shared texts enough"]);
  expect(await scene.ada.state()).toEqual(before);
});

test("[T64] a record after garbage of one's own clocks is one's own affair", async () => {
  const attacker = await scene.attack();
  const begin = { ref: 8, parent: `log/${MAL}/0`, content: json(record(0)) };

  attacker.sendUpdate(as(MAL_CLIENT, 0, hole(0, 3), begin));
  await attacker.sync();

  await scene.prove();
  expect(scene.ada.countOf(MAL)).toBe(1);
});

test("[T64] text that two wrote in turns comes in as one answer", async () => {
  const [one, other] = [new Y.Doc(), new Y.Doc()];
  [one.clientID, other.clientID] = [901, 902];
  for (let i = 0; i < 50; i++) {
    one.getText("talk").insert(2 * i, "a");
    Y.applyUpdate(other, Y.encodeStateAsUpdate(one));
    other.getText("talk").insert(2 * i + 1, "b");
    Y.applyUpdate(one, Y.encodeStateAsUpdate(other));
  }
  const writer = await scene.attack();

  writer.sendUpdate(Y.encodeStateAsUpdate(one));
  await writer.sync();

  await until(() => scene.ada.doc.getText("talk").toString() === "ab".repeat(50));
});

test("[T65] nobody changes or removes another's cursor, by whatever clock", async () => {
  const owner = await scene.attack({ isSilent: true });
  const witness = await scene.attack({ isSilent: true });
  owner.send(awareness([[5, 1, '{"name":"owner"}']]));
  await until(() => wordsTo(witness).includes("owner"));

  const attacker = await scene.attack({ isSilent: true });
  attacker.send(
    awareness([
      [5, 2 ** 52, "null"],
      [5, 2 ** 52, '{"name":"forged"}'],
      [6, 1, '{"name":"mine"}'],
    ]),
  );
  await until(() => wordsTo(witness).includes("mine"));

  expect(wordsTo(witness)).not.toContain("forged");
  const newcomer = await scene.attack({ isSilent: true });
  await until(() => wordsTo(newcomer).includes("owner"));
  await scene.prove();
});

test.each([
  ["17 cursors", Array.from({ length: 17 }, (_, i) => [i, 1, "{}"] as const)],
  ["a cursor of 17,000 characters", [[5, 1, JSON.stringify("x".repeat(17_000))] as const]],
  ["a cursor that is no JSON", [[5, 1, "{"] as const]],
])("[T65] %s of one client cost it the connection", async (_, states) => {
  const attacker = await scene.attack();

  attacker.send(awareness(states));

  expect((await attacker.closed).code).toBe(4400);
  await scene.prove();
});

test("[T64] records forged for others in an answer are left out on a board with text, too", async () => {
  const attacker = await scene.attack();
  const forged = as(777, 0, { ref: 8, parent: "log/dan~0a1b2c3d/0", content: json(record(0)) });

  attacker.send(
    encodeSync({
      kind: "difference",
      payload: Y.mergeUpdates([forged, as(MAL_CLIENT, 0, inText)]),
    }),
  );
  await attacker.sync();

  await until(() => scene.ada.doc.getText("text").length === 7);
  expect([...scene.ada.doc.share.keys()].some((name) => name.includes("dan~"))).toBe(false);
  await scene.prove();
});

function nested(levels: number): string {
  return "[".repeat(levels) + "]".repeat(levels);
}

function awareness(
  states: readonly (readonly [id: number, clock: number, state: string])[],
): Uint8Array {
  return encodeAwareness(
    encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, states.length);
      for (const [id, clock, state] of states) {
        encoding.writeVarUint(encoder, id);
        encoding.writeVarUint(encoder, clock);
        encoding.writeVarString(encoder, state);
      }
    }),
  );
}

function wordsTo({ messages }: { readonly messages: readonly Uint8Array[] }): string {
  const cursors = messages.filter(([type]) => type === messageType.awareness);
  return cursors.map((message) => Buffer.from(message).toString()).join();
}
