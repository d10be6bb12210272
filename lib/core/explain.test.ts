import { expect, test } from "@jest/globals";
import { type LogBook, openLogBook, TASK } from "../../property-tests/kit/log-book.ts";
import { type Explanation, explainTask } from "./explain.ts";
import type { AgentId, TaskId } from "./record.ts";
import { formatRef } from "./record.ts";
import { earliest, type Rule } from "./rule.ts";
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
    bob: "It yielded to the claim of cyd.",
    cyd: "Attempt 2 has begun since.",
    dan: "Its holder reported a failure.",
    eve: "Its holder was silent for longer than its lease.",
    fay: "It does not count: a capability or guarantee is missing, or what it builds on has not arrived.",
  });
});

test("[W6] a claim that was given up without any rival says so", () => {
  const book = openLogBook();
  book.add("ana");
  book.yield(book.claim("bob"));

  expect(reasons(book)).toEqual({ bob: "It was given up before it was decided." });
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

test("[W6] a canceled task says why only while it is canceled, and a reason that ends with a stop gets no other", () => {
  const book = openLogBook();
  book.add("ana");
  book.cancel("ana", "Not needed.");
  const canceled = summary(book);
  book.reopen("ana");

  expect(canceled).toBe("Canceled: Not needed.");
  expect(summary(book)).toBe("Ready for attempt 2: nobody holds it.");
});

test("[W6] a reason with a stop inside gets one at its end", () => {
  const book = openLogBook();
  book.add("ana");
  book.cancel("ana", "done in v1.2");

  expect(summary(book)).toBe("Canceled: done in v1.2.");
});

test("[W6] earlier claims of whoever completed the task, or has a result in review, are explained too", () => {
  const book = openLogBook();
  book.add("ana", { review: { by: { agent: "eve" }, approvals: 2 } });
  book.release(book.claim("bob"));
  book.complete(book.claim("bob", { attempt: 2 }), "done");
  const losers = [{ agent: "bob", attempt: 1, reason: "Its holder gave the task back." }];
  const inReview = explain(book);
  book.add("dan");

  expect(inReview).toEqual({
    summary: "The result of bob in attempt 2 awaits review by eve: 0 of 2 approvals are given.",
    losers,
  });
  expect(explain(book)).toEqual({ summary: "Completed by bob in attempt 2.", losers });
});

test("[W6] a failed task names what ended this round, whatever else failed", () => {
  const [final, dead] = [openLogBook(), openLogBook()];
  final.add("ana");
  const claims = [final.claim("bob"), final.claim("cyd")] as const;
  final.fail(claims[1]);
  final.fail(claims[0], false);
  dead.add("ana", { maxAttempts: 1 });
  dead.fail(dead.claim("bob"), false);
  dead.reopen("ana");
  dead.fail(dead.claim("cyd", { attempt: dead.task().nextAttempt }));

  expect(summary(final)).toBe("Failed in attempt 1, and its holder ruled out another try.");
  expect(summary(dead)).toBe("Failed: 1 of at most 1 attempts are spent; it waits to be redriven.");
});

test("[W6] a rule is told the task and the attempt of the claims that it explains", () => {
  const book = openLogBook();
  book.add("ana");
  book.release(book.claim("ana"));
  book.claim("bob", { attempt: 2 });
  book.claim("cyd", { attempt: 2 });
  const reason: Rule["reason"] = (_, __, { task, attempt }) => `said so of ${task}, ${attempt}`;
  const told = explainTask(book.task(), { ...earliest, reason }, () => undefined);

  expect(told.summary).toBe("bob holds attempt 2: by earliest@1 it said so of task, 2.");
  expect(told.losers[1]?.reason).toBe("By earliest@1 the claim of bob said so of task, 2.");
});

test("[W6] a rejected task says so, and so does the claim that rejected it", () => {
  const book = openLogBook();
  book.add("ana");
  book.reject(book.claim("bob"));

  expect(explain(book)).toEqual({
    summary: "Rejected in attempt 1: its holder said that it is not to be done.",
    losers: [
      {
        agent: "bob",
        attempt: 1,
        reason: "Its holder said that the task is not to be done.",
      },
    ],
  });
});

test("[W6] a dead letter says how many of its attempts are spent", () => {
  const book = openLogBook();
  book.add("ana", { maxAttempts: 2 });
  book.fail(book.claim("bob"));
  book.fail(book.claim("cyd", { attempt: 2 }));

  expect(summary(book)).toBe("Failed: 2 of at most 2 attempts are spent; it waits to be redriven.");
});

test("[W6] a task that failed with a need names it, whatever had failed in the round before", () => {
  const book = openLogBook();
  const need = "need" as TaskId;
  book.add("ana", { ifNeedFails: "fail" });
  book.fail(book.claim("bob"), false);
  book.reopen("ana");
  book.write("ana", { kind: "need-failed", need, attempt: 2 });

  expect(summary(book)).toBe("Failed because need, which it needs, did.");
});

test("[W6] a task that waits after a failure says how long, and for which attempt", () => {
  const book = openLogBook();
  book.add("ana");
  book.failForNow(book.claim("bob"));

  expect(summary(book)).toBe(
    "Attempt 2 opens once somebody has waited 1000 ms after the failure of the one before.",
  );
});

test("[W6] a result in review says who may approve it, and how many have", () => {
  const book = openLogBook({ capabilities: { eve: ["review"], fay: ["review"], gus: ["review"] } });
  book.add("ana", { review: { by: { capability: "review" }, approvals: 2 } });
  const claim = book.claim("bob");
  book.yield(book.claim("cyd"));
  const result = book.complete(claim, "done");
  book.approve("eve", result);
  const inReview = explain(book);
  book.approve("fay", result);

  book.sendBack("gus", result);

  expect(inReview).toEqual({
    summary:
      "The result of bob in attempt 1 awaits review by anyone with #review: 1 of 2 approvals are given.",
    losers: [
      {
        agent: "cyd",
        attempt: 1,
        reason:
          "It yielded: by earliest@1 the claim of bob came first by Lamport time (2 before 3).",
      },
    ],
  });
  expect(summary(book)).toBe("Completed by bob in attempt 1, approved by eve, fay.");
});

test("[W6] a result that was sent back says by whom and why, one that still waits says that", () => {
  const book = openLogBook();
  book.add("ana", { review: { by: { agent: "eve" } } });
  const claims = [book.claim("bob"), book.claim("cyd"), book.claim("dan")] as const;
  const [result, other] = claims.map((claim) => book.complete(claim, "done"));
  if (result && other) {
    book.sendBack("eve", result, "no tests");
    book.write("eve", {
      kind: "reviewed",
      author: other.agent,
      completion: other.n,
      verdict: "rejected",
    });
  }
  book.claim("fay", { attempt: 2 });

  expect(reasons(book)).toEqual({
    bob: "Its result was sent back by eve: no tests.",
    cyd: "Its result was sent back by eve.",
    dan: "Its result awaits review.",
  });
});

test("[W6] each result that was sent back names its own rejection, not another's nor an approval", () => {
  const book = openLogBook({ capabilities: { eve: ["review"], fay: ["review"] } });
  book.add("ana", { review: { by: { capability: "review" }, approvals: 2 } });
  for (const [attempt, reason] of [
    [1, "no tests"],
    [2, "too long"],
  ] as const) {
    const result = book.complete(book.claim("bob", { attempt }), "done");
    book.approve("eve", result);
    book.sendBack("fay", result, reason);
  }

  expect(explain(book).losers.map(({ reason }) => reason)).toEqual([
    "Its result was sent back by fay: no tests.",
    "Its result was sent back by fay: too long.",
  ]);
});

test("[W6] what a holder asked or offered before, or others do, is no talk of its claim", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("bob");
  const rival = book.claim("cyd");
  book.offer(rival, "dan");
  book.ask(rival);
  const withRival = summary(book);
  book.yield(rival);
  book.withdraw(claim, book.offer(claim, "dan"));
  const withdrawn = summary(book);
  book.ask(claim);
  book.release(claim);
  book.claim("bob", { attempt: 2 });

  expect(withRival).toMatch(/\(2 before 3\)\.$/);
  expect(withdrawn).toBe("bob holds attempt 1: no rival claim stands.");
  expect(summary(book)).toBe("bob holds attempt 2: no rival claim stands.");
});

test("[W6] a holder who waits for answers, or offers the task, is said to", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("bob");
  const question = book.ask(claim);
  const summaries = [summary(book)];
  book.ask(claim);
  summaries.push(summary(book));
  book.answer("cyd", question);
  const offer = book.offer(claim, "dan");
  summaries.push(summary(book));
  book.accept("dan", offer);

  expect(
    summaries.map((one) => one.replace("bob holds attempt 1: no rival claim stands.", "")),
  ).toEqual([
    " It waits for an answer.",
    " It waits for 2 answers.",
    " It waits for an answer. It offers the task to dan.",
  ]);
  expect(explain(book)).toEqual({
    summary: "dan holds attempt 2: no rival claim stands.",
    losers: [{ agent: "bob", attempt: 1, reason: "Its holder handed the task over." }],
  });
});

