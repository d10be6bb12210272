import { expect, test } from "@jest/globals";
import { openLogBook, TASK } from "../../property-tests/kit/log-book.ts";
import { blockingNeed, createReadySet, findCycle, type ReadySet, whyUnready } from "./ready.ts";
import type { TaskId } from "./record.ts";
import type { Task } from "./task.ts";

test("[D1] a task without needs is ready until somebody claims it", () => {
  const book = openLogBook();
  book.add("ana");
  const reasons = [reasonOf(book.task())];
  const claim = book.claim("ana", { guarantee: "settled" });
  reasons.push(reasonOf(book.task()));
  book.confirm(claim);
  reasons.push(reasonOf(book.task()));
  book.release(claim);
  reasons.push(reasonOf(book.task()));
  book.complete(book.claim("ana", { attempt: 2 }), "done");
  reasons.push(reasonOf(book.task()));

  expect(reasons).toEqual([null, "claimed", "claimed", null, "ended"]);
});

test("[D1] a task is blocked until all that it needs is known and completed", () => {
  const board = boardOf({ a: [], c: ["a", "b"] });
  const blockers = [board.blocker("c")];
  board.set("a", { state: "completed" });
  blockers.push(board.blocker("c"));
  board.set("b", { state: "failed" });
  blockers.push(board.blocker("c"));
  board.set("b", { state: "completed" });
  blockers.push(board.blocker("c"));

  expect(blockers).toEqual(["a", "b", "b", null]);
  expect(whyUnready(board.get("c"), board.lookup)).toBeNull();
});

test("[D1] a task whose result is in review, or that waits after a failure, is not ready", () => {
  const book = openLogBook();
  book.add("ana", { review: { by: { agent: "eve" } } });
  const result = book.complete(book.claim("bob"), "short");
  const reasons = [reasonOf(book.task())];
  book.sendBack("eve", result);
  reasons.push(reasonOf(book.task()));
  const claim = book.claim("bob", { attempt: 2 });
  book.failForNow(claim);
  reasons.push(reasonOf(book.task()));
  book.write("ana", { kind: "waited", attempt: 3 });
  reasons.push(reasonOf(book.task()));
  book.cancel("ana");
  reasons.push(reasonOf(book.task()));
  book.reopen("ana");
  reasons.push(reasonOf(book.task()));

  expect(reasons).toEqual(["in-review", null, "delayed", null, "ended", null]);
});

test("[D1] while a rival of a failed claim stands the task is claimed, not delayed", () => {
  const book = openLogBook();
  book.add("ana");
  book.claim("cyd");
  book.failForNow(book.claim("bob"));

  expect(reasonOf(book.task())).toBe("claimed");
});

test("[D7] a task waits for a need that ended without a result, and names it before all others", () => {
  const board = boardOf({ a: [], b: [], c: ["a", "b"] });
  const blockers = (["canceled", "rejected", "failed", "working"] as const).map((state) => {
    board.set("b", { state });
    return whyUnready(board.get("c"), board.lookup);
  });

  const lost = { reason: "blocked", by: "b", isLost: true };

  expect(blockers).toEqual([lost, lost, lost, { reason: "blocked", by: "a", isLost: false }]);
});

test("[D7] a task that is to ignore failed needs waits for their end, and goes on without their results", () => {
  const board = boardOf({ a: [], b: [], c: ["a", "b"] });
  board.set("c", { policy: { ifNeedFails: "ignore" } });
  board.set("a", { state: "failed" });
  const blockers = [board.blocker("c")];
  board.set("b", { state: "canceled" });
  blockers.push(board.blocker("c"));
  board.set("a", { state: "submitted" });
  blockers.push(board.blocker("c"));

  expect(blockers).toEqual(["b", null, "a"]);
});

test("[D8] a task waits for its children as for its needs", () => {
  const { ready, board } = readyBoard({ a: ["x"], b: [], x: [] });
  board.beget("a", ["b"]);
  ready.update(board.get("a"));
  const steps = [idsOf(ready)];
  for (const id of ["x", "b"]) {
    board.set(id, { state: "completed" });
    ready.update(board.get(id));
    steps.push(idsOf(ready));
  }

  expect(steps).toEqual([["b", "x"], ["b"], ["a"]]);
});

