/** Laws of the fold: the order of arrival never matters, and what was once decided for good never comes undone. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { LogEntry, RecordRef } from "../lib/core/record.ts";
import { type Completion, isLive, type Task } from "../lib/core/task.ts";
import { createTaskIndex, type TaskIndex } from "../lib/replica/task-index.ts";
import {
  anyHistory,
  anyOrder,
  atEachArrival,
  foldEntries,
  interleave,
} from "./arbitrary-history.ts";
import { TASK } from "./kit/log-book.ts";
import { LAW_TIMEOUT_MS, runs } from "./runs.ts";

test(
  "[R1] the same records in any order give the same task",
  () => {
    const historyInAnyOrder = anyHistory.chain((history) =>
      fc.record({
        history: fc.constant(history),
        shuffled: fc.shuffledSubarray([...history.entries], {
          minLength: history.entries.length,
        }),
      }),
    );

    fc.assert(
      fc.property(historyInAnyOrder, ({ history, shuffled }) => {
        expect(foldEntries(shuffled, history)).toEqual(foldEntries(history.entries, history));
      }),
      runs(1000),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[R1] records that arrive log by log, read at any time in between, give the same task",
  () => {
    fc.assert(
      fc.property(anyHistory, anyOrder, (history, order) => {
        const index = createTaskIndex(history.context);
        for (const [i, entry] of interleave(history.entries, order).entries()) {
          insert(index, entry);
          if ((order[i % order.length] ?? 0) > 2) index.task(TASK);
        }

        expect(index.task(TASK)).toEqual(foldEntries(history.entries, history));
      }),
      runs(1000),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[A1] at any time an attempt with a live claim has exactly one winner, and none without",
  () => {
    atEachArrival((task) => {
      const live = task.claims.filter(isLive);

      expect(live.every((claim) => claim.attempt === task.attempt)).toBe(true);
      expect(task.winner !== null).toBe(live.length > 0);
      expect(task.winner === null || live.includes(task.winner)).toBe(true);
    });
  },
  LAW_TIMEOUT_MS,
);

test(
  "[A3] whatever arrives, an attempt that is open stays open, and the current one never falls",
  () => {
    atEachArrival((after, before) => {
      expect(after.nextAttempt).toBeGreaterThanOrEqual(before?.nextAttempt ?? 1);
      expect(after.attempt).toBeGreaterThanOrEqual(before?.attempt ?? 0);
      expect(after.nextAttempt - after.attempt).toBeLessThanOrEqual(1);
    });
  },
  LAW_TIMEOUT_MS,
);

test(
  "[A5] whatever arrives, a claim that counts goes on counting",
  () => {
    atEachArrival((after, before) => {
      const fallen = before?.claims.filter(
        (old) =>
          old.status !== "unable" &&
          after.claims.some(
            (now) => now.agent === old.agent && now.n === old.n && now.status === "unable",
          ),
      );

      expect(fallen ?? []).toEqual([]);
    });
  },
  LAW_TIMEOUT_MS,
);

test(
  "[W3] whatever arrives, the attempt of the accepted result never falls within a round",
  () => {
    atEachArrival((after, before) => {
      if (before === null || roundOf(after) !== roundOf(before)) return;

      expect(after.completion?.attempt ?? 0).toBeGreaterThanOrEqual(
        before.completion?.attempt ?? 0,
      );
    });
  },
  LAW_TIMEOUT_MS,
);

test(
  "[W4] [E1] until it is reopened a completed task stays completed, and a canceled one canceled or completed",
  () => {
    atEachArrival((after, before) => {
      expect(after.completion !== null).toBe(after.state === "completed");
      expect(after.completion?.attempt ?? Infinity).toBeGreaterThanOrEqual(roundOf(after));
      expect(roundOf(after)).toBeGreaterThanOrEqual(roundOf(before));
      if (before === null || roundOf(after) !== roundOf(before)) return;

      if (before.state === "completed") expect(after.state).toBe("completed");
      if (before.state === "canceled") expect(["canceled", "completed"]).toContain(after.state);
    });
  },
  LAW_TIMEOUT_MS,
);

test(
  "[W5] every result handed in by a known claim is the accepted one, the one in review, or an alternate",
  () => {
    atEachArrival((task, before, { entries }) => {
      const handedIn = entries.flatMap(({ agent, record }) =>
        record.kind === "completed" &&
        record.adopts === undefined &&
        record.n > record.claim &&
        task.claims.some((claim) => claim.agent === agent && claim.n === record.claim)
          ? [`${agent} ${record.n}`]
          : [],
      );
      const kept = resultsOf(task);
      const own = kept.filter((one) => one.adopts === undefined);

      expect(own.map(nameOf).sort()).toEqual(handedIn.sort());
      expect(new Set(kept.map(nameOf)).size).toBe(kept.length);
      if (before !== null)
        expect(kept.map(nameOf)).toEqual(expect.arrayContaining(resultsOf(before).map(nameOf)));
    });
  },
  LAW_TIMEOUT_MS,
);

test(
  "[W8] a result that adopts another is that one's, word for word, and nobody adopts what adopts",
  () => {
    atEachArrival((task) => {
      const results = resultsOf(task);
      for (const { adopts, result } of results) {
        if (adopts === undefined) continue;
        const original = results.find((one) => nameOf(one) === nameOf(adopts));

        expect(original).toMatchObject({ result });
        expect(original?.adopts).toBeUndefined();
      }
    });
  },
  LAW_TIMEOUT_MS,
);

/** Inserts an entry as the replica does: the addition of a child concerns its parent. */
function insert(index: TaskIndex, entry: LogEntry): void {
  if (entry.record.task === TASK) index.insert(entry);
  else index.insertChild(entry, TASK);
}

/** The first attempt of the task's round. */
function roundOf(task: Task | null): number {
  return task?.thread.reopened?.attempt ?? 1;
}

function resultsOf({ completion, inReview, alternates }: Task): readonly Completion[] {
  return [completion, inReview, ...alternates].flatMap((one) => one ?? []);
}

function nameOf({ agent, n }: RecordRef): string {
  return `${agent} ${n}`;
}
