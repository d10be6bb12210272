import { expect, test } from "@jest/globals";
import { Doc } from "yjs";
import { createSeededRandom } from "../../adapters/transport/memory.ts";
import { createAgentId } from "../agent/ids.ts";
import type { AgentId } from "../core/record.ts";
import { agentOfLogName, logName, openLog } from "./log.ts";

const ANN = "ann~00000000" as AgentId;

test("[R11] every agent's log is found by its name, whatever its script", () => {
  const random = createSeededRandom(1);
  const names = ["ann", "Ünal", "😀".repeat(32), "x".repeat(32), "a#b", "__proto__"];

  for (const name of names) {
    const agent = createAgentId(name, random);
    expect(agentOfLogName(logName(agent, 0))).toBe(agent);
    expect(agentOfLogName(logName(agent, 1_234_567))).toBe(agent);
  }
});

test.each([
  "log/ann/0",
  "log/ann~00000000",
  "log/ann~00000000/",
  "log/ann~00000000/01",
  "log/ann~00000000/-1",
  "log/ann~00000000/12345678",
  "log/ann~0000/0",
  "log/ann~0000000A/0",
  "log/a b~00000000/0",
  "log/a:b~00000000/0",
  "log/a/b~00000000/0",
  "log/~00000000/0",
  `log/${"x".repeat(49)}~00000000/0`,
  "log/ann~00000000000000000/0",
  "log/ann~00000000/a",
  "log/ann~00000000/1a",
  "log/ann~00000000/0/1",
  "log/ann/~00000000/0",
  "my/log/ann~00000000/0",
  "logs/ann~00000000/0",
  "notes",
  "",
])("[R11] %p is no log", (name) => {
  expect(agentOfLogName(name)).toBeNull();
});

test("[R11] a log is written and read over the edge of a chunk", () => {
  const doc = new Doc();
  const [writer, reader] = [openLog(doc, ANN), openLog(doc, ANN)];
  const records = Array.from({ length: 700 }, (_, n) => ({ n, at: n + 1 }));

  writer.append(records.slice(0, 255));
  const first = reader.readNew();
  writer.append(records.slice(255, 256));
  const second = reader.readNew();
  writer.append(records.slice(256));
  const third = reader.readNew();

  expect([...first, ...second, ...third]).toEqual(records);
  expect(reader.length).toBe(700);
  expect(writer.nextPosition).toBe(700);
  expect(reader.readNew()).toEqual([]);
});

test("[R11] an agent writes on behind what is in its log already", () => {
  const doc = new Doc();
  openLog(doc, ANN).append([{ n: 0, at: 1 }]);
  const again = openLog(doc, ANN);

  again.readNew();

  expect(again.nextPosition).toBe(1);
});

test("[R11] a name of 48 code points and a suffix of 16 characters are the longest", () => {
  const agent = `${"x".repeat(48)}~${"0".repeat(16)}` as AgentId;

  expect(agentOfLogName(logName(agent, 0))).toBe(agent);
});

test("[P10] looking for damage makes no chunk, and finds what was deleted from any", () => {
  const doc = new Doc();
  const log = openLog(doc, ANN);
  log.append(Array.from({ length: 512 }, (_, n) => ({ n, at: n + 1 })));
  log.readNew();
  const before = log.isDamaged();
  const chunks = [...doc.share.keys()];
  doc.getArray(logName(ANN, 1)).delete(255);

  expect(before).toBe(false);
  expect(chunks).toEqual([logName(ANN, 0), logName(ANN, 1)]);
  expect(log.isDamaged()).toBe(true);
});

test("[R11] what lies beyond 256 records of a chunk is no part of the log, however much was read before", () => {
  const doc = new Doc();
  const log = openLog(doc, ANN);
  const chunk = doc.getArray<number>(logName(ANN, 0));
  chunk.push(Array.from({ length: 10 }, (_, n) => n));
  const first = log.readNew();
  chunk.push(Array.from({ length: 300 }, (_, n) => n + 10));
  const second = log.readNew();

  expect([first.length, second.length]).toEqual([10, 246]);
  expect(second.at(-1)).toBe(255);
  expect(log.readNew()).toEqual([]);
});
