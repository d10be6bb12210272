import { describe, expect, test } from "@jest/globals";
import {
  countRecords,
  createWorld,
  rawRecords,
  type Seat,
} from "../../../property-tests/kit/world.ts";
import type { TaskId } from "../../core/record.ts";
import type { Task } from "../../core/task.ts";
import { getTask } from "../../replica/snapshot.ts";
import { retryDelay } from "./retry.ts";

const view = ({ board }: Seat, task: TaskId): Task => getTask(board.snapshot(), task) as Task;
const always = (byte: number) => () => new Uint8Array([byte]);

describe("delays", () => {
  test.each([
    [0, 500, 998],
    [1, 1000, 1996],
    [4, 8000, 15_969],
    [11, 1_024_000, 2_044_000],
    [12, 1_800_000, 3_592_969],
    [5000, 1_800_000, 3_592_969],
  ])(
    "[E4] after %i spent attempts a delay of 1000 is between %i and %i ms",
    (spent, least, most) => {
      const retry = { delayMs: 1000 };

      expect(retryDelay(retry, spent, always(0))).toBe(least);
      expect(retryDelay(retry, spent, always(255))).toBe(most);
    },
  );

  test.each([
    [{ delayMs: 100, factor: 1 }, 7, 50],
    [{ delayMs: 100, factor: 3 }, 2, 450],
    [{ delayMs: 100, factor: 10, maxDelayMs: 5000 }, 9, 2500],
    [{ delayMs: 100, factor: 0 }, 3, 1],
    [{ delayMs: 100, factor: -2 }, 1, 1],
    [{ delayMs: 1, factor: 1e300 }, 9, 1_800_000],
    [{ delayMs: 100, maxDelayMs: 0 }, 0, 1],
  ])(
    "[E4] %j after %i spent attempts keeps at least %i ms, a whole number from 1 on",
    (retry, spent, ms) => {
      expect(retryDelay(retry, spent, always(0))).toBe(ms);
    },
  );

  test("[E3] where no delay is asked for there is none", () => {
    expect(retryDelay(undefined, 3, always(0))).toBeUndefined();
    expect(retryDelay({ delayMs: 0 }, 3, always(0))).toBeUndefined();
  });

  test("[E4] what failed together does not come back together", async () => {
    const world = createWorld();
    const { board, agent } = await world.join("ann");
    const tasks = await agent.add(
      Array.from({ length: 20 }, (_, i) => ({ title: `${i}`, retry: { delayMs: 10_000 } })),
    );
    for (const task of tasks) await (await world.claim(agent, task)).fail("the same fault");

    const delays = tasks.map((task) => getTask(board.snapshot(), task)?.thread.delay?.delayMs ?? 0);

    expect(new Set(delays).size).toBeGreaterThan(10);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(5000);
    expect(Math.max(...delays)).toBeLessThan(10_000);
  });
});

describe("spent attempts", () => {
  test("[E5] failed and expired attempts are spent, released and handed-over ones are not, and the last one makes a dead letter", async () => {
    const world = createWorld();
    const [ann, ben] = [await world.join("ann"), await world.join("ben")];
    const packet = { summary: "s", decisions: [], questions: [], deadEnds: [], artifacts: [] };
    const task = await ann.agent.add({ title: "task", maxAttempts: 2 });
    await world.clock.advanceAsync(10);
    await (await world.claim(ben.agent, task)).release();
    const offered = await world.claim(ben.agent, task);
    void offered.handoff(packet, { to: { agent: "ann" } });
    await world.clock.advanceAsync(10);
    await world.until(ann.agent.accept(task));
    await world.clock.advanceAsync(10);
    expect(view(ann, task).thread.spent).toBe(0);
    const [held] = ann.agent.held();
    await held?.fail("no");
    await world.clock.advanceAsync(10);
    expect(view(ann, task)).toMatchObject({ state: "submitted", thread: { spent: 1 } });

    await world.claim(ben.agent, task);
    await world.clock.advanceAsync(300);
    world.network.crash("ben");
    await world.clock.advanceAsync(3000);

    expect(view(ann, task)).toMatchObject({
      state: "failed",
      thread: { spent: 2, ignored: [] },
      attempt: 4,
    });
    expect(await ann.agent.claim(task)).toMatchObject({ ok: false, reason: "ended" });
  });

  test("[E5][B4] work leaves a dead letter alone", async () => {
    const world = createWorld();
    const { board, agent } = await world.join("ann");
    const task = await agent.add({ title: "task", maxAttempts: 3, retry: { delayMs: 100 } });
    let tries = 0;
    const stop = new AbortController();
    const work = agent.work(
      () => {
        tries++;
        throw new Error(`try ${tries}`);
      },
      { signal: stop.signal },
    );

    await world.clock.advanceAsync(60_000);
    stop.abort();
    await world.until(work);

    expect(tries).toBe(3);
    expect(getTask(board.snapshot(), task)).toMatchObject({
      state: "failed",
      failures: [{ error: "try 1" }, { error: "try 2" }, { error: "try 3" }],
    });
    // nobody waits before an attempt that will not be
    expect(countRecords(board.doc, "waited")).toBe(2);
  });
});

