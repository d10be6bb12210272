import { expect, test } from "@jest/globals";
import {
  countRecords,
  createWorld,
  type Seat,
  type World,
} from "../../property-tests/kit/world.ts";
import type { TaskId } from "../core/record.ts";
import { countTasks, getTask, listTasks } from "../replica/snapshot.ts";
import type { Claim } from "./claim/claim.ts";
import type { WorkHandler, WorkOptions } from "./work.ts";

const add = (seat: Seat, count: number, more: object = {}): Promise<readonly TaskId[]> =>
  seat.agent.add(Array.from({ length: count }, (_, i) => ({ title: `t${i}`, ...more })));

/** Lets agents work until no task is left to do, then stops them. */
async function workAll(
  world: World,
  seats: readonly Seat[],
  handler: (seat: Seat) => WorkHandler,
  options: WorkOptions = {},
): Promise<void> {
  const stop = new AbortController();
  const work = Promise.all(
    seats.map((seat) => seat.agent.work(handler(seat), { ...options, signal: stop.signal })),
  );
  const [{ board }] = seats as [Seat];
  await world.clock.settle(() => {
    const { submitted, working } = board.snapshot().counts;
    return submitted + working === 0;
  });
  stop.abort();
  await world.until(work);
  await world.clock.advanceAsync(100);
}

/** A handler that takes as long as the clock says. */
const sleep = (world: World, ms: number): Promise<void> =>
  new Promise((resolve) => {
    world.clock.schedule(ms, resolve);
  });

test("[B4] work claims what is ready, in the order of its needs, and hands in what the handler returns", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  const first = await ann.agent.add({ title: "first" });
  const second = await ann.agent.add({ title: "second", needs: [first] });
  const urgent = await ann.agent.add({ title: "urgent", priority: 5 });
  const order: string[] = [];

  await workAll(world, [ann], () => ({ task }) => {
    order.push(task.title);
    return task.title.length;
  });

  expect(order).toEqual(["urgent", "first", "second"]);
  expect(
    [first, second, urgent].map((id) => getTask(ann.board.snapshot(), id)?.completion?.result),
  ).toEqual([5, 6, 6]);
});

test("[B4] what a handler throws is reported, and tried again unless it rules that out", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  const [flaky, hopeless, odd] = (await add(ann, 3)) as [TaskId, TaskId, TaskId];
  const outcomes: string[] = [];

  await workAll(
    world,
    [ann],
    () =>
      ({ task, attempt }) => {
        if (task.id === flaky && attempt < 3) throw new Error(`attempt ${attempt}`);
        if (task.id === hopeless) throw Object.assign(new Error("never"), { retryable: false });
        if (task.id === odd && attempt === 1) throw null;
      },
    { onClaim: (outcome) => outcomes.push(outcome.ok ? "won" : outcome.reason) },
  );

  const snapshot = ann.board.snapshot();
  expect(getTask(snapshot, flaky)).toMatchObject({
    state: "completed",
    attempt: 3,
    failures: [{ error: "attempt 1" }, { error: "attempt 2" }],
  });
  expect(getTask(snapshot, hopeless)).toMatchObject({
    state: "failed",
    failures: [{ error: "never", retryable: false }],
  });
  expect(getTask(snapshot, odd)).toMatchObject({
    state: "completed",
    failures: [{ error: "null" }],
  });
  expect(outcomes).toEqual(Array(6).fill("won"));
});

test("[B4] a result that cannot be taken is a failure", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  const [id] = (await add(ann, 1)) as [TaskId];

  await workAll(
    world,
    [ann],
    () =>
      ({ attempt }) =>
        attempt === 1 ? () => 1 : "better",
  );

  expect(getTask(ann.board.snapshot(), id)).toMatchObject({
    failures: [{ error: "result is a function, which is not JSON" }],
    completion: { result: "better" },
  });
});

