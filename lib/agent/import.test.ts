import { expect, test } from "@jest/globals";
import {
  countRecords,
  createWorld,
  rawRecords,
  type Seat,
  type World,
} from "../../property-tests/kit/world.ts";
import { exportTasks, type PortableTask } from "../core/portable.ts";
import type { TaskId } from "../core/record.ts";
import { isLive } from "../core/task.ts";
import { getTask, tasksOf } from "../replica/snapshot.ts";
import { taskIdOfKey } from "./ids.ts";

const all = ["gpu", "legal"];
const exportOf = ({ board }: Seat): readonly PortableTask[] =>
  exportTasks(tasksOf(board.snapshot()));
const bytesOf = (seat: Seat): string => JSON.stringify(exportOf(seat));

/** Compares two exports, by lines that are fit to be shown, and then byte for byte. */
function expectSame(copy: Seat, source: Seat): void {
  const linesOf = (seat: Seat) => exportOf(seat).map((task) => JSON.stringify(task).slice(0, 500));
  expect(linesOf(copy)).toEqual(linesOf(source));
  expect(bytesOf(copy) === bytesOf(source)).toBe(true);
}

/** A seat on a board of its own. */
const seatAt = (world: World, name: string, capabilities: readonly string[] = all): Promise<Seat> =>
  world.join(name, { capabilities }, { board: name });

/** A board on which a task has come to every end, with all that a task may have. */
async function openSource(world: World): Promise<Seat> {
  const seat = await seatAt(world, "source");
  const { agent } = seat;
  const reviewer = await seat.board.join({ name: "reviewer" });
  const claim = async (task: TaskId) => world.claim(agent, task);
  const [plain, , child] = (await agent.add([
    { title: "plain" },
    {
      title: "rich",
      body: "to be done\\nwell",
      key: "rich",
      requires: ["gpu"],
      priority: -3,
      guarantee: "settled",
      maxAttempts: 4,
      retry: { delayMs: 100, factor: 3, maxDelayMs: 1000 },
      timeoutMs: 60_000,
      review: { by: { agent: "reviewer" }, approvals: 1 },
      ifNeedFails: "block",
      resources: ["port:1", "path:src"],
    },
    { title: "child" },
  ])) as [TaskId, TaskId, TaskId];
  await agent.add({ title: "open child", parent: plain, needs: [child], ifNeedFails: "ignore" });
  await agent.edit(child, { title: "child, renamed", requires: ["legal"], priority: 2 });
  await agent.note(plain, "so far");
  await reviewer.note(plain, { kind: "dead-end", text: "not that way" });

  const approved = await agent.add({
    title: "approved",
    guarantee: "settled",
    requires: ["gpu"],
    review: { by: { agent: "reviewer" } },
  });
  await (await claim(approved)).complete({ deep: [{ b: 1, a: "ü" }, null, 0.1] });
  await reviewer.review(approved, { verdict: "approved" });
  const large = await agent.add({ title: "large" });
  await (await claim(large)).complete({ text: "😀".repeat(9000), list: [..."abc"] });
  const nothing = await agent.add({ title: "nothing" });
  await (await claim(nothing)).complete();
  const [canceled, why] = (await agent.add([{ title: "canceled" }, { title: "with why" }])) as [
    TaskId,
    TaskId,
  ];
  await agent.cancel(canceled);
  await agent.cancel(why, "no use");
  const rejected = await agent.add([{ title: "rejected" }, { title: "rejected without a word" }]);
  await (await claim(rejected[0] as TaskId)).reject("not ours");
  await (await claim(rejected[1] as TaskId)).reject("");
  const failed = await agent.add([{ title: "failed" }, { title: "failed, with a long story" }]);
  await (await claim(failed[0] as TaskId)).fail("never", { retryable: false });
  await (await claim(failed[1] as TaskId)).fail("x".repeat(9000), { retryable: false });
  const dead = await agent.add({ title: "dead letter", maxAttempts: 2, retry: { delayMs: 0 } });
  await (await claim(dead)).fail("once");
  await (await claim(dead)).fail("twice");
  await agent.add({ title: "lost its need", needs: [dead], ifNeedFails: "fail" });
  const redriven = await agent.add({ title: "redriven", maxAttempts: 1 });
  await (await claim(redriven)).fail("once");
  await agent.redrive(redriven);
  // expired until it was a dead letter: nobody has said why
  const silent = await agent.add({ title: "silent", maxAttempts: 1 });
  const ghost = await world.join("ghost", {}, { board: "source" });
  await world.claim(ghost.agent, silent);
  await world.clock.advanceAsync(300);
  world.network.crash("ghost");
  await world.clock.advanceAsync(4000);
  return seat;
}

