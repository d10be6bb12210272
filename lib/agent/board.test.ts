import { describe, expect, test } from "@jest/globals";
import { encodeStateAsUpdate } from "yjs";
import { createMemoryStorage } from "../../adapters/storage/memory.ts";
import { createMemoryNetwork } from "../../adapters/transport/memory.ts";
import { countRecords, createWorld, rawRecords } from "../../property-tests/kit/world.ts";
import { CoordinationError } from "../core/error.ts";
import type { BoardEvent } from "../core/event.ts";
import type { AgentId, TaskId } from "../core/record.ts";
import { rendezvous } from "../core/rule.ts";
import type { BoardChange } from "../replica/replica.ts";
import { countTasks, getTask, listTasks } from "../replica/snapshot.ts";
import type { BoardStore, Storage } from "../replica/storage.ts";
import type { ReplicaLink, Transport } from "../replica/transport.ts";
import { openBoard } from "./board.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });
const titlesOf = (board: { snapshot(): Parameters<typeof listTasks>[0] }) =>
  listTasks(board.snapshot()).map(({ title }) => title);

/** A transport that shows its link to the test before it connects it. */
function intercept(
  inner: Transport,
  change: (link: ReplicaLink) => Partial<ReplicaLink>,
): Transport {
  return {
    capabilities: inner.capabilities,
    connect: (link) => inner.connect({ ...link, ...change(link) }),
  };
}

