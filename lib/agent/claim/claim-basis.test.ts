// What a worker has read when it claims, what of it changes under its hands, and what is handed to it.

import { describe, expect, test } from "@jest/globals";
import {
  createWorld,
  rawRecords,
  type Seat,
  type World,
} from "../../../property-tests/kit/world.ts";
import { formatRef, type TaskId } from "../../core/record.ts";
import type { StaleInput } from "../../core/stale.ts";
import type { Task } from "../../core/task.ts";
import { getTask } from "../../replica/snapshot.ts";
import type { Claim } from "./claim.ts";

interface Scene {
  readonly world: World;
  readonly ann: Seat;
  readonly ben: Seat;
  readonly need: TaskId;
  readonly task: TaskId;
  /** Ben's. */
  readonly claim: Claim;
  /** What Ben was told. */
  readonly told: (readonly StaleInput[])[];
}

const view = ({ board }: Seat, task: TaskId): Task => getTask(board.snapshot(), task) as Task;
const text: StaleInput = { kind: "text" };

async function finish(world: World, { agent }: Seat, task: TaskId, result: unknown): Promise<void> {
  await (await world.claim(agent, task)).complete(result);
  await world.clock.advanceAsync(10);
}

/** Ben works on a task that needs another, which is done. */
async function openScene(): Promise<Scene> {
  const world = createWorld();
  const [ann, ben] = [await world.join("ann"), await world.join("ben")];
  const need = await ann.agent.add({ title: "need" });
  const task = await ann.agent.add({ title: "task", needs: [need] });
  await finish(world, ann, need, "first");
  const claim = await world.claim(ben.agent, task);
  const told: (readonly StaleInput[])[] = [];
  claim.watchStale((stale) => told.push(stale));
  return { world, ann, ben, need, task, claim, told };
}

/** Lets the need be done anew. */
async function redo({ world, ann, need }: Scene, result: unknown): Promise<void> {
  await ann.agent.reopen(need);
  await finish(world, ann, need, result);
}

describe("staleness", () => {
  test("[Y1] a claim carries which edit of the text and which results its agent had read, and a result carries it on", async () => {
    const { world, ann, ben, need, task, claim } = await openScene();
    const completion = view(ann, need).completion;
    if (completion === null) throw new Error("not done");
    const basis = { inputs: [formatRef(completion)] };
    await world.clock.advanceAsync(10);
    expect(view(ann, task).winner?.basis).toEqual(basis);

    await claim.complete("done");
    await world.clock.advanceAsync(10);
    expect(view(ann, task).completion?.basis).toEqual(basis);
    await ann.agent.reopen(task);
    await ann.agent.edit(task, { title: "edited" });
    await world.clock.advanceAsync(10);
    await world.claim(ben.agent, task);

    const edit = rawRecords(ann.board.doc).findIndex(({ kind }) => kind === "edited");
    expect(edit).toBeGreaterThan(0);
    expect(view(ben, task).winner?.basis).toEqual({
      ...basis,
      text: formatRef(view(ben, task).thread.text ?? { agent: ann.agent.id, n: 0 }),
    });
  });

  test("[Y1] who has read nothing but the task as first added carries nothing", async () => {
    const world = createWorld();
    const ann = await world.join("ann");
    const task = await ann.agent.add({ title: "task" });

    await world.claim(ann.agent, task);

    expect(view(ann, task).winner).not.toHaveProperty("basis");
  });

  test("[Y2] the worker is told of each edit of the text, also of a second one", async () => {
    const { world, ann, task, claim, told } = await openScene();

    await ann.agent.edit(task, { body: "more" });
    await world.clock.advanceAsync(10);
    expect(told).toEqual([[text]]);
    await ann.agent.edit(task, { priority: 3 });
    await ann.agent.note(task, "no edit of the text");
    await world.clock.advanceAsync(10);
    expect(told).toEqual([[text]]);
    await ann.agent.edit(task, { body: "still more" });
    await world.clock.advanceAsync(10);

    expect(told).toEqual([[text], [text]]);
    expect(claim.stale).toEqual([text]);
  });

  test("[Y2] the worker is told when a result that it read is reopened, and when another comes", async () => {
    const scene = await openScene();
    const { world, ann, need, claim, told } = scene;
    const stale = [{ kind: "need", task: need }];

    await ann.agent.reopen(need);
    await world.clock.advanceAsync(10);
    expect(told).toEqual([stale]);
    await finish(world, ann, need, "second");

    expect(told).toEqual([stale, stale]);
    expect(claim.stale).toEqual(stale);
    expect(claim.inputs).toEqual([{ task: need, title: "need", result: "second" }]);
  });

  test("[Y2][D8] the worker is told of the result of a child that was added under its hands", async () => {
    const { world, ann, task, claim, told } = await openScene();
    const child = await ann.agent.add({ title: "child", parent: task });
    await world.clock.advanceAsync(10);
    expect(told).toEqual([]);

    await finish(world, ann, child, "of the child");

    expect(told).toEqual([[{ kind: "need", task: child }]]);
    expect(claim.inputs.map(({ result }) => result)).toEqual(["first", "of the child"]);
  });

  test("[Y2] who watches no more is told no more, and neither is whose claim is over", async () => {
    const { world, ann, task, claim, told } = await openScene();
    const more: unknown[] = [];
    const stop = claim.watchStale((stale) => more.push(stale));
    stop();
    await ann.agent.edit(task, { body: "1" });
    await world.clock.advanceAsync(10);
    await claim.complete();
    await ann.agent.edit(task, { body: "2" });
    await world.clock.advanceAsync(10);

    expect(more).toEqual([]);
    expect(told).toEqual([[text]]);
  });

  test("[Y2][P7] a listener that throws stops neither the others nor the board", async () => {
    const { world, ann, ben, task, claim, told } = await openScene();
    const other = await world.claim(ben.agent, await ben.agent.add({ title: "other" }));
    claim.watchStale(() => {
      throw new Error("a listener's own fault");
    });
    claim.watchStale((stale) => told.push(stale));
    const kinds: string[] = [];
    ben.board.watch(({ events }) => kinds.push(...events.map(({ kind }) => kind)));
    await world.clock.advanceAsync(10);

    await ann.agent.edit(task, { body: "more" });
    await ann.agent.cancel(other.task.id);
    await expect(world.clock.advanceAsync(10)).rejects.toThrow("a listener's own fault");
    await world.clock.advanceAsync(10);

    expect(told).toEqual([[text], [text]]);
    expect(other.signal.reason).toBe("canceled");
    expect(kinds).toContain("task-canceled");
  });

  test("[Y3] a result based on what has changed is marked so", async () => {
    const scene = await openScene();
    const { world, ann, need, task, claim } = scene;
    await redo(scene, "second");

    const outcome = await claim.complete("old");
    await world.clock.advanceAsync(10);

    expect(outcome).toMatchObject({
      ok: true,
      accepted: true,
      stale: [{ kind: "need", task: need }],
    });
    expect(ann.board.explain(task).summary).toContain(`based on a stale result of ${need}`);
  });

  test("[Y3] at the call the worker may refuse to hand a stale result in, and read anew first", async () => {
    const scene = await openScene();
    const { world, ann, need, task, claim, told } = scene;
    await redo(scene, "second");
    await ann.agent.edit(task, { body: "more" });
    await world.clock.advanceAsync(10);

    expect(await claim.complete("old", { ifStale: "refuse" })).toEqual({
      ok: false,
      reason: "stale",
      stale: [text, { kind: "need", task: need }],
    });
    expect(claim.refresh()).toMatchObject({ body: "more" });
    expect(claim.stale).toEqual([]);
    told.length = 0;
    expect(await claim.complete("new", { ifStale: "refuse" })).toMatchObject({
      ok: true,
      accepted: true,
      stale: [],
    });
    await world.clock.advanceAsync(10);

    expect(told).toEqual([]);
    expect(view(ann, task).completion?.basis).toEqual({
      text: formatRef(view(ann, task).thread.text ?? { agent: ann.agent.id, n: 0 }),
      inputs: [formatRef(view(ann, need).completion ?? { agent: ann.agent.id, n: 0 })],
    });
    expect(ann.board.explain(task).summary).not.toContain("stale");
  });

  test("[Y2] after reading anew the worker is told of what changes then", async () => {
    const scene = await openScene();
    const { world, ann, task, claim, told } = scene;
    await ann.agent.edit(task, { body: "1" });
    await world.clock.advanceAsync(10);
    claim.refresh();
    await ann.agent.note(task, "nothing");
    await world.clock.advanceAsync(10);
    expect(told).toHaveLength(1);

    await ann.agent.edit(task, { body: "2" });
    await world.clock.advanceAsync(10);

    expect(told).toEqual([[text], [text]]);
  });
});