test("[O1] export, import and export again give the same bytes, whatever the tasks have come to", async () => {
  const world = createWorld();
  const source = await openSource(world);
  const first = bytesOf(source);
  const portable = JSON.parse(first) as readonly PortableTask[];
  const copy = await seatAt(world, "copy");

  const outcome = await copy.agent.import(portable);
  await world.clock.advanceAsync(5000);

  expectSame(copy, source);
  expect(outcome).toEqual({ added: portable.map(({ id }) => id), known: [] });
  const ends = portable.map(({ end }) => end?.state ?? "open");
  expect(new Set(ends)).toEqual(new Set(["open", "completed", "canceled", "rejected", "failed"]));
  expect(portable.find(({ title }) => title === "silent")?.end).toEqual({ state: "failed" });
  for (const { id, end } of portable) {
    const task = getTask(copy.board.snapshot(), id);
    expect(task?.state).toBe(getTask(source.board.snapshot(), id)?.state);
    expect(task?.thread.ignored).toEqual([]);
    if (end !== undefined) expect(task?.claims.filter(isLive)).toEqual([]);
  }
  expect(copy.agent.held()).toEqual([]);
});

test("[O1] a copy of the copy by another agent is the same, with the first authors of the notes", async () => {
  const world = createWorld();
  const source = await openSource(world);
  const copy = await seatAt(world, "copy");
  const copyOfCopy = await seatAt(world, "second");

  await copy.agent.import(exportOf(source));
  await copyOfCopy.agent.import(exportOf(copy));

  expectSame(copyOfCopy, source);
  const notes = exportOf(copyOfCopy).find(({ title }) => title === "plain")?.notes;
  expect(notes).toEqual([
    { kind: "progress", text: "so far", by: source.agent.id },
    { kind: "dead-end", text: "not that way", by: expect.stringMatching(/^reviewer~/) },
  ]);
});

test("[O1] what was imported goes on: an open task is done, and its policies hold", async () => {
  const world = createWorld();
  const source = await openSource(world);
  const copy = await seatAt(world, "copy");
  await copy.agent.import(exportOf(source));
  const rich = taskIdOfKey("rich");

  const claim = await world.claim(copy.agent, rich);

  expect(claim.guarantee).toBe("settled");
  expect(claim.task.policy).toEqual(getTask(source.board.snapshot(), rich)?.policy);
  expect(await claim.complete()).toMatchObject({ isInReview: true });
});

test("[O2] what the board knows is not changed, and named as known", async () => {
  const world = createWorld();
  const source = await openSource(world);
  const copy = await seatAt(world, "copy");
  const rich = await copy.agent.add({ title: "mine", key: "rich" });
  const tasks = exportOf(source);

  const outcome = await copy.agent.import(tasks);
  const before = rawRecords(copy.board.doc).length;
  const again = await copy.agent.import(tasks);

  expect(outcome.known).toEqual([rich]);
  expect(outcome.added).toHaveLength(tasks.length - 1);
  expect(getTask(copy.board.snapshot(), rich)).toMatchObject({ title: "mine", policy: {} });
  expect(again).toEqual({ added: [], known: tasks.map(({ id }) => id) });
  expect(rawRecords(copy.board.doc)).toHaveLength(before);
});