test("[B4] work ends when told to, and gives back what it held", async () => {
  const world = createWorld();
  const [ann, ben] = [await world.join("ann"), await world.join("ben")];
  await add(ann, 1);
  const stop = new AbortController();
  const reasons: unknown[] = [];
  const work = ann.agent.work(
    ({ signal }: Claim) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          reasons.push(signal.reason);
          reject(new Error("stopped"));
        });
      }),
    { signal: stop.signal },
  );
  await world.clock.advanceAsync(100);

  stop.abort();
  await world.until(work);
  await world.clock.advanceAsync(10);

  expect(reasons).toEqual(["stopped"]);
  const [task] = listTasks(ben.board.snapshot());
  expect(task).toMatchObject({
    state: "submitted",
    nextAttempt: 2,
    claims: [{ status: "released" }],
  });
  expect(task?.failures).toEqual([]);
});

test("[B4] work that was told to stop before it began does nothing", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  await add(ann, 1);

  await world.until(ann.agent.work(() => {}, { signal: AbortSignal.abort() }));

  expect(countRecords(ann.board.doc, "claimed")).toBe(0);
});

test("[B4] a handler that is done when told to stop has its result taken", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  const [id] = (await add(ann, 1)) as [TaskId];
  const stop = new AbortController();

  await world.until(
    ann.agent.work(
      () => {
        stop.abort();
        return "done";
      },
      { signal: stop.signal },
    ),
  );

  expect(getTask(ann.board.snapshot(), id)?.completion?.result).toBe("done");
});

test("[B4] concurrency bounds how many tasks are worked on at once", async () => {
  const world = createWorld({ latencyMs: { min: 1, max: 5 } });
  const ann = await world.join("ann");
  await add(ann, 10);
  let [now, most] = [0, 0];

  await workAll(
    world,
    [ann],
    () => async () => {
      most = Math.max(most, ++now);
      await sleep(world, 50);
      now--;
    },
    { concurrency: 3 },
  );

  expect(most).toBe(3);
  expect(ann.board.snapshot().counts.completed).toBe(10);
});

test.each([0, 1.5, -1, 1001, Number.NaN])(
  "[B4] a concurrency of %p is refused",
  async (concurrency) => {
    const { agent } = await createWorld().join("ann");

    await expect(agent.work(() => {}, { concurrency })).rejects.toThrow(RangeError);
  },
);

test("[B4][D4] work takes only what its filter and the agent's capabilities allow", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  const able = await world.join("able", { capabilities: ["gpu"] });
  await add(ann, 3);
  const hard = await add(ann, 2, { requires: ["gpu"] });
  const done: string[] = [];
  const stop = new AbortController();
  const work = Promise.all(
    [ann, able].map(({ agent }) =>
      agent.work(({ task }) => void done.push(`${agent.name} ${task.requires} ${task.title}`), {
        signal: stop.signal,
        where: ({ title }) => title !== "t2",
      }),
    ),
  );

  await world.clock.advanceAsync(3000);
  stop.abort();
  await world.until(work);

  expect(done).toHaveLength(4);
  for (const id of hard)
    expect(getTask(ann.board.snapshot(), id)?.completion?.agent).toBe(able.agent.id);
  expect(
    listTasks(ann.board.snapshot()).filter(({ state }) => state === "submitted"),
  ).toMatchObject([{ title: "t2" }]);
});

test.each(["relay", "mesh"] as const)(
  "[B4][D5] on a %s, many agents share the work, and each task is done",
  async (topology) => {
    const world = createWorld({ topology, latencyMs: { min: 1, max: 10 } });
    const seats: Seat[] = [];
    for (let i = 0; i < 5; i++) seats.push(await world.join(`agent-${i}`));
    await add(seats[0] as Seat, 24);
    await world.clock.advanceAsync(300);
    const share = new Map<string, number>();

    await workAll(world, seats, ({ agent }) => async () => {
      share.set(agent.id, (share.get(agent.id) ?? 0) + 1);
      await sleep(world, 40);
    });

    const [{ board }] = seats as [Seat];
    expect(board.snapshot().counts.completed).toBe(24);
    expect(share.size).toBe(5);
    const runs = [...share.values()].reduce((sum, one) => sum + one, 0);
    if (topology === "relay") expect(runs).toBe(24);
    for (const seat of seats) expect(seat.board.snapshot()).toEqual(board.snapshot());
  },
);

