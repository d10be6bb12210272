import { expect, test } from "@jest/globals";
import { createVirtualClock } from "./virtual-clock.ts";

test("[N1] timers run by due time, and those of one time in the order of their creation", () => {
  const clock = createVirtualClock();
  const ran: string[] = [];
  const note = (name: string) => () => ran.push(`${name}@${clock.now()}`);
  clock.schedule(20, note("late"));
  clock.schedule(10, note("first"));
  clock.schedule(10, note("second"));
  clock.schedule(0, note("next"));

  const before = [...ran];
  clock.advance(10);
  const between = { ran: [...ran], pendingCount: clock.pendingCount, nextAt: clock.nextAt };
  clock.advance(15);

  expect(before).toEqual([]);
  expect(between).toEqual({
    ran: ["next@0", "first@10", "second@10"],
    pendingCount: 1,
    nextAt: 20,
  });
  expect(ran).toEqual(["next@0", "first@10", "second@10", "late@20"]);
  expect(clock.now()).toBe(25);
  expect(clock.nextAt).toBeUndefined();
});

test("[N1] what a timer schedules within the time advanced runs in the same advance", () => {
  const clock = createVirtualClock();
  const ran: number[] = [];
  clock.schedule(5, () => clock.schedule(5, () => clock.schedule(0, () => ran.push(clock.now()))));

  clock.advance(10);

  expect(ran).toEqual([10]);
});

test("[N1] a cancelled timer does not run, and to cancel it twice or too late does nothing", () => {
  const clock = createVirtualClock();
  const ran: string[] = [];
  const cancel = clock.schedule(5, () => ran.push("cancelled"));
  const cancelTooLate = clock.schedule(5, () => ran.push("kept"));

  cancel();
  cancel();
  const count = clock.runUntilIdle();
  cancelTooLate();

  expect(ran).toEqual(["kept"]);
  expect(count).toBe(1);
});

test("[N1] a step runs one timer, and none where none waits", () => {
  const clock = createVirtualClock();
  const ran: string[] = [];
  clock.schedule(3, () => ran.push("a"));
  clock.schedule(3, () => ran.push("b"));

  const steps = [clock.step(), ran.length, clock.step(), clock.step()];

  expect(steps).toEqual([true, 1, true, false]);
  expect(clock.now()).toBe(3);
});

test("[N1] a timer that throws is done, and time stands at it", () => {
  const clock = createVirtualClock();
  clock.schedule(2, () => {
    throw new Error("mine");
  });

  expect(() => clock.advance(5)).toThrow("mine");

  expect(clock.now()).toBe(2);
  expect(clock.pendingCount).toBe(0);
});

test("[N1] a timer that renews itself for ever ends a run at its limit, not the program", () => {
  const clock = createVirtualClock();
  const renew = (): void => {
    clock.schedule(1, renew);
  };
  renew();

  expect(() => clock.runUntilIdle(1_000)).toThrow(RangeError);

  expect(clock.now()).toBe(1_000);
});

test("[N1] a duration that is negative, endless or no number is refused", () => {
  const clock = createVirtualClock();

  for (const duration of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => clock.schedule(duration, () => {})).toThrow(RangeError);
    expect(() => clock.advance(duration)).toThrow(RangeError);
  }
});

test("[N2] promise reactions run between timers, each at the time of the timer that caused it", async () => {
  const clock = createVirtualClock();
  const ran: string[] = [];
  const sleep = (delayMs: number) =>
    new Promise<void>((resolve) => clock.schedule(delayMs, resolve));
  const walk = async (name: string, delayMs: number): Promise<void> => {
    for (let step = 0; step < 3; step++) {
      await sleep(delayMs);
      ran.push(`${name}@${clock.now()}`);
    }
  };
  const walks = Promise.all([walk("a", 10), walk("b", 15)]);

  await clock.advanceAsync(30);
  const until30 = [...ran];
  await clock.advanceAsync(100);
  await walks;

  expect(until30).toEqual(["a@10", "b@15", "a@20", "b@30", "a@30"]);
  expect(ran.slice(5)).toEqual(["b@45"]);
  expect(clock.now()).toBe(130);
});

test("[N2] settling stops at the first step after which the condition holds", async () => {
  const clock = createVirtualClock();
  let count = 0;
  for (const delayMs of [10, 20, 30]) {
    clock.schedule(delayMs, () => {
      void Promise.resolve().then(() => {
        count++;
      });
    });
  }

  await clock.settle(() => count === 2);

  expect(clock.now()).toBe(20);
  expect(clock.pendingCount).toBe(1);
});

test("[N2] settling waits for a deep chain of promises before it finds that nothing is left", async () => {
  const clock = createVirtualClock();
  let isDone = false;
  const dig = async (depth: number): Promise<void> => (depth === 0 ? undefined : dig(depth - 1));
  void dig(300).then(() => {
    clock.schedule(5, () => {
      isDone = true;
    });
  });

  await clock.settle(() => isDone);

  expect(clock.now()).toBe(5);
});

test("[N2] settling rejects once nothing is left to happen, or not within the limit", async () => {
  const clock = createVirtualClock();

  await expect(clock.settle(() => false)).rejects.toThrow(RangeError);
  clock.schedule(1_000, () => {});
  await expect(clock.settle(() => false, 500)).rejects.toThrow(RangeError);

  expect(clock.pendingCount).toBe(1);
});