describe("reading", () => {
  test("[P5] a late joiner sees what a founder sees", async () => {
    const world = createWorld({ latencyMs: { min: 1, max: 9 } });
    const ann = await world.join("ann");
    const ids = await ann.agent.add(Array.from({ length: 40 }, (_, i) => ({ title: `t${i}` })));
    const claim = await world.claim(ann.agent, ids[3] as TaskId);
    await claim.complete({ a: 1 });
    await ann.agent.cancel(ids[4] as TaskId, "no use");

    const ben = await world.join("ben");
    await world.until(ann.board.sync());

    expect(ben.board.snapshot()).toEqual(ann.board.snapshot());
    expect(countTasks(ben.board.snapshot())).toBe(40);
    expect(ben.board.snapshot().counts).toMatchObject({ completed: 1, canceled: 1, submitted: 38 });
  });

  test("[B9] watching, reading and explaining leave no trace in the document", async () => {
    const world = createWorld();
    const { board, agent } = await world.join("ann");
    const id = await agent.add({ title: "read me" });
    const before = encodeStateAsUpdate(board.doc);

    const stop = board.watch(() => {});
    board.watch(
      (snapshot) => snapshot.counts.submitted,
      () => {},
    );
    const events = board.events();
    board.explain(id);
    getTask(board.snapshot(), id);
    listTasks(board.snapshot());
    await world.until(board.sync());
    await world.clock.advanceAsync(5000);
    stop();
    await events.return?.();

    expect(encodeStateAsUpdate(board.doc)).toEqual(before);
    expect([...board.doc.share.keys()]).toEqual([`log/${agent.id}/0`]);
  });

  test("[B6] watch with a selector calls back only when the selected value changes", async () => {
    const world = createWorld();
    const { board, agent } = await world.join("ann");
    const seen: (readonly [number, number])[] = [];
    const stop = board.watch(
      (snapshot) => snapshot.counts.completed,
      (value, previous) => seen.push([value, previous]),
    );

    const [one, two] = (await agent.add([{ title: "one" }, { title: "two" }])) as [TaskId, TaskId];
    await world.clock.advanceAsync(10);
    expect(seen).toEqual([]);
    await (await world.claim(agent, one)).complete();
    await agent.note(two, "hm");
    await world.clock.advanceAsync(10);
    expect(seen).toEqual([[1, 0]]);
    stop();
    await (await world.claim(agent, two)).complete();
    await world.clock.advanceAsync(10);

    expect(seen).toEqual([[1, 0]]);
  });

  test("[B6] what happened before the call, in the same turn, is no change of the selected value", async () => {
    const world = createWorld();
    const { board, agent } = await world.join("ann");
    await agent.add({ title: "one" });
    const seen: number[] = [];

    board.watch(
      (snapshot) => snapshot.counts.submitted,
      (value) => seen.push(value),
    );
    await world.clock.advanceAsync(10);

    expect(seen).toEqual([]);
  });

  test("[P7] a listener that throws stops neither the others nor the board", async () => {
    const world = createWorld();
    const { board, agent } = await world.join("ann");
    const stop = board.watch(() => {
      throw new Error("a listener's own fault");
    });
    const changes: BoardChange[] = [];
    board.watch((change) => changes.push(change));
    const id = await agent.add({ title: "task" });

    await expect(world.clock.advanceAsync(0)).rejects.toThrow("a listener's own fault");
    stop();
    const claim = await world.claim(agent, id);

    expect(claim.signal.aborted).toBe(false);
    expect(changes.length).toBeGreaterThan(1);
  });

  test("[B5] events miss nothing from the call on, and end with the board", async () => {
    const world = createWorld();
    const ann = await world.join("ann");
    const ben = await world.join("ben");
    await ann.agent.add({ title: "before" });
    await world.clock.advanceAsync(1);
    const [all, completions] = [
      ben.board.events(),
      ben.board.events((e) => e.kind === "task-completed"),
    ];
    const id = await ann.agent.add({ title: "after" });
    const claim = await world.claim(ann.agent, id);
    await claim.complete("done");
    await world.until(ann.board.sync());
    await world.until(ben.board.close());

    const seen: BoardEvent[] = [];
    for await (const event of all) seen.push(event);
    const completed: BoardEvent[] = [];
    for await (const event of completions) completed.push(event);

    expect(seen.filter(({ task }) => task === id).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["task-added", "task-claimed", "winner-changed", "task-completed"]),
    );
    expect(new Set(seen.map(({ task }) => task).filter((task) => task !== null))).toEqual(
      new Set([id]),
    );
    expect(completed).toEqual([
      { kind: "task-completed", task: id, agent: ann.agent.id, attempt: 1 },
    ]);
  });

  test("[R7] what a hostile replica writes is set aside, reported, and harms nobody", async () => {
    const world = createWorld();
    const ann = await world.join("ann");
    const ben = await world.join("ben");
    const id = await ann.agent.add({ title: "ours" });
    const reasons: string[] = [];
    ben.board.watch(({ events }) => {
      for (const event of events) if (event.kind === "record-rejected") reasons.push(event.reason);
    });
    const stranger = world.openStranger("mallory");
    await world.clock.advanceAsync(10);
    const write = (name: string, values: readonly unknown[]) =>
      stranger.getArray(`log/${name}/0`).push([...values]);
    const joined = {
      n: 0,
      at: 1,
      kind: "joined",
      v: 1,
      name: "m",
      capabilities: [],
      rule: "earliest@1",
      leaseMs: 1,
    };
    write("mallory~00000000", [
      joined,
      { n: 1, at: 1, kind: "cancelled", task: id },
      { n: 9, at: 9, kind: "cancelled", task: id },
      { n: 3, at: 10, kind: "cancelled", task: id, reason: Number.NaN },
      { n: 4, at: 10, kind: new Date(0) },
      { n: 5, at: 11, kind: "claimed", task: id, attempt: 0 },
      { n: 6, at: 12, kind: "noted", task: id, text: "a good one" },
    ]);
    write("stranger~00000000", [{ n: 0, at: 1, kind: "cancelled", task: id }]);
    world.network.createTransport("x");

    await world.clock.advanceAsync(100);
    const claim = await world.claim(ben.agent, id);
    await claim.complete();
    await world.until(ben.board.sync());

    expect(reasons).toHaveLength(6);
    expect(getTask(ann.board.snapshot(), id)).toMatchObject({
      state: "completed",
      notes: [{ agent: "mallory~00000000", text: "a good one" }],
    });
    expect(ann.board.snapshot()).toEqual(ben.board.snapshot());
  });

  test("[P6] after a gap the transport is asked to exchange state anew, until nothing is missing", async () => {
    const world = createWorld();
    const ann = await world.join("ann");
    let isDeaf = false;
    const transport = intercept(world.network.createTransport("ben"), (link) => ({
      receive: (updates, origin) => {
        if (!isDeaf) link.receive(updates, origin);
      },
    }));
    const board = await world.open("ben", { transport });
    await world.until(board.sync());
    const addOneUnheard = async (missed: string, heard: string) => {
      isDeaf = true;
      await ann.agent.add({ title: missed });
      await world.clock.advanceAsync(1);
      isDeaf = false;
      await ann.agent.add({ title: heard });
      await world.clock.advanceAsync(1);
    };

    await addOneUnheard("one", "two");
    expect(titlesOf(board)).toEqual(["one", "two"]);
    await addOneUnheard("three", "four");
    await world.clock.advanceAsync(2000);

    expect(titlesOf(board)).toEqual(["one", "two", "three", "four"]);
    const { sent } = world.network.stats;
    await world.clock.advanceAsync(10_000);
    expect(world.network.stats.sent - sent).toBeLessThan(250); // heartbeats alone
  });
});

