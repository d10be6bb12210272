/** Updates that no honest client sends: each is refused whole, costs its sender the connection, and leaves every byte as it was. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as Y from "yjs";
import { encodeSync } from "../../wire/traffic.ts";
import { all, type ForgedStruct, forgeUpdate, hole, json, numbers, raw, texts } from "./forgery.ts";
import { ADA, ADA_CLIENT, BEA, BEA_CLIENT, MAL, MAL_CLIENT, record, Scene } from "./scene.ts";

let scene: Scene;

beforeEach(async () => {
  scene = await Scene.open();
});

afterEach(() => scene.close());

const OWN_LOG = `log/${MAL}/0`;
const END_OF_ADA = [ADA_CLIENT, 0] as const;

/** The first struct of an own log, with some of it changed. */
function first(content: ForgedStruct["content"], changes: Partial<ForgedStruct> = {}): Uint8Array {
  const struct = { ref: 8, parent: OWN_LOG, content, ...changes };
  return forgeUpdate([{ client: MAL_CLIENT, clock: 0, structs: [struct] }]);
}

/** Two records of an own log in two structs, the second of which is changed. */
function second(changes: Partial<ForgedStruct>, content = json(record(1))): Uint8Array {
  const begin = { ref: 8, parent: OWN_LOG, content: json(record(0)) };
  const struct = { ref: 8, origin: [MAL_CLIENT, 0] as const, content, ...changes };
  return forgeUpdate([{ client: MAL_CLIENT, clock: 0, structs: [begin, struct] }]);
}

function as(client: number, clock: number, struct: ForgedStruct): Uint8Array {
  return forgeUpdate([{ client, clock, structs: [struct] }]);
}

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