test("[W6] [Y3] a completed task says whose result was adopted, and on what of old it is based", () => {
  const book = openLogBook();
  book.add("ana", { needs: ["need" as TaskId] });
  const rival = book.claim("bob");
  book.yield(rival);
  const late = book.complete(rival, "late");
  book.edit("ana", { body: "new" });
  book.adopt(book.claim("cyd"), late);
  const need = openLogBook();
  need.add("ana");
  need.complete(need.claim("dan"), "new");

  expect(summary(book, [{ ...need.task(), id: "need" as TaskId }])).toBe(
    "Completed by cyd in attempt 1, who adopted the result of bob, based on a stale text, result of need; 1 other result is kept.",
  );
});

test("[W6] [M2] how many records are ignored is said", () => {
  const book = openLogBook();
  book.add("ana");
  book.reopen("ana");
  const one = summary(book);
  book.reopen("ana");

  expect(one).toBe(
    "Ready for attempt 1: nobody holds it. 1 record is no legal move and is ignored.",
  );
  expect(summary(book)).toBe(
    "Ready for attempt 1: nobody holds it. 2 records are no legal moves and are ignored.",
  );
});

test("[W6] [X9] a ready task whose resource another task holds names resource, holder and task", () => {
  const book = openLogBook();
  book.add("ana");
  const obstacle = { resource: "port:8080", agent: "bob" as AgentId, task: "other" as TaskId };

  expect(explainTask(book.task(), earliest, () => undefined, obstacle).summary).toBe(
    "Waits for port:8080, which bob holds for other.",
  );
});

test("[D7] [D8] a task that waits for a need or child that ended without a result says what to do", () => {
  const book = openLogBook();
  book.add("ana");
  book.addChild("ana", "child");
  const child = openLogBook();
  child.add("ana");
  const open = { ...child.task(), id: "child" as TaskId };
  child.cancel("ana");
  const lost = { ...child.task(), id: "child" as TaskId };

  expect(summary(book)).toBe("Waits for its child child, which is not known yet.");
  expect(summary(book, [open])).toBe("Waits for its child child, which is submitted.");
  expect(summary(book, [lost])).toBe(
    "Waits for its child child, which is canceled; reopen that, or edit the needs.",
  );
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