describe("agents", () => {
  test("[B1] two agents of one name have two ids and two claims", async () => {
    const world = createWorld({ latencyMs: { min: 5, max: 5 } });
    const one = await world.join("twin");
    const two = await world.join("other", { name: "twin" });
    const id = await one.agent.add({ title: "contested" });
    await world.until(one.board.sync());

    const outcomes = await world.until(Promise.all([one.agent.claim(id), two.agent.claim(id)]));

    expect(one.agent.id).not.toBe(two.agent.id);
    expect([one.agent.name, two.agent.name]).toEqual(["twin", "twin"]);
    expect(one.agent.id).toMatch(/^twin~[0-9a-v]{8}$/);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(
      getTask(one.board.snapshot(), id)
        ?.claims.map(({ agent }) => agent)
        .toSorted(),
    ).toEqual([one.agent.id, two.agent.id].toSorted());
  });

  test("[B1] many agents join one board of one process, each under a name of any script", async () => {
    const world = createWorld();
    const ann = await world.join("ann");
    const names = ["Ünal", "😀".repeat(32), "a#b"];
    for (const name of names) {
      const agent = await ann.board.join({ name });
      await agent.add({ title: `from ${name}` });
    }
    await world.until(ann.board.sync());

    const ben = await world.join("ben");

    expect(titlesOf(ben.board)).toEqual(names.map((name) => `from ${name}`));
  });

  test.each(["", "a b", "a/b", "a:b", "a~b", "x".repeat(33), "\ud800"])(
    "[B1] the agent name %j is refused",
    async (name) => {
      const { board } = await createWorld().join("ann");

      await expect(board.join({ name })).rejects.toThrow(RangeError);
    },
  );

  test.each([0, 499, 86_400_001, 750.5, Number.NaN])(
    "[L1] a lease of %p ms is refused",
    async (leaseMs) => {
      const { board } = await createWorld().join("ann");

      await expect(board.join({ name: "ben", leaseMs })).rejects.toThrow(RangeError);
    },
  );

  test("[B2] a task added twice with one key is one task, on one replica and on many", async () => {
    const world = createWorld({ topology: "mesh" });
    const [ann, ben] = [await world.join("ann"), await world.join("ben")];
    world.network.partition([["ann"], ["ben"]]);
    const [one, same, two] = await ann.agent.add([
      { title: "a", key: "k" },
      { title: "b", key: "k" },
      { title: "c", key: "other" },
    ]);
    const there = await ben.agent.add({ title: "d", key: "k" });
    const before = encodeStateAsUpdate(ann.board.doc);
    const again = await ann.agent.add({ title: "e", key: "k" });
    expect(encodeStateAsUpdate(ann.board.doc)).toEqual(before);
    world.network.heal();
    await world.clock.advanceAsync(900);

    expect([same, there, again]).toEqual([one, one, one]);
    expect(two).not.toBe(one);
    expect(countRecords(ann.board.doc, "added")).toBe(3);
    expect(countTasks(ann.board.snapshot())).toBe(2);
    expect(ben.board.snapshot()).toEqual(ann.board.snapshot());
  });

  test("[B2] tasks without a key are different tasks", async () => {
    const { board, agent } = await createWorld().join("ann");

    const ids = await agent.add([{ title: "same" }, { title: "same" }]);

    expect(new Set(ids).size).toBe(2);
    expect(await agent.add([])).toEqual([]);
    expect(countTasks(board.snapshot())).toBe(2);
  });

  test("[B8] what a caller hands over is copied, and stays theirs", async () => {
    const { board, agent } = await createWorld().join("ann");
    const task = { title: "task", needs: [] as TaskId[], requires: ["x"], body: undefined };
    const capabilities = ["x"];
    const ben = await board.join({ name: "ben", capabilities });
    const id = await agent.add(task as never);
    const outcome = await ben.claim(id, { guarantee: "optimistic" });
    const result = { list: [1] };
    if (outcome.ok) await outcome.claim.complete(result);

    task.title = "changed";
    task.requires.push("y");
    task.needs.push(id);
    capabilities.push("z");
    result.list.push(2);

    expect(getTask(board.snapshot(), id)).toMatchObject({
      title: "task",
      requires: ["x"],
      needs: [],
      completion: { result: { list: [1] } },
    });
    expect(ben.capabilities).toEqual(["x"]);
    expect(board.snapshot().agents[ben.id]?.capabilities).toEqual(["x"]);
  });

  test("[B8] fields of a task cannot pass for those of its record", async () => {
    const { board, agent } = await createWorld().join("ann");

    const id = await agent.add({ title: "x", kind: "left", task: "else", n: 7, at: 1 } as never);
    await agent.edit(id, { title: "y", kind: "left", task: "else" } as never);

    expect(listTasks(board.snapshot())).toMatchObject([{ id, title: "y" }]);
  });

  test("[B8] what is no plain JSON is refused by its place, and nothing is written", async () => {
    const { board, agent } = await createWorld().join("ann");

    await expect(agent.add({ title: "a", when: new Date() } as never)).rejects.toThrow("task.when");
    await expect(agent.add({ title: 5 } as never)).rejects.toEqual(code("RECORD_INVALID"));
    await expect(agent.add({ title: "x".repeat(20_000) })).rejects.toEqual(
      code("RECORD_TOO_LARGE"),
    );

    expect(countTasks(board.snapshot())).toBe(0);
  });

  test("[R5] edit, cancel and note say what they were told", async () => {
    const { board, agent } = await createWorld().join("ann");
    const id = await agent.add({ title: "a", priority: 1, body: "b" });

    await agent.edit(id, { title: "c", body: undefined } as never);
    await agent.note(id, "n1");
    await agent.note(id, "n2");
    await agent.cancel(id);
    const other = await agent.add({ title: "d" });
    await agent.cancel(other, "why");

    expect(getTask(board.snapshot(), id)).toMatchObject({
      title: "c",
      body: "b",
      priority: 1,
      state: "canceled",
      thread: { cancelReason: null },
      notes: [{ text: "n1" }, { text: "n2" }],
    });
    expect(getTask(board.snapshot(), other)?.thread.cancelReason).toBe("why");
  });

  test("[B3] an agent that leaves gives back its claims, and every later call is refused", async () => {
    const world = createWorld();
    const { board, agent } = await world.join("ann");
    const ben = await world.join("ben");
    const id = await agent.add({ title: "task" });
    const claim = await world.claim(agent, id);

    await agent.leave();
    await agent.leave();
    await world.until(board.sync());

    expect(claim.signal.reason).toBe("closed");
    for (const call of [
      () => agent.add({ title: "x" }),
      () => agent.claim(id),
      () => agent.work(() => {}),
      () => agent.edit(id, { title: "x" }),
      () => agent.cancel(id),
      () => agent.note(id, "x"),
    ])
      await expect(call()).rejects.toEqual(code("AGENT_LEFT"));
    expect(getTask(ben.board.snapshot(), id)?.claims).toMatchObject([{ status: "released" }]);
    expect(ben.board.snapshot().agents[agent.id]?.hasLeft).toBe(true);
    expect(countRecords(board.doc, "left")).toBe(1);
    expect((await world.claim(ben.agent, id)).attempt).toBe(2);
  });

  test("[B3] a claim that still waits when its agent leaves is given up before", async () => {
    const world = createWorld({ latencyMs: { min: 50, max: 50 } });
    const { board, agent } = await world.join("ann");
    const id = await agent.add({ title: "task" });
    await world.until(board.sync());
    const pending = agent.claim(id);
    await world.clock.advanceAsync(10);

    await agent.leave();
    const outcome = await world.until(pending);
    await world.clock.advanceAsync(500);

    expect(outcome).toEqual({ ok: false, reason: "aborted" });
    expect(rawRecords(board.doc).map(({ kind }) => kind)).toEqual([
      "joined",
      "added",
      "claimed",
      "yielded",
      "left",
    ]);
  });

  test("[B3] tasks that the board does not know are refused by name", async () => {
    const { board, agent } = await createWorld().join("ann");
    const unknown = "nowhere" as TaskId;

    for (const call of [
      () => agent.claim(unknown),
      () => agent.edit(unknown, {}),
      () => agent.cancel(unknown),
      () => agent.note(unknown, "x"),
    ])
      await expect(call()).rejects.toEqual(code("TASK_UNKNOWN"));
    expect(() => board.explain(unknown)).toThrow(code("TASK_UNKNOWN"));
  });
});

