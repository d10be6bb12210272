import { expect, test } from "@jest/globals";
import {
  countRecords,
  createWorld,
  type Seat,
  type World,
} from "../../../property-tests/kit/world.ts";
import type { TaskId } from "../../core/record.ts";
import type { Task } from "../../core/task.ts";
import { getTask } from "../../replica/snapshot.ts";
import type { ClaimOutcome } from "./claiming.ts";

const view = ({ board }: Seat, task: TaskId): Task => getTask(board.snapshot(), task) as Task;
const sleep = (world: World, ms: number): Promise<void> =>
  new Promise((resolve) => {
    world.clock.schedule(ms, resolve);
  });

async function joinMany(world: World, count: number): Promise<Seat[]> {
  const seats: Seat[] = [];
  for (let i = 0; i < count; i++) seats.push(await world.join(`agent-${i}`));
  return seats;
}

async function addAll(world: World, { agent }: Seat, count: number): Promise<readonly TaskId[]> {
  const tasks = await agent.add(Array.from({ length: count }, (_, i) => ({ title: `t${i}` })));
  await world.clock.advanceAsync(300);
  return tasks;
}

test.each(["relay", "mesh"] as const)(
  "[X12] on a %s whoever asked to wait is served as soon as the task can be claimed",
  async (topology) => {
    const world = createWorld({ topology, latencyMs: { min: 5, max: 5 } });
    const [ann, ben] = (await joinMany(world, 2)) as [Seat, Seat];
    const [task] = (await addAll(world, ann, 1)) as [TaskId];
    const claim = await world.claim(ann.agent, task);
    await world.clock.advanceAsync(100);
    const waiting = ben.agent.claim(task, { wait: true });
    await world.clock.advanceAsync(300);
    expect(view(ann, task).thread.waiters).toMatchObject([{ agent: ben.agent.id }]);

    await claim.release();
    const start = world.clock.now();
    const outcome = await world.until(waiting);
    await world.clock.advanceAsync(300);

    expect(outcome).toMatchObject({ ok: true, claim: { attempt: 2 } });
    expect(world.clock.now() - start).toBeLessThan(350);
    expect(view(ann, task).thread.waiters).toEqual([]);
    expect(countRecords(ann.board.doc, "unqueued")).toBe(0);
  },
);

test("[X12] a free task is claimed without waiting, and one that cannot be claimed at all is refused at once", async () => {
  const world = createWorld();
  const [ann] = (await joinMany(world, 1)) as [Seat];
  const [free, over] = (await addAll(world, ann, 2)) as [TaskId, TaskId];
  const hard = await ann.agent.add({ title: "hard", requires: ["gpu"] });
  await ann.agent.cancel(over);

  expect(await world.until(ann.agent.claim(free, { wait: true }))).toMatchObject({ ok: true });
  expect(await ann.agent.claim(over, { wait: true })).toMatchObject({ reason: "ended" });
  expect(await ann.agent.claim(hard, { wait: true })).toMatchObject({ reason: "incapable" });

  expect(countRecords(ann.board.doc, "queued")).toBe(0);
});

test.each([
  ["its need is completed", "served"],
  ["its need is canceled, and it is to ignore that", "served"],
  ["the delay after a failure has passed", "served"],
  ["its result was sent back", "served"],
  ["its result was approved", "ended"],
  ["it was called off", "ended"],
  ["its holder fell silent", "served"],
] as const)("[X12] the wait for a task ends when %s: %s", async (what, end) => {
  const world = createWorld();
  const [ann, ben] = (await joinMany(world, 2)) as [Seat, Seat];
  const need = await ann.agent.add({ title: "need" });
  const isNeedy = what.startsWith("its need");
  const task = await ann.agent.add({
    title: "task",
    ...(isNeedy ? { needs: [need], ifNeedFails: "ignore" } : {}),
    ...(what.startsWith("its result") ? { review: { by: { agent: "agent-1" } } } : {}),
    retry: { delayMs: 1000 },
  });
  const claim = isNeedy ? null : await world.claim(ann.agent, task);
  if (what.startsWith("the delay")) await claim?.fail("once");
  if (what.startsWith("its result")) await claim?.complete("draft");
  await world.clock.advanceAsync(300);
  const waiting = ben.agent.claim(task, { wait: true });
  await world.clock.advanceAsync(10);
  expect(view(ann, task).thread.waiters).toHaveLength(1);

  const deeds: Record<typeof what, () => unknown> = {
    "its need is completed": async () => (await world.claim(ann.agent, need)).complete(),
    "its need is canceled, and it is to ignore that": () => ann.agent.cancel(need),
    "the delay after a failure has passed": () => {},
    "its result was sent back": () => ben.agent.review(task, { verdict: "rejected", reason: "no" }),
    "its result was approved": () => ben.agent.review(task, { verdict: "approved" }),
    "it was called off": () => ann.agent.cancel(task),
    "its holder fell silent": () => world.network.crash("agent-0"),
  };
  await deeds[what]();
  const outcome = await world.until(waiting);
  await world.clock.advanceAsync(10);

  expect(outcome.ok ? "served" : outcome.reason).toBe(end);
  expect(view(ben, task).thread.waiters).toEqual([]);
});