describe("time limits", () => {
  test.each(["relay", "mesh"] as const)(
    "[E7] on a %s an attempt that takes longer than its task allows fails by its holder's own word, and its signal aborts",
    async (topology) => {
      const world = createWorld({ topology });
      const [ann, ben] = [await world.join("ann"), await world.join("ben")];
      const task = await ann.agent.add({ title: "task", timeoutMs: 5000 });
      const claim = await world.claim(ann.agent, task);
      await world.clock.advanceAsync(4900);
      expect(claim.signal.aborted).toBe(false);

      await world.clock.advanceAsync(500);

      expect(claim.signal.reason).toBe("timeout");
      expect(view(ben, task)).toMatchObject({
        state: "submitted",
        nextAttempt: 2,
        failures: [{ agent: ann.agent.id, error: "took longer than 5000 ms" }],
        thread: { spent: 1 },
      });
      expect(await claim.fail("no")).toEqual({ ok: false, reason: "timeout" });
      expect(await claim.complete("late")).toMatchObject({ ok: true, accepted: false });
      await world.clock.advanceAsync(300);
      expect(view(ben, task)).toMatchObject({ alternates: [{ result: "late" }] });
      expect(view(ben, task).thread.ignored).toEqual([]);
    },
  );

  test("[E7] an attempt that ends in time leaves no timer behind", async () => {
    const world = createWorld();
    const { agent } = await world.join("ann");
    const timers = world.clock.pendingCount;

    for (const end of ["complete", "fail", "release", "reject"] as const) {
      const task = await agent.add({ title: end, timeoutMs: 60_000 });
      await (await world.claim(agent, task))[end]("done");
    }
    await world.clock.advanceAsync(10);

    expect(world.clock.pendingCount).toBe(timers);
  });

  test("[E7][E3] the delay of the task's policy follows a timeout too, and work goes on with the next attempt", async () => {
    const world = createWorld();
    const { board, agent } = await world.join("ann");
    const task = await agent.add({ title: "task", timeoutMs: 1000, retry: { delayMs: 4000 } });
    const stop = new AbortController();
    const starts: number[] = [];
    const work = agent.work(
      ({ signal, attempt }) => {
        starts.push(world.clock.now());
        if (attempt > 1) return "quick";
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        });
      },
      { signal: stop.signal },
    );

    await world.clock.settle(() => getTask(board.snapshot(), task)?.state === "completed");
    stop.abort();
    await world.until(work);

    const [first = 0, second = 0] = starts;
    expect(second - first).toBeGreaterThanOrEqual(3000);
    expect(second - first).toBeLessThan(5300);
    expect(getTask(board.snapshot(), task)?.failures).toHaveLength(1);
  });
});

describe("final words", () => {
  test.each([
    ["rejected", "rejected"],
    ["failed", "failed"],
  ] as const)(
    "[E8] a holder's word ends the task as %s, and opens no attempt",
    async (how, state) => {
      const world = createWorld();
      const [ann, ben] = [await world.join("ann"), await world.join("ben")];
      const task = await ann.agent.add({ title: "task", retry: { delayMs: 100 } });
      const claim = await world.claim(ann.agent, task);

      const outcome =
        how === "rejected"
          ? await claim.reject("not ours to do")
          : await claim.fail("never", { retryable: false });
      await world.clock.advanceAsync(1000);

      expect(outcome).toEqual({ ok: true });
      expect(view(ben, task)).toMatchObject({ state, nextAttempt: 1, thread: { delay: null } });
      expect(await ben.agent.claim(task)).toEqual({ ok: false, reason: "ended", state });
      if (how === "rejected")
        expect(view(ben, task).thread.reasons).toMatchObject([{ reason: "not ours to do" }]);
      expect(rawRecords(ann.board.doc).filter(({ kind }) => kind === "waited")).toEqual([]);
    },
  );
});
