import { expect, test } from "@jest/globals";
import {
  createWorld,
  rawRecords,
  type Seat,
  type World,
} from "../../../property-tests/kit/world.ts";
import type { TaskId } from "../../core/record.ts";
import { getTask } from "../../replica/snapshot.ts";
import type { Claim } from "./claim.ts";

interface Scene {
  readonly world: World;
  readonly ann: Seat;
  readonly ben: Seat;
  readonly task: TaskId;
  readonly claim: Claim;
}

/** Two agents on a relay, and a task that the first one holds. */
async function openScene(): Promise<Scene> {
  const world = createWorld();
  const ann = await world.join("ann");
  const ben = await world.join("ben");
  const task = await ann.agent.add({ title: "held" });
  const claim = await world.claim(ann.agent, task);
  await world.clock.advanceAsync(10);
  return { world, ann, ben, task, claim };
}

const nest = (levels: number): unknown => (levels === 0 ? 1 : [nest(levels - 1)]);

test("[B10] a completed claim cannot be closed again, and the second call says so", async () => {
  const { ann, task, claim } = await openScene();
  expect(await claim.complete("first")).toMatchObject({ ok: true, accepted: true });

  const again = [await claim.complete("second"), await claim.fail("no"), await claim.release()];

  expect(again).toEqual(Array(3).fill({ ok: false, reason: "closed" }));
  expect(getTask(ann.board.snapshot(), task)).toMatchObject({
    completion: { result: "first" },
    alternates: [],
  });
});

test.each(["fail", "release"] as const)(
  "[B10] after %s a claim takes no result any more",
  async (how) => {
    const { claim, ann, task } = await openScene();
    expect(await claim[how]("so it is")).toEqual({ ok: true });

    expect(await claim.complete("late")).toEqual({ ok: false, reason: "closed" });

    expect(getTask(ann.board.snapshot(), task)).toMatchObject({
      state: "submitted",
      nextAttempt: 2,
    });
    expect(claim.signal.aborted).toBe(false);
  },
);

test("[A2] a failure that may be retried opens the next attempt, another ends the task", async () => {
  const { world, ann, ben, task, claim } = await openScene();
  await claim.fail("at first");
  await world.clock.advanceAsync(10);

  const second = await world.claim(ben.agent, task);
  await second.fail("for good", { retryable: false });
  await world.clock.advanceAsync(10);

  expect(second.attempt).toBe(2);
  expect(getTask(ann.board.snapshot(), task)).toMatchObject({
    state: "failed",
    failures: [
      { agent: ann.agent.id, error: "at first", retryable: true },
      { agent: ben.agent.id, error: "for good", retryable: false },
    ],
  });
});

test("[R9] what a failure or release says has no bound of its own: it is cut", async () => {
  const { world, ann, ben, task, claim } = await openScene();
  await claim.fail("\u0000".repeat(100_000));
  const second = await world.claim(ann.agent, task);
  await second.release("😀".repeat(5000));
  await world.clock.advanceAsync(10);

  const error = getTask(ben.board.snapshot(), task)?.failures[0]?.error ?? "";
  expect(error).toMatch(/^\0{2000,}…$/);
  const released = rawRecords(ann.board.doc).find(({ kind }) => kind === "released");
  expect(released).toMatchObject({ reason: expect.stringMatching(/^(😀){1000,}…$/u) });
  expect(ben.board.snapshot()).toEqual(ann.board.snapshot());
});

test("[B7] a result handed in after a loss is kept as an alternate, and the caller is told", async () => {
  const { world, ann, ben, task, claim } = await openScene();
  world.network.cut("ann", "relay");
  await world.clock.advanceAsync(2500);
  const second = await world.claim(ben.agent, task);
  await second.complete("in time");
  world.network.heal();
  await world.clock.advanceAsync(500);

  const outcome = await claim.complete("late");
  await world.clock.advanceAsync(10);

  expect(claim.signal.reason).toBe("cut-off");
  expect(outcome).toMatchObject({ ok: true, accepted: false });
  for (const { board } of [ann, ben])
    expect(getTask(board.snapshot(), task)).toMatchObject({
      completion: { agent: ben.agent.id, attempt: 2, result: "in time" },
      alternates: [{ agent: ann.agent.id, attempt: 1, result: "late" }],
    });
});

test("[B12] a cancellation by others aborts the signal of whoever works on the task", async () => {
  const { world, ann, ben, task, claim } = await openScene();
  const { signal } = claim;

  await ben.agent.cancel(task, "no use");
  await world.clock.advanceAsync(10);

  expect(signal.reason).toBe("canceled");
  expect(getTask(ann.board.snapshot(), task)?.claims[0]?.status).toBe("yielded");
  expect(await claim.fail("x")).toEqual({ ok: false, reason: "canceled" });
});

