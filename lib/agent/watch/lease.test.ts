import { expect, test } from "@jest/globals";
import {
  countRecords,
  createWorld,
  type Seat,
  type World,
} from "../../../property-tests/kit/world.ts";
import type { AgentId, TaskId } from "../../core/record.ts";
import type { Clock } from "../../replica/clock.ts";
import { getTask } from "../../replica/snapshot.ts";
import type { ReplicaLink, Transport } from "../../replica/transport.ts";

const view = ({ board }: Seat, task: TaskId) => getTask(board.snapshot(), task);

/** A process that can stall: its timers and what arrives for it wait until it goes on. */
function createProcess(world: World, name: string) {
  let isStalled = false;
  const waiting: (() => void)[] = [];
  const whenAwake = (run: () => void): void => void (isStalled ? waiting.push(run) : run());
  const clock: Clock = {
    now: () => world.clock.now(),
    schedule(delayMs, callback) {
      let isCancelled = false;
      const cancel = world.clock.schedule(delayMs, () =>
        whenAwake(() => {
          if (!isCancelled) callback();
        }),
      );
      return () => {
        isCancelled = true;
        cancel();
      };
    },
  };
  const inner = world.network.createTransport(name);
  const transport: Transport = {
    capabilities: inner.capabilities,
    connect: (link: ReplicaLink) =>
      inner.connect({
        ...link,
        receive: (updates, origin) => whenAwake(() => link.receive(updates, origin)),
        receivePresence: (presences) => whenAwake(() => link.receivePresence(presences)),
      }),
  };
  return {
    options: { clock, transport },
    stall() {
      isStalled = true;
    },
    goOn() {
      isStalled = false;
      for (const run of waiting.splice(0)) run();
    },
  };
}

test("[L1] a claim stands as long as its holder gives signs of life, however long the work takes", async () => {
  const world = createWorld({ latencyMs: { min: 1, max: 20 } });
  const [ann, ben] = [await world.join("ann"), await world.join("ben")];
  const task = await ann.agent.add({ title: "long" });
  const claim = await world.claim(ann.agent, task);

  await world.clock.advanceAsync(120_000);

  expect(claim.signal.aborted).toBe(false);
  expect(view(ben, task)?.winner?.agent).toBe(ann.agent.id);
  expect(countRecords(ben.board.doc, "expired")).toBe(0);
});

test("[L2] a claim is not expired before a whole lease of silence, and is after it", async () => {
  const world = createWorld();
  const ann = await world.join("ann", { leaseMs: 5000 });
  const ben = await world.join("ben", { leaseMs: 1000 });
  const task = await ann.agent.add({ title: "task" });
  await world.claim(ann.agent, task);
  await world.clock.advanceAsync(1000);
  world.network.crash("ann");

  await world.clock.advanceAsync(3900); // the last sign of life came up to a beat before
  expect(view(ben, task)?.winner?.agent).toBe(ann.agent.id);
  await world.clock.advanceAsync(2000);

  expect(view(ben, task)?.claims[0]?.status).toBe("expired");
  expect(await world.claim(ben.agent, task)).toMatchObject({ attempt: 2 });
});

test("[L2] of twenty observers one writes it, two at the most", async () => {
  const world = createWorld({ latencyMs: { min: 1, max: 30 } });
  const holder = await world.join("holder");
  const observers: Seat[] = [];
  for (let i = 0; i < 20; i++) observers.push(await world.join(`observer-${i}`));
  const task = await holder.agent.add({ title: "task" });
  await world.claim(holder.agent, task);
  await world.clock.advanceAsync(300);
  world.network.crash("holder");

  const [first] = observers as [Seat];
  await world.clock.settle(() => view(first, task)?.claims[0]?.status === "expired");
  await world.clock.advanceAsync(1500);

  expect([1, 2]).toContain(countRecords(first.board.doc, "expired"));
}, 30_000);

test("[L2] where the first in line is dead too, the next one writes it", async () => {
  const world = createWorld();
  const seats: Seat[] = [];
  for (const name of ["ann", "ben", "cat", "dan"]) seats.push(await world.join(name));
  const [ann, ben, cat, dan] = seats as [Seat, Seat, Seat, Seat];
  const tasks = await ann.agent.add(Array.from({ length: 8 }, (_, i) => ({ title: `t${i}` })));
  for (const task of tasks) await world.claim(ann.agent, task);
  for (const name of ["ann", "ben", "cat"]) world.network.crash(name);

  await world.clock.advanceAsync(3000);

  for (const task of tasks) expect(view(dan, task)?.claims[0]?.status).toBe("expired");
  expect(countRecords(dan.board.doc, "expired")).toBe(8);
  expect(ben.board.status).toBe("closed");
  expect(cat.board.status).toBe("closed");
});

