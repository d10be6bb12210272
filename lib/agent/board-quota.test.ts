import { expect, test } from "@jest/globals";
import { createWorld, rawRecords, type Seat, type World } from "../../property-tests/kit/world.ts";
import type { AgentId, TaskId } from "../core/record.ts";
import type { Quotas } from "../replica/quota.ts";
import { countTasks, getTask } from "../replica/snapshot.ts";

const exceeded = (limit: keyof Quotas, max: number) =>
  expect.objectContaining({
    code: "QUOTA_EXCEEDED",
    details: expect.objectContaining({ limit, max }),
  });

async function joinAll(
  world: World,
  names: readonly string[],
  quotas: Quotas,
): Promise<readonly Seat[]> {
  const seats: Seat[] = [];
  for (const name of names) seats.push(await world.join(name, {}, { quotas }));
  return seats;
}

async function open(quotas: Quotas) {
  const world = createWorld();
  const [ann, ben] = (await joinAll(world, ["ann", "ben"], quotas)) as [Seat, Seat];
  const records = () => rawRecords(ann.board.doc).filter(({ agent }) => agent === ann.agent.id);
  return { world, ann, ben, records };
}

test("[Q1] tasks beyond the quota are refused at the call, and none of them is written", async () => {
  const { ann, records } = await open({ tasks: 3 });
  await ann.agent.add([{ title: "1" }, { title: "2" }]);
  const before = records().length;

  await expect(ann.agent.add([{ title: "3" }, { title: "4" }])).rejects.toEqual(
    exceeded("tasks", 3),
  );
  expect(records()).toHaveLength(before);
  await ann.agent.add({ title: "3" });
  await expect(ann.agent.add({ title: "4" })).rejects.toEqual(exceeded("tasks", 3));

  expect(countTasks(ann.board.snapshot())).toBe(3);
});

test("[Q1][Q3] claims beyond the quota are refused, until one is closed, which is always possible", async () => {
  const { world, ann, ben } = await open({ openClaims: 2 });
  const tasks = await ben.agent.add(Array.from({ length: 8 }, (_, i) => ({ title: `${i}` })));
  await world.clock.advanceAsync(10);
  const [one, two, three, four] = tasks as [TaskId, TaskId, TaskId, TaskId];
  const first = await world.claim(ann.agent, one);
  const second = await world.claim(ann.agent, two);

  await expect(world.until(ann.agent.claim(three))).rejects.toEqual(exceeded("openClaims", 2));
  await first.complete();
  const third = await world.claim(ann.agent, three);
  await expect(world.until(ann.agent.claim(four))).rejects.toEqual(exceeded("openClaims", 2));
  await second.fail("no");

  expect(await world.claim(ann.agent, four)).toMatchObject({ attempt: 1 });
  expect(await third.release()).toEqual({ ok: true });
});

test.each(["lost to a rival", "expired", "handed over", "canceled", "given up"] as const)(
  "[Q3] a claim that was %s is open no more",
  async (how) => {
    const { world, ann, ben } = await open({ openClaims: 1 });
    const [task, next] = (await ben.agent.add([{ title: "1" }, { title: "2" }])) as [
      TaskId,
      TaskId,
    ];
    await world.clock.advanceAsync(10);
    if (how === "lost to a rival") {
      const outcomes = [ann, ben].map(({ agent }) => agent.claim(task));
      const lost = (await world.until(Promise.all(outcomes))).findIndex(({ ok }) => !ok);
      const loser = ([ann, ben] as const)[lost as 0 | 1];
      await world.clock.advanceAsync(100);
      expect(await world.claim(loser.agent, next)).toMatchObject({ attempt: 1 });
      return;
    }
    if (how === "given up") {
      const stop = AbortSignal.abort();
      await world.until(ann.agent.claim(task, { signal: stop }));
    } else {
      const claim = await world.claim(ann.agent, task);
      await world.clock.advanceAsync(300);
      if (how === "canceled") await ben.agent.cancel(task);
      if (how === "expired") {
        world.network.cut("ann", "relay");
        await world.clock.settle(() => getTask(ben.board.snapshot(), task)?.nextAttempt === 2);
        world.network.heal();
      }
      if (how === "handed over") {
        const packet = { summary: "s", decisions: [], questions: [], deadEnds: [], artifacts: [] };
        void claim.handoff(packet, { to: { agent: "ben" } });
        await world.clock.advanceAsync(10);
        await world.until(ben.agent.accept(task));
      }
    }
    await world.clock.advanceAsync(500);

    expect(await world.claim(ann.agent, next)).toMatchObject({ attempt: 1 });
  },
);

