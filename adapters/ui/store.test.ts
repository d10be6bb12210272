// The store that pages are made of, over boards on one memory network.

import { expect, test } from "@jest/globals";
import { getTask } from "../../lib/index.ts";
import { createWorld } from "../../property-tests/kit/world.ts";
import { boardStore } from "./store.ts";

test("[UI1] the state is one object until something changes, and then tasks that did not are shared", async () => {
  const world = createWorld();
  const { board, agent } = await world.join("ann");
  const [roof, wall] = await agent.add([{ title: "roof" }, { title: "wall" }]);
  if (roof === undefined || wall === undefined) throw new Error("two tasks were to be added");
  const { getState } = boardStore(board);

  const before = getState();
  const again = getState();
  await world.claim(agent, roof);
  const after = getState();

  expect(again).toBe(before);
  expect(after).not.toBe(before);
  expect(getTask(after.snapshot, roof)?.state).toBe("working");
  expect(getTask(after.snapshot, wall)).toBe(getTask(before.snapshot, wall));
  expect(boardStore(board)).toBe(boardStore(board));
});

test("[UI2] whoever subscribed is called when tasks or the connection change, until they stop", async () => {
  const world = createWorld({ latencyMs: { min: 1, max: 5 } });
  const { board, agent } = await world.join("ann");
  const store = boardStore(board);
  const heard: string[] = [];
  const hear = (): void => void heard.push(store.getState().status);
  const stop = store.subscribe(hear);
  const stopTwin = store.subscribe(hear);

  await agent.add({ title: "roof" });
  await world.clock.advanceAsync(0);
  const afterTask = heard.length;
  world.network.cut("ann", "relay");
  await world.clock.advanceAsync(1);
  const afterCut = [...heard];
  stop();
  stop();
  stopTwin();
  await agent.add({ title: "wall" });
  await world.clock.advanceAsync(10);

  expect(afterTask).toBe(2);
  expect(afterCut.slice(2)).toEqual(["offline", "offline"]);
  expect(heard).toEqual(afterCut);
});

test("[UI2] nobody is called once they stopped, not even for what has happened or from a call under way", async () => {
  const world = createWorld({ latencyMs: { min: 1, max: 5 } });
  const { board, agent } = await world.join("ann");
  const { subscribe } = boardStore(board);
  const heard: string[] = [];
  const stopFirst = subscribe(() => {
    heard.push("first");
    stopSecond();
  });
  const stopSecond = subscribe(() => heard.push("second"));

  await agent.add({ title: "roof" });
  await world.clock.advanceAsync(0);
  world.network.cut("ann", "relay");
  stopFirst();
  await world.clock.advanceAsync(1);

  expect(heard).toEqual(["first"]);
});

test("[UI2] a listener that throws keeps nobody else from being told", async () => {
  const world = createWorld();
  const { board, agent } = await world.join("ann");
  const { subscribe } = boardStore(board);
  let heard = 0;
  subscribe(() => {
    throw new Error("mine");
  });
  subscribe(() => heard++);

  await agent.add({ title: "roof" });

  expect(() => world.clock.advance(1)).toThrow("mine");
  expect(heard).toBe(1);
});

test("[UI3] a selection calls back with another value and the one before, and keeps what is equal", async () => {
  const world = createWorld();
  const { board, agent } = await world.join("ann");
  const store = boardStore(board);
  const count = store.select(({ snapshot }) => snapshot.counts.submitted);
  const ids = store.select(
    ({ snapshot }) => Object.keys(snapshot.agents),
    (a, b) => a.join() === b.join(),
  );
  const counts: unknown[] = [];
  const lists: unknown[] = [];
  count.subscribe((value, previous) => counts.push([value, previous]));
  ids.subscribe((value) => lists.push(value));
  const first = ids.get();

  const roof = await agent.add({ title: "roof" });
  await world.clock.advanceAsync(0);
  await agent.note(roof, "it leaks");
  await world.clock.advanceAsync(0);

  expect(counts).toEqual([[1, 0]]);
  expect(lists).toEqual([]);
  expect(ids.get()).toBe(first);
});

test("[UI3] a value that is no number is no change while it stays so", async () => {
  const world = createWorld();
  const { board, agent } = await world.join("ann");
  const share = boardStore(board).select(
    ({ snapshot: { counts } }) => counts.completed / (counts.working + counts.completed),
  );
  const values: number[] = [];
  share.subscribe((value) => values.push(value));

  const roof = await agent.add({ title: "roof" });
  await world.clock.advanceAsync(0);
  await world.claim(agent, roof);
  await world.clock.advanceAsync(0);

  expect(values).toEqual([0]);
});

test("[UI1] a closed board still shows what it knew, and can be subscribed to in vain", async () => {
  const world = createWorld();
  const { board, agent } = await world.join("ann");
  const store = boardStore(board);
  const statuses: string[] = [];
  store.subscribe(() => statuses.push(store.getState().status));
  await agent.add({ title: "roof" });

  await board.close();
  await world.clock.advanceAsync(1);
  const stop = store.subscribe(() => statuses.push("never"));

  expect(statuses.at(-1)).toBe("closed");
  expect(store.getState().snapshot.counts.submitted).toBe(1);
  expect(stop).not.toThrow();
});
