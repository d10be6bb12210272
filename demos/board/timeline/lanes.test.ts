// Where the timeline's bars begin and end, on a real board.

import { expect, test } from "@jest/globals";
import { createMemoryNetwork } from "../../../adapters/transport/memory.ts";
import { type Agent, type Board, openBoard, type TaskId, tasksOf } from "../../../lib/index.ts";
import { createBoardIndex } from "../board-index.ts";
import { endIn, type Lanes, lanesOf, type TimeWindow } from "./lanes.ts";

const openHere = (): Promise<Board> =>
  openBoard({ board: "b", transport: createMemoryNetwork().createTransport() });

const drawn = (board: Board, window: TimeWindow): Lanes => {
  const index = createBoardIndex();
  index.apply(tasksOf(board.snapshot()));
  return lanesOf(index, window, (task, claim) => endIn(board.history(task.id), claim));
};

const claimNow = async (agent: Agent, task: TaskId) => {
  const outcome = await agent.claim(task, { guarantee: "optimistic" });
  if (!outcome.ok) throw new Error(`refused: ${outcome.reason}`);
  return outcome.claim;
};

test("[UI23] a bar goes from the record of its claim to the record that ended it", async () => {
  await using board = await openHere();
  const ann = await board.join({ name: "ann" });
  const bob = await board.join({ name: "bob" });
  const [done, back, passed, held] = (await ann.add(
    ["done", "back", "passed", "held"].map((title) => ({ title })),
  )) as [TaskId, TaskId, TaskId, TaskId];
  await (await claimNow(ann, done)).complete();
  await (await claimNow(ann, back)).release();
  const packet = { summary: "half", decisions: [], questions: [], deadEnds: [], artifacts: [] };
  await (await claimNow(ann, passed)).offer(packet, { agent: "bob" });
  await bob.accept(passed, { guarantee: "optimistic" });
  await claimNow(ann, held);
  await ann.note(done, "so that time goes on");

  const { lanes } = drawn(board, { from: 0, to: board.time });

  const timeOf = (task: TaskId, kind: string, who = ann): number =>
    board.history(task).find(({ agent, record }) => record.kind === kind && agent === who.id)
      ?.record.at ?? Number.NaN;
  const bars = lanes.map(({ agent, bars }) =>
    bars.map(({ title, status, from, to }) => [agent === ann.id, title, status, from, to]),
  );
  expect(bars).toEqual([
    [
      [true, "done", "completed", timeOf(done, "claimed"), timeOf(done, "completed")],
      [true, "back", "released", timeOf(back, "claimed"), timeOf(back, "released")],
      [true, "passed", "handed-off", timeOf(passed, "claimed"), timeOf(passed, "claimed", bob)],
      [true, "held", "held", timeOf(held, "claimed"), board.time + 1],
    ],
    [[false, "passed", "held", timeOf(passed, "claimed", bob), board.time + 1]],
  ]);
});

test("[UI23] a window shows what was claimed in it and what is held from before, and tells what it leaves out", async () => {
  await using board = await openHere();
  const ann = await board.join({ name: "ann" });
  const ids = await ann.add(Array.from({ length: 500 }, (_, i) => ({ title: `task ${i}` })));
  await claimNow(ann, ids[0] as TaskId);
  for (const id of ids.slice(1)) await (await claimNow(ann, id)).complete();

  const late = drawn(board, { from: board.time - 9, to: board.time });
  const all = drawn(board, { from: 0, to: board.time });

  expect(late.lanes[0]?.bars.map(({ title }) => title)).toEqual([
    "task 0",
    ...[495, 496, 497, 498, 499].map((i) => `task ${i}`),
  ]);
  expect(late.hiddenBars).toBe(0);
  expect(all.lanes[0]?.bars.slice(0, 2).map(({ title }) => title)).toEqual(["task 0", "task 100"]);
  expect(all.lanes[0]?.bars).toHaveLength(401);
  expect(all.hiddenBars).toBe(99);
});