test("[L2] nobody who has joined means nobody who expires", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  const watcher = await world.open("watcher");
  const task = await ann.agent.add({ title: "task" });
  await world.claim(ann.agent, task);
  world.network.crash("ann");

  await world.clock.advanceAsync(20_000);

  expect(getTask(watcher.snapshot(), task)?.winner?.agent).toBe(ann.agent.id);
});

test("[L2] without presence nobody is judged", async () => {
  const world = createWorld({ topology: "mesh" });
  const without = (name: string) => ({
    transport: {
      ...world.network.createTransport(name),
      capabilities: { barrier: false, presence: false },
    },
  });
  const ann = await world.join("ann", {}, without("ann"));
  const ben = await world.join("ben", {}, without("ben"));
  const task = await ann.agent.add({ title: "task" });
  await world.claim(ann.agent, task);
  await world.clock.advanceAsync(300);
  world.network.crash("ann");

  await world.clock.advanceAsync(20_000);

  expect(view(ben, task)?.winner?.agent).toBe(ann.agent.id);
});

test("[L3] a holder that is cut off stops itself after its lease, another takes over, and on the heal all agree", async () => {
  const world = createWorld({ latencyMs: { min: 1, max: 10 } });
  const seats = [await world.join("ann"), await world.join("ben"), await world.join("cat")];
  const [ann, ben] = seats as [Seat, Seat, Seat];
  const task = await ann.agent.add({ title: "task" });
  const first = await world.claim(ann.agent, task);
  const cutAt = world.clock.now();
  let stoppedAt = 0;
  first.signal.addEventListener("abort", () => {
    stoppedAt = world.clock.now();
  });
  world.network.cut("ann", "relay");

  await world.clock.settle(() => view(ben, task)?.nextAttempt === 2);
  const tookOverAt = world.clock.now();
  const second = await world.claim(ben.agent, task);
  world.network.heal();
  await world.clock.advanceAsync(500);

  expect(first.signal.reason).toBe("cut-off");
  expect(stoppedAt - cutAt).toBeLessThanOrEqual(1200);
  expect(tookOverAt - cutAt).toBeGreaterThanOrEqual(800);
  expect(second.attempt).toBe(2);
  expect(second.signal.aborted).toBe(false);
  for (const seat of seats) expect(view(seat, task)).toEqual(view(ben, task));
  expect(await first.complete("late")).toMatchObject({ ok: true, accepted: false });
  expect(await second.complete("in time")).toMatchObject({ ok: true, accepted: true });
  await world.clock.advanceAsync(100);
  for (const seat of seats)
    expect(view(seat, task)).toMatchObject({
      completion: { agent: ben.agent.id, attempt: 2 },
      alternates: [{ agent: ann.agent.id, attempt: 1, result: "late" }],
    });
});

test("[L3] a short break stops nobody", async () => {
  const world = createWorld();
  const [ann, ben] = [await world.join("ann"), await world.join("ben")];
  const task = await ann.agent.add({ title: "task" });
  const claim = await world.claim(ann.agent, task);

  for (let i = 0; i < 5; i++) {
    world.network.cut("ann", "relay");
    await world.clock.advanceAsync(700);
    world.network.heal();
    await world.clock.advanceAsync(300);
  }

  expect(claim.signal.aborted).toBe(false);
  expect(countRecords(ben.board.doc, "expired")).toBe(0);
});

