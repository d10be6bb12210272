import { expect, test } from "@jest/globals";
import { openLogBook } from "../../property-tests/kit/log-book.ts";
import { type Candidate, chooseTask, rankAmong } from "./choice.ts";
import { hashText, mixHashes } from "./hash.ts";
import type { AgentId, TaskId } from "./record.ts";
import type { Task } from "./task.ts";

const me = "me" as AgentId;
const book = openLogBook();
book.add("ana");
const plain = book.task();

test("[D3] among ready tasks an agent tries the ones of the highest priority", () => {
  const urgent = tasks(3, { priority: 9 });
  const others = agents(20);

  const alone = chooseTask([...urgent, ...tasks(3)], me, []);
  const crowded = chooseTask([...urgent, ...tasks(3)], me, others);

  expect(alone?.task.priority).toBe(9);
  expect(crowded?.task.priority).toBe(9);
});

test("[D4] an agent that lacks a required capability stands before nobody", () => {
  const [task] = contested(tasks(50, { requires: ["ts"] }), "other");
  const other = { agent: "other" as AgentId, isIdle: true };

  expect(chooseTask([task], me, [{ ...other, capabilities: ["ts"] }])?.rank).toBe(1);
  expect(chooseTask([task], me, [{ ...other, capabilities: [] }])?.rank).toBe(0);
});

test("[D5] an agent prefers a task where it ranks first, wherever that stands in the line", () => {
  const ready = tasks(40);
  const others = agents(3);

  const choice = chooseTask(ready, me, others);

  expect(choice?.rank).toBe(0);
  expect(rankOf(choice?.task, others)).toBe(0);
});

test("[D5] of the first 8 tasks where it ranks first an agent takes the one that it scores highest on", () => {
  const ready = tasks(20).slice(3);
  const best = ready.slice(0, 8).sort((a, b) => scoreOf(b) - scoreOf(a))[0];
  const later = ready.slice(8).filter((task) => scoreOf(task) > scoreOf(best));

  expect(later).not.toEqual([]);
  expect(chooseTask(ready, me, [])).toEqual({ task: best, rank: 0 });
  expect(best).not.toBe(ready[0]);
  expect(best).not.toBe(ready[7]);
});

test("[D5] where it ranks first nowhere, it waits for as many idle agents as stand before it", () => {
  const [task] = contested(tasks(50), "other");

  expect(chooseTask([task], me, agents(0, "other"))).toEqual({ task, rank: 1 });
});

test("[D5] busy agents before it do not keep it waiting, and it takes the last such task in line", () => {
  const ready = contested(tasks(50), "other").slice(0, 3);
  const busy = agents(0, "other").map((one) => ({ ...one, isIdle: false }));

  expect(chooseTask(ready, me, busy)).toEqual({ task: ready.at(-1), rank: 0 });
});

test("[D5] where all is another's it takes the task with the fewest idle agents before it", () => {
  const others = agents(30);
  const ready = tasks(400).filter((task) => rankOf(task, others) > 0);
  const crowded = ready.filter((task) => rankOf(task, others) > 5).slice(0, 5);
  const calm = ready.filter((task) => rankOf(task, others) === 2).slice(0, 1);

  expect(chooseTask([...calm, ...crowded], me, others)).toEqual({ task: calm[0], rank: 2 });
});

test("[D5] a choice looks at no more than 256 ready tasks", () => {
  let seen = 0;
  function* ready(): Iterable<Task> {
    for (const task of contested(tasks(2000), "other")) {
      seen++;
      yield task;
    }
  }

  expect(chooseTask(ready(), me, agents(0, "other"))?.rank).toBe(1);
  expect(seen).toBe(256);
});

test("[D5] without ready tasks there is nothing to choose", () => {
  expect(chooseTask([], me, agents(3))).toBeNull();
});

test("[D5] of two agents whose hashes are equal exactly one goes first", () => {
  const [one, other] = ["agent-zz", "agent-tgq0"] as AgentId[] as [AgentId, AgentId];
  const candidate = (agent: AgentId): Candidate => ({ agent, capabilities: [], isIdle: true });

  const ranks = [
    chooseTask([plain], one, [candidate(other)])?.rank,
    chooseTask([plain], other, [candidate(one)])?.rank,
  ];

  expect(ranks).toEqual([rankAmong(one, [other], plain.id), rankAmong(other, [one], plain.id)]);
  expect(ranks.sort()).toEqual([0, 1]);
});

test("[D5] the ranks of all agents on a subject are 0, 1, 2 …, the same whoever counts", () => {
  const ids = agents(20).map((one) => one.agent);

  const ranks = ids.map((id) => rankAmong(id, ids, "a subject"));

  expect([...ranks].sort((a, b) => a - b)).toEqual(ids.map((_, i) => i));
});

function tasks(count: number, fields: Partial<Task> = {}): Task[] {
  return Array.from({ length: count }, (_, i) => ({ ...plain, id: `t${i}` as TaskId, ...fields }));
}

function agents(count: number, ...names: string[]): Candidate[] {
  const ids = [...names, ...Array.from({ length: count }, (_, i) => `agent-${i}`)];
  return ids.map((id) => ({ agent: id as AgentId, capabilities: [], isIdle: true }));
}

function rankOf(task: Task | undefined, others: readonly Candidate[]): number {
  return rankAmong(
    me,
    others.map((one) => one.agent),
    task?.id ?? "",
  );
}

function scoreOf(task: Task | undefined): number {
  return mixHashes(hashText(me), hashText(task?.id ?? ""));
}

/** The tasks on which the named agent stands before `me`; there is always one. */
function contested(ready: readonly Task[], agent: string): [Task, ...Task[]] {
  const [first, ...rest] = ready.filter((task) => rankOf(task, agents(0, agent)) === 1);
  return [first ?? plain, ...rest];
}
