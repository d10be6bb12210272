import { expect, test } from "@jest/globals";
import { type LogBook, openLogBook, TASK } from "../../property-tests/log-book.ts";
import { type Explanation, explainTask } from "./explain.ts";
import type { TaskId } from "./record.ts";
import { formatRef } from "./record.ts";
import { earliest } from "./rule.ts";
import type { Task } from "./task.ts";

test("[W6] a task that nobody holds is ready for its next attempt", () => {
  const book = openLogBook();
  book.add("ana");
  const first = summary(book);
  book.release(book.claim("bob"));

  expect(first).toBe("Ready for attempt 1: nobody holds it.");
  expect(explain(book)).toEqual({
    summary: "Ready for attempt 2: nobody holds it.",
    losers: [{ agent: "bob", attempt: 1, reason: "Its holder gave the task back." }],
  });
});

test("[W6] a task waits for a need that is open or not known", () => {
  const book = openLogBook();
  book.add("ana", { needs: ["need" as TaskId] });
  const need = { ...book.task(), id: "need" as TaskId, needs: [] };

  expect(summary(book)).toBe("Waits for need, which is not known yet.");
  expect(summary(book, [need])).toBe("Waits for need, which is submitted.");
});

test("[W6] a winner without a rival leads while it awaits its confirmation, then holds", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("bob", { guarantee: "settled" });
  const pending = summary(book);
  book.confirm(claim);

  expect(pending).toBe("bob leads attempt 1: no rival claim stands.");
  expect(summary(book)).toBe("bob holds attempt 1: no rival claim stands.");
});

test("[W6] of two equal claims the rule says why one won and the other did not", () => {
  const book = openLogBook();
  book.add("ana");
  book.claim("bob");
  book.claim("cyd");

  expect(explain(book)).toEqual({
    summary: "bob holds attempt 1: by earliest@1 it came first by Lamport time (2 before 3).",
    losers: [
      {
        agent: "cyd",
        attempt: 1,
        reason: "By earliest@1 the claim of bob came first by Lamport time (2 before 3).",
      },
    ],
  });
});

test("[W6] a confirmed winner won because it is confirmed, whatever its rivals are", () => {
  const book = openLogBook();
  book.add("ana");
  book.claim("bob");
  book.claim("cyd", { guarantee: "settled" });
  book.hold("dan");
  const reason = "dan is confirmed, this claim is not.";

  expect(explain(book)).toEqual({
    summary: "dan holds attempt 1: it is confirmed, and its rivals are not.",
    losers: [
      { agent: "bob", attempt: 1, reason },
      { agent: "cyd", attempt: 1, reason },
    ],
  });
});

test("[W6] an optimistic winner won because its rivals still await their confirmation", () => {
  const book = openLogBook();
  book.add("ana");
  book.claim("bob", { guarantee: "settled" });
  book.claim("cyd");

  expect(explain(book)).toEqual({
    summary: "cyd holds attempt 1: it needs no confirmation, and its rivals await theirs.",
    losers: [
      { agent: "bob", attempt: 1, reason: "It awaits its confirmation, and cyd needs none." },
    ],
  });
});

test("[W6] of two confirmed claims the rule says which won, whoever else stands", () => {
  const book = openLogBook();
  book.add("ana");
  book.claim("bob", { guarantee: "settled" });
  book.hold("cyd");
  book.hold("dan");

  expect(summary(book)).toBe(
    "cyd holds attempt 1: by earliest@1 it came first by Lamport time (3 before 5).",
  );
});

test("[W6] a completed task names its attempt and how many other results are kept", () => {
  const book = openLogBook();
  book.add("ana");
  const claims = [book.claim("bob"), book.claim("cyd"), book.claim("dan")];
  book.claim("eve");
  const summaries = claims.map((claim) => {
    book.complete(claim, "done");
    return summary(book);
  });

  expect(summaries).toEqual([
    "Completed by bob in attempt 1.",
    "Completed by bob in attempt 1; 1 other result is kept.",
    "Completed by bob in attempt 1; 2 other results are kept.",
  ]);
  expect(reasons(book)).toEqual({
    cyd: "Its result is kept as an alternate: another one was accepted.",
    dan: "Its result is kept as an alternate: another one was accepted.",
  });
});

test("[W6] whoever still works on a task that is completed or canceled is told to stop", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("bob");
  book.claim("cyd");
  book.claim("dan");
  const over = "The task is over; its holder is told to stop.";
  book.write("ana", { kind: "cancelled" });
  const canceled = reasons(book);
  book.complete(claim, "done");

  expect(canceled).toEqual({ cyd: over, dan: over });
  expect(reasons(book)).toEqual({ dan: over });
});

test("[W6] each way to end a claim has its sentence", () => {
  const book = openLogBook();
  book.add("ana");
  book.yield(book.claim("bob"));
  book.claim("cyd");
  book.fail(book.claim("dan"));
  book.expire("ana", book.claim("eve"));
  book.claim("fay", { attempt: 9 });
  book.claim("ana", { attempt: 2 });

  expect(reasons(book)).toEqual({
    bob: "It yielded to a rival.",
    cyd: "Attempt 2 has begun since.",
    dan: "Its holder reported a failure.",
    eve: "Its holder was silent for longer than its lease.",
    fay: "It does not count: a capability or guarantee is missing, or what it builds on has not arrived.",
  });
});

test("[W6] a task that failed or was canceled says why it ended", () => {
  const book = openLogBook();
  book.add("ana");
  book.fail(book.claim("bob"), false);
  const failed = summary(book);
  book.write("ana", { kind: "cancelled", reason: "not needed" });
  const canceled = summary(book);
  const bare = openLogBook();
  bare.add("ana");
  bare.write("ana", { kind: "cancelled" });

  expect(failed).toBe("Failed in attempt 1, and its holder ruled out another try.");
  expect(canceled).toBe("Canceled: not needed.");
  expect(summary(bare)).toBe("Canceled.");
});

test("[W6] a claim that lacks a capability does not count, and says so", () => {
  const book = openLogBook();
  const version = formatRef(book.add("ana", { requires: ["ts"] }));
  book.claim("bob", { version });

  expect(reasons(book)["bob"]).toMatch(/^It does not count: a capability/);
});

test("[D2] an explanation names the cycle that a task is in, and where it is broken", () => {
  const book = openLogBook();
  book.add("ana", { needs: ["need" as TaskId] });
  const task = book.task();
  const need = { ...task, id: "need" as TaskId, needs: [TASK] };
  const named = " It is in a cycle of 2 tasks, broken at ";

  const first = { ...need, added: { ...need.added, at: 0 } };
  const later = { ...need, added: { ...need.added, at: 9 } };

  expect(summary(book, [first])).toBe(`Waits for need, which is submitted.${named}need.`);
  expect(summary(book, [later])).toBe(`Ready for attempt 1: nobody holds it.${named}task.`);
});

function explain(book: LogBook, others: readonly Task[] = []): Explanation {
  const tasks = [book.task(), ...others];
  return explainTask(tasks[0] ?? book.task(), earliest, (id) => tasks.find((one) => one.id === id));
}

function summary(book: LogBook, others: readonly Task[] = []): string {
  return explain(book, others).summary;
}

function reasons(book: LogBook): Record<string, string> {
  return Object.fromEntries(explain(book).losers.map(({ agent, reason }) => [agent, reason]));
}