describe("rules", () => {
  test("[U5] an agent that plays by another rule does not join, and is told both", async () => {
    const world = createWorld();
    const storage = createMemoryStorage();
    const ann = await world.join("ann", {}, { storage });
    await world.until(ann.board.close());

    const board = await world.open("ben", { storage, rule: rendezvous });

    await expect(board.join({ name: "ben" })).rejects.toEqual(
      expect.objectContaining({
        code: "RULE_MISMATCH",
        message: expect.stringMatching(/earliest@1.*rendezvous@1/),
      }),
    );
    expect(board.rule).toBe("rendezvous@1");
  });

  test.each(["relay", "mesh"] as const)(
    "[U5] on a %s, replicas of different rules share nothing and say so",
    async (topology) => {
      const world = createWorld({ topology });
      const ann = await world.join("ann");
      await ann.agent.add({ title: "task" });
      await world.clock.advanceAsync(10);

      const board = await world.open("ben", { rule: rendezvous });
      await world.clock.advanceAsync(1000);

      expect(countTasks(board.snapshot())).toBe(0);
      expect(world.faults).toContainEqual(
        expect.objectContaining({
          code: "RULE_MISMATCH",
          message: expect.stringMatching(/earliest@1.*rendezvous@1|rendezvous@1.*earliest@1/),
        }),
      );
    },
  );
});

