import { expect, test } from "@jest/globals";
import type { AgentId, TaskId, TaskRecord } from "../../../lib/index.ts";
import type { Fact, Line, SeenRecord } from "../history.ts";
import { findReusedIds } from "./unique-ids.ts";

const TASK = "task" as TaskId;
const A = "a~1" as AgentId;
const B = "b~1" as AgentId;

test("[Z30] a history in which all ids differ is let through", () => {
  expect(findReusedIds(goodHistory())).toEqual([]);
});

test("[Z30] an agent id that two runs join by is refused", () => {
  const history = [...goodHistory(), at("w1.2", { kind: "joined", agent: A })];

  expect(findReusedIds(history)).toEqual(["the agent id a~1 was used by w1.1 and w1.2"]);
});

test("[Z30] a Yjs client that a restarted run has again is refused", () => {
  const history = [...goodHistory(), opened("w1.2", 1)];

  expect(findReusedIds(history)).toEqual(["the Yjs client 1 was used by w1.1 and w1.2"]);
});

test("[Z30] what a Yjs client wrote that no run had, and an agent that no run was, are refused", () => {
  const stranger = note("c~1" as AgentId, 1, "who is this?");
  const history = [...goodHistory(), finished("w2.1", [stranger], [1, 2, 3])];

  expect(findReusedIds(history)).toEqual([
    "w2.1 holds what Yjs client 3 wrote, which no run had",
    "w2.1 holds records of agent c~1, which no run was",
  ]);
});

test("[Z30] a reference under which another record was once seen is refused", () => {
  const again = [opened("w1.2", 3, [note(A, 1, "another")]), finished("w2.1", [note(A, 1, "one")])];
  const history = [...goodHistory(), ...again];

  expect(findReusedIds(history)).toEqual([
    expect.stringMatching(/^record a~1:1 is .*"one".* in w1\.1 and .*"another".* in w1\.2$/u),
  ]);
});

test("[Z30] attempts that fall on one replica, or in one log, are refused", () => {
  const history = [
    ...goodHistory(),
    ...[2, 3, 2].map((attempt) => at("w2.1", { kind: "attempt", task: TASK, attempt })),
    finished("w2.1", [claim(B, 4, 3), claim(B, 2, 1), claim(B, 6, 2)]),
  ];

  expect(findReusedIds(history)).toEqual([
    "the attempts that w2.1 of task saw fall",
    "the attempts claimed by b~1 of task, as w2.1 holds it, fall",
  ]);
});

test("[Z30] attempts that another run sees anew from the start are let through", () => {
  const history = [
    ...goodHistory(),
    ...[1, 2].map((attempt) => at("w1.1", { kind: "attempt", task: TASK, attempt })),
    at("w1.2", { kind: "attempt", task: TASK, attempt: 1 }),
  ];

  expect(findReusedIds(history)).toEqual([]);
});

function goodHistory(): Line[] {
  const records = [note(A, 1, "one"), claim(A, 2, 1), note(B, 1, "two")];
  return [
    opened("w1.1", 1),
    at("w1.1", { kind: "joined", agent: A }),
    opened("w2.1", 2),
    at("w2.1", { kind: "joined", agent: B }),
    finished("w1.1", records, [1, 2]),
    finished("w2.1", records, [1]),
  ];
}

function at(run: string, fact: Fact): Line {
  return { run, at: 0, ...fact };
}

function opened(run: string, clientId: number, records: readonly SeenRecord[] = []): Line {
  return at(run, { kind: "opened", clientId, records, notes: [] });
}

function finished(
  run: string,
  records: readonly SeenRecord[],
  clientIds: readonly number[] = [],
): Line {
  return at(run, { kind: "finished", clientIds, tasks: [], records });
}

function note(agent: AgentId, n: number, text: string): SeenRecord {
  const record: TaskRecord = { kind: "noted", n, at: n, task: TASK, text };
  return { agent, record };
}

function claim(agent: AgentId, n: number, attempt: number): SeenRecord {
  const record: TaskRecord = { kind: "claimed", n, at: n, task: TASK, attempt };
  return { agent, record };
}
