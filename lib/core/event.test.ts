import { expect, test } from "@jest/globals";
import { type LogBook, openLogBook, TASK } from "../../property-tests/kit/log-book.ts";
import { diffTask } from "./event.ts";
import type { TaskId } from "./record.ts";
import type { Task } from "./task.ts";

test("[P2] a task seen for the first time is added, and all that happened to it follows", () => {
  const book = openLogBook();
  book.add("ana");
  book.write("ana", { kind: "noted", text: "a note" });
  book.complete(book.claim("bob"), "done");

  expect(story(undefined, book.task())).toEqual([
    "task-added ana 0",
    "task-noted ana 0",
    "task-claimed bob 1",
    "task-completed bob 1",
  ]);
  expect(diffTask(undefined, book.task())[0]?.task).toBe(TASK);
});

test("[P2] equal views give no event", () => {
  const book = openLogBook();
  book.add("ana", { needs: ["a" as TaskId, "b" as TaskId], requires: ["ts"] });
  book.write("ana", { kind: "noted", text: "a note" });
  book.complete(book.claim("bob"), "unable");
  book.fail(book.claim("bob"));

  expect(diffTask(book.task(), book.task())).toEqual([]);
  const task = book.task();
  expect(diffTask(task, task)).toEqual([]);
});

test("[P2] an edit that says the same again is none, and one of a part of a list is one", () => {
  const book = openLogBook();
  book.add("ana", { needs: ["a" as TaskId, "b" as TaskId] });
  const task = book.task();
  book.edit("ana", { needs: ["a" as TaskId, "b" as TaskId] });
  const again = book.task();
  book.edit("ana", { needs: ["a" as TaskId, "c" as TaskId] });

  expect(story(task, again)).toEqual([]);
  expect(story(again, book.task())).toEqual(["task-edited null 0"]);
});

test("[P2] an event carries what there is to say, and nothing else", () => {
  const book = openLogBook();
  book.add("ana");

  expect(diffTask(undefined, book.task())).toStrictEqual([
    { kind: "task-added", task: TASK, agent: "ana", attempt: 0 },
  ]);
});

test("[P2] a round that began and ended in between is told with its end, though the last one ended alike", () => {
  const [completed, failed, canceled] = [openLogBook(), openLogBook(), openLogBook()];
  for (const book of [completed, failed, canceled]) book.add("ana");
  completed.complete(completed.claim("bob"), "done");
  failed.fail(failed.claim("bob"), false);
  canceled.cancel("ana");
  const before = [completed.task(), failed.task(), canceled.task()];
  for (const book of [completed, failed, canceled]) book.reopen("ana");
  completed.complete(completed.claim("cyd", { attempt: 2 }), "done better");
  failed.fail(failed.claim("cyd", { attempt: 2 }), false);
  canceled.cancel("ana");

  expect(story(before[0], completed.task())).toEqual([
    "task-claimed cyd 2",
    "task-reopened ana 2",
    "task-completed cyd 2",
    "alternate-added bob 1",
  ]);
  expect(story(before[1], failed.task())).toContain("task-failed cyd 2");
  expect(story(before[2], canceled.task())).toContain("task-canceled null 0");
});

test("[P2] whoever sees a task for the first time is told of its review, delay and reopening too", () => {
  const [inReview, delayed, reopened] = [openLogBook(), openLogBook(), openLogBook()];
  inReview.add("ana", { review: { by: { agent: "eve" } } });
  inReview.complete(inReview.claim("bob"), "done");
  delayed.add("ana");
  delayed.failForNow(delayed.claim("bob"));
  reopened.add("ana");
  reopened.cancel("ana");
  reopened.reopen("ana");

  expect(story(undefined, inReview.task())).toContain("review-requested bob 1");
  expect(story(undefined, delayed.task())).toContain("attempt-delayed null 2");
  expect(story(undefined, reopened.task())).toContain("task-reopened ana 2");
});

test("[P2] what stays as it is, is told once", () => {
  const stay: readonly ((book: LogBook) => void)[] = [
    (book) => book.complete(book.claim("bob"), "in review"),
    (book) => book.failForNow(book.claim("bob")),
    (book) => book.fail(book.claim("bob"), false),
    (book) => book.reject(book.claim("bob")),
    (book) => book.cancel("ana"),
    (book) => {
      book.cancel("ana");
      book.reopen("ana");
    },
  ];

  for (const happen of stay) {
    const book = openLogBook();
    book.add("ana", { review: { by: { agent: "eve" } } });
    happen(book);
    const before = book.task();
    book.note("ana");

    expect(story(before, book.task())).toEqual(["task-noted ana 0"]);
  }
});