/** A store that can be slow or fail, and really keeps what it acknowledges. */
function createBrittleStorage() {
  const inner = createMemoryStorage();
  const state = { isBroken: false, isSlow: false, compactions: 0 };
  const waiting: (() => void)[] = [];
  const storage: Storage = {
    async open(board) {
      const store = await inner.open(board);
      const brittle: BoardStore = {
        id: store.id,
        load: () => store.load(),
        async append(update) {
          if (state.isSlow) await new Promise<void>((resolve) => waiting.push(resolve));
          if (state.isBroken)
            throw new CoordinationError("STORAGE_FAILED", "The disk is full.", {
              details: { board },
            });
          await store.append(update);
        },
        async compact() {
          state.compactions++;
          await store.compact();
        },
        close: () => store.close(),
      };
      return brittle;
    },
  };
  const flush = (): void => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  return { storage, state, flush };
}

describe("storage", () => {
  test("[P5][B11] what was stored gives the same snapshot when opened again", async () => {
    const world = createWorld();
    const storage = createMemoryStorage();
    const ann = await world.join("ann", {}, { storage });
    const ids = await ann.agent.add([{ title: "one" }, { title: "two" }]);
    await (await world.claim(ann.agent, ids[0] as TaskId)).complete({ deep: ["result"] });
    const held = await world.claim(ann.agent, ids[1] as TaskId);
    const before = ann.board.snapshot();
    world.network.crash("ann");

    const again = await world.open("again", { storage });

    expect(again.snapshot()).toEqual(before);
    expect(held.signal.aborted).toBe(false);
    expect(again.doc.clientID).not.toBe(ann.board.doc.clientID);
  });

  test("[L2][B11] a claim that was stored and whose holder is dead is expired too", async () => {
    const world = createWorld();
    const storage = createMemoryStorage();
    const ann = await world.join("ann", {}, { storage });
    const id = await ann.agent.add({ title: "task" });
    await world.claim(ann.agent, id);
    world.network.crash("ann");
    const other = createWorld({ seed: 2 });
    const again = await other.join("again", {}, { storage });
    expect(await other.until(again.agent.claim(id))).toMatchObject({ ok: false, reason: "held" });

    await other.clock.advanceAsync(2500);

    expect(await other.claim(again.agent, id)).toMatchObject({ attempt: 2 });
  });

  test("[B11] every promise waits until what was written is durable", async () => {
    const world = createWorld();
    const { storage, state, flush } = createBrittleStorage();
    const { board, agent } = await world.join("ann", {}, { storage });
    const id = await agent.add({ title: "task" });
    const other = await agent.add({ title: "other" });
    const [first, second] = [await world.claim(agent, id), await world.claim(agent, other)];
    const third = await agent.add({ title: "third" });
    const fourth = await agent.add({ title: "fourth" });
    state.isSlow = true;

    const calls: readonly (readonly [string, () => Promise<unknown>])[] = [
      ["add", () => agent.add({ title: "x" })],
      ["edit", () => agent.edit(id, { title: "y" })],
      ["note", () => agent.note(id, "z")],
      ["claim", () => agent.claim(third, { guarantee: "optimistic" })],
      ["claim settled", () => agent.claim(fourth)],
      ["complete", () => first.complete()],
      ["release", () => second.release()],
      ["join", () => board.join({ name: "ben" })],
      ["sync", () => Promise.all([agent.add({ title: "w" }), board.sync()])],
      ["cancel", () => agent.cancel(other)],
      ["leave", () => agent.leave()],
    ];
    for (const [what, call] of calls) {
      let isDone = false;
      const promise = call().then(() => {
        isDone = true;
      });
      await world.clock.advanceAsync(100);
      expect([what, isDone]).toEqual([what, false]);
      flush();
      await world.clock.advanceAsync(100);
      flush();
      await world.until(promise);
    }
  });

  test("[B11] a store's failure reaches every caller, and the board can still be closed", async () => {
    const world = createWorld();
    const { storage, state } = createBrittleStorage();
    const { board, agent } = await world.join("ann", {}, { storage });
    const [id, other] = (await agent.add([{ title: "task" }, { title: "other" }])) as [
      TaskId,
      TaskId,
    ];
    const claim = await world.claim(agent, id);
    state.isBroken = true;

    const failed = code("STORAGE_FAILED");
    await expect(agent.add({ title: "lost" })).rejects.toEqual(failed);
    await expect(agent.note(id, "x")).rejects.toEqual(failed);
    await expect(world.until(agent.claim(other))).rejects.toEqual(failed);
    await expect(agent.claim(other, { guarantee: "optimistic" })).rejects.toEqual(failed);
    await expect(claim.complete()).rejects.toEqual(failed);
    await expect(world.until(board.sync())).rejects.toEqual(failed);
    await expect(board.join({ name: "ben" })).rejects.toEqual(failed);
    await expect(world.until(board.close())).rejects.toEqual(failed);
    await world.clock.advanceAsync(1000);

    expect(world.faults).toEqual([failed]);
    expect(board.status).toBe("closed");
    expect(world.clock.pendingCount).toBe(0);
  });

  test("[B11] a claim that could not be stored is not kept from others", async () => {
    const world = createWorld();
    const { storage, state } = createBrittleStorage();
    const ann = await world.join("ann", {}, { storage });
    const ben = await world.join("ben");
    const [one, two] = (await ann.agent.add([{ title: "1" }, { title: "2" }])) as [TaskId, TaskId];
    await world.until(ann.board.sync());
    state.isBroken = true;

    await expect(world.until(ann.agent.claim(one))).rejects.toEqual(code("STORAGE_FAILED"));
    await expect(ann.agent.claim(two, { guarantee: "optimistic" })).rejects.toEqual(
      code("STORAGE_FAILED"),
    );
    await world.clock.advanceAsync(100);

    for (const id of [one, two]) expect((await world.claim(ben.agent, id)).attempt).toBe(2);
  });

  test("[B11] a store that fails while an agent works ends the work with its failure", async () => {
    const world = createWorld();
    const { storage, state } = createBrittleStorage();
    const { agent } = await world.join("ann", {}, { storage });
    await agent.add({ title: "task" });

    const work = agent.work(() => {
      state.isBroken = true;
    });

    await expect(world.until(work)).rejects.toEqual(code("STORAGE_FAILED"));
  });

  test("[B11] a store of many updates is compacted when it is opened", async () => {
    const world = createWorld();
    const { storage, state } = createBrittleStorage();
    const ann = await world.join("ann", {}, { storage });
    for (let i = 0; i < 1000; i++) await ann.agent.add({ title: `t${i}` });
    const before = ann.board.snapshot();
    world.network.crash("ann");

    const again = await world.open("again", { storage });
    await world.open("third", { storage });

    expect(state.compactions).toBe(1);
    expect(again.snapshot()).toEqual(before);
  });
});