test("[D8] a child added more than once is one child, and no task is a child of its own", () => {
  const book = openLogBook();
  book.add("ana", { parent: TASK });
  book.addChild("bob", "child");
  book.addChild("cyd", "child");
  const task = book.task();

  expect(task).toMatchObject({ parent: TASK, thread: { children: ["child"] } });
  expect(blockingNeed(task, (id) => (id === TASK ? task : undefined))).toBe("child");
});

test("[D10] a reopened need blocks again, until it is completed again", () => {
  const { ready, board } = readyBoard({ a: [], b: ["a"] });
  const steps: string[][] = [];
  for (const state of ["completed", "submitted", "completed"] as const) {
    board.set("a", { state });
    ready.update(board.get("a"));
    steps.push(idsOf(ready));
  }

  expect(steps).toEqual([["b"], ["a"], ["b"]]);
});

test("[D10] a cycle of needs and children is broken at its first task, and again when it is reopened", () => {
  const { ready, board } = readyBoard({ a: [], b: ["a"] });
  board.beget("a", ["b"]);
  ready.update(board.get("a"));
  const steps = [idsOf(ready)];
  for (const state of ["completed", "submitted"] as const) {
    board.set("a", { state });
    ready.update(board.get("a"));
    steps.push(idsOf(ready));
  }

  expect(board.cycle("b")).toEqual(["a", "b"]);
  expect(steps).toEqual([["a"], ["b"], ["a"]]);
});

test("[D10] a task that goes on without a lost need is in no cycle with it", () => {
  const board = boardOf({ a: ["b"], b: ["a"] });
  board.set("b", { policy: { ifNeedFails: "ignore" } });
  board.set("a", { state: "failed" });

  expect(board.cycle("b")).toEqual([]);
  expect(board.blocker("b")).toBeNull();
});

test("[D2] a cycle is broken at the task that was added first", () => {
  const board = boardOf({ a: ["b"], b: ["c"], c: ["a"] });

  expect(board.cycle("b")).toEqual(["a", "b", "c"]);
  expect(["a", "b", "c"].map(board.blocker)).toEqual([null, "c", "a"]);
});

test("[D2] where a cycle is broken its first task still waits for needs outside the cycle", () => {
  const board = boardOf({ a: ["b", "x"], b: ["a"], x: [] });

  expect(board.blocker("a")).toBe("x");
  board.set("x", { state: "completed" });
  expect(board.blocker("a")).toBeNull();
});

test("[D2] a need that is not known hides no cycle", () => {
  const board = boardOf({ a: ["b", "x"], b: ["a"] });

  expect(board.cycle("a")).toEqual(["a", "b"]);
  expect(board.cycle("b")).toEqual(["a", "b"]);
});

test("[D2] a task that needs itself is a cycle of one", () => {
  const board = boardOf({ a: ["a"] });

  expect(board.cycle("a")).toEqual(["a"]);
  expect(board.blocker("a")).toBeNull();
});

test("[D2] a task that only leads into a cycle is in none", () => {
  const board = boardOf({ a: ["b"], b: ["a"], c: ["a"] });

  expect(board.cycle("c")).toEqual([]);
  expect(board.blocker("c")).toBe("a");
});

test("[D2] tasks added at one Lamport time are ordered by author, position and id", () => {
  const board = boardOf({ d: ["c"], c: ["b"], b: ["a"], a: ["d"] });
  const at = 1;
  const place = (agent: string, n: number): Partial<Task> =>
    ({ added: { at, agent, n } }) as Partial<Task>;
  board.set("d", place("bob", 1));
  board.set("c", place("ana", 2));
  board.set("b", place("ana", 1));
  board.set("a", place("ana", 1));

  expect(board.cycle("a")).toEqual(["a", "b", "c", "d"]);
});

test("[D3] ready tasks come by falling priority, then in the order in which they became ready", () => {
  const { ready, board } = readyBoard({ a: [], b: [], c: [], d: [] });
  for (const [id, priority] of [
    ["b", 2],
    ["c", -1],
    ["d", 2],
  ] as const) {
    board.set(id, { priority });
    ready.update(board.get(id));
  }

  expect(idsOf(ready)).toEqual(["b", "d", "a", "c"]);
});

test("[D3] a ready task keeps its place while it stays ready, and is shown as it is now", () => {
  const { ready, board } = readyBoard({ a: [], b: [] });
  board.set("a", { title: "new" });
  ready.update(board.get("a"));

  expect([...ready]).toEqual([board.get("a"), board.get("b")]);
});

