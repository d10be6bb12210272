import { describe, expect, test } from "@jest/globals";
import {
  countRecords,
  createWorld,
  type Seat,
  type World,
} from "../../../property-tests/kit/world.ts";
import type { TaskId } from "../../core/record.ts";
import type { Task } from "../../core/task.ts";
import { getTask } from "../../replica/snapshot.ts";

const view = ({ board }: Seat, task: TaskId): Task => getTask(board.snapshot(), task) as Task;

async function joinMany(world: World, count: number): Promise<readonly Seat[]> {
  const seats: Seat[] = [];
  for (let i = 0; i < count; i++) seats.push(await world.join(`agent-${i}`));
  await world.clock.advanceAsync(300);
  return seats;
}

/** Adds a task with a delay, claims it and lets it fail. */
async function failOnce(world: World, seat: Seat, delayMs: number): Promise<TaskId> {
  const task = await seat.agent.add({ title: "flaky", retry: { delayMs } });
  await (await world.claim(seat.agent, task)).fail("at first");
  return task;
}

describe("delays", () => {
  test.each(["relay", "mesh"] as const)(
    "[E3] on a %s the next attempt opens once somebody has waited, and not before",
    async (topology) => {
      const world = createWorld({ topology, latencyMs: { min: 1, max: 10 } });
      const seats = await joinMany(world, 3);
      const [ann, ben] = seats as [Seat, Seat];
      const failedAt = world.clock.now();
      const task = await failOnce(world, ann, 10_000);
      await world.clock.advanceAsync(300);
      const delayMs = view(ben, task).thread.delay?.delayMs ?? 0;
      expect(delayMs).toBeGreaterThanOrEqual(5000);
      expect(await ben.agent.claim(task)).toEqual({ ok: false, reason: "delayed" });

      await world.clock.settle(() => view(ben, task).thread.delay === null);
      const openedAfter = world.clock.now() - failedAt;
      await world.clock.advanceAsync(3000);

      expect(openedAfter).toBeGreaterThanOrEqual(delayMs);
      expect(openedAfter).toBeLessThan(delayMs + 1000);
      expect(countRecords(ben.board.doc, "waited")).toBe(1);
      expect(await world.claim(ben.agent, task)).toMatchObject({ attempt: 2 });
      expect(view(ben, task).thread.ignored).toEqual([]);
    },
  );

  test("[E3] when those who were to write it leave or crash, others do", async () => {
    const world = createWorld();
    const seats = await joinMany(world, 4);
    const [ann, ben, cat, dan] = seats as [Seat, Seat, Seat, Seat];
    const tasks = [];
    for (let i = 0; i < 8; i++) tasks.push(await failOnce(world, ann, 2000));
    await ann.agent.leave();
    await ben.agent.leave();
    world.network.crash("agent-2");
    await world.clock.advanceAsync(5000);

    for (const task of tasks) expect(view(dan, task).nextAttempt).toBe(2);
    expect(countRecords(dan.board.doc, "waited")).toBe(8);
    expect(cat.board.status).toBe("closed");
  });

  test("[E3] another agent of the same process takes over from one that left", async () => {
    const world = createWorld();
    const ann = await world.join("ann");
    const tasks = [];
    for (let i = 0; i < 6; i++) tasks.push(await failOnce(world, ann, 2000));
    await world.clock.advanceAsync(100);
    const ben = await ann.board.join({ name: "ben" });
    await ann.agent.leave();

    await world.clock.advanceAsync(4000);

    for (const task of tasks) expect(view(ann, task).nextAttempt).toBe(2);
    expect(ben.id).not.toBe(ann.agent.id);
  });

  test("[E3] where nobody is left, a newcomer waits the whole delay itself", async () => {
    const world = createWorld();
    const ann = await world.join("ann");
    const watcher = await world.open("watcher");
    const task = await failOnce(world, ann, 2000);
    const { delayMs } = view(ann, task).thread.delay ?? { delayMs: 0 };
    await world.until(ann.board.sync());
    await world.until(ann.board.close());
    await world.clock.advanceAsync(20_000);
    expect(getTask(watcher.snapshot(), task)?.thread.delay).not.toBeNull();

    const start = world.clock.now();
    await watcher.join({ name: "newcomer" });
    await world.clock.settle(() => getTask(watcher.snapshot(), task)?.nextAttempt === 2);

    expect(world.clock.now() - start).toBeGreaterThanOrEqual(delayMs);
    expect(world.clock.now() - start).toBeLessThan(delayMs + 500);
  });

  test("[E3] nobody waits for a task that has ended, and a reopening needs no wait", async () => {
    const world = createWorld();
    const { board, agent } = await world.join("ann");
    const task = await failOnce(world, { board, agent }, 2000);
    await agent.cancel(task);

    await world.clock.advanceAsync(10_000);
    expect(countRecords(board.doc, "waited")).toBe(0);
    await agent.reopen(task);

    expect(await world.claim(agent, task)).toMatchObject({ attempt: 2 });
  });

  test("[E3] a board that closes leaves no timer of a delay behind", async () => {
    const world = createWorld();
    const ann = await world.join("ann");
    await failOnce(world, ann, 60_000);
    await world.clock.advanceAsync(10);

    await world.until(ann.board.close());
    await world.clock.advanceAsync(1000);

    expect(world.clock.pendingCount).toBe(0);
  });
});

