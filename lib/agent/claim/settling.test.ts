// Claims of different tasks that name the same resources: of those that overlap one stands.

import { expect, test } from "@jest/globals";
import {
  countRecords,
  createWorld,
  type Seat,
  type World,
} from "../../../property-tests/kit/world.ts";
import type { TaskId } from "../../core/record.ts";
import { earliest, type Rule, rendezvous } from "../../core/rule.ts";
import { isLive, type Task } from "../../core/task.ts";
import type { Clock } from "../../replica/clock.ts";
import { getTask } from "../../replica/snapshot.ts";
import type { Transport } from "../../replica/transport.ts";
import type { Claim } from "./claim.ts";

const view = ({ board }: Seat, task: TaskId): Task => getTask(board.snapshot(), task) as Task;
const guarantees = ["optimistic", "settled"] as const;

async function joinMany(world: World, count: number, rule: Rule = earliest): Promise<Seat[]> {
  const seats: Seat[] = [];
  for (let i = 0; i < count; i++) seats.push(await world.join(`agent-${i}`, {}, { rule }));
  return seats;
}

/** Adds one task for each list of resources, and lets everybody see them. */
async function addAll(
  world: World,
  { agent }: Seat,
  lists: readonly (readonly string[])[],
): Promise<readonly TaskId[]> {
  const tasks = await agent.add(
    lists.map((resources, i) => ({
      title: `t${i}`,
      ...(resources.length === 0 ? {} : { resources }),
    })),
  );
  await world.clock.advanceAsync(300);
  return tasks;
}

/** Lets markers leave later than the claims before them, so that all rivals see each other. */
function delayMarkers(inner: Transport, clock: Clock, delayMs: number): Transport {
  return {
    capabilities: inner.capabilities,
    connect(link) {
      const connection = inner.connect(link);
      const sync = connection.sync.bind(connection);
      connection.sync = () =>
        new Promise((resolve, reject) => {
          clock.schedule(delayMs, () => void sync().then(resolve, reject));
        });
      return connection;
    },
  };
}

test.each(guarantees)(
  "[X9] a task whose resource is held is not claimed (%s), and the answer names resource, holder and task",
  async (guarantee) => {
    const world = createWorld();
    const [ann, ben] = (await joinMany(world, 2)) as [Seat, Seat];
    const [src, file, both, other] = (await addAll(world, ann, [
      ["path:src/**"],
      ["path:src/a.ts", "port:1"],
      ["port:1", "port:2"],
      [],
    ])) as [TaskId, TaskId, TaskId, TaskId];
    const first = await world.claim(ann.agent, src, { guarantee });
    await world.clock.advanceAsync(10);

    for (const { agent } of [ann, ben])
      expect(await agent.claim(file, { guarantee })).toEqual({
        ok: false,
        reason: "resource",
        resource: "path:src/a.ts",
        by: ann.agent.id,
        task: src,
      });
    expect(ben.board.explain(file).summary).toContain(ann.agent.id);
    // none of its resources is held by a claim that was not to be had
    await world.claim(ben.agent, both, { guarantee });
    await world.claim(ben.agent, other, { guarantee });
    expect(countRecords(ben.board.doc, "claimed")).toBe(3);
    await first.complete();
    await world.clock.advanceAsync(10);
    expect(await ben.agent.claim(file, { guarantee })).toMatchObject({
      reason: "resource",
      resource: "port:1",
      by: ben.agent.id,
      task: both,
    });
  },
);

