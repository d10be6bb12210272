import { describe, expect, test } from "@jest/globals";
import { createVirtualClock } from "../../adapters/transport/memory.ts";
import type { AgentId, KnownRecord, TaskId } from "../core/record.ts";
import {
  createMeter,
  createRate,
  formatQuotas,
  isCounted,
  isVoluntary,
  quotaExceeded,
} from "./quota.ts";

const [ann, ben] = ["ann~00000000", "ben~00000000"] as [AgentId, AgentId];
const task = "t" as TaskId;
const CLOSING = ["yielded", "released", "failed", "rejected", "completed"] as const;
const added = (n: number): KnownRecord => ({ n, at: n, kind: "added", task, title: "t" });
const claimed = (n: number): KnownRecord => ({ n, at: n, kind: "claimed", task });
const closing = (
  n: number,
  claim: number,
  kind: (typeof CLOSING)[number] = "yielded",
): KnownRecord => ({ n, at: n, kind, task, claim }) as KnownRecord;

describe("names", () => {
  test("[Q4] quotas are written in one way, whatever the order in which they were given", () => {
    expect(formatQuotas({})).toBe("");
    expect(formatQuotas({ recordsPerSecond: 4, records: 3, openClaims: 1, tasks: 2 })).toBe(
      "+openClaims=1,tasks=2,records=3,recordsPerSecond=4",
    );
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "[Q4] a limit of %p is refused by its name",
    (max) => {
      expect(() => formatQuotas({ tasks: max })).toThrow(
        new RangeError(`quotas.tasks is ${max}; use a whole number above 0`),
      );
    },
  );
});

describe("counts", () => {
  test("[Q2] the first record beyond a limit is named and not counted, and others still pass", () => {
    const meter = createMeter({ tasks: 2 });

    expect([0, 1, 2, 3].map((n) => meter.take(added(n)))).toEqual([
      null,
      null,
      { limit: "tasks", max: 2 },
      { limit: "tasks", max: 2 },
    ]);
    expect(meter.take(claimed(4))).toBeNull();
  });

  test.each(CLOSING)("[Q3] a claim that its agent has closed (%s) is open no more", (kind) => {
    const meter = createMeter({ openClaims: 1 });
    expect(meter.take(claimed(1))).toBeNull();
    expect(meter.take(claimed(2))).toEqual({ limit: "openClaims", max: 1 });

    expect(meter.take(closing(3, 1, kind))).toBeNull();
    expect(meter.take(closing(4, 1, kind))).toBeNull();

    expect(meter.take(claimed(5))).toBeNull();
    expect(meter.take(claimed(6))).toEqual({ limit: "openClaims", max: 1 });
  });

  test("[Q3] what closes or follows from a protocol is free, and all else is not", () => {
    const meter = createMeter({ records: 1 });
    expect(meter.take(added(0))).toBeNull();

    expect(meter.take({ n: 1, at: 1, kind: "noted", task, text: "x" })).toEqual({
      limit: "records",
      max: 1,
    });
    expect(meter.take(closing(2, 1))).toBeNull();
    expect(meter.take({ n: 3, at: 3, kind: "waited", task, attempt: 2 })).toBeNull();
    expect(meter.take({ n: 4, at: 4, kind: "left" })).toBeNull();
    for (const kind of CLOSING) expect(isVoluntary(kind)).toBe(false);
    for (const kind of ["joined", "left", "part", "confirmed", "expired"] as const)
      expect(isVoluntary(kind)).toBe(false);
    for (const kind of ["withdrawn", "unqueued", "waited", "need-failed"] as const)
      expect(isVoluntary(kind)).toBe(false);
    for (const kind of ["claimed", "queued", "asked", "offered", "cancelled"] as const)
      expect(isVoluntary(kind)).toBe(true);
  });

  test("[Q1] what is open already counts in what is foreseen, and what will be closed no more", () => {
    const meter = createMeter({ openClaims: 1 });
    meter.take(claimed(1));

    expect(meter.foresee([claimed(2)])).toEqual({ limit: "openClaims", max: 1 });
    expect(meter.foresee([closing(2, 1), claimed(3)])).toBeNull();
    expect(meter.foresee([closing(2, 1), closing(3, 1), claimed(4), claimed(5)])).not.toBeNull();
    expect(meter.foresee([closing(2, 99), claimed(3)])).not.toBeNull();
  });

  test("[Q2] each limit counts its own kind, and only what closes a claim does so", () => {
    const claims = createMeter({ openClaims: 1 });
    const tasks = createMeter({ tasks: 1 });
    const note: KnownRecord = { n: 1, at: 1, kind: "noted", task, text: "x" };
    const confirmed: KnownRecord = { n: 2, at: 2, kind: "confirmed", task, claim: 1 };
    const expired: KnownRecord = { n: 3, at: 3, kind: "expired", task, holder: ben, claim: 1 };

    for (const record of [added(0), claimed(1), confirmed, expired, added(4)])
      expect(claims.take(record)).toBeNull();
    expect(claims.take(claimed(5))).toEqual({ limit: "openClaims", max: 1 });
    for (const record of [claimed(0), note, added(2), claimed(3)])
      expect(tasks.take(record)).toBeNull();
    expect(tasks.take(added(4))).toEqual({ limit: "tasks", max: 1 });
  });

  test("[Q2] a rate alone is no count, every other limit is one", () => {
    expect([undefined, {}, { recordsPerSecond: 1 }].map(isCounted)).toEqual([false, false, false]);
    expect([{ openClaims: 1 }, { tasks: 1 }, { records: 1 }].map(isCounted)).toEqual([
      true,
      true,
      true,
    ]);
  });

  test("[Q1] what is foreseen is what will be counted, and counts nothing by itself", () => {
    const meter = createMeter({ openClaims: 1, records: 4 });
    const story = [claimed(1), closing(2, 1), claimed(3), closing(4, 3), claimed(5)];

    expect(meter.foresee(story)).toBeNull();
    expect(meter.foresee([claimed(1), claimed(2)])).toEqual({ limit: "openClaims", max: 1 });
    expect(meter.foresee([...story, closing(6, 5), added(7), added(8)])).toEqual({
      limit: "records",
      max: 4,
    });

    expect(story.map((record) => meter.take(record))).toEqual(story.map(() => null));
  });
});

describe("rates", () => {
  test("[Q1] an agent writes as many records in any second as its quota says, each agent for itself", () => {
    const clock = createVirtualClock();
    const mayWrite = createRate({ recordsPerSecond: 3 }, clock);
    expect([mayWrite(ann, 2), mayWrite(ann, 1), mayWrite(ann, 1)]).toEqual([true, true, false]);
    expect(mayWrite(ben, 3)).toBe(true);

    clock.advance(999);
    expect(mayWrite(ann, 1)).toBe(false);
    clock.advance(1);

    expect([mayWrite(ann, 3), mayWrite(ann, 1)]).toEqual([true, false]);
    clock.advance(500);
    expect([mayWrite(ann, 0), mayWrite(ann, 1)]).toEqual([true, false]);
  });

  test("[Q1] in no second are there more, however they are spread", () => {
    const clock = createVirtualClock();
    const mayWrite = createRate({ recordsPerSecond: 10 }, clock);
    const written: number[] = [];

    for (let i = 0; i < 600; i++) {
      if (mayWrite(ann, 1)) written.push(clock.now());
      clock.advance(((i * 7) % 13) + 1);
    }

    for (const start of written)
      expect(written.filter((at) => at >= start && at < start + 1000).length).toBeLessThanOrEqual(
        10,
      );
    expect(written.length).toBeGreaterThan(35);
  });

  test("[Q1] without a rate everything may be written", () => {
    expect(createRate({ tasks: 1 }, createVirtualClock())(ann, 1_000_000)).toBe(true);
  });
});

test.each([
  ["openClaims", "close one"],
  ["tasks", "another agent"],
  ["records", "higher quota"],
  ["recordsPerSecond", "more slowly"],
] as const)("[Q1] the fault of the quota %s names agent, limit and remedy", (limit, remedy) => {
  const error = quotaExceeded(ann, { limit, max: 7 });

  expect(error).toMatchObject({ code: "QUOTA_EXCEEDED", details: { agent: ann, limit, max: 7 } });
  expect(error.message).toContain(remedy);
  expect(error.message).toContain("7");
});