test("[L3] agents of one process stop each after its own lease", async () => {
  const world = createWorld();
  const ann = await world.join("ann", { leaseMs: 1000 });
  const patient = await ann.board.join({ name: "patient", leaseMs: 10_000 });
  const [one, two] = (await ann.agent.add([{ title: "1" }, { title: "2" }])) as [TaskId, TaskId];
  const claims = [await world.claim(ann.agent, one), await world.claim(patient, two)];
  world.network.cut("ann", "relay");

  await world.clock.advanceAsync(2000);
  expect(claims.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  await world.clock.advanceAsync(9000);

  expect(claims.map(({ signal }) => signal.reason)).toEqual(["cut-off", "cut-off"]);
});

test("[L2][B12] a holder taken for dead that hands in before the next one did has the accepted result", async () => {
  const world = createWorld();
  const process = createProcess(world, "ann");
  const ann = await world.join("ann", {}, process.options);
  const ben = await world.join("ben");
  const task = await ann.agent.add({ title: "task" });
  const first = await world.claim(ann.agent, task);
  await world.clock.advanceAsync(100);
  process.stall();
  await world.clock.advanceAsync(2500);
  const second = await world.claim(ben.agent, task);

  // in the stalled process the handler was just done, before anything else runs
  const outcome = first.complete("slow but done");
  process.goOn();
  await world.clock.advanceAsync(100);

  expect(second.attempt).toBe(2);
  expect(await outcome).toMatchObject({ ok: true, accepted: true });
  expect(second.signal.reason).toBe("completed");
  expect(await second.complete("second")).toMatchObject({ ok: true, accepted: false });
  await world.clock.advanceAsync(100);
  for (const seat of [ann, ben])
    expect(view(seat, task)).toMatchObject({
      state: "completed",
      completion: { agent: ann.agent.id, result: "slow but done" },
      alternates: [{ agent: ben.agent.id }],
    });
});

test("[L6] a holder whose event loop stood still for its lease notices it by itself, and stops", async () => {
  const world = createWorld();
  const process = createProcess(world, "ann");
  const ann = await world.join("ann", {}, process.options);
  const ben = await world.join("ben");
  const task = await ann.agent.add({ title: "task" });
  const claim = await world.claim(ann.agent, task);
  await world.clock.advanceAsync(100);
  const events = ann.board.events((event) => event.kind === "agent-stalled");
  process.stall();
  await world.clock.advanceAsync(2500);
  expect(claim.signal.aborted).toBe(false);

  process.goOn();
  await world.clock.advanceAsync(10);

  expect(claim.signal.reason).toBe("cut-off");
  expect(view(ben, task)).toMatchObject({ nextAttempt: 2, claims: [{ status: "released" }] });
  expect(await events.next()).toMatchObject({ value: { agent: ann.agent.id } });
});

test.each(["stalled", "cut off"])(
  "[L4] an observer that was itself %s gives everybody a whole lease again",
  async (how) => {
    const world = createWorld();
    const holder = await world.join("holder");
    const process = createProcess(world, "observer");
    const observer = await world.join("observer", {}, process.options);
    const task = await holder.agent.add({ title: "task" });
    await world.claim(holder.agent, task);
    await world.clock.advanceAsync(500);
    if (how === "stalled") process.stall();
    else world.network.cut("observer", "relay");
    await world.clock.advanceAsync(30_000);
    world.network.crash("holder");
    await world.clock.advanceAsync(5000);

    const wentOnAt = world.clock.now();
    process.goOn();
    world.network.heal();
    await world.clock.settle(() => view(observer, task)?.nextAttempt === 2);

    expect(world.clock.now() - wentOnAt).toBeGreaterThanOrEqual(1000);
    expect(world.clock.now() - wentOnAt).toBeLessThan(2000);
  },
);

test("[L4] an observer that goes on beside a holder that lives expires nobody", async () => {
  const world = createWorld();
  const holder = await world.join("holder");
  const process = createProcess(world, "observer");
  const observer = await world.join("observer", {}, process.options);
  const task = await holder.agent.add({ title: "task" });
  await world.claim(holder.agent, task);

  for (let i = 0; i < 5; i++) {
    process.stall();
    await world.clock.advanceAsync(4000);
    process.goOn();
    await world.clock.advanceAsync(1500);
  }

  expect(countRecords(observer.board.doc, "expired")).toBe(0);
  expect(view(observer, task)?.winner?.agent).toBe(holder.agent.id);
});

test("[L5] claims of an agent that has left are expired without waiting", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  const task = await ann.agent.add({ title: "task" });
  const stranger = world.openStranger("careless");
  await world.clock.advanceAsync(10);
  const id = "careless~00000000" as AgentId;
  const joined = { kind: "joined", v: 1, name: "c", capabilities: [], rule: "earliest@1" };
  stranger.getArray(`log/${id}/0`).push([
    { n: 0, at: 10, ...joined, leaseMs: 86_400_000 },
    { n: 1, at: 11, kind: "claimed", task },
    { n: 2, at: 12, kind: "left" },
  ]);

  await world.clock.advanceAsync(250);

  expect(view(ann, task)?.claims).toMatchObject([{ agent: id, status: "expired" }]);
  expect(await world.claim(ann.agent, task)).toMatchObject({ attempt: 2 });
});

