import { expect, test } from "@jest/globals";
import { createMemoryStorage } from "../../../adapters/storage/memory.ts";
import {
  countRecords,
  createWorld,
  rawRecords,
  type Seat,
  type World,
} from "../../../property-tests/kit/world.ts";
import type { AgentId, TaskId } from "../../core/record.ts";
import type { Task } from "../../core/task.ts";
import { getTask } from "../../replica/snapshot.ts";
import type { Agent, NewTask } from "../agent.ts";
import type { Board } from "../board.ts";

type Reader = Pick<Seat, "board">;

const view = ({ board }: Reader, task: TaskId): Task => getTask(board.snapshot(), task) as Task;
const refused = expect.objectContaining({ code: "AGENT_NOT_RESUMABLE" });

/** Goes on as a suspended agent in another process. */
async function resume(
  world: World,
  name: string,
  id: AgentId,
): Promise<{ readonly board: Board; readonly agent: Agent }> {
  const board = await world.open(name);
  await world.until(board.sync());
  return { board, agent: await board.resume(id) };
}

/** Ann holds a task and is suspended; her process is over. */
async function openScene(
  options: Parameters<typeof createWorld>[0] & { readonly ttlMs?: number } = {},
  more: Partial<NewTask> = {},
) {
  const { ttlMs = 60_000, ...network } = options;
  const world = createWorld(network);
  const ann = await world.join("ann");
  const ben = await world.join("ben");
  const task = await ann.agent.add({ title: "task", ...more });
  const claim = await world.claim(ann.agent, task, { ttlMs });
  await world.clock.advanceAsync(300);
  const suspend = async () => {
    await ann.agent.suspend();
    await world.until(ann.board.close());
    await world.clock.advanceAsync(300);
  };
  return { world, ann, ben, task, claim, suspend };
}

test.each(["relay", "mesh"] as const)(
  "[L8] on a %s a suspended agent goes on in another process, with its claims, in the same log",
  async (topology) => {
    const { world, ann, ben, task, claim, suspend } = await openScene({ topology });
    await suspend();
    expect(claim.signal.reason).toBe("closed");
    await world.clock.advanceAsync(20_000);
    expect(view(ben, task).winner?.agent).toBe(ann.agent.id);

    const again = await resume(world, "elsewhere", ann.agent.id);
    const [held] = again.agent.held();
    await world.clock.advanceAsync(100_000);

    expect(again.agent).toMatchObject({ id: ann.agent.id, name: "ann" });
    expect(held).toMatchObject({ attempt: 1, task: { id: task }, guarantee: claim.guarantee });
    expect(held?.signal.aborted).toBe(false);
    await held?.note("half way");
    expect(await held?.complete("done")).toMatchObject({ ok: true, accepted: true });
    await world.clock.advanceAsync(300);
    expect(view(ben, task)).toMatchObject({
      state: "completed",
      completion: { agent: ann.agent.id, attempt: 1, result: "done" },
      thread: { ignored: [] },
    });
    expect(countRecords(ben.board.doc, "expired")).toBe(0);
    expect(countRecords(ben.board.doc, "joined")).toBe(2);
    expect(view(again, task)).toEqual(view(ben, task));
  },
);

test("[L8] what a suspended agent reads, holds and is bound by comes along", async () => {
  const { world, ann, ben, task, suspend } = await openScene({}, { timeoutMs: 5000 });
  await ben.agent.edit(task, { body: "changed" });
  await suspend();

  const again = await resume(world, "elsewhere", ann.agent.id);
  const [held] = again.agent.held();

  expect(held?.stale).toEqual([{ kind: "text" }]);
  await world.clock.advanceAsync(5100);
  expect(held?.signal.reason).toBe("timeout");
  expect(view(ben, task)).toMatchObject({ state: "submitted", thread: { spent: 1 } });
});

test("[L8] a suspended agent's claim stands until its time ends, and not longer", async () => {
  const { world, ann, ben, task, suspend } = await openScene({ ttlMs: 10_000 });
  await suspend();
  const start = world.clock.now();

  await world.clock.settle(() => view(ben, task).nextAttempt === 2);
  const stoodMs = world.clock.now() - start;
  const again = await resume(world, "elsewhere", ann.agent.id);

  expect(stoodMs).toBeGreaterThanOrEqual(9000);
  expect(stoodMs).toBeLessThan(13_000);
  expect(again.agent.held()).toEqual([]);
  expect(await world.claim(again.agent, task)).toMatchObject({ attempt: 2 });
});

