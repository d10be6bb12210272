import { expect, test } from "@jest/globals";
import {
  countRecords,
  createWorld,
  rawRecords,
  type Seat,
  type World,
} from "../../property-tests/kit/world.ts";
import type { BoardEvent } from "../core/event.ts";
import type { AgentId, TaskId } from "../core/record.ts";
import type { Completion, Task } from "../core/task.ts";
import { getTask } from "../replica/snapshot.ts";
import type { NewTask } from "./agent.ts";

interface Scene {
  readonly world: World;
  readonly ann: Seat;
  readonly ben: Seat;
  readonly task: TaskId;
  /** What Ann handed in too late. */
  readonly late: Completion;
}

const view = ({ board }: Seat, task: TaskId): Task => getTask(board.snapshot(), task) as Task;

/** Ann's result came after Ben's: it is an alternate. */
async function openScene(more: Partial<NewTask> = {}, isBenDone = true): Promise<Scene> {
  const world = createWorld();
  const ann = await world.join("ann", { capabilities: ["gpu"] });
  const ben = await world.join("ben", { capabilities: ["gpu"] });
  const task = await ann.agent.add({ title: "task", ...more });
  const slow = await world.claim(ann.agent, task);
  world.network.cut("ann", "relay");
  await world.clock.settle(() => view(ben, task).nextAttempt === 2);
  const quick = await world.claim(ben.agent, task);
  if (isBenDone) await quick.complete("ben's");
  world.network.heal();
  await world.clock.advanceAsync(500);
  await slow.complete("ann's");
  await world.clock.advanceAsync(100);
  const [late] = view(ben, task).alternates;
  if (late === undefined) throw new Error("no alternate");
  return { world, ann, ben, task, late };
}

test("[W8] a result that did not win is announced by an event, and nothing is adopted silently", async () => {
  const world = createWorld();
  const [ann, ben] = [await world.join("ann"), await world.join("ben")];
  const task = await ann.agent.add({ title: "task" });
  const claim = await world.claim(ann.agent, task);
  await claim.release();
  const second = await world.claim(ann.agent, task);
  const told: BoardEvent[] = [];
  ben.board.watch(({ events }) => told.push(...events));
  world.network.cut("ann", "relay");
  await world.clock.advanceAsync(2500);
  await second.complete("late");
  world.network.heal();
  await world.clock.advanceAsync(500);

  expect(told.filter(({ kind }) => kind === "alternate-added")).toMatchObject([
    { task, agent: ann.agent.id, attempt: 2 },
  ]);
  expect(view(ben, task)).toMatchObject({ state: "submitted", completion: null });
});

test("[W8] whoever holds the task adopts an alternate in one call", async () => {
  const { world, ann, ben, task, late } = await openScene({}, false);
  expect(view(ben, task).winner?.agent).toBe(ben.agent.id);

  const outcome = await ben.agent.adopt(task, late);
  await world.clock.advanceAsync(10);

  expect(outcome).toMatchObject({ ok: true, accepted: true });
  expect(countRecords(ben.board.doc, "claimed")).toBe(2);
  expect(view(ann, task)).toMatchObject({
    state: "completed",
    completion: { agent: ben.agent.id, result: "ann's", adopts: { agent: ann.agent.id } },
  });
});

test("[W9] an alternate of an ended task is adopted in one call, and what stood before becomes an alternate", async () => {
  const { world, ann, ben, task, late } = await openScene();
  expect(view(ann, task).completion?.result).toBe("ben's");

  const outcome = await world.until(ann.agent.adopt(task, late));
  await world.clock.advanceAsync(10);

  expect(outcome).toMatchObject({ ok: true, accepted: true });
  for (const seat of [ann, ben])
    expect(view(seat, task)).toMatchObject({
      state: "completed",
      completion: { result: "ann's", attempt: 3 },
      thread: { ignored: [] },
    });
  expect(view(ben, task).alternates.map(({ result }) => result)).toContain("ben's");
});

test("[W9] a task that another agent holds is not adopted for it: the answer names the holder", async () => {
  const { ann, ben, task, late } = await openScene({}, false);

  const outcome = await ann.agent.adopt(task, late);

  expect(outcome).toEqual({ ok: false, reason: "held", by: ben.agent.id });
  expect(view(ann, task).completion).toBeNull();
});

test("[W9] a result that the task does not have is refused, and the task is not started over", async () => {
  const { ann, task, late } = await openScene();

  await expect(ann.agent.adopt(task, { agent: late.agent, n: 99 })).rejects.toThrow(RangeError);

  expect(countRecords(ann.board.doc, "reopened")).toBe(0);
  expect(view(ann, task).state).toBe("completed");
});

