import { expect, test } from "@jest/globals";
import type { AgentId, TaskId } from "../../../lib/index.ts";
import type { Fact, Line } from "../history.ts";
import { findSetBreaks } from "./grow-only-set.ts";

test("[Z31] replicas that hold all that was acknowledged, and of the rest what they happen to, are let through", () => {
  const history = [
    ...added("w1.1", "w1.1/0", "durable", "synced"),
    ...added("w1.1", "w1.1/1"), // killed before it heard
    ...added("w1.1", "w1.1/2"),
    killed("w1.1"),
    finished("w1.2", ["w1.1/0", "w1.1/1"]),
    finished("newcomer.1", ["w1.1/0", "w1.1/1"]),
  ];

  expect(findSetBreaks(history)).toEqual([]);
});

test("[Z31] what the relay had stored and one replica lacks is refused, also when its author's store was wiped", () => {
  const history = [
    ...added("w1.1", "w1.1/0", "durable", "synced"),
    killed("w1.1", true),
    finished("w1.2", []),
    finished("w2.1", ["w1.1/0"]),
  ];

  expect(findSetBreaks(history)).toEqual(["w1.2 lacks w1.1/0, which was acknowledged"]);
});

test("[Z31] what was durable with its author is refused to be lost, unless that store was wiped, then or later", () => {
  const history = [...added("w1.1", "w1.1/0", "durable"), killed("w1.1"), finished("w2.1", [])];
  const isWipedLater = [...history, killed("w1.2", true)];
  const isAnotherWiped = [...history, killed("w2.1", true)];

  expect(findSetBreaks(history)).toEqual(["w2.1 lacks w1.1/0, which was acknowledged"]);
  expect(findSetBreaks(isWipedLater)).toEqual([]);
  expect(findSetBreaks(isAnotherWiped)).toEqual(findSetBreaks(history));
});

test("[Z31] what the next run added after the wiping is refused to be lost", () => {
  const history = [
    killed("w1.1", true),
    ...added("w1.2", "w1.2/0", "durable"),
    finished("w2.1", []),
  ];

  expect(findSetBreaks(history)).toEqual(["w2.1 lacks w1.2/0, which was acknowledged"]);
});

test("[Z31] what nobody added, and what is there twice, are refused", () => {
  const history = [
    ...added("w1.1", "w1.1/0", "durable", "synced"),
    finished("w1.1", ["w1.1/0", "w1.1/0", "w9.1/7"]),
  ];

  expect(findSetBreaks(history)).toEqual([
    "w1.1 holds w1.1/0 2 times",
    "w1.1 holds w9.1/7, which nobody added",
  ]);
});

test("[Z31] a note counts as a task does, and a task that is no item does not count", () => {
  const tasks = [{ id: "t" as TaskId, title: "lock-0", notes: ["w1.1/0"] }];
  const records = { clientIds: [], records: [] };
  const history = [
    ...added("w1.1", "w1.1/0", "durable"),
    at("w1.1", { kind: "finished", tasks, ...records }),
  ];

  expect(findSetBreaks(history)).toEqual([]);
});

function at(run: string, fact: Fact): Line {
  return { run, at: 0, ...fact };
}

function added(run: string, item: string, ...kinds: ("durable" | "synced")[]): Line[] {
  const agent = `${run}~1` as AgentId;
  return [
    at(run, { kind: "invoked", item, agent }),
    ...kinds.map((kind) => at(run, { kind, item })),
  ];
}

function killed(victim: string, isWiped = false): Line {
  return at("nemesis", { kind: "killing", victim, isWiped });
}

function finished(run: string, titles: readonly string[]): Line {
  const tasks = titles.map((title, i) => ({ id: `t${i}` as TaskId, title, notes: [] }));
  return at(run, { kind: "finished", clientIds: [], tasks, records: [] });
}