test("[Q3] a pending claim that others expired is open no more", async () => {
  const world = createWorld({ latencyMs: { min: 10, max: 10 } });
  const [ann, ben] = (await joinAll(world, ["ann", "ben"], { openClaims: 1 })) as [Seat, Seat];
  const [task, next] = (await ben.agent.add([{ title: "1" }, { title: "2" }])) as [TaskId, TaskId];
  await world.clock.advanceAsync(100);
  const outcome = ann.agent.claim(task);
  await world.clock.advanceAsync(15);
  world.network.cut("ann", "relay");
  await world.clock.settle(() => getTask(ben.board.snapshot(), task)?.nextAttempt === 2);
  world.network.heal();

  expect(await world.until(outcome)).toEqual({ ok: false, reason: "expired" });
  expect(await world.claim(ann.agent, next)).toMatchObject({ attempt: 1 });
  await world.clock.advanceAsync(100);
  expect(getTask(ben.board.snapshot(), task)?.thread.ignored).toEqual([]);
});

test("[Q1][Q3] with all its records written an agent still closes, answers protocols and leaves", async () => {
  const { world, ann, ben, records } = await open({ records: 5 });
  const [one, two] = (await ann.agent.add([{ title: "1" }, { title: "2" }])) as [TaskId, TaskId];
  const claim = await world.claim(ann.agent, one);
  await ann.agent.note(one, "four");
  const second = await world.claim(ann.agent, two);
  const before = records().length;

  await expect(ann.agent.note(one, "six")).rejects.toEqual(exceeded("records", 5));
  await expect(claim.ask("?")).rejects.toEqual(exceeded("records", 5));
  expect(records()).toHaveLength(before);
  expect(await claim.complete("x".repeat(40_000))).toMatchObject({ accepted: true });
  expect(await second.release()).toEqual({ ok: true });
  await ann.agent.leave();
  await world.clock.advanceAsync(10);

  expect(ben.board.snapshot().agents[ann.agent.id]?.hasLeft).toBe(true);
});

test("[Q1] records beyond the rate are refused, for each agent by itself, and pass a second later", async () => {
  const { world, ann } = await open({ recordsPerSecond: 2 });
  const cat = await ann.board.join({ name: "cat" });
  const task = await ann.agent.add({ title: "task" });
  await ann.agent.note(task, "two");

  await expect(ann.agent.note(task, "three")).rejects.toEqual(exceeded("recordsPerSecond", 2));
  await cat.note(task, "of another agent");
  await expect(cat.add([{ title: "2" }, { title: "3" }])).rejects.toEqual(
    exceeded("recordsPerSecond", 2),
  );
  await world.clock.advanceAsync(1000);
  await ann.agent.note(task, "three");

  expect(getTask(ann.board.snapshot(), task)?.notes).toHaveLength(3);
});

