import { expect, test } from "@jest/globals";
import * as Y from "yjs";
import type { AgentId } from "../../../../lib/index.ts";
import { chunkOf, indexLogs, isLogRoot, keyOf, LogIndex } from "./log-index.ts";

test("[T82] however often it is asked how many logs somebody has, each log is looked at once", () => {
  const index = new LogIndex();
  let looks = 0;
  const owner = {
    owns(agent: AgentId) {
      looks++;
      return agent.startsWith("mal~");
    },
  };

  for (let i = 0; i < 1_000; i++) {
    const agent = `${i % 2 === 0 ? "mal" : "ada"}~${i}` as AgentId;
    index.advance({ agent, length: 1, lastAt: i, end: { client: i, clock: 0 } }, i);
    index.advance({ agent, length: 2, lastAt: i, end: { client: i, clock: 1 } }, i);
    expect(index.countOf(owner)).toBe(Math.ceil((i + 1) / 2));
  }

  expect(looks).toBe(1_000);
});

const ADA = "ada~0a1b2c3d" as AgentId;
const BEN = "ben~0a1b2c3d" as AgentId;

/** Writes records into a chunk as one of an agent's clients. */
function write(doc: Y.Doc, client: number, root: string, values: readonly unknown[]): void {
  doc.clientID = client;
  doc.getArray(root).push([...values]);
}

const records = (from: number, count: number, kind = "noted"): readonly object[] =>
  Array.from({ length: count }, (_, i) => ({ n: from + i, at: 10 * (from + i + 1), kind }));

test("[T46] each log of a document is found as far as it goes, whoever of its clients wrote it", () => {
  const doc = new Y.Doc();
  write(doc, 1, `log/${ADA}/0`, records(0, 256));
  write(doc, 3, `log/${ADA}/1`, records(256, 2));
  write(doc, 2, `log/${BEN}/0`, records(0, 1));
  write(doc, 2, `log/${BEN}/0`, records(1, 1));
  const index = indexLogs(doc);

  expect(index.size).toBe(2);
  expect(index.highestAt).toBe(2580);
  expect(index.tail(ADA)).toEqual({
    ...{ agent: ADA, length: 258, lastAt: 2580 },
    end: { client: 3, clock: 1 },
  });
  expect(index.tail(BEN)).toEqual({
    ...{ agent: BEN, length: 2, lastAt: 20 },
    end: { client: 2, clock: 1 },
  });
  expect([1, 2, 3, 4].map((client) => index.authorOf(client))).toEqual([ADA, BEN, ADA, undefined]);
  expect(index.endingAt({ client: 3, clock: 1 })).toBe(index.tail(ADA));
  for (const [client, clock] of [
    [1, 255], // the end of a chunk before
    [3, 0],
    [2, 0], // an end before
    [2, 2],
  ] as const)
    expect(index.endingAt({ client, clock })).toBeUndefined();
});

test("[T46] chunks count in their order, and none behind a hole or beside a chunk that is not full", () => {
  const doc = new Y.Doc();
  write(doc, 1, `log/${ADA}/1`, records(256, 1)); // before its predecessor
  write(doc, 1, `log/${ADA}/0`, records(0, 256));
  write(doc, 1, `log/${ADA}/3`, records(768, 9));
  write(doc, 2, `log/${BEN}/0`, records(0, 5));
  write(doc, 2, `log/${BEN}/1`, records(256, 5));
  write(doc, 2, "notes", records(0, 5));
  write(doc, 2, `log/${BEN}/00`, records(0, 5));
  const index = indexLogs(doc);

  expect(index.size).toBe(2);
  expect(index.tail(ADA)?.length).toBe(257);
  expect(index.tail(BEN)?.length).toBe(5);
});

test("[T46] what is no record in a log of before takes its place and says nothing", () => {
  const doc = new Y.Doc();
  const odd = [null, 5, "text", { at: "7" }, { at: 1.5 }, { at: 70 }, { at: 30, kind: "added" }];
  write(doc, 1, `log/${ADA}/0`, odd);
  write(doc, 1, `log/${ADA}/0`, records(7, 1, "added"));
  doc.getArray(`log/${ADA}/0`).delete(7, 1); // its place stays

  const index = indexLogs(doc);

  expect(index.tail(ADA)).toMatchObject({ length: 8, lastAt: 70, end: { client: 1, clock: 7 } });
  expect(index.taskCount).toBe(1);
});

test("[T46] a log that goes on leaves its old end, and its first writer stays its client's author", () => {
  const index = new LogIndex();
  const [first, second] = [0, 1].map((clock) => ({ client: 1, clock }));
  index.advance({ agent: ADA, length: 1, lastAt: 50, end: first ?? null }, 1);
  index.advance({ agent: BEN, length: 1, lastAt: 20, end: { client: 2, clock: 0 } }, 1);
  index.advance({ agent: ADA, length: 2, lastAt: 40, end: second ?? null }, 3);
  index.advance({ agent: BEN, length: 1, lastAt: 20, end: null }, 2);

  expect(index.endingAt({ client: 1, clock: 0 })).toBeUndefined();
  expect(index.endingAt({ client: 1, clock: 1 })?.length).toBe(2);
  expect(index.endingAt({ client: 2, clock: 0 })).toBeUndefined();
  expect([index.size, index.highestAt]).toEqual([2, 50]);
  expect([1, 2, 3].map((client) => index.authorOf(client))).toEqual([ADA, BEN, ADA]);
});

test("[T46] only a root that names an agent and a number is a chunk of a log", () => {
  const name = "a".repeat(48);

  expect(chunkOf(`log/${ADA}/0`)).toEqual({ agent: ADA, chunk: 0 });
  expect(chunkOf(`log/${name}~0a1b2c3d4e5f6071/9999999`)).toEqual({
    agent: `${name}~0a1b2c3d4e5f6071`,
    chunk: 9_999_999,
  });
  for (const root of [
    `log/${ADA}`,
    `log/${ADA}/`,
    `log/${ADA}/01`,
    `log/${ADA}/-1`,
    `log/${ADA}/10000000`,
    `log/${ADA}/0/`,
    `log/${ADA}/0\n`,
    ` log/${ADA}/0`,
    `xlog/${ADA}/0`,
    "log/ada/0",
    "log/~0a1b2c3d/0",
    `log/a${name}~0a1b2c3d/0`,
    "log/ada~0a1b2c3/0",
    "log/ada~0a1b2c3d4e5f60718/0",
    "log/ada~0A1B2C3D/0",
    "log/a da~0a1b2c3d/0",
    "log/a/da~0a1b2c3d/0",
    "log/a:da~0a1b2c3d/0",
  ])
    expect([root, chunkOf(root)]).toEqual([root, undefined]);
  expect(["log/", `log/${ADA}/0`, "log", "logs/", "my log/"].map(isLogRoot)).toEqual([
    ...[true, true],
    ...[false, false, false],
  ]);
  expect(keyOf({ client: 12, clock: 3 })).not.toBe(keyOf({ client: 1, clock: 23 }));
});