test("[W9] who could not claim the task then does not start it over", async () => {
  const { world, ann, task, late } = await openScene({ requires: ["gpu"] });
  const dan = await world.join("dan");

  const outcome = await dan.agent.adopt(task, late);

  expect(outcome).toEqual({ ok: false, reason: "incapable", missing: ["gpu"] });
  expect(countRecords(ann.board.doc, "reopened")).toBe(0);
  expect(view(ann, task).state).toBe("completed");
});

test("[W9] a task that needs what is open again is not started over", async () => {
  const { world, ann, task, late } = await openScene();
  const need = await ann.agent.add({ title: "need" });
  await ann.agent.edit(task, { needs: [need] });

  expect(await world.until(ann.agent.adopt(task, late))).toMatchObject({
    ok: false,
    reason: "blocked",
    by: need,
  });

  expect(view(ann, task).state).toBe("completed");
});

test("[M2][W4] a completed task is not called off, and nothing is written for it", async () => {
  const { world, ann, ben, task } = await openScene();

  await ben.agent.cancel(task, "too late");
  await world.clock.advanceAsync(10);

  expect(countRecords(ann.board.doc, "cancelled")).toBe(0);
  expect(view(ann, task)).toMatchObject({ state: "completed", thread: { ignored: [] } });
});

test.each(["leave", "suspend"] as const)(
  "[B3] after %s every call of an agent is refused, and nothing is written",
  async (how) => {
    const world = createWorld();
    const { board, agent } = await world.join("ann");
    const task = await agent.add({ title: "task" });
    await agent[how]();
    const before = rawRecords(board.doc).length;
    const ref = { agent: agent.id, n: 1 };

    for (const call of [
      () => agent.add({ title: "x" }),
      () => agent.claim(task),
      () => agent.claim(task, { wait: true }),
      () => agent.work(() => {}),
      () => agent.edit(task, { title: "x" }),
      () => agent.cancel(task),
      () => agent.note(task, "x"),
      () => agent.accept(task),
      () => agent.decline(task),
      () => agent.answer(task, "x"),
      () => agent.review(task, { verdict: "approved" }),
      () => agent.reopen(task),
      () => agent.redrive(task),
      () => agent.adopt(task, ref),
      () => agent.import([{ id: "x" as TaskId, title: "x" }]),
    ])
      await expect(call()).rejects.toEqual(expect.objectContaining({ code: "AGENT_LEFT" }));

    expect(agent.held()).toEqual([]);
    expect(rawRecords(board.doc).length).toBe(before);
  },
);

test.each([0, 499, 0.5, Number.NaN, 86_400_001])(
  "[L7] a ttl of %p ms is refused",
  async (ttlMs) => {
    const { agent } = await createWorld().join("ann");
    const task = await agent.add({ title: "task" });

    await expect(agent.claim(task, { ttlMs })).rejects.toThrow(RangeError);
    await expect(agent.work(() => {}, { ttlMs })).rejects.toThrow(RangeError);
  },
);

test("[B3] every call about a task that the board does not know is refused by its name", async () => {
  const { agent } = await createWorld().join("ann");
  const unknown = "unknown" as TaskId;
  const ref = { agent: "x~00000000" as AgentId, n: 1 };

  for (const call of [
    () => agent.accept(unknown),
    () => agent.decline(unknown),
    () => agent.answer(unknown, "x"),
    () => agent.review(unknown, { verdict: "approved" }),
    () => agent.reopen(unknown),
    () => agent.redrive(unknown),
    () => agent.adopt(unknown, ref),
  ])
    await expect(call()).rejects.toEqual(expect.objectContaining({ code: "TASK_UNKNOWN" }));
});

test.each(["relay", "mesh"] as const)(
  "[B12][B4] on a %s a cancellation reaches the signal of who works on the task, and its work goes on with the next",
  async (topology) => {
    const world = createWorld({ topology });
    const [ann, ben] = [await world.join("ann"), await world.join("ben")];
    const [first, second] = (await ann.agent.add([
      { title: "first", priority: 1 },
      { title: "second" },
    ])) as [TaskId, TaskId];
    const reasons: unknown[] = [];
    const stop = new AbortController();
    const work = ben.agent.work(
      ({ task, signal }) =>
        task.id === second
          ? "done"
          : new Promise((_, reject) => {
              signal.addEventListener("abort", () => {
                reasons.push(signal.reason);
                reject(signal.reason);
              });
            }),
      { signal: stop.signal },
    );
    await world.clock.advanceAsync(300);

    await ann.agent.cancel(first, "no use");
    await world.clock.settle(() => view(ann, second).state === "completed");
    stop.abort();
    await world.until(work);

    expect(reasons).toEqual(["canceled"]);
    expect(view(ann, first)).toMatchObject({
      state: "canceled",
      failures: [],
      claims: [{ status: "yielded" }],
      thread: { cancelReason: "no use", ignored: [] },
    });
  },
);
