import { expect, test } from "@jest/globals";
import {
  countRecords,
  createWorld,
  type Seat,
  type World,
} from "../../property-tests/kit/world.ts";
import type { TaskId } from "../core/record.ts";
import type { Task } from "../core/task.ts";
import { getTask } from "../replica/snapshot.ts";
import type { NewTask } from "./agent.ts";
import type { ResponseOutcome } from "./respond.ts";

interface Scene {
  readonly world: World;
  readonly seats: readonly Seat[];
  readonly task: TaskId;
}

const EDITORS = ["ed", "eve", "ezra"];

/** Ann, who works, and three editors, each on a replica of its own, and a task whose result needs two editors. */
async function openScene(
  topology: "relay" | "mesh" = "relay",
  more: Partial<NewTask> = {},
): Promise<Scene> {
  const world = createWorld({ topology });
  const seats = [await world.join("ann")];
  for (const name of EDITORS) seats.push(await world.join(name, { capabilities: ["edit"] }));
  const [{ agent }] = seats as [Seat];
  const review = { by: { capability: "edit" }, approvals: 2 };
  const task = await agent.add({ title: "article", review, ...more });
  await world.clock.advanceAsync(300);
  return { world, seats, task };
}

const view = ({ board }: Seat, task: TaskId): Task => getTask(board.snapshot(), task) as Task;
const approved = { verdict: "approved" } as const;
const refused = (reason: Extract<ResponseOutcome, { ok: false }>["reason"]) => ({
  ok: false,
  reason,
});

/** Hands a result in and lets everybody see it. */
async function handIn({ world, seats, task }: Scene, who: number, result: string): Promise<void> {
  const claim = await world.claim((seats[who] as Seat).agent, task);
  expect(await claim.complete(result)).toMatchObject({ accepted: false, isInReview: true });
  await world.clock.advanceAsync(300);
}

test.each(["relay", "mesh"] as const)(
  "[V1] on a %s a result completes its task once enough different agents entitled to it have approved",
  async (topology) => {
    const scene = await openScene(topology);
    const { world, seats, task } = scene;
    const [ann, ed, eve] = seats as [Seat, Seat, Seat];
    await handIn(scene, 0, "draft");
    expect(view(ed, task)).toMatchObject({
      state: "input-required",
      inReview: { result: "draft" },
    });
    expect(await eve.agent.claim(task)).toMatchObject({ ok: false, reason: "in-review" });

    expect(await ed.agent.review(task, approved)).toEqual({ ok: true });
    await world.clock.advanceAsync(300);
    expect(view(ann, task).state).toBe("input-required");
    expect(await eve.agent.review(task, approved)).toEqual({ ok: true });
    await world.clock.advanceAsync(300);

    for (const seat of seats)
      expect(view(seat, task)).toMatchObject({
        state: "completed",
        completion: { agent: ann.agent.id, result: "draft", reviews: [approved, approved] },
        inReview: null,
        thread: { ignored: [] },
      });
  },
);

test("[V2] a rejection sends the result back: it opens the next attempt, and its reason is kept with the result", async () => {
  const scene = await openScene();
  const { world, seats, task } = scene;
  const [ann, ed] = seats as [Seat, Seat];
  await handIn(scene, 0, "draft");

  expect(await ed.agent.review(task, { verdict: "rejected", reason: "too long" })).toEqual({
    ok: true,
  });
  await world.clock.advanceAsync(10);

  expect(view(ann, task)).toMatchObject({
    state: "submitted",
    nextAttempt: 2,
    thread: { spent: 1, ignored: [] },
    alternates: [
      {
        result: "draft",
        reviews: [{ agent: ed.agent.id, verdict: "rejected", reason: "too long" }],
      },
    ],
  });
  expect(await world.claim(ann.agent, task)).toMatchObject({ attempt: 2 });
});