test.each([
  ["its caller's signal", "aborted"],
  ["its agent leaving", "aborted"],
  ["its agent's suspension", "aborted"],
  ["its board's closing", "aborted"],
] as const)(
  "[X12][B3] %s ends the wait, and nobody is shown to wait after it",
  async (what, reason) => {
    const world = createWorld();
    const [ann, ben] = (await joinMany(world, 2)) as [Seat, Seat];
    const [task] = (await addAll(world, ann, 1)) as [TaskId];
    const claim = await world.claim(ann.agent, task);
    await world.clock.advanceAsync(10);
    const stop = new AbortController();
    const waiting = ben.agent.claim(task, { wait: true, signal: stop.signal });
    await world.clock.advanceAsync(10);

    const deeds: Record<typeof what, () => unknown> = {
      "its caller's signal": () => stop.abort(),
      "its agent leaving": () => ben.agent.leave(),
      "its agent's suspension": () => ben.agent.suspend(),
      "its board's closing": () => ben.board.close(),
    };
    void deeds[what]();
    const outcome = await world.until(waiting);
    await world.clock.advanceAsync(300);

    expect(outcome).toEqual({ ok: false, reason });
    expect(view(ann, task).thread.waiters).toEqual([]);
    await claim.release();
    await world.clock.advanceAsync(300);
    expect(view(ann, task).winner).toBeNull();
  },
);

test("[X12][B3] an agent that leaves in the turn in which its task becomes free claims nothing", async () => {
  const world = createWorld({ topology: "mesh" });
  const ann = await world.join("ann");
  const ben = await ann.board.join({ name: "ben" });
  const [task] = (await addAll(world, ann, 1)) as [TaskId];
  const claim = await world.claim(ann.agent, task);
  const waiting = ben.claim(task, { wait: true });
  await world.clock.advanceAsync(10);

  await claim.release();
  await ben.leave();

  expect(await world.until(waiting)).toEqual({ ok: false, reason: "aborted" });
  expect(countRecords(ann.board.doc, "claimed")).toBe(1);
});