test("[P2] a change of any field is one edit", () => {
  const book = openLogBook();
  book.add("ana", { needs: ["a" as TaskId] });
  const task = book.task();
  const changes: Partial<Task>[] = [
    { title: "new" },
    { body: "new" },
    { priority: 1 },
    { guarantee: "settled" },
    { needs: ["b" as TaskId] },
    { needs: [] },
    { requires: ["ts"] },
  ];

  for (const change of changes)
    expect(story(task, { ...task, ...change })).toEqual(["task-edited null 0"]);
});

test("[P2] a claim is claimed, confirmed, and ends in its own way", () => {
  const book = openLogBook();
  book.add("ana");
  const steps: string[][] = [];
  let before = book.task();
  const look = (): void => {
    const after = book.task();
    steps.push(story(before, after));
    before = after;
  };
  const first = book.claim("bob", { guarantee: "settled" });
  look();
  book.confirm(first);
  look();
  book.release(first);
  look();
  const second = book.claim("bob", { attempt: 2 });
  const rival = book.claim("cyd", { attempt: 2 });
  look();
  book.expire("ana", second);
  look();
  const third = book.claim("ana", { attempt: 3 });
  look();
  book.yield(rival);
  look();
  book.fail(third, false);
  look();

  expect(steps).toEqual([
    ["task-claimed bob 1", "winner-changed bob 1"],
    ["claim-confirmed bob 1"],
    ["claim-released bob 1", "winner-changed null 1"],
    ["task-claimed bob 2", "task-claimed cyd 2", "winner-changed bob 2"],
    ["claim-expired bob 2", "winner-changed cyd 2"],
    ["claim-superseded cyd 2", "task-claimed ana 3", "winner-changed ana 3"],
    ["claim-yielded cyd 2"],
    ["claim-failed ana 3", "winner-changed null 3", "task-failed ana 3"],
  ]);
});

test("[P2] a result that supersedes another leaves it as an alternate", () => {
  const book = openLogBook();
  book.add("ana");
  const better = book.claim("bob");
  book.complete(book.claim("cyd"), "first");
  const before = book.task();
  book.complete(better, "better");

  expect(story(before, book.task())).toEqual([
    "winner-changed null 1",
    "result-superseded bob 1",
    "alternate-added cyd 1",
  ]);
});

test("[P2] a task that failed names the holder who ruled out another try", () => {
  const book = openLogBook();
  book.add("ana");
  const before = book.task();
  book.fail(book.claim("eve"), true);
  book.fail(book.claim("bob"), false);
  book.fail(book.claim("cyd"), true);

  expect(story(before, book.task()).at(-1)).toBe("task-failed bob 1");
});

test("[P2] a task that failed again names the holder of this round, not of the one before", () => {
  const book = openLogBook();
  book.add("ana");
  book.fail(book.claim("eve"), false);
  book.reopen("ana");
  const before = book.task();
  book.fail(book.claim("bob", { attempt: 2 }), false);

  expect(story(before, book.task()).at(-1)).toBe("task-failed bob 2");
});

test("[P2] a cancellation is one event, and a task that opens again is none", () => {
  const book = openLogBook();
  book.add("ana");
  const open = book.task();
  book.write("ana", { kind: "cancelled" });

  expect(story(open, book.task())).toEqual(["task-canceled null 0"]);
  expect(story(book.task(), open)).toEqual([]);
});

test("[P2] a reopening is told with the attempt from which the task starts over", () => {
  const book = openLogBook();
  book.add("ana");
  book.complete(book.claim("bob"), "old");
  const completed = book.task();
  book.reopen("ana");

  expect(story(completed, book.task())).toEqual(["task-reopened ana 2", "alternate-added bob 1"]);
});

test("[P2] a rejection is told of the claim and of the task", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("bob");
  const before = book.task();
  book.reject(claim);

  expect(story(before, book.task())).toEqual([
    "claim-rejected bob 1",
    "winner-changed null 1",
    "task-rejected null 1",
  ]);
});

test("[P2] a delay is told once, and a dead letter fails without anybody's doing", () => {
  const book = openLogBook();
  book.add("ana", { maxAttempts: 2 });
  const before = book.task();
  book.failForNow(book.claim("bob"));
  const delayed = book.task();
  book.note("ana");
  const noted = book.task();
  book.write("ana", { kind: "waited", attempt: 2 });
  book.fail(book.claim("bob", { attempt: 2 }));

  expect(story(before, delayed)).toEqual([
    "task-claimed bob 1",
    "claim-failed bob 1",
    "attempt-delayed null 2",
  ]);
  expect(story(delayed, noted)).toEqual(["task-noted ana 0"]);
  expect(story(noted, book.task())).toEqual([
    "task-claimed bob 2",
    "claim-failed bob 2",
    "task-failed null 2",
  ]);
});

