/** Laws of the fold: the order of arrival never matters, and what was once decided for good never comes undone. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { LogEntry } from "../lib/core/record.ts";
import { isLive, type Task } from "../lib/core/task.ts";
import { createTaskIndex } from "../lib/replica/task-index.ts";
import { anyHistory, foldEntries, type History, interleave } from "./arbitrary-history.ts";
import { TASK } from "./log-book.ts";
import { LAW_TIMEOUT_MS, runs } from "./runs.ts";

const picks = fc.array(fc.nat(4), { minLength: 1, maxLength: 40, size: "max" });

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
      fc.property(anyHistory, picks, (history, order) => {
        const index = createTaskIndex(history.context);
        for (const [i, entry] of interleave(history.entries, order).entries()) {
          index.insert(entry);
          if ((order[i % order.length] ?? 0) > 2) index.task(TASK);
        }

        expect(index.task(TASK)).toEqual(foldEntries(history.entries, history));
      }),
      runs(1000),
    );
  },
  LAW_TIMEOUT_MS,
);

/** Looks at the task after each record that arrives, and at the view before it. */
function atEachArrival(look: (after: Task, before: Task | null, history: History) => void): void {
  fc.assert(
    fc.property(anyHistory, picks, (history, order) => {
      const arrived: LogEntry[] = [];
      let before: Task | null = null;
      for (const entry of interleave(history.entries, order)) {
        arrived.push(entry);
        const after = foldEntries(arrived, history);
        if (after !== null) look(after, before, { ...history, entries: arrived });
        before = after;
      }
    }),
    runs(300),
  );
}

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
  "[W3] whatever arrives, the attempt of the accepted result never falls",
  () => {
    atEachArrival((after, before) => {
      expect(after.completion?.attempt ?? 0).toBeGreaterThanOrEqual(
        before?.completion?.attempt ?? 0,
      );
    });
  },
  LAW_TIMEOUT_MS,
);

test(
  "[W4] whatever arrives, a completed task stays completed, and a canceled one canceled or completed",
  () => {
    atEachArrival((after, before) => {
      if (before?.state === "completed") expect(after.state).toBe("completed");
      if (before?.state === "canceled") expect(["canceled", "completed"]).toContain(after.state);
      expect(after.completion !== null).toBe(after.state === "completed");
    });
  },
  LAW_TIMEOUT_MS,
);

test(
  "[W5] every result handed in by a known claim is the accepted one or an alternate",
  () => {
    atEachArrival((task, _before, { entries }) => {
      const handedIn = entries.flatMap(({ agent, record }) =>
        record.kind === "completed" &&
        record.n > record.claim &&
        task.claims.some((claim) => claim.agent === agent && claim.n === record.claim)
          ? [`${agent} ${record.n}`]
          : [],
      );
      const kept = [task.completion, ...task.alternates].flatMap((one) =>
        one === null ? [] : [`${one.agent} ${one.n}`],
      );

      expect(kept.sort()).toEqual(handedIn.sort());
    });
  },
  LAW_TIMEOUT_MS,
);
