import { expect, test } from "@jest/globals";
import type { AgentId, TaskId } from "../../../lib/index.ts";
import type { Fact, Hold, Line, SeenRecord } from "../history.ts";
import { findLockBreaks } from "./lock.ts";

const TASK = "task" as TaskId;
const ANN = "ann~1" as AgentId;
const BOB = "bob~1" as AgentId;

test("[Z33] holders one after the other are let through", () => {
  const history = [...hold(ANN, 1, 10, 20), ...hold(BOB, 2, 20, 30), finished([])];

  expect(findLockBreaks(history)).toEqual([]);
});

test("[Z33] two holders of one attempt are refused, also one after the other", () => {
  const history = [...hold(ANN, 1, 10, 20), ...hold(BOB, 1, 30, 40), finished([])];

  expect(findLockBreaks(history)).toEqual([
    "attempt 1 of task was granted to ann~1 (ann.1) and bob~1 (bob.1)",
  ]);
});

test("[Z33] two confirmed claims of one attempt are refused where no holder lived to write down its grant", () => {
  const records = [...claimed(ANN, 3), confirmed(ANN), ...claimed(BOB, 3), confirmed(BOB)];

  expect(findLockBreaks([finished(records)])).toEqual([
    "attempt 3 of task was confirmed for ann~1:1 and bob~1:1",
  ]);
  expect(findLockBreaks([finished(records.slice(0, 3)), finished(records.slice(0, 3))])).toEqual(
    [],
  );
});

test("[Z33] holds of two attempts that overlap are refused, unless the older one was expired", () => {
  const overlap = [...hold(ANN, 1, 10, 30), ...hold(BOB, 2, 20, 40)];
  const claims = [...claimed(ANN, 1), ...claimed(BOB, 2)];

  expect(findLockBreaks([...overlap, finished(claims)])).toEqual([
    "bob~1 (bob.1) got attempt 2 of task while ann~1 (ann.1) held 1, which nobody had expired",
  ]);
  expect(findLockBreaks([...overlap, finished([...claims, expired(ANN, BOB)])])).toEqual([]);
  expect(findLockBreaks([...overlap, finished([...claims, expired(BOB, ANN)])])).toHaveLength(1);
});

test("[Z33] an old attempt that is granted after a newer one was held is refused, unless it was expired", () => {
  const history = [...hold(BOB, 2, 10, 20), ...hold(ANN, 1, 30, 40)];

  expect(findLockBreaks([...history, finished(claimed(ANN, 1))])).toHaveLength(1);
  const records = [...claimed(ANN, 1), expired(ANN, BOB)];
  expect(findLockBreaks([...history, finished(records)])).toEqual([]);
});

test("[Z33] a killed holder counts as holding until the last line of its run, and no longer", () => {
  const killed = [granted(ANN, 1, 10), at("ann.1", 30, { kind: "worked", ...held(ANN, 1) })];

  expect(findLockBreaks([...killed, ...hold(BOB, 2, 31, 40), finished([])])).toEqual([]);
  expect(findLockBreaks([...killed, ...hold(BOB, 2, 29, 40), finished([])])).toHaveLength(1);
});

test("[Z33] a holder that was cut off counts as holding until its last line before it was told", () => {
  const told = at("ann.1", 30, { kind: "told", reason: "cut-off", ...held(ANN, 1) });
  const cutOff = [granted(ANN, 1, 10), told];
  const working = at("ann.1", 25, { kind: "worked", ...held(ANN, 1) });

  expect(findLockBreaks([...cutOff, ...hold(BOB, 2, 20, 40), finished([])])).toEqual([]);
  const busy = [granted(ANN, 1, 10), working, told, ...hold(BOB, 2, 20, 40), finished([])];
  expect(findLockBreaks(busy)).toHaveLength(1);
});

test("[Z33] a holder that saw its claim expired and was not told to stop is refused", () => {
  const heard = { kind: "heard", status: "expired", ...held(ANN, 1) } as const;
  const history = (isAborted: boolean): Line[] => [
    granted(ANN, 1, 10),
    at("ann.1", 20, { ...heard, isAborted }),
  ];

  expect(findLockBreaks(history(false))).toEqual([
    "ann~1 (ann.1) saw its claim expired and was not told to stop",
  ]);
  expect(findLockBreaks(history(true))).toEqual([]);
});

test("[Z33] a grant that is lost to a rival, never ends, or is worked on after its end is refused", () => {
  const lost = [
    granted(ANN, 1, 10),
    at("ann.1", 20, { kind: "told", reason: "lost", ...held(ANN, 1) }),
  ];
  const endless = [granted(ANN, 1, 10), at("ann.1", 20, { kind: "stopped" })];
  const zealous = [...hold(ANN, 1, 10, 20), at("ann.1", 21, { kind: "worked", ...held(ANN, 1) })];

  expect(findLockBreaks(lost)).toEqual(["ann~1 (ann.1) lost attempt 1 as lost"]);
  expect(findLockBreaks(endless)).toEqual(["ann~1 (ann.1) stopped, and attempt 1 never ended"]);
  expect(findLockBreaks(zealous)).toEqual(["ann~1 (ann.1) worked on after attempt 1 had ended"]);
});

function at(run: string, time: number, fact: Fact): Line {
  return { run, at: time, ...fact };
}

function held(agent: AgentId, attempt: number): Hold {
  return { task: TASK, attempt, agent };
}

function runOf(agent: AgentId): string {
  return agent.replace("~", ".");
}

function granted(agent: AgentId, attempt: number, from: number): Line {
  return at(runOf(agent), from, { kind: "granted", ...held(agent, attempt) });
}

function hold(agent: AgentId, attempt: number, from: number, until: number): Line[] {
  const released = at(runOf(agent), until, { kind: "released", ...held(agent, attempt) });
  return [granted(agent, attempt, from), released];
}

function finished(records: readonly SeenRecord[]): Line {
  return at("w3.1", 100, { kind: "finished", clientIds: [], tasks: [], records });
}

/** The claim is each agent's record 1. */
function claimed(agent: AgentId, attempt: number): SeenRecord[] {
  return [{ agent, record: { kind: "claimed", n: 1, at: 1, task: TASK, attempt } }];
}

function confirmed(agent: AgentId): SeenRecord {
  return { agent, record: { kind: "confirmed", n: 2, at: 2, task: TASK, claim: 1 } };
}

function expired(holder: AgentId, observer: AgentId): SeenRecord {
  return {
    agent: observer,
    record: { kind: "expired", n: 3, at: 3, task: TASK, holder, claim: 1 },
  };
}
