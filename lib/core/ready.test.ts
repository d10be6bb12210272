import { expect, test } from "@jest/globals";
import { openLogBook } from "../../property-tests/log-book.ts";
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
