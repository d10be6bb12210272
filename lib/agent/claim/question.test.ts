import { expect, test } from "@jest/globals";
import {
  countRecords,
  createWorld,
  type Seat,
  type World,
} from "../../../property-tests/kit/world.ts";
import type { AgentId, TaskId } from "../../core/record.ts";
import type { Task } from "../../core/task.ts";
import { getTask } from "../../replica/snapshot.ts";
import type { JoinOptions } from "../board.ts";
import type { Claim } from "./claim.ts";

interface Scene {
  readonly world: World;
  readonly seats: readonly Seat[];
  readonly task: TaskId;
  /** Ann's, the first agent's. */
  readonly claim: Claim;
}

const joins: readonly Partial<JoinOptions>[] = [
  { name: "ann" },
  { name: "ben", capabilities: ["legal"] },
  { name: "cat" },
];

/** Agents on replicas of their own, and a task that the first of them holds. */
async function openScene(options: Parameters<typeof createWorld>[0] = {}): Promise<Scene> {
  const world = createWorld(options);
  const seats: Seat[] = [];
  for (const [i, join] of joins.entries()) seats.push(await world.join(`seat-${i}`, join));
  const [{ agent }] = seats as [Seat];
  const task = await agent.add({ title: "held" });
  const claim = await world.claim(agent, task);
  await world.clock.advanceAsync(300);
  return { world, seats, task, claim };
}

const view = ({ board }: Seat, task: TaskId): Task => getTask(board.snapshot(), task) as Task;

test.each(["relay", "mesh"] as const)(
  "[I1] on a %s a question makes its task input-required, and the first answer ends that and is given to the asker",
  async (topology) => {
    const { world, seats, task, claim } = await openScene({ topology });
    const [ann, ben, cat] = seats as [Seat, Seat, Seat];
    const asked = claim.ask("which colour?");
    await world.clock.advanceAsync(300);
    expect(view(ben, task)).toMatchObject({
      state: "input-required",
      winner: { agent: ann.agent.id },
    });

    expect(await cat.agent.answer(task, "blue")).toEqual({ ok: true });
    const outcome = await world.until(asked);
    await world.clock.advanceAsync(300);

    expect(outcome).toEqual({ ok: true, answer: "blue", by: cat.agent.id });
    for (const seat of seats) expect(view(seat, task).state).toBe("working");
    expect(claim.signal.aborted).toBe(false);
    expect(view(ben, task).thread).toMatchObject({
      questions: [{ question: "which colour?", answers: [{ answer: "blue" }] }],
      ignored: [],
    });
  },
);

test("[I1] of two answers at once every replica and the asker take the same one", async () => {
  const { world, seats, task, claim } = await openScene({ latencyMs: { min: 5, max: 40 } });
  const [ann, ben, cat] = seats as [Seat, Seat, Seat];
  const asked = claim.ask("which colour?");
  await world.clock.advanceAsync(300);

  await Promise.all([ben.agent.answer(task, "blue"), cat.agent.answer(task, "red")]);
  const outcome = await world.until(asked);
  await world.clock.advanceAsync(300);

  const [question] = view(ann, task).thread.questions;
  expect(question?.answers).toHaveLength(2);
  expect(outcome).toMatchObject({ ok: true });
  for (const seat of seats) expect(view(seat, task).thread).toEqual(view(ann, task).thread);
});

test("[I1] a further question makes it input-required again, and each gets its own answer", async () => {
  const { world, seats, task, claim } = await openScene();
  const [, ben] = seats as [Seat, Seat];
  const first = claim.ask("first?");
  const second = claim.ask("second?");
  await world.clock.advanceAsync(10);
  const [, ref] = view(ben, task).thread.questions;

  await ben.agent.answer(task, "for the second", ref);
  expect(await world.until(second)).toMatchObject({ answer: "for the second" });
  await world.clock.advanceAsync(10);
  expect(view(ben, task).state).toBe("input-required");
  await ben.agent.answer(task, "for the first");

  expect(await world.until(first)).toMatchObject({ answer: "for the first" });
});

