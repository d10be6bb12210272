import { expect, jest, test } from "@jest/globals";
import { systemClock } from "./system.ts";

test("[E7] a time longer than a platform's timer can take is waited for whole", () => {
  jest.useFakeTimers({ doNotFake: ["performance"] });
  try {
    let calls = 0;
    const days = 30 * 86_400_000;
    systemClock.schedule(days, () => {
      calls++;
    });
    const cancel = systemClock.schedule(days, () => {
      calls += 100;
    });

    jest.advanceTimersByTime(days - 1);
    expect(calls).toBe(0);
    cancel();
    cancel();
    jest.advanceTimersByTime(1);

    expect(calls).toBe(1);
    jest.advanceTimersByTime(days);
    expect([calls, jest.getTimerCount()]).toEqual([1, 0]);
  } finally {
    jest.useRealTimers();
  }
});
