import { expect, test } from "@jest/globals";
import {
  countRecords,
  createWorld,
  type Seat,
  type World,
} from "../../../property-tests/kit/world.ts";
import type { TaskId } from "../../core/record.ts";
import { compareText } from "../../core/record.ts";
import type { Rule } from "../../core/rule.ts";
import type { Clock } from "../../replica/clock.ts";
import { getTask } from "../../replica/snapshot.ts";
import type { Transport } from "../../replica/transport.ts";

/** Says beforehand who is the best, so that a test can tell the story it wants. */
const alphabetical: Rule = {
  name: "alphabetical",
  version: 1,
  compare: (a, b) => compareText(a.agent, b.agent),
  reason: () => "has the lower name",
};

interface Scene {
  readonly world: World;
  readonly seats: readonly Seat[];
  readonly task: TaskId;
}

interface SceneOptions extends NonNullable<Parameters<typeof createWorld>[0]> {
  readonly rule?: Rule;
  /** How much later than its claim an agent's marker leaves, so that both of two rivals see each other. */
  readonly markerDelayMs?: number;
}

/** Agents on replicas of their own, all in sync, and one task. */
async function openScene(names: readonly string[], options: SceneOptions = {}): Promise<Scene> {
  const { rule = alphabetical, markerDelayMs = 0, ...network } = options;
  const world = createWorld(network);
  const seats: Seat[] = [];
  for (const name of names) {
    const transport = delayMarkers(world.network.createTransport(name), world.clock, markerDelayMs);
    seats.push(await world.join(name, {}, { rule, transport }));
  }
  const task = await (seats[0] as Seat).agent.add({ title: "contested" });
  await world.clock.advanceAsync(100);
  return { world, seats, task };
}

function delayMarkers(inner: Transport, clock: Clock, delayMs: number): Transport {
  return {
    capabilities: inner.capabilities,
    connect(link) {
      const connection = inner.connect(link);
      if (delayMs === 0) return connection;
      const sync = connection.sync.bind(connection);
      connection.sync = () =>
        new Promise((resolve, reject) => {
          clock.schedule(delayMs, () => void sync().then(resolve, reject));
        });
      return connection;
    },
  };
}

const view = (seat: Seat | undefined, task: TaskId) =>
  getTask((seat as Seat).board.snapshot(), task);
const statuses = (seat: Seat | undefined, task: TaskId) =>
  view(seat, task)?.claims.map(
    ({ agent, attempt, status }) => `${agent.split("~")[0]} ${attempt} ${status}`,
  );

test("[G1] optimistic grants at once, and on a heal the loser's signal aborts and it yields", async () => {
  const { world, seats, task } = await openScene(["ann", "ben"], { topology: "mesh" });
  const [ann, ben] = seats as [Seat, Seat];
  world.network.partition([["ann"], ["ben"]]);
  const annsClaim = await ann.agent.claim(task);
  const bensClaim = await ben.agent.claim(task);
  if (!annsClaim.ok || !bensClaim.ok) throw new Error("both start");
  const stories: unknown[] = [];
  bensClaim.claim.signal.addEventListener("abort", () =>
    stories.push(bensClaim.claim.signal.reason),
  );

  await world.clock.advanceAsync(500);
  expect([annsClaim.claim.signal.aborted, bensClaim.claim.signal.aborted]).toEqual([false, false]);
  world.network.heal();
  await world.clock.advanceAsync(500);

  expect(annsClaim.claim).toMatchObject({ guarantee: "optimistic", attempt: 1 });
  expect(annsClaim.claim.signal.aborted).toBe(false);
  expect(stories).toEqual(["lost"]);
  for (const seat of seats)
    expect(statuses(seat, task)?.toSorted()).toEqual(["ann 1 held", "ben 1 yielded"]);
  expect(await bensClaim.claim.release()).toEqual({ ok: false, reason: "lost" });
});