test("[I2] nobody answers for whom it was not meant, nor their own question", async () => {
  const { world, seats, task, claim } = await openScene();
  const [ann, ben, cat] = seats as [Seat, Seat, Seat];
  expect(await ben.agent.answer(task, "to what?")).toEqual({ ok: false, reason: "no-question" });
  const asked = claim.ask("may we?", { of: { capability: "legal" } });
  await world.clock.advanceAsync(10);

  expect(await ann.agent.answer(task, "yes")).toEqual({ ok: false, reason: "own-work" });
  expect(await cat.agent.answer(task, "yes")).toEqual({ ok: false, reason: "not-addressed" });
  expect(await ben.agent.answer(task, "yes", { agent: "x~00000000" as AgentId, n: 1 })).toEqual({
    ok: false,
    reason: "no-question",
  });
  expect(countRecords(ann.board.doc, "answered")).toBe(0);
  expect(await ben.agent.answer(task, "no")).toEqual({ ok: true });

  expect(await world.until(asked)).toMatchObject({ answer: "no", by: ben.agent.id });
});

test("[I2] an answer is for the first question that its author may answer", async () => {
  const { world, seats, task, claim } = await openScene();
  const [, , cat] = seats as [Seat, Seat, Seat];
  const forLegal = claim.ask("may we?", { of: { capability: "legal" } });
  const forAll = claim.ask("which colour?");
  await world.clock.advanceAsync(10);

  expect(await cat.agent.answer(task, "blue")).toEqual({ ok: true });

  expect(await world.until(forAll)).toMatchObject({ answer: "blue" });
  void forLegal;
});

test.each(["complete", "fail", "release", "reject"] as const)(
  "[I3] a question ends with its claim (%s), and an answer after that is for the question of the next one",
  async (how) => {
    const { world, seats, task, claim } = await openScene();
    const [, ben, cat] = seats as [Seat, Seat, Seat];
    const asked = claim.ask("from attempt 1?");
    await world.clock.advanceAsync(10);
    const [first] = view(ben, task).thread.questions;

    await claim[how]("so it is");
    await world.clock.advanceAsync(10);

    expect(await world.until(asked)).toEqual({ ok: false, reason: "closed" });
    expect(view(ben, task).state).not.toBe("input-required");
    expect(await ben.agent.answer(task, "late")).toEqual({ ok: false, reason: "no-question" });
    expect(await ben.agent.answer(task, "late", first)).toEqual({
      ok: false,
      reason: "no-question",
    });
    if (how === "complete" || how === "reject") return;
    const second = (await world.claim(cat.agent, task)).ask("from attempt 2?");
    await world.clock.advanceAsync(10);
    await ben.agent.answer(task, "in time");
    expect(await world.until(second)).toMatchObject({ ok: true, answer: "in time" });
  },
);

test("[I3] a question ends when its holder falls silent, and the next holder is not asked for it", async () => {
  const { world, seats, task, claim } = await openScene();
  const [, ben] = seats as [Seat, Seat];
  void claim.ask("still there?");
  await world.clock.advanceAsync(10);
  world.network.crash("seat-0");

  await world.clock.settle(() => view(ben, task).nextAttempt === 2);

  expect(view(ben, task).state).toBe("submitted");
  expect(await ben.agent.answer(task, "late")).toEqual({ ok: false, reason: "no-question" });
});

test.each([
  ["its caller's signal", "aborted"],
  ["its agent being told to stop", "aborted"],
  ["the agent leaving", "closed"],
  ["the agent being suspended", "closed"],
  ["the board being closed", "closed"],
  ["the task being canceled", "canceled"],
] as const)("[I1][B3] %s ends the wait for an answer: %s", async (what, reason) => {
  const { world, seats } = await openScene();
  const [ann, ben] = seats as [Seat, Seat];
  const stop = new AbortController();
  const task = await ann.agent.add({ title: "second" });
  const isStop = what === "its agent being told to stop";
  const claim = await world.claim(ann.agent, task, isStop ? { signal: stop.signal } : {});
  const asked = claim.ask("?", what === "its caller's signal" ? { signal: stop.signal } : {});
  await world.clock.advanceAsync(10);

  const deeds: Record<typeof what, () => unknown> = {
    "its caller's signal": () => stop.abort(),
    "its agent being told to stop": () => stop.abort(),
    "the agent leaving": () => ann.agent.leave(),
    "the agent being suspended": () => ann.agent.suspend(),
    "the board being closed": () => ann.board.close(),
    "the task being canceled": () => ben.agent.cancel(task),
  };
  void deeds[what]();

  expect(await world.until(asked)).toEqual({ ok: false, reason });
});

test("[I1] what was lost before cannot ask, and asks nothing", async () => {
  const { seats, claim } = await openScene();
  const [ann] = seats as [Seat];
  await claim.release();

  expect(await claim.ask("?")).toEqual({ ok: false, reason: "closed" });

  expect(countRecords(ann.board.doc, "asked")).toBe(0);
});
