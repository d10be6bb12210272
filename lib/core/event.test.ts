import { expect, test } from "@jest/globals";
import { openLogBook, TASK } from "../../property-tests/log-book.ts";
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

test("[P2] a cancellation is one event, and a task that opens again is none", () => {
  const book = openLogBook();
  book.add("ana");
  const open = book.task();
  book.write("ana", { kind: "cancelled" });

  expect(story(open, book.task())).toEqual(["task-canceled null 0"]);
  expect(story(book.task(), open)).toEqual([]);
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