test("[V2] a rejection without a reason is refused, and nothing is written", async () => {
  const scene = await openScene();
  const [ann, ed] = scene.seats as [Seat, Seat];
  await handIn(scene, 0, "draft");

  for (const reason of [undefined, "", "  "]) {
    const verdict = { verdict: "rejected", ...(reason === undefined ? {} : { reason }) } as const;
    await expect(ed.agent.review(scene.task, verdict)).rejects.toThrow(TypeError);
  }

  expect(countRecords(ann.board.doc, "reviewed")).toBe(0);
});

test("[V2][E5] a task whose results were sent back as often as it has attempts is a dead letter", async () => {
  const scene = await openScene("relay", { maxAttempts: 2 });
  const { world, seats, task } = scene;
  const [ann, ed] = seats as [Seat, Seat];

  for (const draft of ["one", "two"]) {
    await handIn(scene, 0, draft);
    await ed.agent.review(task, { verdict: "rejected", reason: "no" });
    await world.clock.advanceAsync(10);
  }

  expect(view(ann, task)).toMatchObject({ state: "failed", thread: { spent: 2 } });
});

test("[V1][V3] nobody reviews their own work, without the capability, twice, or before there is a result", async () => {
  const scene = await openScene();
  const { world, seats, task } = scene;
  const [ann, ed, eve] = seats as [Seat, Seat, Seat];
  expect(await ed.agent.review(task, approved)).toEqual(refused("not-in-review"));
  await handIn(scene, 1, "ed's draft");

  expect(await ed.agent.review(task, approved)).toEqual(refused("own-work"));
  expect(await ann.agent.review(task, approved)).toEqual(refused("not-addressed"));
  await eve.agent.review(task, approved);
  expect(await eve.agent.review(task, approved)).toEqual(refused("said-before"));
  await world.clock.advanceAsync(10);

  expect(countRecords(ann.board.doc, "reviewed")).toBe(1);
  expect(view(ann, task).state).toBe("input-required");
});

test("[V3] nobody reviews a result of theirs that another adopted", async () => {
  const scene = await openScene();
  const { world, seats, task } = scene;
  const [, ed, eve, ezra] = seats as [Seat, Seat, Seat, Seat];
  await handIn(scene, 1, "ed's draft");
  await eve.agent.review(task, { verdict: "rejected", reason: "rather not" });
  await world.clock.advanceAsync(10);
  const [draft] = view(ezra, task).alternates;
  if (draft === undefined) throw new Error("no draft");

  const outcome = await world.until(ezra.agent.adopt(task, draft));
  await world.clock.advanceAsync(10);

  expect(outcome).toMatchObject({ ok: true, accepted: false, isInReview: true });
  expect(view(ed, task).inReview).toMatchObject({
    agent: ezra.agent.id,
    adopts: { agent: ed.agent.id },
    result: "ed's draft",
  });
  expect(await ed.agent.review(task, approved)).toEqual(refused("own-work"));
  expect(await ezra.agent.review(task, approved)).toEqual(refused("own-work"));
  expect(await eve.agent.review(task, approved)).toEqual({ ok: true });
});

test.each([true, false])(
  "[V4] enough approvals stand, whatever rejection arrives later (it was written first: %p)",
  async (isFirst) => {
    const scene = await openScene();
    const { world, seats, task } = scene;
    const [ann, ed, eve, ezra] = seats as [Seat, Seat, Seat, Seat];
    await handIn(scene, 0, "draft");
    world.network.cut("ezra", "relay");
    const reject = () => ezra.agent.review(task, { verdict: "rejected", reason: "late" });
    if (isFirst) await reject();
    await ed.agent.review(task, approved);
    await eve.agent.review(task, approved);
    await world.clock.advanceAsync(100);
    expect(view(ann, task).state).toBe("completed");

    if (!isFirst) await reject();
    world.network.heal();
    await world.clock.advanceAsync(500);

    for (const seat of seats) {
      expect(view(seat, task)).toMatchObject({
        state: "completed",
        completion: { result: "draft" },
      });
      expect(view(seat, task)).toEqual(view(ann, task));
    }
  },
);

