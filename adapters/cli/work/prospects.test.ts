// When a worker may go home, and when a run is over: both judged from real boards.

import { afterEach, expect, test } from "@jest/globals";
import { type Agent, type Board, type Claim, openBoard, type TaskId } from "../../../lib/index.ts";
import { createMemoryNetwork } from "../../transport/memory.ts";
import { createOutlook } from "../run/outlook.ts";
import { type Prospects, prospectsOf } from "./prospects.ts";

let board: Board;
let agent: Agent;

const start = async (): Promise<void> => {
  board = await openBoard({ board: "b", transport: createMemoryNetwork().createTransport() });
  agent = await board.join({ name: "ann", capabilities: ["x", "y"] });
};
afterEach(() => board.close());

const add = (
  title: string,
  needs: readonly TaskId[] = [],
  requires: readonly string[] = [],
): Promise<TaskId> => agent.add({ title, needs, requires });

const claim = async (id: TaskId): Promise<Claim> => {
  const outcome = await agent.claim(id);
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.claim;
};

const hopes = (...can: readonly string[]): Prospects =>
  prospectsOf(board.snapshot(), (task) => task.requires.every((tag) => can.includes(tag)));

test("[C22] a worker stays for what it can take, and for what may be given back to it", async () => {
  await start();
  expect(hopes("x")).toBe("none");

  const id = await add("one", [], ["x"]);
  expect([hopes("x"), hopes("y")]).toEqual(["some", "none"]);

  const held = await claim(id);
  expect([hopes("x"), hopes("y")]).toEqual(["some", "none"]);

  await held.complete();
  expect(hopes("x")).toBe("none");
});

test("[C22] a worker stays for a task that only waits for what is being worked on", async () => {
  await start();
  const first = await add("first", [], ["x"]);
  const second = await add("second", [first], ["x"]);
  await add("mine", [second]);
  expect(hopes()).toBe("few"); // nobody works on what it waits for

  const held = await claim(first);
  expect(hopes()).toBe("some");

  await held.complete();
  const next = await claim(second);
  expect(hopes()).toBe("some");

  await add("late", [await add("chain", [second])]);
  expect(hopes()).toBe("some");
  await next.fail("no", { retryable: false });
  expect(hopes()).toBe("few"); // for ever, but who knows
});

test("[C16] a run is over once none of its tasks is ready, worked on, or waits for one that is", async () => {
  await start();
  const foreign = await add("foreign");
  const bad = await add("bad");
  const top = await add("top", [bad]);
  const other = await add("other", [foreign]);
  const outlook = createOutlook([bad, top, other]);
  const isPossible = (): boolean => outlook.isAnythingPossible(board.snapshot());

  expect(isPossible()).toBe(true);
  const held = await claim(bad);
  expect(isPossible()).toBe(true);
  await held.fail("once");
  expect(isPossible()).toBe(true);
  await (await claim(bad)).fail("for good", { retryable: false });
  expect(isPossible()).toBe(false);
  const elsewhere = await claim(foreign);
  expect(isPossible()).toBe(true);
  await elsewhere.complete();
  await agent.cancel(other);

  expect(isPossible()).toBe(false);
  const { blocked, inReview, ...counts } = outlook.standing(board.snapshot());
  expect(counts).toEqual({ completed: 0, failed: 1, canceled: 1 });
  expect(blocked.map(({ title }) => title)).toEqual(["top"]);
  expect(inReview).toEqual([]);
});

test("[C16] a run without tasks is over", async () => {
  await start();

  expect(createOutlook([]).isAnythingPossible(board.snapshot())).toBe(false);
});

test("[C16] a run goes on while a task is to be tried again, and ends while results await review", async () => {
  await start();
  const delayed = await agent.add({ title: "delayed", retry: { delayMs: 60_000 } });
  const reviewed = await agent.add({ title: "reviewed", review: { by: { agent: "eve" } } });
  await (await claim(delayed)).fail("not yet");
  await (await claim(reviewed)).complete("look");
  const outlook = createOutlook([delayed, reviewed]);

  expect(outlook.isAnythingPossible(board.snapshot())).toBe(true);
  await agent.cancel(delayed);

  expect(outlook.isAnythingPossible(board.snapshot())).toBe(false);
  const { completed, canceled, inReview } = outlook.standing(board.snapshot());
  expect([completed, canceled, inReview.map(({ title }) => title)]).toEqual([0, 1, ["reviewed"]]);
});

test("[C22] a worker stays for what is to be tried again, and not for what awaits review", async () => {
  await start();
  const delayed = await agent.add({ title: "delayed", retry: { delayMs: 60_000 } });
  const reviewed = await agent.add({ title: "reviewed", review: { by: { agent: "eve" } } });
  await (await claim(delayed)).fail("not yet");
  await (await claim(reviewed)).complete("look");
  expect(hopes()).toBe("some");

  await agent.cancel(delayed);

  expect(hopes()).toBe("few");
});