test("[G1] in a contest of three the verdict flips with each better rival that appears", async () => {
  const { world, seats, task } = await openScene(["ann", "ben", "cat"], { topology: "mesh" });
  world.network.partition([["ann"], ["ben"], ["cat"]]);
  const claims = await Promise.all(seats.map(({ agent }) => world.claim(agent, task)));
  const aborted = () => claims.map(({ signal }) => signal.aborted);

  world.network.partition([["ann"], ["ben", "cat"]]);
  await world.clock.advanceAsync(300);
  expect(aborted()).toEqual([false, false, true]);
  world.network.heal();
  await world.clock.advanceAsync(300);

  expect(aborted()).toEqual([false, true, true]);
  expect(await claims[0]?.complete("mine")).toMatchObject({ ok: true, accepted: true });
});

test("[G2] settled grants after one round trip to the relay, and not before", async () => {
  const { world, seats, task } = await openScene(["ann"], { latencyMs: { min: 10, max: 10 } });
  const start = world.clock.now();

  const claim = await world.claim((seats[0] as Seat).agent, task);

  expect(world.clock.now() - start).toBe(20);
  expect(claim).toMatchObject({ guarantee: "settled", attempt: 1 });
  expect(view(seats[0], task)?.winner).toMatchObject({ status: "held", guarantee: "settled" });
});

test.each([
  ["before its claim is at the relay", 5, { holder: "ben" }],
  ["between its claim and the echo", 15, { holder: "ann" }],
])(
  "[G2] a connection that breaks %s still gives exactly one verdict to each",
  async (_, after, { holder }) => {
    const { world, seats, task } = await openScene(["ann", "ben"], {
      latencyMs: { min: 10, max: 10 },
    });
    const [ann, ben] = seats as [Seat, Seat];
    const annsOutcome = ann.agent.claim(task);
    await world.clock.advanceAsync(after);
    world.network.cut("ann", "relay");
    await world.clock.advanceAsync(100);
    const bensOutcome = ben.agent.claim(task);
    await world.clock.advanceAsync(200);
    world.network.heal();

    const outcomes = await world.until(Promise.all([annsOutcome, bensOutcome]));
    await world.clock.advanceAsync(100);

    expect(outcomes.map(({ ok }) => ok)).toEqual([holder === "ann", holder === "ben"]);
    const holderId = holder === "ann" ? ann.agent.id : ben.agent.id;
    for (const outcome of outcomes)
      if (!outcome.ok) expect(outcome).toMatchObject({ by: holderId });
    expect(countRecords(ann.board.doc, "confirmed")).toBe(1);
    expect(view(ann, task)).toEqual(view(ben, task));
  },
);

test("[G3] whoever sees a confirmed rival yields, even the best by the rule", async () => {
  const { world, seats, task } = await openScene(["ann", "ben"], {
    latencyMs: { min: 10, max: 10 },
  });
  const [ann, ben] = seats as [Seat, Seat];
  const bensOutcome = ben.agent.claim(task);
  await world.clock.advanceAsync(15);
  const annsOutcome = ann.agent.claim(task);

  const outcomes = await world.until(Promise.all([annsOutcome, bensOutcome]));

  expect(outcomes).toMatchObject([{ ok: false, reason: "lost", by: ben.agent.id }, { ok: true }]);
  expect(statuses(ben, task)?.toSorted()).toContain("ben 1 held");
});

test("[G3][G4] the best claimant waits until its rival has yielded", async () => {
  const { world, seats, task } = await openScene(["ann", "ben"], {
    latencyMs: { min: 10, max: 10 },
    markerDelayMs: 5,
  });
  const [ann, ben] = seats as [Seat, Seat];
  const outcomes = Promise.all([ann.agent.claim(task), ben.agent.claim(task)]);

  await world.clock.advanceAsync(26);
  expect(statuses(ben, task)?.toSorted()).toEqual(["ann 1 pending", "ben 1 yielded"]);
  await world.clock.advanceAsync(18);
  expect(statuses(ann, task)?.toSorted()).toEqual(["ann 1 pending", "ben 1 pending"]);
  await world.clock.advanceAsync(2);

  expect(statuses(ann, task)?.toSorted()).toEqual(["ann 1 held", "ben 1 yielded"]);
  expect(await world.until(outcomes)).toMatchObject([
    { ok: true },
    { ok: false, reason: "lost", by: ann.agent.id },
  ]);
});