test("[L8] it ends too when only agents of the same process are left to see it", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  const ben = await ann.board.join({ name: "ben", leaseMs: 1000 });
  const task = await ann.agent.add({ title: "task" });
  await world.claim(ann.agent, task, { ttlMs: 5000 });
  await world.clock.advanceAsync(20_000);
  await ann.agent.suspend();
  const start = world.clock.now();

  await world.clock.advanceAsync(4900);
  expect(view(ann, task).winner?.agent).toBe(ann.agent.id);
  await world.clock.settle(() => view(ann, task).nextAttempt === 2);

  expect(world.clock.now() - start).toBeLessThan(8000);
  expect(await world.claim(ben, task)).toMatchObject({ attempt: 2 });
});

test("[L8] a process that takes an agent over does not count its silence against it", async () => {
  const { world, ann, ben, task, suspend } = await openScene({ ttlMs: 2000 });
  await suspend();
  const { board } = ben;
  await world.clock.advanceAsync(500);

  const again = await board.resume(ann.agent.id);
  await world.clock.advanceAsync(30_000);
  const [held] = again.held();

  expect(held?.signal.aborted).toBe(false);
  expect(countRecords(board.doc, "expired")).toBe(0);
  await again.suspend();
  await world.clock.advanceAsync(1500);
  expect(view(ben, task).winner?.agent).toBe(ann.agent.id);
});

test("[L8] an agent suspended and resumed on the same board goes on too", async () => {
  const { ann, ben, world, task } = await openScene();
  await ann.agent.suspend();

  const again = await ann.board.resume(ann.agent.id);
  const [held] = again.held();
  await held?.complete("done");
  await world.clock.advanceAsync(300);

  expect(view(ben, task).completion?.result).toBe("done");
});

test("[L8] after its suspension an agent writes nothing here any more: its log may go on elsewhere", async () => {
  const { world, ann, ben, task, claim } = await openScene();
  const offered = claim.ask("still here?");
  await world.clock.advanceAsync(10);
  await ann.agent.suspend();
  const before = rawRecords(ann.board.doc).length;

  expect(await world.until(offered)).toEqual({ ok: false, reason: "closed" });
  expect(await claim.complete("late")).toEqual({ ok: false, reason: "closed" });
  expect(await claim.adopt({ agent: ann.agent.id, n: 1 })).toEqual({ ok: false, reason: "closed" });
  for (const end of ["fail", "release", "reject"] as const)
    expect(await claim[end]("late")).toEqual({ ok: false, reason: "closed" });
  await expect(claim.note("late")).rejects.toEqual(expect.objectContaining({ code: "AGENT_LEFT" }));
  await ann.agent.leave();
  await world.clock.advanceAsync(10);

  expect(rawRecords(ann.board.doc)).toHaveLength(before);
  expect(view(ben, task).winner?.agent).toBe(ann.agent.id);
});

test("[L8] a handler that goes on after the suspension of its agent writes nothing", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  const task = await ann.agent.add({ title: "task" });
  const work = ann.agent.work(
    () =>
      new Promise((resolve) => {
        world.clock.schedule(1000, () => resolve("too late"));
      }),
  );
  await world.clock.advanceAsync(100);
  await ann.agent.suspend();
  const before = rawRecords(ann.board.doc).length;

  await world.until(work);

  expect(rawRecords(ann.board.doc)).toHaveLength(before);
  expect(view(ann, task).winner?.status).toBe("held");
});

test.each(["unknown", "left", "here"] as const)(
  "[L8] an agent that is %s cannot be resumed",
  async (how) => {
    const { world, ann, ben, suspend } = await openScene();
    if (how === "left") await ann.agent.leave();
    if (how === "unknown") await suspend();
    await world.clock.advanceAsync(100);

    const id = how === "unknown" ? ("nobody~00000000" as AgentId) : ann.agent.id;
    const board = how === "here" ? ann.board : ben.board;

    await expect(board.resume(id)).rejects.toEqual(refused);
  },
);

test("[L8] a claim that waits for its confirmation is given up at the suspension", async () => {
  const world = createWorld({ latencyMs: { min: 50, max: 50 } });
  const [ann, ben] = [await world.join("ann"), await world.join("ben")];
  const task = await ann.agent.add({ title: "task" });
  await world.until(ann.board.sync());
  const pending = ann.agent.claim(task);
  await world.clock.advanceAsync(10);

  await ann.agent.suspend();

  expect(await world.until(pending)).toEqual({ ok: false, reason: "aborted" });
  await world.clock.advanceAsync(300);
  expect(await world.claim(ben.agent, task)).toMatchObject({ attempt: 1 });
});