const ENDS = ["cancel", "fail", "reject"] as const;

/** Makes a task end without a result. */
async function lose(
  world: World,
  { agent }: Seat,
  task: TaskId,
  how: (typeof ENDS)[number],
): Promise<void> {
  if (how === "cancel") return agent.cancel(task);
  const claim = await world.claim(agent, task);
  await (how === "reject" ? claim.reject("no") : claim.fail("no", { retryable: false }));
}

describe("needs that end without a result", () => {
  test.each(ENDS)(
    "[D7] with `fail` the task fails when its need ends by %s, and of three agents one writes it",
    async (how) => {
      const world = createWorld({ latencyMs: { min: 1, max: 20 } });
      const seats = await joinMany(world, 3);
      const [ann, ben] = seats as [Seat, Seat];
      const need = await ann.agent.add({ title: "need" });
      const task = await ann.agent.add({ title: "task", needs: [need], ifNeedFails: "fail" });
      const last = await ann.agent.add({ title: "last", needs: [task], ifNeedFails: "fail" });
      await world.clock.advanceAsync(100);

      await lose(world, ann, need, how);
      await world.clock.advanceAsync(3000);

      expect(view(ben, task)).toMatchObject({
        state: "failed",
        thread: { failedNeed: need, ignored: [] },
      });
      expect(view(ben, last)).toMatchObject({ state: "failed", thread: { failedNeed: task } });
      expect(countRecords(ben.board.doc, "need-failed")).toBe(2);
      expect(ben.board.explain(task).summary).toContain(need);
    },
  );

  test("[D7] with `block`, which is the default, the task waits and says so, until the need is reopened and done", async () => {
    const world = createWorld();
    const [ann, ben] = (await joinMany(world, 2)) as [Seat, Seat];
    const need = await ann.agent.add({ title: "need" });
    const task = await ann.agent.add({ title: "task", needs: [need] });
    await lose(world, ann, need, "fail");
    await world.clock.advanceAsync(3000);

    expect(await ben.agent.claim(task)).toEqual({
      ok: false,
      reason: "blocked",
      by: need,
      isLost: true,
    });
    expect(ben.board.explain(task).summary).toContain("failed");
    expect(countRecords(ben.board.doc, "need-failed")).toBe(0);
    await ben.agent.redrive(need);
    await (await world.claim(ben.agent, need)).complete();

    expect(await world.claim(ben.agent, task)).toMatchObject({ attempt: 1 });
  });

  test("[D7] with `ignore` the task goes on", async () => {
    const world = createWorld();
    const [ann, ben] = (await joinMany(world, 2)) as [Seat, Seat];
    const need = await ann.agent.add({ title: "need" });
    const task = await ann.agent.add({ title: "task", needs: [need], ifNeedFails: "ignore" });
    await world.clock.advanceAsync(10);
    expect(await ben.agent.claim(task)).toMatchObject({ reason: "blocked", isLost: false });

    await lose(world, ann, need, "reject");
    await world.clock.advanceAsync(10);

    const claim = await world.claim(ben.agent, task);
    expect(claim.inputs).toEqual([]);
    expect(await claim.complete()).toMatchObject({ accepted: true, stale: [] });
  });

  test("[D7] a child that ends without a result counts as a need, also when only a newcomer is there to write it", async () => {
    const world = createWorld();
    const ann = await world.join("ann");
    const watcher = await world.open("watcher");
    const task = await ann.agent.add({ title: "parent", ifNeedFails: "fail" });
    const child = await ann.agent.add({ title: "child", parent: task });
    await ann.agent.cancel(child);
    await world.until(ann.board.close());
    await world.clock.advanceAsync(1000);
    expect(getTask(watcher.snapshot(), task)?.state).toBe("submitted");

    await watcher.join({ name: "newcomer" });
    await world.clock.advanceAsync(100);

    expect(getTask(watcher.snapshot(), task)).toMatchObject({
      state: "failed",
      thread: { failedNeed: child },
    });
  });

  test("[D7] a task that is worked on when its need is lost fails only if it is given back", async () => {
    const world = createWorld();
    const [ann, ben] = (await joinMany(world, 2)) as [Seat, Seat];
    const need = await ann.agent.add({ title: "need" });
    await (await world.claim(ann.agent, need)).complete("first");
    const task = await ann.agent.add({ title: "task", needs: [need], ifNeedFails: "fail" });
    await world.clock.advanceAsync(10);
    const claim = await world.claim(ben.agent, task);
    await ann.agent.reopen(need);
    await ann.agent.cancel(need);
    await world.clock.advanceAsync(2000);
    expect(claim.signal.aborted).toBe(false);
    expect(view(ann, task).state).toBe("working");

    await claim.release();
    await world.clock.advanceAsync(2000);

    expect(view(ann, task)).toMatchObject({ state: "failed", thread: { failedNeed: need } });
  });
});