test("[L2] the claims of a task that has ended are left alone", async () => {
  const world = createWorld({ topology: "mesh" });
  const [ann, ben] = [await world.join("ann"), await world.join("ben")];
  const task = await ann.agent.add({ title: "task" });
  await world.claim(ann.agent, task);
  await world.clock.advanceAsync(300);
  world.network.crash("ann");
  await ben.agent.cancel(task);

  await world.clock.advanceAsync(5000);

  expect(countRecords(ben.board.doc, "expired")).toBe(0);
});

test.each(["relay", "mesh"] as const)(
  "[L7] on a %s a claim of a short time stands while its holder lives, since signs of life come at its pace, and falls soon after",
  async (topology) => {
    const world = createWorld({ topology, latencyMs: { min: 1, max: 20 } });
    const ann = await world.join("ann", { leaseMs: 30_000 });
    const ben = await world.join("ben", { leaseMs: 30_000 });
    const [short, usual] = (await ann.agent.add([{ title: "s" }, { title: "u" }])) as [
      TaskId,
      TaskId,
    ];
    await world.claim(ann.agent, usual);
    const claim = await world.claim(ann.agent, short, { ttlMs: 1000 });

    await world.clock.advanceAsync(60_000);
    expect(claim.signal.aborted).toBe(false);
    expect(countRecords(ben.board.doc, "expired")).toBe(0);
    const diedAt = world.clock.now();
    world.network.crash("ann");
    await world.clock.settle(() => view(ben, short)?.nextAttempt === 2);

    expect(world.clock.now() - diedAt).toBeGreaterThanOrEqual(780);
    expect(world.clock.now() - diedAt).toBeLessThan(1500);
    expect(view(ben, usual)?.winner?.agent).toBe(ann.agent.id);
    await world.clock.advanceAsync(40_000);
    expect(view(ben, usual)?.nextAttempt).toBe(2);
  },
);

test("[L7] once the claim of a short time is over, signs of life come at the usual pace again", async () => {
  const world = createWorld();
  const ann = await world.join("ann", { leaseMs: 30_000 });
  const task = await ann.agent.add({ title: "task" });
  const sentIn = async (ms: number): Promise<number> => {
    const { sent } = world.network.stats;
    await world.clock.advanceAsync(ms);
    return world.network.stats.sent - sent;
  };
  const claim = await world.claim(ann.agent, task, { ttlMs: 500 });
  const fast = await sentIn(12_000);
  await claim.complete();
  await world.clock.advanceAsync(6000);

  const slow = await sentIn(12_000);

  expect(fast).toBeGreaterThanOrEqual(115);
  expect(slow).toBeLessThanOrEqual(3);
});

test("[L7] a claim of a short time that still waits for its confirmation is kept alive too", async () => {
  const world = createWorld({ latencyMs: { min: 400, max: 400 } });
  const ann = await world.join("ann", { leaseMs: 30_000 });
  const ben = await world.join("ben", { leaseMs: 30_000 });
  const task = await ann.agent.add({ title: "task" });
  await world.clock.advanceAsync(1000);

  const claim = await world.claim(ann.agent, task, { ttlMs: 600 });
  await world.clock.advanceAsync(10_000);

  expect(claim.attempt).toBe(1);
  expect(countRecords(ben.board.doc, "expired")).toBe(0);
});