function many(count: number, make: (i: number) => unknown): unknown[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

function built(change: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc();
  doc.clientID = MAL_CLIENT;
  change(doc);
  return Y.encodeStateAsUpdate(doc);
}

const ofAda = { ref: 8, origin: END_OF_ADA, content: json(record(1)) };

const forbidden: readonly (readonly [string, Uint8Array])[] = [
  ["a delete set of all that another wrote", forgeUpdate([], [[ADA_CLIENT, 0, 2 ** 40]])],
  ["a delete set of one record", forgeUpdate([], [[ADA_CLIENT, 0, 1]])],
  ["GC structs over another's clocks", as(ADA_CLIENT, 1, hole(0, 2 ** 40))],
  ["GC structs over clocks of its own", as(MAL_CLIENT, 0, hole(0, 3))],
  ["a record at the end of another's log", as(MAL_CLIENT, 0, ofAda)],
  ["a record at the end of another's log, in its client's name", as(ADA_CLIENT, 1, ofAda)],
  ["a first chunk of a log for another", first(json(record(0)), { parent: "log/dan~0a1b2c3d/0" })],
  ["another's log begun again", first(json(record(0)), { parent: `log/${ADA}/0` })],
  [
    "a client's number that another has",
    as(ADA_CLIENT, 1, { ref: 8, parent: OWN_LOG, content: json(record(0)) }),
  ],
  ["a chunk that is no number", first(json(record(0)), { parent: `log/${MAL}/00` })],
  ["a chunk below zero", first(json(record(0)), { parent: `log/${MAL}/-1` })],
  ["a log without a chunk", first(json(record(0)), { parent: `log/${MAL}` })],
  ["text as the log of nobody", first(texts("x"), { ref: 4, parent: "log/x" })],
  ["text as a log with a chunk 01", first(texts("x"), { ref: 4, parent: `log/${ADA}/01` })],
  ["a log in letters that look alike", first(json(record(0)), { parent: `lоg/${MAL}/0` })],
  [
    "a log of an agent in letters that look alike",
    first(json(record(0)), { parent: "log/mаl~0c1d2e3f/0" }),
  ],
  ["a key of a shared map", built((doc) => doc.getMap(`log/${ADA}/0`).set("0", record(0)))],
  ["a key in its own log", first(json(record(0)), { key: "0" })],
  ["a map of a name that is no log", built((doc) => doc.getMap("tasks").set("t1", { by: "mal" }))],
  ["shared text where it is not allowed", built((doc) => doc.getText("text").insert(0, "hi"))],
  ["a nested type in a log", built((doc) => doc.getArray(OWN_LOG).push([new Y.Map([["n", 0]])]))],
  ["bytes in a log", built((doc) => doc.getArray(OWN_LOG).push([Uint8Array.of(1)]))],
  ["text in a log", built((doc) => doc.getText(OWN_LOG).insert(0, "record"))],
  ["deleted content in a log", first(numbers(1), { ref: 1 })],
  ["JSON of the old kind in a log", first(all(numbers(1), texts("{}")), { ref: 2 })],
  ["a record that names no place", first(json({ at: 1, kind: "noted" }))],
  ["a record with another place", first(json(record(7)))],
  ["a place that is a text", first(json(record(0, { n: "0" })))],
  ["a time that stands still", first(json(record(0), record(1, { at: 1 })))],
  ["a time that goes back", first(json(record(0, { at: 9 }), record(1, { at: 8 })))],
  ["a time far ahead", first(json(record(0, { at: 2_000_000 })))],
  ["a time that is no whole number", first(json(record(0, { at: 1.5 })))],
  ["a time beyond what numbers can hold", first(json(record(0, { at: 2 ** 60 })))],
  ["a record without a kind", first(json({ n: 0, at: 1 }))],
  ["a kind of enormous length", first(json(record(0, { kind: "k".repeat(65) })))],
  ["a record that is a number", first(json(1))],
  ["a record that is a list", first(json([0]))],
  ["a record that is null", first(json(null))],
  [
    "a record before the end of its log",
    second({ origin: undefined, rightOrigin: [MAL_CLIENT, 0] } as object),
  ],
  ["a record with a neighbour at its right", second({ rightOrigin: [BEA_CLIENT, 0] })],
  ["a record begun twice", second({ origin: undefined, parent: OWN_LOG } as object)],
  ["a record hung upon another's", second({ origin: END_OF_ADA })],
  ["a chunk of 257 records", first(json(...many(257, (i) => record(i))))],
];

const unreadable: readonly (readonly [string, Uint8Array])[] = [
  [
    "an update of format V2",
    Y.convertUpdateFormatV1ToV2(built((doc) => doc.getArray(OWN_LOG).push([record(0)]))),
  ],
  [
    "27 bytes on which merging in format V2 never ends",
    Uint8Array.from([
      0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0, 0, 1, 255, 255, 255, 15, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0,
    ]),
  ],
  ["a count of 2^48 structs in seven bytes", Uint8Array.of(1, 255, 255, 255, 255, 255, 63)],
  ["a count of clients without end", Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 255)],
  ["a Skip", as(MAL_CLIENT, 0, hole(10, 5))],
  ["a clock beyond all", as(MAL_CLIENT, 2 ** 50, hole(0, 5))],
  ["a struct of no length", as(MAL_CLIENT, 0, hole(0, 0))],
  [
    "a client named twice",
    forgeUpdate([1, 2].map(() => ({ client: MAL_CLIENT, clock: 0, structs: [] }))),
  ],
  ["bytes behind the end", Uint8Array.from([...first(json(record(0))), 0])],
  ["a key __proto__", first(json({ ...record(0), ["__proto__x".slice(0, 9)]: 1 }))],
  ["undefined", first(json(record(0, { note: undefined })))],
  ["a big integer", first(json(record(0, { note: 1n })))],
  ["bytes in a record", first(json(record(0, { note: Uint8Array.of(1) })))],
  ["a number that is none", first(json(record(0, { note: Number.NaN })))],
  ["a number without end", first(json(record(0, { note: Number.POSITIVE_INFINITY })))],
  ["a value nine levels deep", first(json(record(0, { note: deep(9) })))],
  [
    "a value 20,000 levels deep",
    first(all(numbers(1), raw(...(many(20_000, () => [117, 1]).flat() as number[]), 126))),
  ],
  [
    "half of a surrogate pair",
    first(all(numbers(1), raw(118, 1, 1, 110, 119, 3, 0xed, 0xa0, 0x80))),
  ],
  ["a text that is no UTF-8", first(all(numbers(1), raw(118, 1, 1, 110, 119, 2, 0xc3, 0x28)))],
  ["a text of 40,000 characters", first(json(record(0, { note: "x".repeat(40_000) })))],
  [
    "a name of a root of 300 characters",
    first(json(record(0)), { parent: `log/${"x".repeat(300)}` }),
  ],
  ["a document in a document", first(all(texts("guid"), raw(118, 0)), { ref: 9 })],
  ["content of a kind that is none", first(numbers(1), { ref: 11 })],
  ["a text that is longer than the update", first(raw(1, 119, 255, 255, 3), {})],
  [
    "a million collected clocks, two bytes each",
    forgeUpdate([
      {
        client: MAL_CLIENT,
        clock: 0,
        structs: many(1_000_000, () => hole(0, 1)) as ForgedStruct[],
      },
    ]),
  ],
  [
    "a million deletions",
    Uint8Array.from([0, 1, 1, 192, 132, 61, ...(many(2_000_000, () => 1) as number[])]),
  ],
];

test.each(forbidden)("[T46] %s is refused, and no byte of the board changes", async (_, update) => {
  await expectRefusal(update, "update", 4403);
});

test.each(unreadable)(
  "[T47] %s cannot be read, and no byte of the board changes",
  async (_, update) => {
    await expectRefusal(update, "update", 4400);
  },
);