test("[O2] of two with one id the first counts", async () => {
  const world = createWorld();
  const copy = await seatAt(world, "copy");
  const id = "twice" as TaskId;

  const outcome = await copy.agent.import([
    { id, title: "first", end: { state: "completed", result: 1 } },
    { id, title: "second", end: { state: "completed", result: 2 } },
  ]);

  expect(outcome).toEqual({ added: [id], known: [id] });
  expect(countRecords(copy.board.doc, "added")).toBe(1);
  expect(getTask(copy.board.snapshot(), id)).toMatchObject({
    title: "first",
    completion: { result: 1 },
    alternates: [],
  });
});

const good: PortableTask = { id: "good" as TaskId, title: "good" };
const nest = (levels: number): unknown => (levels === 0 ? 1 : [nest(levels - 1)]);

test.each([
  ["an id that is not that of its key", { key: "k" }, RangeError],
  [
    "a capability that the importer lacks",
    { requires: ["x"], end: { state: "failed" } },
    RangeError,
  ],
  ["an end that there is not", { end: { state: "finished" } }, RangeError],
  [
    "a result that is too large",
    { end: { state: "completed", result: "x".repeat(2 ** 21) } },
    RangeError,
  ],
  ["a result that is too deep", { end: { state: "completed", result: nest(20) } }, Error],
  ["a result that is no JSON", { end: { state: "completed", result: () => 1 } }, Error],
  ["a resource that is none", { resources: ["nothing"] }, RangeError],
  ["a title that is none", { title: 5 }, Error],
  [
    "a note that is too large",
    { notes: [{ kind: "progress", text: "x".repeat(20_000), by: "a" }] },
    Error,
  ],
])("[O2] an import with %s adds nothing at all", async (_, flaw, kind) => {
  const world = createWorld();
  const copy = await seatAt(world, "copy");
  const before = rawRecords(copy.board.doc).length;
  const ended: PortableTask = {
    id: "ended" as TaskId,
    title: "ended",
    end: { state: "completed", result: 1 },
  };
  const flawed = { id: "flawed", title: "flawed", ...flaw } as unknown as PortableTask;

  await expect(copy.agent.import([good, ended, flawed])).rejects.toThrow(kind);

  expect(rawRecords(copy.board.doc)).toHaveLength(before);
});

test("[O2] a reason that is too long is cut, as it was when it was first given", async () => {
  const world = createWorld();
  const copy = await seatAt(world, "copy");
  const reason = "x".repeat(30_000);

  await copy.agent.import(
    (["failed", "rejected", "canceled"] as const).map((state) => ({
      id: state as string as TaskId,
      title: state,
      end: { state, reason },
    })),
  );

  for (const { end } of exportOf(copy))
    expect(end && "reason" in end ? end.reason : "").toMatch(/^x{2000,}…$/);
});

test("[O2][Q1] an import that would break a quota adds nothing, and many that have ended break no quota of open claims", async () => {
  const world = createWorld();
  const quotas = { openClaims: 1, tasks: 5 };
  const copy = await world.join("copy", {}, { quotas });
  const many = (count: number): PortableTask[] =>
    Array.from({ length: count }, (_, i) => ({
      id: `t${i}` as TaskId,
      title: `${i}`,
      end: { state: "completed", result: i },
    }));
  const before = rawRecords(copy.board.doc).length;

  await expect(copy.agent.import(many(6))).rejects.toEqual(
    expect.objectContaining({ code: "QUOTA_EXCEEDED" }),
  );
  expect(rawRecords(copy.board.doc)).toHaveLength(before);
  await copy.agent.import(many(5));

  expect(copy.board.snapshot().counts.completed).toBe(5);
});

test("[O2] an ended task that requires what its importer cannot do is imported by one who can", async () => {
  const world = createWorld();
  const source = await openSource(world);
  const unable = await seatAt(world, "copy", []);
  const able = await unable.board.join({ name: "able", capabilities: all });

  await expect(unable.agent.import(exportOf(source))).rejects.toThrow("gpu");
  expect(tasksOf(unable.board.snapshot())).toEqual([]);
  await able.import(exportOf(source));
  await world.clock.advanceAsync(1000);

  expectSame(unable, source);
});