test("[L7] a claim of a long time outlives its agent's lease, on both sides of a break", async () => {
  const world = createWorld();
  const ann = await world.join("ann", { leaseMs: 1000 });
  const ben = await world.join("ben", { leaseMs: 1000 });
  const [long, usual] = (await ann.agent.add([{ title: "l" }, { title: "u" }])) as [TaskId, TaskId];
  const claims = [
    await world.claim(ann.agent, long, { ttlMs: 20_000 }),
    await world.claim(ann.agent, usual),
  ];
  await world.clock.advanceAsync(100);
  const cutAt = world.clock.now();
  const stops: number[] = [];
  for (const { signal } of claims)
    signal.addEventListener("abort", () => stops.push(world.clock.now() - cutAt));
  world.network.cut("ann", "relay");

  await world.clock.advanceAsync(10_000);
  expect(view(ben, usual)?.nextAttempt).toBe(2);
  expect(view(ben, long)?.winner?.agent).toBe(ann.agent.id);
  await world.clock.advanceAsync(15_000);

  expect(view(ben, long)?.nextAttempt).toBe(2);
  expect(claims.map(({ signal }) => signal.reason)).toEqual(["cut-off", "cut-off"]);
  const [first = 0, second = 0] = stops;
  expect(first).toBeLessThanOrEqual(1200);
  expect(second).toBeGreaterThanOrEqual(19_800);
  expect(second).toBeLessThanOrEqual(20_200);
});

test("[L7][L3] a holder that is cut off stops a claim of a short time after that time", async () => {
  const world = createWorld();
  const ann = await world.join("ann", { leaseMs: 30_000 });
  const task = await ann.agent.add({ title: "task" });
  const claim = await world.claim(ann.agent, task, { ttlMs: 1000 });
  await world.clock.advanceAsync(5000);
  world.network.cut("ann", "relay");

  await world.clock.advanceAsync(1300);

  expect(claim.signal.reason).toBe("cut-off");
});

test.each(["stalled", "cut off"])(
  "[L4][L7] an observer of a long lease that was %s for longer than a claim's short time expires nobody who lives",
  async (how) => {
    for (let lastsMs = 1000; lastsMs <= 5000; lastsMs += 500) {
      const world = createWorld({ seed: lastsMs });
      const holder = await world.join("holder", { leaseMs: 30_000 });
      const process = createProcess(world, "observer");
      const observer = await world.join("observer", { leaseMs: 30_000 }, process.options);
      const task = await holder.agent.add({ title: "task" });
      await world.claim(holder.agent, task, { ttlMs: 1000 });
      await world.clock.advanceAsync(7000 - lastsMs / 2);

      if (how === "stalled") process.stall();
      else world.network.cut("observer", "relay");
      await world.clock.advanceAsync(lastsMs);
      process.goOn();
      world.network.heal();
      await world.clock.advanceAsync(2000);

      expect(countRecords(observer.board.doc, "expired")).toBe(0);
    }
  },
);

test("[L2][L7] an observer that takes short claims itself now and then still expires who is silent", async () => {
  const world = createWorld();
  const holder = await world.join("holder", { leaseMs: 10_000 });
  const observer = await world.join("observer", { leaseMs: 30_000 });
  const task = await holder.agent.add({ title: "task" });
  await world.claim(holder.agent, task);
  await world.clock.advanceAsync(100);
  world.network.crash("holder");

  for (let i = 0; i < 10; i++) {
    const own = await observer.agent.add({ title: "own" });
    await (await world.claim(observer.agent, own, { ttlMs: 500 })).complete();
    await world.clock.advanceAsync(3000);
  }

  expect(view(observer, task)?.claims[0]?.status).toBe("expired");
});

test("[L5] where the first in line to expire an agent that has left is dead, the next one does", async () => {
  const world = createWorld();
  const seats: Seat[] = [];
  for (const name of ["ann", "ben", "cat", "dan"]) seats.push(await world.join(name));
  const [ann, , , dan] = seats as [Seat, Seat, Seat, Seat];
  const tasks = await ann.agent.add(Array.from({ length: 8 }, (_, i) => ({ title: `t${i}` })));
  const stranger = world.openStranger("careless");
  await world.clock.advanceAsync(300);
  for (const name of ["ann", "ben", "cat"]) world.network.crash(name);
  const joined = { kind: "joined", v: 1, name: "c", capabilities: [], rule: "earliest@1" };
  stranger
    .getArray("log/careless~00000000/0")
    .push([
      { n: 0, at: 100, ...joined, leaseMs: 86_400_000 },
      ...tasks.map((task, i) => ({ n: i + 1, at: 101 + i, kind: "claimed", task })),
      { n: 9, at: 110, kind: "left" },
    ]);

  await world.clock.advanceAsync(2500);

  for (const task of tasks) expect(view(dan, task)?.claims[0]?.status).toBe("expired");
});