test("[P2] a task that fails with a need blames nobody who failed in the round before", () => {
  const book = openLogBook();
  book.add("ana", { ifNeedFails: "fail" });
  book.fail(book.claim("bob"), false);
  book.reopen("ana");
  const before = book.task();
  book.write("ana", { kind: "need-failed", need: "need" as TaskId, attempt: 2 });

  expect(story(before, book.task())).toEqual(["task-failed null 1"]);
});

test("[P2] a question and each of its answers are told once", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("bob");
  const before = book.task();
  const asked = book.ask(claim);
  book.answer("cyd", asked);
  const answered = book.task();
  book.answer("dan", asked);

  expect(story(before, answered)).toEqual(["question-asked bob 1", "question-answered cyd 0"]);
  expect(story(answered, book.task())).toEqual(["question-answered dan 0"]);
});

test("[P2] an offer is made, declined, withdrawn or accepted, each told once", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("bob");
  const steps: string[][] = [];
  let before = book.task();
  const look = (): void => {
    const after = book.task();
    steps.push(story(before, after));
    before = after;
  };
  const first = book.offer(claim, "cyd");
  look();
  book.decline("cyd", first);
  look();
  book.withdraw(claim, first);
  look();
  const second = book.offer(claim, "dan");
  look();
  book.accept("dan", second);
  look();

  expect(steps).toEqual([
    ["offer-made bob 1", "packet-passed bob 1"],
    ["offer-declined cyd 0"],
    ["offer-withdrawn bob 1"],
    ["offer-made bob 1", "packet-passed bob 1"],
    ["claim-handed-off bob 1", "task-claimed dan 2", "winner-changed dan 2"],
  ]);
});

test("[P2] a review is asked for and each verdict told once, wherever its result comes to stand", () => {
  const book = openLogBook();
  book.add("ana", { review: { by: { agent: "eve" } } });
  const claim = book.claim("bob");
  const steps: string[][] = [];
  let before = book.task();
  const look = (): void => {
    const after = book.task();
    steps.push(story(before, after));
    before = after;
  };
  const result = book.complete(claim, "short");
  look();
  book.sendBack("eve", result);
  look();
  const again = book.complete(book.claim("bob", { attempt: 2 }), "long");
  look();
  book.approve("eve", again);
  look();

  expect(steps).toEqual([
    ["review-requested bob 1", "winner-changed null 1"],
    ["result-reviewed eve 0", "alternate-added bob 1"],
    ["task-claimed bob 2", "review-requested bob 2"],
    ["result-reviewed eve 0", "task-completed bob 2"],
  ]);
});

test("[W8] a result that did not win is told of, and so is one that adopts it", () => {
  const book = openLogBook();
  book.add("ana");
  const lost = book.claim("bob");
  book.yield(lost);
  const claim = book.claim("cyd");
  const before = book.task();
  const late = book.complete(lost, "late");
  const kept = book.task();
  book.adopt(claim, late);

  expect(story(before, kept)).toEqual(["alternate-added bob 1"]);
  expect(story(kept, book.task())).toEqual(["winner-changed null 1", "task-completed cyd 1"]);
});

test("[P2] each child is told once, though one that was added before another arrives after it", () => {
  const book = openLogBook();
  book.add("ana");
  const none = book.task();
  book.addChild("bob", "second");
  const one = book.task();
  book.write("ana", {
    kind: "added",
    task: "first" as TaskId,
    title: "a child",
    parent: TASK,
    at: 2,
  });

  expect(story(none, one)).toEqual(["child-added null 0"]);
  expect(story(one, book.task())).toEqual(["child-added null 0"]);
  expect(book.task().thread.children).toEqual(["first", "second"]);
});

test("[M2] what is ignored is told with its kind and why, as record-ignored", () => {
  const book = openLogBook();
  book.add("ana");
  const before = book.task();
  book.reopen("bob");

  expect(diffTask(before, book.task())).toEqual([
    {
      kind: "record-ignored",
      task: TASK,
      agent: "bob",
      attempt: 0,
      reason: "reopened: not-ended",
    },
  ]);
});

test("[P2] a new note is named even where an older one arrives after it", () => {
  const book = openLogBook();
  book.add("ana");
  book.write("bob", { kind: "noted", text: "second", at: 9 });
  const before = book.task();
  book.write("cyd", { kind: "noted", text: "first", at: 2 });

  expect(story(before, book.task())).toEqual(["task-noted cyd 0"]);
});

function story(before: Task | undefined, after: Task): string[] {
  return diffTask(before, after).map(({ kind, agent, attempt }) => `${kind} ${agent} ${attempt}`);
}