describe("inputs", () => {
  test.each(["relay", "mesh"] as const)(
    "[D8][D9] on a %s a task waits for its children as for its needs, and its worker is handed all their results",
    async (topology) => {
      const world = createWorld({ topology });
      const [ann, ben] = [await world.join("ann"), await world.join("ben")];
      const need = await ann.agent.add({ title: "need" });
      const parent = await ann.agent.add({ title: "parent", needs: [need] });
      const [one, two] = (await ann.agent.add([
        { title: "one", parent },
        { title: "two", parent },
      ])) as [TaskId, TaskId];
      await world.clock.advanceAsync(300);
      await finish(world, ann, need, "n");
      await finish(world, ann, one, { deep: [1] });
      await world.clock.advanceAsync(300);
      expect(await ben.agent.claim(parent)).toMatchObject({ reason: "blocked", by: two });
      expect(view(ben, parent).thread.children).toEqual([one, two]);

      await finish(world, ann, two, "x".repeat(40_000));
      await world.clock.advanceAsync(300);
      const claim = await world.claim(ben.agent, parent);

      expect(claim.inputs).toEqual([
        { task: need, title: "need", result: "n" },
        { task: one, title: "one", result: { deep: [1] } },
        { task: two, title: "two", result: "x".repeat(40_000) },
      ]);
      expect(view(ben, one).parent).toBe(parent);
    },
  );

  test("[D8][B4] work does the children first, and then their parent with their results", async () => {
    const world = createWorld();
    const ann = await world.join("ann");
    const parent = await ann.agent.add({ title: "sum" });
    await ann.agent.add([1, 2, 3].map((n) => ({ title: `${n}`, parent })));
    const stop = new AbortController();
    const work = ann.agent.work(
      ({ task, inputs }) =>
        task.id === parent
          ? inputs.reduce((sum, { result }) => sum + Number(result), 0)
          : Number(task.title),
      { signal: stop.signal },
    );

    await world.clock.settle(() => view(ann, parent).state === "completed");
    stop.abort();
    await world.until(work);

    expect(view(ann, parent).completion?.result).toBe(6);
  });

  test("[D10] a reopened need blocks again", async () => {
    const scene = await openScene();
    const { world, ann, ben, need, task, claim } = scene;
    await claim.release();
    await ann.agent.reopen(need);
    await world.clock.advanceAsync(10);

    expect(await ben.agent.claim(task)).toMatchObject({ reason: "blocked", by: need });
    await finish(world, ann, need, "second");

    expect((await world.claim(ben.agent, task)).inputs).toMatchObject([{ result: "second" }]);
  });
});