test("[D6] a completion makes ready what waited for it, once", () => {
  const { ready, board } = readyBoard({ a: [], b: ["a"], c: ["a", "b"] });
  const steps = [idsOf(ready)];
  for (const id of ["a", "a", "b"]) {
    board.set(id, { state: "completed" });
    ready.update(board.get(id));
    steps.push(idsOf(ready));
  }

  expect(steps).toEqual([["a"], ["b"], ["b"], ["c"]]);
});

test("[D6] a need that arrives late, or closes a cycle, blocks and unblocks as the board says", () => {
  const { ready, board } = readyBoard({ b: ["a"], c: ["b"] });
  const alone = idsOf(ready);
  board.add("a", ["c"]);
  ready.update(board.get("a"));

  expect(alone).toEqual([]);
  expect(idsOf(ready)).toEqual(["b"]);
});

test("[D6] an edit that opens a cycle blocks the task at which it was broken", () => {
  const { ready, board } = readyBoard({ c: ["a"], a: ["b"], b: ["c"] });
  const broken = idsOf(ready);
  board.set("b", { needs: ["x" as TaskId] });
  ready.update(board.get("b"));

  expect(broken).toEqual(["c"]);
  expect(idsOf(ready)).toEqual([]);
});

test("[D6] a completion that leaves a smaller cycle breaks that one too", () => {
  const { ready, board } = readyBoard({ t: ["d"], d: ["c"], c: ["d", "a"], a: ["t"] });
  const before = idsOf(ready);
  board.set("t", { state: "completed" });
  ready.update(board.get("t"));

  expect(before).toEqual(["t"]);
  expect(idsOf(ready).sort()).toEqual(["a", "d"]);
});

test("[D6] a long chain of tasks does not make each of them look at all the others", () => {
  const needs: Record<string, string[]> = {};
  for (let i = 0; i < 3000; i++) needs[`t${i}`] = i === 0 ? [] : [`t${i - 1}`];
  const board = boardOf(needs);
  let looks = 0;
  const ready = createReadySet((id) => {
    looks++;
    return board.lookup(id);
  });
  for (const id of Object.keys(needs)) ready.update(board.get(id));

  expect(idsOf(ready)).toEqual(["t0"]);
  expect(looks).toBeLessThan(10 * 3000);
});

interface Board {
  readonly lookup: (id: TaskId) => Task | undefined;
  get(id: string): Task;
  add(id: string, needs: readonly string[]): void;
  set(id: string, fields: Partial<Task>): void;
  beget(id: string, children: readonly string[]): void;
  blocker(id: string): string | null;
  cycle(id: string): string[];
}

/** Tasks by id with what they need, added in this order. */
function boardOf(needs: Readonly<Record<string, readonly string[]>>): Board {
  const book = openLogBook();
  book.add("ana");
  const plain = book.task();
  const tasks = new Map<string, Task>();
  const get = (id: string): Task => tasks.get(id) ?? { ...plain, id: id as TaskId };
  const add = (id: string, ids: readonly string[]): void => {
    const added = { ...plain.added, at: tasks.size + 1 };
    tasks.set(id, { ...plain, id: id as TaskId, added, needs: ids as TaskId[] });
  };
  for (const [id, ids] of Object.entries(needs)) add(id, ids);
  const lookup = (id: TaskId): Task | undefined => tasks.get(id);
  return {
    lookup,
    get,
    add,
    set: (id, fields) => tasks.set(id, { ...get(id), ...fields }),
    beget(id, children) {
      const task = get(id);
      tasks.set(id, { ...task, thread: { ...task.thread, children: children as TaskId[] } });
    },
    blocker: (id) => blockingNeed(get(id), lookup),
    cycle: (id) => findCycle(get(id), lookup).map((task) => task.id),
  };
}

function readyBoard(needs: Readonly<Record<string, readonly string[]>>): {
  ready: ReadySet;
  board: Board;
} {
  const board = boardOf(needs);
  const ready = createReadySet(board.lookup);
  for (const id of Object.keys(needs)) ready.update(board.get(id));
  return { ready, board };
}

function idsOf(ready: ReadySet): string[] {
  return [...ready].map((task) => task.id);
}

function reasonOf(task: Task): string | null {
  return whyUnready(task, () => undefined)?.reason ?? null;
}
