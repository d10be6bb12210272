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