test("[G5] when the rival that the best waits for falls silent, it claims the next attempt", async () => {
  const { world, seats, task } = await openScene(["ann", "ben", "cat"], {
    latencyMs: { min: 10, max: 10 },
    markerDelayMs: 5,
  });
  const [ann, ben] = seats as [Seat, Seat];
  const annsOutcome = ann.agent.claim(task);
  const bensOutcome = ben.agent.claim(task);
  await world.clock.advanceAsync(15);
  world.network.cut("ben", "relay");

  const outcome = await world.until(annsOutcome);

  expect(outcome).toMatchObject({ ok: true, claim: { attempt: 2, guarantee: "settled" } });
  expect(statuses(ann, task)).toEqual(
    expect.arrayContaining(["ann 1 yielded", "ben 1 expired", "ann 2 held"]),
  );
  world.network.heal();
  expect(await world.until(bensOutcome)).toEqual({ ok: false, reason: "expired" });
  await world.clock.advanceAsync(100);
  for (const seat of seats) expect(view(seat, task)).toEqual(view(ann, task));
});

test("[G6] settled without a barrier is refused, not lowered", async () => {
  const { world, seats, task } = await openScene(["ann"], { topology: "mesh" });
  const { agent, board } = seats[0] as Seat;
  const strict = await agent.add({ title: "strict", guarantee: "settled" });
  const unavailable = expect.objectContaining({ code: "GUARANTEE_UNAVAILABLE" });

  await expect(agent.claim(task, { guarantee: "settled" })).rejects.toEqual(unavailable);
  await expect(agent.claim(strict)).rejects.toEqual(unavailable);
  await expect(agent.claim(strict, { guarantee: "optimistic" })).rejects.toEqual(unavailable);
  await world.clock.advanceAsync(10);

  expect(countRecords(board.doc, "claimed")).toBe(0);
});

test("[G6] a task that asks for settled claims takes no optimistic one over a relay either", async () => {
  const { seats, world } = await openScene(["ann"]);
  const { agent } = seats[0] as Seat;
  const strict = await agent.add({ title: "strict", guarantee: "settled" });

  await expect(agent.claim(strict, { guarantee: "optimistic" })).rejects.toEqual(
    expect.objectContaining({ code: "GUARANTEE_UNAVAILABLE" }),
  );

  expect((await world.claim(agent, strict)).guarantee).toBe("settled");
});

test.each([
  ["relay", undefined, "settled"],
  ["relay", "optimistic", "optimistic"],
  ["relay", "settled", "settled"],
  ["mesh", undefined, "optimistic"],
  ["mesh", "optimistic", "optimistic"],
] as const)("[G7] over a %s, asked for %s, a claim is %s", async (topology, asked, got) => {
  const { world, seats, task } = await openScene(["ann"], { topology });

  const claim = await world.claim(
    (seats[0] as Seat).agent,
    task,
    asked === undefined ? {} : { guarantee: asked },
  );

  expect(claim.guarantee).toBe(got);
  expect(view(seats[0], task)?.winner).toMatchObject({ guarantee: got, status: "held" });
});

test("[G8] whoever sees a live claim writes none, and is told the holder", async () => {
  const { world, seats, task } = await openScene(["ann", "ben"]);
  const [ann, ben] = seats as [Seat, Seat];
  await world.claim(ann.agent, task);
  await world.until(ann.board.sync());

  for (const seat of [ann, ben])
    expect(await seat.agent.claim(task)).toEqual({ ok: false, reason: "held", by: ann.agent.id });

  expect(countRecords(ann.board.doc, "claimed")).toBe(1);
});