test("[B12] a completion by another aborts the signals of all who still work on the task", async () => {
  const world = createWorld({ topology: "mesh" });
  const seats = [await world.join("ann"), await world.join("ben"), await world.join("cat")];
  const task = await (seats[0] as Seat).agent.add({ title: "task" });
  await world.clock.advanceAsync(300);
  world.network.partition([["ann"], ["ben"], ["cat"]]);
  const claims = await Promise.all(seats.map(({ agent }) => world.claim(agent, task)));
  await claims[2]?.complete("cat was first");
  world.network.partition([["ann"], ["ben", "cat"]]);
  await world.clock.advanceAsync(300);
  world.network.heal();
  await world.clock.advanceAsync(300);

  expect(claims.map(({ signal }) => signal.reason)).toEqual(["completed", "completed", undefined]);
});

test("[B7] a result that cannot be taken leaves the claim open", async () => {
  const { claim } = await openScene();

  await expect(claim.complete(new Date())).rejects.toThrow(RangeError);
  await expect(claim.complete({ a: () => 1 })).rejects.toThrow("result.a is a function");
  await expect(claim.complete("\ud800")).rejects.toThrow("lone surrogate");
  await expect(claim.complete(nest(8))).rejects.toThrow(RangeError);
  await expect(claim.complete([nest(7), "x".repeat(20_000)])).rejects.toThrow(RangeError);
  await expect(claim.complete("x".repeat(1_048_575))).rejects.toThrow("takes 1048577 bytes");
  await expect(claim.complete("€".repeat(400_000))).rejects.toThrow("takes 1200002 bytes");

  expect(await claim.complete([nest(6), "x".repeat(20_000)])).toMatchObject({
    ok: true,
    accepted: true,
  });
});

test.each([
  ["a text of 1 MiB", "x".repeat(1_048_574)],
  ["pairs cut nowhere, from an even place", "😀".repeat(20_000)],
  ["pairs cut nowhere, from an odd place", `x${"😀".repeat(20_000)}`],
  ["nothing but quotes", '"'.repeat(100_000)],
  ["nothing but control characters", "\u0001".repeat(50_000)],
  ["a structure", { list: Array.from({ length: 2000 }, (_, i) => ({ i, text: `é ${i}` })) }],
  ["just too much for one record", "x".repeat(8190)],
  ["just enough for one record", "x".repeat(8189)],
  ["nothing", null],
  ["a small value", { ok: true }],
])("[R9] a result arrives as it was: %s", async (_, result) => {
  const { world, ann, ben, task, claim } = await openScene();

  expect(await claim.complete(result)).toMatchObject({ ok: true, accepted: true });
  await world.clock.advanceAsync(10);

  for (const { board } of [ann, ben])
    expect(getTask(board.snapshot(), task)?.completion?.result).toEqual(result);
  for (const record of rawRecords(ann.board.doc))
    expect(new TextEncoder().encode(JSON.stringify(record)).length).toBeLessThanOrEqual(
      16_384 + 32,
    );
});

test("[B8] a result is copied: neither later changes nor freezing cross", async () => {
  const { ann, task, claim } = await openScene();
  const result = { list: ["a"] };
  await claim.complete(result);

  result.list.push("b");

  expect(getTask(ann.board.snapshot(), task)?.completion?.result).toEqual({ list: ["a"] });
});

test("[B3] a claim shows what it is of", async () => {
  const { ann, task, claim } = await openScene();

  expect(claim).toMatchObject({ agent: ann.agent.id, attempt: 1, guarantee: "settled" });
  expect(claim.task).toMatchObject({ id: task, title: "held" });
  expect(claim.signal).toBe(claim.signal);
});

test("[W8] a holder is told of each result by a claim that did not win, once, until it stops listening", async () => {
  const world = createWorld();
  const [ann, ben] = [await world.join("ann"), await world.join("ben")];
  const task = await ann.agent.add({ title: "task" });
  const first = await world.claim(ann.agent, task);
  world.network.cut("ann", "relay");
  await world.clock.advanceAsync(3500);
  const second = await world.claim(ben.agent, task);
  const told: unknown[] = [];
  second.watchAlternates(({ agent, result }) => told.push([agent, result]));
  const stop = second.watchAlternates(() => told.push("stopped"));
  stop();
  await first.complete("ann's");

  world.network.heal();
  await world.clock.advanceAsync(500);
  await ben.agent.note(task, "nothing new");
  await world.clock.advanceAsync(10);

  expect(told).toEqual([[ann.agent.id, "ann's"]]);
  expect(second.signal.aborted).toBe(false);
});
