// A hundred agents on one relay: what somebody has to write down is written once, twice at the most.

import { expect, test } from "@jest/globals";
import { countRecords, createWorld, type Seat } from "../../../property-tests/kit/world.ts";
import { getTask } from "../../replica/snapshot.ts";

const OBSERVERS = 100;

test("[L2][E3][D7] of a hundred observers one expires, one waits and one fails a task, two at the most", async () => {
  const world = createWorld({ latencyMs: { min: 1, max: 30 } });
  const holder = await world.join("holder", { leaseMs: 1000 });
  const observers: Seat[] = [];
  for (let i = 0; i < OBSERVERS; i++) {
    const board = await world.open(`observer-${i}`);
    observers.push({ board, agent: await board.join({ name: "observer", leaseMs: 10_000 }) });
  }
  const { agent } = holder;
  const held = await agent.add({ title: "held" });
  const flaky = await agent.add({ title: "flaky", retry: { delayMs: 4000 } });
  const need = await agent.add({ title: "need" });
  const hopeless = await agent.add({ title: "hopeless", needs: [need], ifNeedFails: "fail" });
  await world.clock.advanceAsync(2500); // each has heard of all others
  const [{ board }] = observers as [Seat];
  const view = (id: typeof held) => getTask(board.snapshot(), id);

  await world.claim(agent, held);
  await (await world.claim(agent, flaky)).fail("at first");
  await agent.cancel(need);
  await world.clock.advanceAsync(300);
  const silentFrom = world.clock.now();
  world.network.crash("holder");
  await world.clock.settle(() => view(held)?.nextAttempt === 2);
  const expiredAfterMs = world.clock.now() - silentFrom;
  await world.clock.settle(() => view(flaky)?.nextAttempt === 2);
  await world.clock.advanceAsync(2000);

  const counts = ["expired", "waited", "need-failed"].map((kind) => countRecords(board.doc, kind));
  if (process.env["SHOW_COUNTS"]) process.stderr.write(`${counts} after ${expiredAfterMs} ms\n`);
  for (const count of counts) expect([1, 2]).toContain(count);
  expect(expiredAfterMs).toBeLessThan(1500);
  expect(view(hopeless)?.state).toBe("failed");
  expect([view(held), view(flaky), view(hopeless)].map((task) => task?.thread.ignored)).toEqual([
    [],
    [],
    [],
  ]);
}, 60_000);
