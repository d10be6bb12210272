import { expect, test } from "@jest/globals";
import type { AgentId, TaskId } from "../../../lib/index.ts";
import type { Fact, Line } from "../history.ts";
import { findFencingBreaks } from "./fencing.ts";

const TASK = "task" as TaskId;

test("[Z34] tokens that grow, a refused stale write, and a write whose writer never heard are let through", () => {
  const history = [
    ...granted("w1.1", 1),
    ...write("w1.1", 1, "w1.1/0", "took"),
    ...granted("w2.1", 2),
    ...write("w2.1", 2, "w2.1/0", "took"),
    ...write("w1.1", 1, "w1.1/1", "refused"),
    sent("w2.1", 2, "w2.1/1"),
    resource("took", 2, "w2.1/1"),
    sent("w2.1", 2, "w2.1/2"),
  ];

  expect(findFencingBreaks(history)).toEqual([]);
});

test("[Z34] a stale write that took effect is refused", () => {
  const history = [
    ...granted("w1.1", 1),
    ...granted("w2.1", 2),
    ...write("w2.1", 2, "w2.1/0", "took"),
    ...write("w1.1", 1, "w1.1/0", "took"),
  ];

  expect(findFencingBreaks(history)).toEqual([
    "the stale write w1.1/0 to task took effect: 1 after 2",
  ]);
});

test("[Z34] a write that was refused though its token is the highest is refused", () => {
  const history = [
    ...granted("w1.1", 2),
    ...write("w1.1", 2, "w1.1/0", "took"),
    ...write("w1.1", 2, "w1.1/1", "refused"),
  ];

  expect(findFencingBreaks(history)).toEqual(["the write w1.1/1 to task was refused: 2 after 2"]);
});

test("[Z34] a write that nobody sent, that was never granted, or that counts twice is refused", () => {
  const unsent = [resource("took", 1, "w9.1/0")];
  const ungranted = write("w1.1", 1, "w1.1/0", "took");
  const twice = [...granted("w1.1", 1), ...ungranted, resource("took", 1, "w1.1/0")];

  expect(findFencingBreaks(unsent)).toEqual([
    "the write w9.1/0 to task took effect, whose writer nobody was never granted attempt 1",
  ]);
  expect(findFencingBreaks(ungranted)).toEqual([
    "the write w1.1/0 to task took effect, whose writer w1.1 was never granted attempt 1",
  ]);
  expect(findFencingBreaks(twice)).toEqual(["the write w1.1/0 took effect twice"]);
});

test("[Z34] a token that two writers use is refused, with the lock that gave it to both", () => {
  const history = [
    ...granted("w1.1", 1),
    ...granted("w2.1", 1),
    ...write("w1.1", 1, "w1.1/0", "took"),
    ...write("w2.1", 1, "w2.1/0", "took"),
  ];

  expect(findFencingBreaks(history)).toEqual([
    "attempt 1 of task was granted to w1.1~1 (w1.1) and w2.1~1 (w2.1)",
    "token 1 of task was used by w1.1 and w2.1",
  ]);
});

test("[Z34] a writer that was told otherwise than the resource says is refused", () => {
  const history = [
    ...granted("w1.1", 1),
    sent("w1.1", 1, "w1.1/0"),
    at("w1.1", { kind: "written", isTaken: true, task: TASK, token: 1, value: "w1.1/0" }),
  ];

  expect(findFencingBreaks(history)).toEqual([
    "w1.1 was told otherwise than the resource says of w1.1/0",
  ]);
});

function at(run: string, fact: Fact): Line {
  return { run, at: 0, ...fact };
}

function granted(run: string, attempt: number): Line[] {
  return [at(run, { kind: "granted", task: TASK, attempt, agent: `${run}~1` as AgentId })];
}

function sent(run: string, token: number, value: string): Line {
  return at(run, { kind: "writing", task: TASK, token, value });
}

function resource(kind: "took" | "refused", token: number, value: string): Line {
  return at("resource.1", { kind, task: TASK, token, value });
}

function write(run: string, token: number, value: string, word: "took" | "refused"): Line[] {
  const isTaken = word === "took";
  return [
    sent(run, token, value),
    resource(word, token, value),
    at(run, { kind: "written", isTaken, task: TASK, token, value }),
  ];
}
