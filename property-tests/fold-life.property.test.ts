/** Laws of a task's whole life: what is said of it, who may say it, what is ignored, and that it never gets stuck. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { isAddressed } from "../lib/core/audience.ts";
import { diffTask, type TaskEvent } from "../lib/core/event.ts";
import { whyUnready } from "../lib/core/ready.ts";
import {
  type AgentId,
  type Audience,
  formatRef,
  type LogEntry,
  type RecordRef,
  type TaskRecord,
} from "../lib/core/record.ts";
import { type Completion, findClaim, isEnded, type Task } from "../lib/core/task.ts";
import {
  anyHistory,
  atEachArrival,
  foldEntries,
  type History,
  writeNext,
} from "./arbitrary-history.ts";
import { LAW_TIMEOUT_MS, runs } from "./runs.ts";

test(
  "[M1] at any time a task is in the one state that its claims and results say",
  () => {
    atEachArrival(({ state, winner, completion, inReview }) => {
      const isEnd = isEnded({ state });

      expect(completion !== null).toBe(state === "completed");
      if (winner?.status === "pending") expect(isEnd || state === "submitted").toBe(true);
      if (winner?.status === "held")
        expect(isEnd || state === "working" || state === "input-required").toBe(true);
      if (state === "working") expect(winner?.status).toBe("held");
      if (state === "input-required") expect(winner === null).toBe(inReview !== null);
      if (state === "rejected" || state === "failed") expect(winner).toBeNull();
    });
  },
  LAW_TIMEOUT_MS,
);

test(
  "[M2] what is ignored changes nothing: without it the task is the same",
  () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const task = foldEntries(history.entries, history);
        if (task === null) return;
        const isIgnored = ({ agent, record }: LogEntry): boolean =>
          task.thread.ignored.some((one) => one.agent === agent && one.n === record.n);
        const rest = history.entries.filter((entry) => !isIgnored(entry));

        expect(foldEntries(rest, history)).toEqual({
          ...task,
          thread: { ...task.thread, ignored: [] },
        });
      }),
      runs(1000),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[V3] [V5] [W8] a result's verdicts are one each by agents who neither made nor adopted it",
  () => {
    atEachArrival((task) => {
      for (const { agent, adopts, reviews = [] } of resultsOf(task)) {
        const reviewers = reviews.map((one) => one.agent);

        expect(reviewers).not.toContain(agent);
        expect(reviewers).not.toContain(adopts?.agent);
        expect(new Set(reviewers).size).toBe(reviewers.length);
      }
    });
  },
  LAW_TIMEOUT_MS,
);

test(
  "[V1] where each who added a task asked for a review, its result was approved by one entitled to it",
  () => {
    atEachArrival((task, _before, { entries, context }) => {
      const audiences = entries.flatMap(({ record }) =>
        record.kind === "added" && record.task === task.id ? [record.review?.by] : [],
      );
      if (task.completion === null || audiences.includes(undefined)) return;

      const approvers = (task.completion.reviews ?? []).filter(
        ({ agent, verdict }) =>
          verdict === "approved" && audiences.some((by) => isFor(by, agent, { entries, context })),
      );

      expect(approvers).not.toEqual([]);
    });
  },
  LAW_TIMEOUT_MS,
);

test(
  "[H3] [H7] [I2] only those addressed accept, decline and answer, and an offer is open while its claim is held",
  () => {
    atEachArrival((task, _before, history) => {
      for (const { agent, claim, to, status, acceptedBy, declined } of task.thread.offers) {
        const others = [...declined.map((one) => one.agent), ...(acceptedBy ? [acceptedBy] : [])];
        const holder = findClaim(task, { agent, n: claim });

        expect(others.every((one) => one !== agent && isFor(to, one, history))).toBe(true);
        expect(status === "accepted").toBe(acceptedBy !== null);
        if (status === "open") expect(holder?.status).toBe("held");
        if (status === "open") expect(isEnded(task)).toBe(false);
      }
      for (const { agent, of, answers } of task.thread.questions) {
        const others = answers.map((one) => one.agent);

        expect(others.every((one) => one !== agent && isFor(of, one, history))).toBe(true);
      }
    });
  },
  LAW_TIMEOUT_MS,
);

test(
  "[P2] along any arrival each thing that is said of a task is told once, and equal views tell nothing",
  () => {
    const told = new Map<TaskEvent["kind"], number>();
    atEachArrival((after, before, { entries, context }) => {
      if (before === null) told.clear();
      for (const { kind } of diffTask(before ?? undefined, after))
        told.set(kind, (told.get(kind) ?? 0) + 1);
      const { claims, notes, thread } = after;
      const { questions, offers, packets, children } = thread;

      expect(diffTask(after, foldEntries(entries, { context }) ?? after)).toEqual([]);
      expect({
        "task-claimed": told.get("task-claimed") ?? 0,
        "task-noted": told.get("task-noted") ?? 0,
        "question-asked": told.get("question-asked") ?? 0,
        "question-answered": told.get("question-answered") ?? 0,
        "offer-made": told.get("offer-made") ?? 0,
        "offer-declined": told.get("offer-declined") ?? 0,
        "packet-passed": told.get("packet-passed") ?? 0,
        "result-reviewed": told.get("result-reviewed") ?? 0,
        "child-added": told.get("child-added") ?? 0,
      }).toEqual({
        "task-claimed": claims.length,
        "task-noted": notes.length,
        "question-asked": questions.length,
        "question-answered": questions.flatMap(({ answers }) => answers).length,
        "offer-made": offers.length,
        "offer-declined": offers.flatMap(({ declined }) => declined).length,
        "packet-passed": packets.length,
        "result-reviewed": resultsOf(after).flatMap(({ reviews = [] }) => reviews).length,
        "child-added": children.length,
      });
    });
  },
  LAW_TIMEOUT_MS,
);

test(
  "[P3] whatever happened, a task is frozen with all that the fold made",
  () => {
    fc.assert(
      fc.property(anyHistory, ({ entries, context }) => {
        const before = structuredClone(entries);
        const task = foldEntries(entries, { context });

        expect(entries).toEqual(before);
        expect(isFrozenWith(task, new Set(entries.flatMap(({ record }) => partsOf(record))))).toBe(
          true,
        );
      }),
      runs(300),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[E1] [E6] whatever happened, whoever reopens an ended task as it sees it starts a round",
  () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const before = foldEntries(history.entries, history);
        if (before === null || !isEnded(before)) return;
        const attempt = before.nextAttempt + 1;

        const again = writeNext(history, "eve", { kind: "reopened", attempt });
        const after = foldEntries(again.entries, again);

        expect(after?.thread.reopened).not.toEqual(before.thread.reopened);
        expect(after?.nextAttempt).toBeGreaterThanOrEqual(attempt);
        expect(after?.thread.ignored).not.toContainEqual(
          expect.objectContaining({ agent: "eve", n: again.entries.at(-1)?.record.n }),
        );
        expect(resultsOf(after)).toEqual(expect.arrayContaining([...resultsOf(before)]));
      }),
      runs(1000),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[D1] [V1] whatever happened, a task that is ready can be claimed, done, reviewed and completed",
  () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const before = foldEntries(history.entries, history);
        if (before === null || before.needs.length > 0) return;
        if (whyUnready(before, () => undefined) !== null) return;
        const version = before.version === null ? {} : { version: formatRef(before.version) };
        const attempt = before.nextAttempt;

        const guarantee = "settled" as const;
        const claimed = writeNext(history, "ana", {
          kind: "claimed",
          attempt,
          guarantee,
          ...version,
        });
        const claim = claimed.entries.at(-1)?.record.n ?? 0;
        const held = writeNext(claimed, "ana", { kind: "confirmed", claim });
        const done = writeNext(held, "ana", { kind: "completed", claim, result: "done" });
        const completion = done.entries.at(-1)?.record.n ?? 0;
        const said = { kind: "reviewed", author: "ana" as AgentId, completion } as const;
        const once = writeNext(done, "cyd", { ...said, verdict: "approved" });
        const twice = writeNext(once, "eve", { ...said, verdict: "approved" });

        expect(foldEntries(held.entries, history)?.state).toBe("working");
        expect(foldEntries(twice.entries, history)).toMatchObject({
          state: "completed",
          completion: { agent: "ana", result: "done" },
        });
      }),
      runs(1000),
    );
  },
  LAW_TIMEOUT_MS,
);

function resultsOf(task: Task | null): readonly Completion[] {
  if (task === null) return [];
  return [task.completion, task.inReview, ...task.alternates].flatMap((one) => one ?? []);
}

function isFor(
  audience: Audience | null | undefined,
  agent: RecordRef["agent"],
  { context }: History,
): boolean {
  return !audience || isAddressed(audience, agent, context.capabilitiesOf(agent));
}

/** Everything that hangs on a record: that is for the replica to freeze. */
function partsOf(value: TaskRecord | unknown): readonly unknown[] {
  return typeof value !== "object" || value === null
    ? []
    : [value, ...Object.values(value).flatMap(partsOf)];
}

function isFrozenWith(value: unknown, given: ReadonlySet<unknown>): boolean {
  if (typeof value !== "object" || value === null || given.has(value)) return true;
  return Object.isFrozen(value) && Object.values(value).every((one) => isFrozenWith(one, given));
}
