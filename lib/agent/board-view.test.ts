// What a page shows beside the board as it is: the board as it was, its connection, and who has gone silent.

import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { createWorld } from "../../property-tests/kit/world.ts";
import { LAW_TIMEOUT_MS, runs } from "../../property-tests/runs.ts";
import { type Snapshot, tasksOf } from "../replica/snapshot.ts";

const act = fc.record({
  who: fc.nat(2),
  what: fc.constantFrom("add", "claim", "complete", "release", "note", "cancel", "leave"),
  task: fc.nat(5),
});

test(
  "[P11] the board as of an earlier time is what it was when that was the latest",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 25 }), fc.nat(), async (acts, seed) => {
        const world = createWorld({ seed, latencyMs: { min: 1, max: 5 } });
        const seats = [await world.join("ann"), await world.join("ben"), await world.join("cat")];
        const [first] = seats;
        if (first === undefined) throw new Error("nobody joined");
        const seen: { readonly time: number; readonly snapshot: Snapshot }[] = [];
        const gone = new Set<number>();

        for (const { who, what, task } of acts) {
          const agent = seats[who]?.agent;
          const id = tasksOf(first.board.snapshot())[task]?.id;
          if (agent === undefined || gone.has(who)) continue;
          if (what === "add") await agent.add({ title: `task ${task}` });
          else if (what === "leave") {
            gone.add(who);
            await agent.leave();
          } else if (id !== undefined) {
            if (what === "claim") await world.until(agent.claim(id));
            else if (what === "note") await agent.note(id, "so far");
            else if (what === "cancel") await agent.cancel(id);
            else for (const claim of agent.held()) await claim[what]();
          }
          for (const { board } of seats) await world.until(board.sync());
          seen.push({ time: first.board.time, snapshot: first.board.snapshot() });
        }

        for (const { board } of seats)
          for (const { time, snapshot } of seen) expect(board.at(time)).toEqual(snapshot);
        for (const { board } of seats) {
          expect(board.at(board.time)).toEqual(board.snapshot());
          expect(tasksOf(board.at(0))).toEqual([]);
          await board.close();
        }
      }),
      runs(30),
    );
  },
  LAW_TIMEOUT_MS,
);

test("[P11] the board tells how many records it has, of all agents", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  const ben = await world.join("ben");
  const before = ann.board.recordCount;

  await ben.agent.add([{ title: "roof" }, { title: "wall" }]);
  await world.until(ben.board.sync());
  await world.until(ann.board.sync());

  expect(before).toBe(2);
  expect([ann.board.recordCount, ben.board.recordCount]).toEqual([4, 4]);
});

test("[B13] a new status of the connection is told once, up to the end", async () => {
  const world = createWorld({ latencyMs: { min: 1, max: 5 } });
  const { board } = await world.join("ann");
  const told: string[] = [];
  const untold: string[] = [];
  board.watchStatus((status) => told.push(status));
  const stop = board.watchStatus((status) => untold.push(status));

  world.network.cut("ann", "relay");
  world.clock.advance(10);
  stop();
  world.network.heal();
  await world.until(board.sync());
  world.clock.advance(10);
  await board.close();
  world.clock.advance(10);

  expect(told).toEqual(["offline", "syncing", "synced", "closed"]);
  expect(untold).toEqual(["offline"]);
});

test("[B14] an agent's silence grows until its next sign of life, and is no silence for one of this process", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  const ben = await world.join("ben");
  await world.clock.advanceAsync(2000);
  const alive = ann.board.silenceMs(ben.agent.id);

  world.network.crash("ben");
  await world.clock.advanceAsync(700);
  const silent = ann.board.silenceMs(ben.agent.id);

  expect(alive).toBeLessThan(250);
  expect(silent).toBeGreaterThanOrEqual(700);
  expect(silent).toBeLessThan(950);
  expect(ann.board.silenceMs(ann.agent.id)).toBe(0);
});

test("[B6] [B13] who stopped watching is not called any more, not even in a call that is under way", async () => {
  const world = createWorld({ latencyMs: { min: 1, max: 5 } });
  const { board, agent } = await world.join("ann");
  const heard: string[] = [];
  const stops: (() => void)[] = [];
  board.watch(() => {
    for (const stop of stops) stop();
  });
  stops.push(board.watch(() => heard.push("change")));
  const stopStatus = board.watchStatus((status) => heard.push(status));

  await agent.add({ title: "roof" });
  await world.clock.advanceAsync(0);
  world.network.cut("ann", "relay");
  stopStatus();
  await world.clock.advanceAsync(1);

  expect(heard).toEqual([]);
});