test("[G8] a claim that only waits holds others off too", async () => {
  const { world, seats, task } = await openScene(["ann"], { latencyMs: { min: 10, max: 10 } });
  const { agent, board } = seats[0] as Seat;
  const second = await board.join({ name: "second" });
  const first = agent.claim(task);

  expect(await second.claim(task)).toEqual({ ok: false, reason: "held", by: agent.id });
  expect(await world.until(first)).toMatchObject({ ok: true });
});

test.each(["relay", "mesh"] as const)(
  "[D1][D4] on a %s, what is not ready or not for the agent is refused with its reason",
  async (topology) => {
    const { world, seats, task } = await openScene(["ann"], { topology });
    const { agent } = seats[0] as Seat;
    const [waits, hard, over] = (await agent.add([
      { title: "waits", needs: [task] },
      { title: "hard", requires: ["gpu", "time"] },
      { title: "over" },
    ])) as [TaskId, TaskId, TaskId];
    await agent.cancel(over);

    expect(await agent.claim(waits)).toMatchObject({ reason: "blocked", by: task });
    expect(await agent.claim(hard)).toEqual({
      ok: false,
      reason: "incapable",
      missing: ["gpu", "time"],
    });
    expect(await agent.claim(over)).toEqual({ ok: false, reason: "ended", state: "canceled" });
    await (await world.claim(agent, task)).complete();
    expect(await agent.claim(task)).toEqual({ ok: false, reason: "ended", state: "completed" });
    expect(await world.claim(agent, waits)).toMatchObject({ attempt: 1 });
  },
);

test("[A5] an agent with the capabilities claims the version that it saw", async () => {
  const { world, seats } = await openScene(["ann"]);
  const { board, agent } = seats[0] as Seat;
  const able = await board.join({ name: "able", capabilities: ["gpu"] });
  const task = await agent.add({ title: "hard", requires: ["gpu"] });
  await agent.edit(task, { requires: ["gpu"] });

  const claim = await world.claim(able, task);

  expect(await claim.complete()).toMatchObject({ ok: true, accepted: true });
});

test.each([1, 2, 3, 4, 5])(
  "[G9] of ten agents on ten replicas one gets the task, and nine are told who (seed %i)",
  async (seed) => {
    const names = Array.from({ length: 10 }, (_, i) => `agent-${i}`);
    const { world, seats, task } = await openScene(names, { seed, latencyMs: { min: 1, max: 40 } });

    const outcomes = await world.until(Promise.all(seats.map(({ agent }) => agent.claim(task))));
    await world.clock.advanceAsync(200);

    const winner = seats[outcomes.findIndex(({ ok }) => ok)]?.agent.id;
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes.filter((outcome) => "by" in outcome && outcome.by === winner)).toHaveLength(9);
    for (const seat of seats) {
      expect(view(seat, task)?.winner).toMatchObject({ agent: winner, status: "held" });
      expect(seat.board.explain(task)).toEqual((seats[0] as Seat).board.explain(task));
    }
    expect(countRecords((seats[0] as Seat).board.doc, "confirmed")).toBe(1);
  },
);

test("[G4] a caller's signal ends the wait for a claim, and the next in line gets the task", async () => {
  const { world, seats, task } = await openScene(["ann", "ben"], {
    latencyMs: { min: 10, max: 10 },
  });
  const [ann, ben] = seats as [Seat, Seat];
  const stop = new AbortController();
  const outcome = ann.agent.claim(task, { signal: stop.signal });
  await world.clock.advanceAsync(5);

  stop.abort();
  expect(await world.until(outcome)).toEqual({ ok: false, reason: "aborted" });
  await world.clock.advanceAsync(100);

  expect(statuses(ben, task)).toEqual(["ann 1 yielded"]);
  expect(await world.claim(ben.agent, task)).toMatchObject({ attempt: 1 });
});

test("[G2] a claim that was granted has its signal aborted when its caller says stop, and stays open", async () => {
  const { world, seats, task } = await openScene(["ann"]);
  const stop = new AbortController();
  const claim = await world.claim((seats[0] as Seat).agent, task, { signal: stop.signal });

  stop.abort();

  expect(claim.signal.reason).toBe("stopped");
  expect(view(seats[0], task)?.state).toBe("working");
  expect(await claim.complete("after all")).toMatchObject({ ok: true, accepted: true });
});

