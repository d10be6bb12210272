/** Laws of the ready set: kept change by change it equals the filter over the whole board, and work never gets stuck. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { createReadySet, findCycle, type ReadySet, whyUnready } from "../lib/core/ready.ts";
import type { TaskId } from "../lib/core/record.ts";
import { dependenciesOf, type Task } from "../lib/core/task.ts";
import { anyGraph, anyGraphSteps, changeTask, type GraphStep, idOf } from "./arbitrary-graph.ts";
import { LAW_TIMEOUT_MS, runs } from "./runs.ts";

test(
  "[D6] [D7] [D8] [D10] after every change the ready set equals the one computed from the whole board",
  () => {
    fc.assert(
      fc.property(anyGraphSteps, (steps) => {
        const board = new Map<TaskId, Task>();
        const ready = createReadySet((id) => board.get(id));
        for (const step of steps) {
          const task = apply(board, step);
          if (task === undefined) continue;
          ready.update(task);

          expectEqual(ready, board);
        }
      }),
      runs(1200),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[D6] changes that come several at once, in any order, give the same ready set",
  () => {
    fc.assert(
      fc.property(fc.array(anyGraphSteps, { maxLength: 5 }), fc.nat(20), (turns, turn) => {
        const board = new Map<TaskId, Task>();
        const ready = createReadySet((id) => board.get(id));
        for (const steps of turns) {
          const changed = new Set(steps.flatMap((step) => apply(board, step)?.id ?? []));
          const ids = [...changed];
          for (let i = 0; i < ids.length; i++) {
            const task = board.get(ids[(i + turn) % ids.length] ?? idOf(0));
            if (task !== undefined) ready.update(task);
          }

          expectEqual(ready, board);
        }
      }),
      runs(700),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[D2] [D10] in any order of arrival a cycle of needs and children is broken at the same task, the first of it",
  () => {
    const arrivals = anyGraph.chain((tasks) =>
      fc.record({
        tasks: fc.constant(tasks),
        shuffled: fc.shuffledSubarray([...tasks], { minLength: tasks.length }),
      }),
    );

    fc.assert(
      fc.property(arrivals, ({ tasks, shuffled }) => {
        const ready = [tasks, shuffled].map((order) => {
          const board = new Map<TaskId, Task>();
          const set = createReadySet((id) => board.get(id));
          for (const task of order) {
            board.set(task.id, task);
            set.update(task);
          }
          return [...set].map((task) => task.id).sort();
        });
        const board = new Map(tasks.map((task) => [task.id, task]));
        const cycles = tasks.map((task) => findCycle(task, (id) => board.get(id)));

        expect(ready[1]).toEqual(ready[0]);
        for (const cycle of cycles) {
          const isAlone = cycle.every((task) =>
            dependenciesOf(task).every((need) => cycle.some((member) => member.id === need)),
          );
          const readyHere = cycle.filter((task) => ready[0]?.includes(task.id));
          if (isAlone) expect(readyHere).toEqual(cycle.slice(0, 1));
        }
      }),
      runs(700),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[D1] [D2] [D8] doing any ready task again and again does every task of a graph whose needs all exist",
  () => {
    fc.assert(
      fc.property(anyGraph, fc.array(fc.nat(), { minLength: 1 }), (tasks, picks) => {
        const board = new Map(tasks.map((task) => [task.id, task]));
        const ready = createReadySet((id) => board.get(id));
        for (const task of tasks) ready.update(task);
        let done = 0;
        for (let open = [...ready]; open.length > 0; open = [...ready]) {
          const task = open[(picks[done % picks.length] ?? 0) % open.length];
          if (task === undefined) break;
          const completed: Task = { ...task, state: "completed" };
          board.set(task.id, completed);
          ready.update(completed);
          done++;
        }

        expect(done).toBe(tasks.length);
      }),
      runs(700),
    );
  },
  LAW_TIMEOUT_MS,
);

function apply(board: Map<TaskId, Task>, step: GraphStep): Task | undefined {
  const task = changeTask(board.get(idOf(step.task)), step);
  if (task !== undefined) board.set(task.id, task);
  return task;
}

function expectEqual(ready: ReadySet, board: ReadonlyMap<TaskId, Task>): void {
  const whole = [...board.values()].filter((task) => !whyUnready(task, (id) => board.get(id)));
  const kept = [...ready];

  expect(kept.map((task) => task.priority)).toEqual(
    kept.map((task) => task.priority).sort((a, b) => b - a),
  );
  expect(new Set(kept)).toEqual(new Set(whole));
  expect(kept).toHaveLength(whole.length);
}