describe("the board itself", () => {
  test("[B3] closing is idempotent, lets all agents leave, and leaves no timer behind", async () => {
    const world = createWorld();
    const ann = await world.join("ann");
    const ben = await world.join("ben");
    const second = await ann.board.join({ name: "second" });
    const id = await ann.agent.add({ title: "task" });
    await world.claim(ann.agent, id);
    ann.board.watch(() => {});
    const events = ann.board.events();
    const work = second.work(() => {});
    await world.clock.advanceAsync(10);

    const closing = ann.board.close();
    expect(ann.board.close()).toBe(closing);
    await world.until(closing);
    await world.until(work);
    await world.clock.advanceAsync(50);

    const seen: string[] = [];
    for await (const { kind } of events) seen.push(kind);
    expect(seen.filter((kind) => kind === "agent-left")).toHaveLength(2);
    expect(ann.board.status).toBe("closed");
    for (const { id: one, hasLeft } of Object.values(ben.board.snapshot().agents))
      expect(hasLeft).toBe(one !== ben.agent.id);
    expect(getTask(ben.board.snapshot(), id)?.claims[0]?.status).toBe("released");
    await world.until(ben.board[Symbol.asyncDispose]());
    await world.clock.advanceAsync(50);
    expect(world.clock.pendingCount).toBe(0);
  });

  test("[B3] a closed board refuses what it cannot do any more, and still shows what it knew", async () => {
    const world = createWorld();
    const { board, agent } = await world.join("ann");
    const id = await agent.add({ title: "task" });
    const claim = await world.claim(agent, id);
    await world.until(board.close());

    const closed = code("BOARD_CLOSED");
    await expect(board.join({ name: "ben" })).rejects.toEqual(closed);
    await expect(board.sync()).rejects.toEqual(closed);
    await expect(claim.complete()).rejects.toEqual(closed);
    expect(() => board.events()).toThrow(closed);
    expect(() => board.watch(() => {})).toThrow(closed);
    expect(countTasks(board.snapshot())).toBe(1);
    expect(board.explain(id).summary).toContain("Ready for attempt 2");
  });

  test("[B3] an agent that was joining while the board closed has left", async () => {
    const world = createWorld();
    const { storage } = createBrittleStorage();
    const { board } = await world.join("ann", {}, { storage });
    const joining = board.join({ name: "late" });

    await world.until(board.close());

    await expect((await joining).add({ title: "x" })).rejects.toEqual(code("AGENT_LEFT"));
    expect(countRecords(board.doc, "left")).toBe(2);
  });

  test("[B3] whoever waits for a claim when the board closes is told", async () => {
    const world = createWorld({ latencyMs: { min: 50, max: 50 } });
    const { board, agent } = await world.join("ann");
    const id = await agent.add({ title: "task" });
    await world.until(board.sync());
    const claim = agent.claim(id);
    const stop = new AbortController();
    const work = agent.work(() => {}, { signal: stop.signal });
    await world.clock.advanceAsync(10);

    await world.until(board.close());

    expect(await world.until(claim)).toEqual({ ok: false, reason: "aborted" });
    await world.until(work);
    await world.clock.advanceAsync(1000);
    expect(world.clock.pendingCount).toBe(0);
  });

  test("[P5] sync tells when it takes too long, and forgets the time when not", async () => {
    const world = createWorld();
    const { board } = await world.join("ann");
    await world.until(board.sync({ timeoutMs: 60_000 }));
    const waiting = world.clock.pendingCount;
    world.network.cut("ann", "relay");

    await expect(world.until(board.sync({ timeoutMs: 50 }))).rejects.toEqual(code("SYNC_TIMEOUT"));

    expect(waiting).toBe(1); // the next heartbeat
    expect(world.clock.pendingCount).toBe(1);
  });

  test.each(["", "a b", "a#b", "a/b", "x".repeat(129)])(
    "[P5] the board name %j is refused",
    async (board) => {
      const world = createWorld();

      await expect(world.open("ann", { board })).rejects.toThrow(RangeError);
    },
  );

  test("[P5] the board tells its name, rule, status and what it has sent", async () => {
    const world = createWorld();
    const board = await world.open("ann");

    expect([board.name, board.rule, board.status, board.bytesSent]).toEqual([
      "docs",
      "earliest@1",
      "offline",
      0,
    ]);
    await world.until(board.sync());
    expect(board.status).toBe("synced");
    expect(board.bytesSent).toBeGreaterThan(0);
    expect(board.snapshot().board).toBe("docs#1");
  });

  test("[G2] in real time, with real randomness, a contest has one holder too", async () => {
    const network = createMemoryNetwork({ topology: "relay" });
    const boards = await Promise.all(
      [1, 2].map(() => openBoard({ board: "docs", transport: network.createTransport() })),
    );
    const agents = await Promise.all(boards.map((board) => board.join({ name: "ann" })));
    const id = await (agents[0] as (typeof agents)[number]).add({ title: "task", key: "k" });
    await Promise.all(boards.map((board) => board.sync()));

    const outcomes = await Promise.all(agents.map((agent) => agent.claim(id)));
    await Promise.all(boards.map((board) => board.close()));

    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(new Set(agents.map((agent) => agent.id)).size).toBe(2);
  });

  test("[L2] a holder that nobody has ever heard of is given a whole lease first", async () => {
    const world = createWorld();
    const ann = await world.join("ann");
    const id = await ann.agent.add({ title: "task" });
    const stranger = world.openStranger("ghost");
    await world.clock.advanceAsync(10);
    const ghost = "ghost~00000000" as AgentId;
    stranger.getArray(`log/${ghost}/0`).push([
      {
        n: 0,
        at: 10,
        kind: "joined",
        v: 1,
        name: "g",
        capabilities: [],
        rule: "earliest@1",
        leaseMs: 3000,
      },
      { n: 1, at: 11, kind: "claimed", task: id },
    ]);

    await world.clock.advanceAsync(2900);
    expect(getTask(ann.board.snapshot(), id)?.winner?.agent).toBe(ghost);
    await world.clock.advanceAsync(400);

    expect(getTask(ann.board.snapshot(), id)?.claims).toMatchObject([{ status: "expired" }]);
  });
});