test("[G2] a stop that came before the grant shows in the claim's signal", async () => {
  const { seats, task } = await openScene(["ann"], { topology: "mesh" });

  const outcome = await (seats[0] as Seat).agent.claim(task, { signal: AbortSignal.abort() });

  expect(outcome.ok && outcome.claim.signal.reason).toBe("stopped");
});

test("[G3] a task that ends while claims are under way leaves nobody waiting", async () => {
  const { world, seats, task } = await openScene(["ann", "ben"], {
    latencyMs: { min: 10, max: 10 },
    markerDelayMs: 5,
  });
  const [ann, ben] = seats as [Seat, Seat];
  const outcome = ann.agent.claim(task);
  await ben.agent.cancel(task);

  expect(await world.until(outcome)).toEqual({ ok: false, reason: "lost", by: null });
});

test.each([
  ["fails and is to be waited for", "delayed"],
  ["fails for good", "ended"],
  ["rejects the task", "ended"],
  ["hands in a result to be reviewed", "in-review"],
] as const)(
  "[G2] where the holder %s before the best claimant decides, that one does not go on in the same attempt",
  async (how, refusal) => {
    const { world, seats } = await openScene(["ann", "ben"], { latencyMs: { min: 10, max: 10 } });
    const [ann, ben] = seats as [Seat, Seat];
    const task = await ben.agent.add({
      title: "contested",
      retry: { delayMs: 5000 },
      ...(how.endsWith("reviewed") ? { review: { by: { agent: "ann" } } } : {}),
    });
    await world.clock.advanceAsync(100);
    const bensOutcome = ben.agent.claim(task);
    await world.clock.advanceAsync(9);
    const annsOutcome = ann.agent.claim(task); // the better one, and not seen by Ben's marker
    const outcome = await world.until(bensOutcome);
    if (!outcome.ok) throw new Error(outcome.reason);
    const { claim } = outcome;
    if (how.startsWith("hands")) await claim.complete("draft");
    else if (how.startsWith("rejects")) await claim.reject("no");
    else await claim.fail("no", { retryable: how !== "fails for good" });

    expect(await world.until(annsOutcome)).toMatchObject({ ok: false, reason: "lost" });
    await world.clock.advanceAsync(100);

    expect(countRecords(ann.board.doc, "confirmed")).toBe(1);
    expect(await ann.agent.claim(task)).toMatchObject({ ok: false, reason: refusal });
  },
);

test("[G9] who claims a task that is called off meanwhile is told so, also where a dead rival's claim stands for ever", async () => {
  const { world, seats, task } = await openScene(["ann", "ben", "cat"], {
    latencyMs: { min: 10, max: 10 },
  });
  const [ann, ben, cat] = seats as [Seat, Seat, Seat];

  void cat.agent.claim(task);
  const outcome = ben.agent.claim(task);
  await ann.agent.cancel(task);
  await world.clock.advanceAsync(15);
  world.network.crash("cat");

  expect(await world.until(outcome)).toEqual({ ok: false, reason: "ended", state: "canceled" });
  expect(statuses(ben, task)).toContain("cat 1 pending");
});

test("[G9] who loses a task to an optimistic claim that completed it is told who, also where a dead rival's claim stands for ever", async () => {
  const { world, seats, task } = await openScene(["ann", "ben", "cat"], {
    latencyMs: { min: 10, max: 10 },
  });
  const [ann, ben, cat] = seats as [Seat, Seat, Seat];

  void cat.agent.claim(task);
  const outcome = ben.agent.claim(task);
  const done = await world.claim(ann.agent, task, { guarantee: "optimistic" });
  await done.complete("done");
  await world.clock.advanceAsync(15);
  world.network.crash("cat");

  expect(await world.until(outcome)).toEqual({ ok: false, reason: "lost", by: ann.agent.id });
  expect(statuses(ben, task)).toContain("cat 1 pending");
});