test("[V5] a reviewer's first verdict counts, also where a hostile one writes another", async () => {
  const scene = await openScene();
  const { world, seats, task } = scene;
  const [ann] = seats as [Seat];
  await handIn(scene, 0, "draft");
  const { inReview } = view(ann, task);
  const stranger = world.openStranger("mallory");
  await world.clock.advanceAsync(10);
  const joined = { kind: "joined", v: 1, name: "m", rule: "earliest@1", leaseMs: 1000 };
  const verdict = { kind: "reviewed", task, verdict: "approved" };
  const about = { author: inReview?.agent, completion: inReview?.n };
  stranger.getArray("log/mallory~00000000/0").push([
    { n: 0, at: 100, ...joined, capabilities: ["edit"] },
    { n: 1, at: 101, ...verdict, ...about },
    { n: 2, at: 102, ...verdict, ...about },
  ]);

  await world.clock.advanceAsync(10);

  expect(view(ann, task)).toMatchObject({
    state: "input-required",
    inReview: { reviews: [approved] },
    thread: { ignored: [{ reason: "said-before" }] },
  });
});

test("[V1] a result under way while its reviewer works is offered to nobody, and the worker is not asked again", async () => {
  const scene = await openScene();
  const { world, seats, task } = scene;
  const [ann, ed, eve] = seats as [Seat, Seat, Seat];
  const stop = new AbortController();
  let runs = 0;
  const work = ann.agent.work(() => `draft ${++runs}`, { signal: stop.signal });
  await world.clock.advanceAsync(2000);
  expect(runs).toBe(1);

  await ed.agent.review(task, { verdict: "rejected", reason: "again" });
  await world.clock.advanceAsync(1000);
  for (const { agent } of [ed, eve]) await agent.review(task, approved);
  await world.clock.advanceAsync(1000);
  stop.abort();
  await world.until(work);

  expect(runs).toBe(2);
  expect(view(eve, task)).toMatchObject({ state: "completed", completion: { result: "draft 2" } });
});

test("[E1][E2] a reopening starts a round with a higher attempt, and one of a task that has not ended says so", async () => {
  const world = createWorld();
  const [ann, ben] = [await world.join("ann"), await world.join("ben")];
  const task = await ann.agent.add({ title: "task" });
  expect(await ann.agent.reopen(task)).toEqual({
    ok: false,
    reason: "not-ended",
    state: "submitted",
  });
  await (await world.claim(ann.agent, task)).complete("first");
  expect(await ann.agent.redrive(task)).toMatchObject({ ok: false, state: "completed" });

  expect(await ann.agent.reopen(task, "once more")).toEqual({ ok: true, attempt: 2 });
  await world.clock.advanceAsync(10);
  expect(view(ben, task)).toMatchObject({
    state: "submitted",
    completion: null,
    thread: { reopened: { agent: ann.agent.id, reason: "once more" }, ignored: [] },
    alternates: [{ result: "first" }],
  });
  const second = await world.claim(ben.agent, task);
  await second.complete("second");
  await world.clock.advanceAsync(10);

  expect(second.attempt).toBe(2);
  expect(view(ann, task)).toMatchObject({ state: "completed", completion: { result: "second" } });
});

test("[E6] redrive starts a dead letter over and counts its attempts anew", async () => {
  const world = createWorld();
  const { board, agent } = await world.join("ann");
  const task = await agent.add({ title: "task", maxAttempts: 2 });
  const failTwice = async () => {
    await (await world.claim(agent, task)).fail("no");
    await (await world.claim(agent, task)).fail("no");
  };
  await failTwice();
  expect(getTask(board.snapshot(), task)).toMatchObject({ state: "failed", thread: { spent: 2 } });
  expect(await agent.claim(task)).toMatchObject({ ok: false, reason: "ended", state: "failed" });

  expect(await agent.redrive(task, "the disk is mended")).toMatchObject({ ok: true });
  expect(getTask(board.snapshot(), task)).toMatchObject({
    state: "submitted",
    thread: { spent: 0 },
  });
  await failTwice();

  expect(getTask(board.snapshot(), task)).toMatchObject({ state: "failed", thread: { spent: 2 } });
});