test.each(forbidden.slice(0, 9))(
  "[T46] %s is no answer to a state vector either",
  async (_, update) => {
    const before = await scene.ada.state();
    const attacker = await scene.attack();

    attacker.send(encodeSync({ kind: "difference", payload: update }));
    await Promise.race([attacker.closed, attacker.sync()]);

    expect(await scene.ada.state()).toEqual(before);
    await scene.prove();
  },
);

test("[T46] records forged for others in an answer to a state vector are left out, and one's own are taken", async () => {
  const forged = new Y.Doc();
  forged.clientID = 777;
  forged.getArray("log/dan~0a1b2c3d/0").push([record(0)]);
  const attacker = await scene.attack();
  const own = first(json(record(0)));

  attacker.send(
    encodeSync({
      kind: "difference",
      payload: Y.mergeUpdates([own, Y.encodeStateAsUpdate(forged)]),
    }),
  );
  await attacker.sync();

  const seen = new Y.Doc();
  Y.applyUpdate(seen, await scene.ada.state());
  expect(seen.getArray(OWN_LOG).length).toBe(1);
  expect([...seen.share.keys()]).not.toContain("log/dan~0a1b2c3d/0");
  await scene.prove();
});

test.each([
  ["the parent", { parent: `log/${BEA}/0` }],
  ["the neighbour", { origin: [BEA_CLIENT, 0] as const }],
])("[T48] a known record retold with %s in another's log leads nothing astray", async (_, lie) => {
  const attacker = await scene.attack();
  attacker.sendUpdate(first(json(record(0))));
  await attacker.sync();

  attacker.sendUpdate(as(MAL_CLIENT, 0, { ref: 8, content: json(record(0), record(1)), ...lie }));
  await attacker.sync();

  await scene.prove();
  const newcomer = await scene.attack({ token: await scene.token({ role: "read" }) });
  for (const copy of [scene.ada.doc, scene.bea.doc, newcomer.doc])
    for (const [agent, count] of [
      [ADA, 2],
      [BEA, 2],
      [MAL, 2],
    ] as const) {
      const log = copy.getArray(`log/${agent}/0`);
      expect([agent, log.length, log.toArray().length]).toEqual([agent, count, count]);
    }
});

test("[T48] what comes again with more behind it is taken from where it is new", async () => {
  const { ada } = scene;
  const whole = Y.encodeStateAsUpdate(ada.doc);
  ada.write();
  await ada.sync();
  const more = Y.encodeStateAsUpdate(ada.doc);

  ada.sendUpdate(whole);
  ada.sendUpdate(more);
  await ada.sync();

  await scene.prove();
});

test("[T49] a token that only reads writes nothing", async () => {
  const reader = await scene.attack({ token: await scene.token({ role: "read" }) });
  const before = await scene.ada.state();

  reader.sendUpdate(first(json(record(0))));

  expect((await reader.closed).code).toBe(4403);
  expect(await scene.ada.state()).toEqual(before);
  await scene.prove();
});

test("[T50] updates whose ground is missing are parked nowhere", async () => {
  const before = await scene.ada.state();
  const attacker = await scene.attack();

  for (let i = 0; i < 2_000; i++)
    attacker.sendUpdate(
      as(MAL_CLIENT, 10 + 2 * i, {
        ref: 8,
        origin: [MAL_CLIENT, 9 + 2 * i],
        content: json(record(5)),
      }),
    );
  await attacker.sync();

  expect(scene.relay.stats().updates).toBe(3); // one of each honest guest
  expect(await scene.ada.state()).toEqual(before);
  await scene.prove();
});

test("[T50] clients whose parts come in the worst order cost no more than a bounded time", async () => {
  const count = 20_000;
  const sections = many(count, (i) => {
    const clock = count - 1 - (i as number);
    const origin = clock % 256 === 0 ? {} : { origin: [1_000 + clock - 1, 0] as const };
    const parent = `log/${MAL}/${clock / 256}`;
    return {
      client: 1_000 + clock,
      clock: 0,
      structs: [{ ref: 8, parent, ...origin, content: json(record(clock)) }],
    };
  });
  const update = forgeUpdate(sections as Parameters<typeof forgeUpdate>[0]);
  const attacker = await scene.attack();
  const start = process.cpuUsage();

  attacker.sendUpdate(update);
  await attacker.sync();

  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1_000).toBeLessThan(2_000); // without a bound it is ten times that
  await scene.prove();
});

async function expectRefusal(update: Uint8Array, kind: "update", code: number): Promise<void> {
  const before = await scene.ada.state();
  const attacker = await scene.attack();

  attacker.send(encodeSync({ kind, payload: update }));

  expect((await attacker.closed).code).toBe(code);
  expect(await scene.ada.state()).toEqual(before);
  expect(scene.relay.stats().refusals).toBe(1);
  await scene.prove();
}
