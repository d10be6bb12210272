/** How agents spread: with full knowledge of each other no two of them choose the same task first. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Candidate, type Choice, chooseTask, rankAmong } from "../lib/core/choice.ts";
import type { AgentId, TaskId } from "../lib/core/record.ts";
import type { Task } from "../lib/core/task.ts";
import { openLogBook } from "./kit/log-book.ts";
import { LAW_TIMEOUT_MS, runs } from "./runs.ts";

const book = openLogBook();
book.add("ana");
const plain = book.task();

test("[D5] 32 idle agents before 320 ready tasks each go at once, and at 32 different ones", () => {
  const choices = firstChoices(tasksOf(320, 0), candidatesOf(32, 0));

  expect(choices.every((choice) => choice?.rank === 0)).toBe(true);
  expect(new Set(choices.map((choice) => choice?.task.id)).size).toBe(32);
});

test(
  "[D5] however many agents and tasks there are, no two agents go at one task at once",
  () => {
    const anyCount = fc.integer({ min: 1, max: 40 });

    fc.assert(
      fc.property(fc.nat(), anyCount, anyCount, (salt, agentCount, taskCount) => {
        const choices = firstChoices(tasksOf(taskCount, salt), candidatesOf(agentCount, salt));

        const atOnce = choices.flatMap((choice) => (choice?.rank === 0 ? choice.task.id : []));
        expect(atOnce.length).toBeGreaterThan(0);
        expect(new Set(atOnce).size).toBe(atOnce.length);
      }),
      runs(200),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[D5] of any agents exactly one ranks first on a task, and it is the one that is offered it at once",
  () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 12 }), (salt, count) => {
        const tasks = tasksOf(1, salt);
        const agents = candidatesOf(count, salt);
        const ids = agents.map(({ agent }) => agent);

        expect(firstChoices(tasks, agents).map((choice) => choice?.rank)).toEqual(
          ids.map((id) => rankAmong(id, ids, tasks[0]?.id ?? "")),
        );
      }),
      runs(300),
    );
  },
  LAW_TIMEOUT_MS,
);

/** What each agent tries first when it knows all the others. */
function firstChoices(tasks: readonly Task[], agents: readonly Candidate[]): (Choice | null)[] {
  return agents.map(({ agent }) =>
    chooseTask(
      tasks,
      agent,
      agents.filter((other) => other.agent !== agent),
    ),
  );
}

function tasksOf(count: number, salt: number): Task[] {
  return Array.from({ length: count }, (_, i) => ({ ...plain, id: `t${salt}-${i}` as TaskId }));
}

function candidatesOf(count: number, salt: number): Candidate[] {
  return Array.from({ length: count }, (_, i) => ({
    agent: `agent~${salt}${i}` as AgentId,
    capabilities: [],
    isIdle: true,
  }));
}