test("[X10] of two optimistic claims that overlap, the one that goes after stops itself with the reason `resource`", async () => {
  const world = createWorld({ topology: "mesh" });
  const [ann, ben] = (await joinMany(world, 2)) as [Seat, Seat];
  const [one, two] = (await addAll(world, ann, [["db:x", "port:1"], ["db:x"]])) as [TaskId, TaskId];
  world.network.partition([["agent-0"], ["agent-1"]]);
  await ben.agent.note(two, "so that Ben's claim has the higher Lamport time");
  const annsClaim = await world.claim(ann.agent, one);
  const bensClaim = await world.claim(ben.agent, two);
  await world.clock.advanceAsync(300);
  expect([annsClaim.signal.aborted, bensClaim.signal.aborted]).toEqual([false, false]);

  world.network.heal();
  await world.clock.advanceAsync(500);

  expect(annsClaim.signal.aborted).toBe(false);
  expect(bensClaim.signal.reason).toBe("resource");
  expect(await bensClaim.fail("x")).toEqual({ ok: false, reason: "resource" });
  for (const seat of [ann, ben]) {
    expect(view(seat, two)).toMatchObject({ state: "submitted", nextAttempt: 1, winner: null });
    expect(view(seat, one).winner?.agent).toBe(ann.agent.id);
  }
  await annsClaim.complete();
  await world.clock.advanceAsync(300);
  expect(await world.claim(ben.agent, two)).toMatchObject({ attempt: 1 });
});

test("[X10] what gave a resource up in the same turn is in nobody's way", async () => {
  const world = createWorld({ topology: "mesh" });
  const [ann] = (await joinMany(world, 1)) as [Seat];
  const [one, two] = (await addAll(world, ann, [["db:x"], ["db:x"]])) as [TaskId, TaskId];
  const first = await world.claim(ann.agent, two);
  await world.clock.advanceAsync(10);

  await ann.agent.note(one, "changed first in this turn");
  await first.release();
  const second = await world.claim(ann.agent, one);
  await world.clock.advanceAsync(10);

  expect(second.signal.aborted).toBe(false);
  expect(view(ann, one).winner?.status).toBe("held");
});

test.each([...Array(8).keys()])(
  "[X11] of eight settled claims of eight tasks that overlap, one at a time stands, and all are served (seed %i)",
  async (seed) => {
    const world = createWorld({ seed, latencyMs: { min: 1, max: 60 } });
    const rule = seed % 2 === 0 ? earliest : rendezvous;
    const seats = await joinMany(world, 8, rule);
    const lists = seats.map((_, i) => [`port:${i >> 1}`, "db:x"]);
    const tasks = await addAll(world, seats[0] as Seat, lists);
    let [working, most] = [0, 0];

    const outcomes = await world.until(
      Promise.all(
        seats.map(async ({ agent }, i) => {
          const outcome = await agent.claim(tasks[i] as TaskId, { wait: true });
          if (!outcome.ok) return outcome.reason;
          most = Math.max(most, ++working);
          await new Promise<void>((resolve) => {
            world.clock.schedule(30, resolve);
          });
          working--;
          await outcome.claim.complete();
          return "served";
        }),
      ),
    );

    expect(outcomes).toEqual(Array(8).fill("served"));
    expect(most).toBe(1);
  },
);

test.each([...Array(10).keys()])(
  "[X11] under breaks of every line never two work at once on what overlaps (seed %i)",
  async (seed) => {
    const world = createWorld({ seed, latencyMs: { min: 1, max: 40 }, lossRate: 0.03 });
    const seats = await joinMany(world, 5);
    const tasks = await addAll(
      world,
      seats[0] as Seat,
      seats.map(() => ["db:x"]),
    );
    // first the one that added them: an update of its own may have been lost on the way to the relay
    for (const { board } of seats) await world.until(board.sync());
    const working = new Set<Claim>();
    const isOn = (claim: Claim) => !claim.signal.aborted;
    let clashes = 0;

    const stories = seats.map(async ({ agent }, i) => {
      const outcome = await agent.claim(tasks[i] as TaskId, { wait: true });
      if (!outcome.ok) return;
      clashes += [...working].filter(isOn).length;
      working.add(outcome.claim);
      await new Promise<void>((resolve) => {
        world.clock.schedule(50, resolve);
      });
      working.delete(outcome.claim);
      await outcome.claim.complete();
    });
    for (let i = 0; i < 5; i++) {
      const name = `agent-${(seed + i) % 5}`;
      world.network.cut(name, "relay");
      await world.clock.advanceAsync(20 + 13 * i);
      world.network.heal(name, "relay");
      await world.clock.advanceAsync(100);
    }
    world.network.setFaults({});
    await world.until(Promise.all(stories));

    expect(clashes).toBe(0);
  },
);