test("[L8] what a process left half done when it was killed is closed at the resumption", async () => {
  const world = createWorld({ latencyMs: { min: 50, max: 50 } });
  const storage = createMemoryStorage();
  const ann = await world.join("ann", { leaseMs: 60_000 }, { storage });
  const ben = await world.join("ben");
  const [held, pending, awaited] = (await ann.agent.add([
    { title: "held" },
    { title: "pending" },
    { title: "awaited" },
  ])) as [TaskId, TaskId, TaskId];
  await world.clock.advanceAsync(200);
  await world.claim(ben.agent, awaited);
  await world.claim(ann.agent, held);
  await world.clock.advanceAsync(200);
  void ann.agent.claim(awaited, { wait: true });
  await world.clock.advanceAsync(200);
  void ann.agent.claim(pending);
  await world.clock.advanceAsync(60);
  world.network.crash("ann");
  await world.clock.advanceAsync(300);
  expect(view(ben, pending).claims).toMatchObject([{ status: "pending" }]);
  expect(view(ben, awaited).thread.waiters).toHaveLength(1);

  const again = await resume(world, "elsewhere", ann.agent.id);
  await world.clock.advanceAsync(300);

  expect(again.agent.held().map(({ task }) => task.id)).toEqual([held]);
  expect(view(ben, pending).claims).toMatchObject([{ status: "yielded" }]);
  expect(view(ben, awaited).thread.waiters).toEqual([]);
  expect(await world.claim(again.agent, pending)).toMatchObject({ attempt: 1 });
  for (const task of [held, pending, awaited]) expect(view(ben, task).thread.ignored).toEqual([]);
});

test("[L8] an optimistic claim that lost to a rival during the suspension is closed at the resumption", async () => {
  const world = createWorld({ topology: "mesh" });
  const [ann, ben] = [await world.join("ann"), await world.join("ben")];
  const task = await ann.agent.add({ title: "task" });
  await world.clock.advanceAsync(300);
  world.network.partition([["ann"], ["ben"]]);
  // Ben's claim has the lower Lamport time
  await ann.agent.add({ title: "other" });
  await world.claim(ann.agent, task, { ttlMs: 60_000 });
  await world.claim(ben.agent, task);
  await ann.agent.suspend();
  world.network.heal();
  await world.clock.advanceAsync(1000);
  expect(view(ann, task).winner?.agent).toBe(ben.agent.id);
  expect(view(ann, task).claims.map(({ status }) => status)).toEqual(["held", "held"]);

  const again = await ann.board.resume(ann.agent.id);
  await world.clock.advanceAsync(300);

  expect(again.held()).toEqual([]);
  expect(
    view(ben, task)
      .claims.map(({ status }) => status)
      .toSorted(),
  ).toEqual(["held", "yielded"]);
});

test("[L8][Q3] a claim that was expired during the suspension counts against no quota after it", async () => {
  const world = createWorld();
  const quotas = { openClaims: 1 };
  const ann = await world.join("ann", {}, { quotas });
  const ben = await world.join("ben", {}, { quotas });
  const [one, two] = (await ann.agent.add([{ title: "1" }, { title: "2" }])) as [TaskId, TaskId];
  await world.claim(ann.agent, one);
  await ann.agent.suspend();
  await world.clock.settle(() => view(ben, one).nextAttempt === 2);
  await world.clock.advanceAsync(10);

  const again = await ann.board.resume(ann.agent.id);

  expect(await world.claim(again, two)).toMatchObject({ attempt: 1 });
  await world.clock.advanceAsync(10);
  expect(view(ben, one).thread.ignored).toEqual([]);
});

test("[L8][L7] the pace of a claim of a short time is taken up again", async () => {
  const { world, ann, ben, task, suspend } = await openScene({ ttlMs: 900 });
  await ann.agent.leave();
  await suspend();
  const cat = await world.join("cat", { leaseMs: 60_000 });
  const claim = await world.claim(cat.agent, task, { ttlMs: 1500 });
  await world.clock.advanceAsync(100);
  await cat.agent.suspend();
  await cat.board.close();

  const again = await resume(world, "elsewhere", cat.agent.id);
  await world.clock.advanceAsync(60_000);

  expect(claim.attempt).toBe(2);
  expect(again.agent.held()[0]?.signal.aborted).toBe(false);
  expect(countRecords(ben.board.doc, "expired")).toBe(0);
});

test("[L8] a board that closes while an agent is resumed leaves no timer behind", async () => {
  const { world, ann, suspend } = await openScene({}, { timeoutMs: 60_000 });
  await suspend();
  const board = await world.open("elsewhere");
  await world.until(board.sync());
  const resuming = board.resume(ann.agent.id);

  await world.until(board.close());
  await resuming;

  expect((await resuming).held()).toEqual([]);
  const before = world.clock.pendingCount;
  await world.clock.advanceAsync(61_000);
  expect(world.clock.pendingCount).toBeLessThanOrEqual(before);
});