test("[Q2] what a hostile replica writes beyond the quotas is set aside by all alike, and reported", async () => {
  const quotas = { openClaims: 1, tasks: 2, records: 6 };
  const world = createWorld();
  const [ann, ben] = (await joinAll(world, ["ann", "ben"], quotas)) as [Seat, Seat];
  const told = new Map<string, string[]>([
    ["ann", []],
    ["ben", []],
  ]);
  for (const { board, agent } of [ann, ben])
    board.watch(({ events }) => {
      for (const event of events)
        if (event.kind === "record-rejected") told.get(agent.name)?.push(event.reason);
    });
  const task = await ann.agent.add({ title: "ours" });
  const stranger = await world.open("mallory", { quotas });
  const id = "mallory~00000000" as AgentId;
  const rule = ann.board.rule;
  await world.until(stranger.sync());
  const write = (values: readonly object[]) =>
    stranger.doc
      .getArray(`log/${id}/0`)
      .push(values.map((value, n) => ({ n, at: 100 + n, ...value })));

  write([
    { kind: "joined", v: 1, name: "m", capabilities: [], rule, leaseMs: 60_000 },
    { kind: "added", task: "m1", title: "1" },
    { kind: "added", task: "m2", title: "2" },
    { kind: "added", task: "m3", title: "3" }, // tasks
    { kind: "claimed", task: "m1" },
    { kind: "claimed", task: "m2" }, // openClaims
    { kind: "released", task: "m1", claim: 4 },
    { kind: "claimed", task: "m2" },
    { kind: "noted", task, text: "five" },
    { kind: "noted", task, text: "six" },
    { kind: "noted", task, text: "seven" }, // records
    { kind: "completed", task: "m2", claim: 7 },
  ]);
  await world.clock.advanceAsync(100);
  const late = await world.open("late", { quotas });
  await world.until(late.sync());

  for (const reasons of told.values()) {
    expect(reasons).toHaveLength(3);
    expect(reasons.join()).toMatch(/quota tasks of 2.*quota openClaims of 1.*quota records of 6/);
  }
  for (const { snapshot } of [ben.board, late, stranger])
    expect(snapshot()).toEqual(ann.board.snapshot());
  expect(countTasks(ann.board.snapshot())).toBe(3);
  expect(getTask(ann.board.snapshot(), task)?.notes).toHaveLength(2);
  expect(getTask(ann.board.snapshot(), "m2" as TaskId)?.state).toBe("completed");
});

test("[Q4] replicas with other quotas, or none, refuse to mix", async () => {
  const world = createWorld();
  const ann = await world.join("ann", {}, { quotas: { tasks: 2 } });
  expect(ann.board.rule).toBe("earliest@1+tasks=2");

  for (const [name, quotas] of [
    ["other", { tasks: 3 }],
    ["none", {}],
  ] as const) {
    await world.open(name, { quotas });
    await world.clock.advanceAsync(100);
  }

  expect(world.faults).toMatchObject([{ code: "RULE_MISMATCH" }, { code: "RULE_MISMATCH" }]);
});

test("[Q4] on a board that was stored with other quotas nobody joins", async () => {
  const world = createWorld({ topology: "mesh" });
  const ann = await world.join("ann", {}, { quotas: { tasks: 2 } });
  const { encodeStateAsUpdate, applyUpdate } = await import("yjs");
  const other = await world.open("ben", { quotas: { tasks: 3 }, board: "elsewhere" });
  applyUpdate(other.doc, encodeStateAsUpdate(ann.board.doc));

  await expect(other.join({ name: "ben" })).rejects.toEqual(
    expect.objectContaining({ code: "RULE_MISMATCH" }),
  );
});

test("[Q1] work that may claim no more ends with the fault, and gives back what it has", async () => {
  const { world, ann } = await open({ openClaims: 2 });
  const tasks = await ann.agent.add(Array.from({ length: 5 }, (_, i) => ({ title: `${i}` })));

  const work = ann.agent.work(() => {}, { concurrency: 3 });

  await expect(world.until(work)).rejects.toEqual(exceeded("openClaims", 2));
  await world.clock.advanceAsync(10);
  for (const task of tasks) expect(getTask(ann.board.snapshot(), task)?.winner).toBeNull();
});