test.each([
  ["settled", "relay"],
  ["optimistic", "mesh"],
] as const)(
  "[X7][X11] where rivals for one task and for its resources all see each other, one gets them in the end (%s)",
  async (_, topology) => {
    for (const rule of [rendezvous, earliest])
      for (let seed = 1; seed <= 8; seed++) {
        const world = createWorld({ seed, topology, latencyMs: { min: 10, max: 10 } });
        const seats: Seat[] = [];
        for (const name of ["ann", "ben", "cat", "dan"]) {
          const transport = world.network.createTransport(name);
          const late = topology === "relay" ? delayMarkers(transport, world.clock, 5) : transport;
          seats.push(await world.join(name, { leaseMs: 60_000 }, { rule, transport: late }));
        }
        const tasks = await addAll(world, seats[0] as Seat, [["db:x"], ["db:x"]]);
        let done = 0;
        const stories = seats.map(async ({ agent }, i) => {
          for (;;) {
            const outcome = await agent.claim(tasks[i >> 1] as TaskId, { wait: true });
            if (!outcome.ok) return;
            await new Promise<void>((resolve) => {
              world.clock.schedule(50, resolve);
            });
            if (outcome.claim.signal.aborted) continue;
            await outcome.claim.complete();
            done++;
            return;
          }
        });

        await world.clock.advanceAsync(1000);

        expect([rule.name, seed, done]).toEqual([rule.name, seed, 2]);
        await world.until(Promise.all(stories));
      }
  },
);

test("[X13] the claims of an agent that has fallen silent do not hold its resources for ever, on ended tasks neither", async () => {
  const world = createWorld();
  const [ann, ben] = (await joinMany(world, 2)) as [Seat, Seat];
  const [one, two, three] = (await addAll(world, ann, [["db:x"], ["db:y"], ["db:x", "db:y"]])) as [
    TaskId,
    TaskId,
    TaskId,
  ];
  await world.claim(ann.agent, one);
  await world.claim(ann.agent, two);
  await world.clock.advanceAsync(300);
  world.network.crash("agent-0");
  await ben.agent.cancel(one);
  const waiting = ben.agent.claim(three, { wait: true });

  await world.clock.advanceAsync(3000);

  expect(await world.until(waiting)).toMatchObject({ ok: true });
  expect(view(ben, one).claims.filter(isLive)).toEqual([]);
  expect(view(ben, one).state).toBe("canceled");
});

test("[B4][X9] work passes over tasks whose resources are held, and takes them once they are free", async () => {
  const world = createWorld({ latencyMs: { min: 1, max: 10 } });
  const seats = await joinMany(world, 4);
  const lists = Array.from({ length: 16 }, (_, i) => [`port:${i % 3}`]);
  const tasks = await addAll(world, seats[0] as Seat, lists);
  const busy = new Map<string, number>();
  let most = 0;
  const refusals: string[] = [];
  const stop = new AbortController();
  const work = seats.map(({ agent }) =>
    agent.work(
      async ({ task }) => {
        const [port = ""] = task.policy.resources ?? [];
        busy.set(port, (busy.get(port) ?? 0) + 1);
        most = Math.max(most, ...busy.values());
        await new Promise<void>((resolve) => {
          world.clock.schedule(40, resolve);
        });
        busy.set(port, (busy.get(port) ?? 0) - 1);
      },
      {
        signal: stop.signal,
        concurrency: 2,
        onClaim: (outcome) => void (outcome.ok || refusals.push(outcome.reason)),
      },
    ),
  );

  await world.clock.settle(
    () => (seats[0] as Seat).board.snapshot().counts.completed === tasks.length,
    60_000,
  );
  stop.abort();
  await world.until(Promise.all(work));

  expect(most).toBe(1);
  expect(refusals.length).toBeLessThan(60);
});