test("[D5] an idle agent takes over what the first in line leaves lying", async () => {
  const world = createWorld();
  const seats = [await world.join("ann"), await world.join("ben")];
  const [ann, ben] = seats as [Seat, Seat];
  const stop = new AbortController();
  const doneBy: string[] = [];
  const stories = [
    ann.agent.work(() => {}, { signal: stop.signal, where: () => false }), // offers itself, takes nothing
    ben.agent.work(({ agent }) => void doneBy.push(agent), { signal: stop.signal }),
  ];
  await world.clock.advanceAsync(300);
  await add(ann, 12);

  await world.clock.settle(() => doneBy.length === 12);
  stop.abort();
  await world.until(Promise.all(stories));

  expect(new Set(doneBy)).toEqual(new Set([ben.agent.id]));
});

test("[B3] an agent that leaves while it works gives the task back and stops", async () => {
  const world = createWorld();
  const [ann, ben] = [await world.join("ann"), await world.join("ben")];
  await add(ann, 2);
  const work = ann.agent.work(
    ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  );
  await world.clock.advanceAsync(100);

  await ann.agent.leave();
  await world.until(work);
  await world.clock.advanceAsync(10);

  expect(ben.board.snapshot().counts.submitted).toBe(2);
  expect(listTasks(ben.board.snapshot()).flatMap(({ claims }) => claims)).toMatchObject([
    { status: "released" },
  ]);
});

test("[B3] a handler that goes on after the board was closed disturbs nobody", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  await add(ann, 1);
  const work = ann.agent.work(async () => {
    await sleep(world, 500);
    return "too late";
  });
  await world.clock.advanceAsync(100);

  await world.until(ann.board.close());
  await world.until(work);

  expect(countRecords(ann.board.doc, "completed")).toBe(0);
  await world.clock.advanceAsync(1000);
  expect(world.clock.pendingCount).toBe(0);
});

test("[G6] work that asks for what the transport cannot give is refused as a whole", async () => {
  const world = createWorld({ topology: "mesh" });
  const ann = await world.join("ann");
  await add(ann, 3);
  let handled = 0;

  await expect(
    world.until(ann.agent.work(() => void handled++, { guarantee: "settled", concurrency: 2 })),
  ).rejects.toEqual(expect.objectContaining({ code: "GUARANTEE_UNAVAILABLE" }));

  expect(handled).toBe(0);
});

test("[B4] a fault in one slot ends the others too, once their handlers are done", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  await add(ann, 20);
  let [claims, running] = [0, 0];

  const work = ann.agent.work(
    async () => {
      running++;
      await sleep(world, 100);
      running--;
    },
    {
      concurrency: 3,
      onClaim() {
        if (++claims === 5) throw new Error("the caller's own fault");
      },
    },
  );

  await expect(world.until(work)).rejects.toThrow("the caller's own fault");
  expect(running).toBe(0);
  await world.clock.advanceAsync(2000);
  expect(claims).toBeLessThan(9);
  expect(countTasks(ann.board.snapshot())).toBe(20);
});

test("[B4] work stops waiting for its turn when it is told to", async () => {
  const world = createWorld();
  const seats = [await world.join("ann"), await world.join("ben")];
  const [ann, ben] = seats as [Seat, Seat];
  const stop = new AbortController();
  const idle = ann.agent.work(() => {}, { signal: stop.signal, where: () => false });
  await world.clock.advanceAsync(300);
  await add(ann, 8);
  const mine = new AbortController();
  const work = ben.agent.work(() => sleep(world, 1), { signal: mine.signal });

  await world.clock.settle(() => ben.board.snapshot().counts.completed > 0);
  mine.abort();
  await world.until(work);
  stop.abort();
  await world.until(idle);
  await world.clock.advanceAsync(100);

  expect(world.clock.pendingCount).toBe(2); // the heartbeats
});