test.each(["relay", "mesh"] as const)(
  "[X12] on a %s, of three agents that wait for each other in a circle one is told `deadlock`, gives way, and all finish",
  async (topology) => {
    const world = createWorld({ topology, latencyMs: { min: 1, max: 10 } });
    const seats = await joinMany(world, 3);
    const tasks = await addAll(world, seats[0] as Seat, 3);
    const outcomes: ClaimOutcome[] = [];

    const dine = async ({ agent }: Seat, i: number): Promise<void> => {
      const [mine, next] = [tasks[i] as TaskId, tasks[(i + 1) % 3] as TaskId];
      for (;;) {
        const first = await agent.claim(mine, { wait: true });
        if (!first.ok) throw new Error(first.reason);
        await sleep(world, 300); // all hold their first by now
        const second = await agent.claim(next, { wait: true });
        outcomes.push(second);
        if (second.ok) await second.claim.release("done with it");
        await first.claim.release("done with it");
        if (second.ok) return;
        await sleep(world, 2000);
      }
    };
    await world.until(Promise.all(seats.map(dine)));
    await world.clock.advanceAsync(300);

    const [deadlock, ...rest] = outcomes.filter(({ ok }) => !ok);
    expect(deadlock).toMatchObject({ reason: "deadlock" });
    expect(rest).toEqual([]);
    expect(deadlock && "cycle" in deadlock ? [...deadlock.cycle].sort() : []).toEqual(
      seats.map(({ agent }) => agent.id).toSorted(),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(3);
    for (const task of tasks) expect(view(seats[0] as Seat, task).thread.waiters).toEqual([]);
  },
);

test("[X12] nested claims in handlers that make a circle over resources: one is told, gives its task back, and all are done", async () => {
  const world = createWorld({ latencyMs: { min: 1, max: 5 } });
  const seats = await joinMany(world, 3);
  const [first] = seats as [Seat];
  const inner = await first.agent.add(
    seats.map((_, i) => ({
      title: `inner ${i}`,
      resources: [`r:${(i + 1) % 3}`],
      requires: ["me"],
    })),
  );
  await first.agent.add(seats.map((_, i) => ({ title: `outer ${i}`, resources: [`r:${i}`] })));
  const nesters = [];
  for (const [i, { board }] of seats.entries())
    nesters.push(await board.join({ name: `nester-${i}`, capabilities: ["me"], leaseMs: 5000 }));
  await world.clock.advanceAsync(300);
  const told: string[] = [];
  const stop = new AbortController();
  const work = nesters.map((agent) =>
    agent.work(
      async (claim) => {
        const number = Number(claim.task.title.split(" ")[1]);
        await sleep(world, claim.attempt === 1 ? 200 : 10);
        const nested = await agent.claim(inner[number] as TaskId, { wait: true });
        if (!nested.ok) {
          told.push(nested.reason);
          await claim.release("in a circle");
          await sleep(world, 500);
          return;
        }
        await nested.claim.complete();
      },
      { signal: stop.signal, where: ({ title }) => title.startsWith("outer") },
    ),
  );

  await world.clock.settle(() => first.board.snapshot().counts.completed === 6, 60_000);
  stop.abort();
  await world.until(Promise.all(work));

  expect(told).toEqual(["deadlock"]);
});

test("[X12] who waits for what it holds itself is told so at once, for a need of the task too", async () => {
  const world = createWorld();
  const [ann] = (await joinMany(world, 1)) as [Seat];
  const [held] = (await addAll(world, ann, 1)) as [TaskId];
  const dependent = await ann.agent.add({ title: "dependent", needs: [held] });
  await world.claim(ann.agent, held);

  for (const task of [held, dependent])
    expect(await world.until(ann.agent.claim(task, { wait: true }))).toEqual({
      ok: false,
      reason: "deadlock",
      cycle: [ann.agent.id],
    });

  expect(view(ann, held).thread.waiters).toEqual([]);
});

test("[X12] two circles that do not touch have a victim each", async () => {
  const world = createWorld();
  const seats = await joinMany(world, 4);
  const tasks = await addAll(world, seats[0] as Seat, 4);
  const claims = [];
  for (const [i, { agent }] of seats.entries())
    claims.push(await world.claim(agent, tasks[i] as TaskId));
  await world.clock.advanceAsync(10);
  const told: number[] = [];

  for (const [i, { agent }] of seats.entries()) {
    const waiting = agent.claim(tasks[i ^ 1] as TaskId, { wait: true });
    void waiting.then((outcome) => {
      if (!outcome.ok && outcome.reason === "deadlock") told.push(i);
    });
    await world.clock.advanceAsync(50);
  }
  await world.clock.advanceAsync(1000);

  expect(told).toEqual([1, 3]);
});

test("[X12] twelve who wait for one task are served one after the other, and do not all claim at once", async () => {
  const world = createWorld({ latencyMs: { min: 1, max: 10 } });
  const seats = await joinMany(world, 12);
  const [{ board }] = seats as [Seat];
  const [task] = (await addAll(world, seats[0] as Seat, 1)) as [TaskId];
  let [working, most] = [0, 0];

  await world.until(
    Promise.all(
      seats.map(async ({ agent }) => {
        const outcome = await agent.claim(task, { wait: true });
        if (!outcome.ok) throw new Error(outcome.reason);
        most = Math.max(most, ++working);
        await sleep(world, 10);
        working--;
        await outcome.claim.release();
      }),
    ),
  );
  await world.clock.advanceAsync(100);

  expect(most).toBe(1);
  expect(getTask(board.snapshot(), task)).toMatchObject({ nextAttempt: 13 });
  // each once before there was a line to stand in, and once in it
  expect(countRecords(board.doc, "claimed")).toBeLessThanOrEqual(30);
});
