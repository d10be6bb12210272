// Waits end with a signal that nobody but the wait holds, though rubbish is collected meanwhile.

import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "@jest/globals";
import { createWorld } from "../../property-tests/kit/world.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Collects what nobody holds, once the caller has let go of it. */
const collectSoon = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(() => {
      collect();
      resolve();
    }, 1);
  });

test("[I3] a question ends as aborted when its time is over", async () => {
  const world = createWorld();
  const { agent } = await world.join("ann");
  const claim = await world.claim(agent, await agent.add({ title: "held" }), {
    signal: new AbortController().signal,
  });

  const asked = claim.ask("which colour?", { signal: AbortSignal.timeout(50) });
  await world.clock.advanceAsync(300);
  await collectSoon();

  expect(await asked).toEqual({ ok: false, reason: "aborted" });
});

test("[B4] work ends when its time is over", async () => {
  const world = createWorld();
  const { agent } = await world.join("ann");

  const work = agent.work(() => null, { signal: AbortSignal.timeout(50) });
  await world.clock.advanceAsync(300);
  await collectSoon();

  expect(await work).toBeUndefined();
});

test("[B4] many agents of many slots may share one signal, without so many listeners that Node would warn of a leak", async () => {
  const world = createWorld();
  const { board, agent } = await world.join("ann");
  const others = await Promise.all(
    Array.from({ length: 20 }, (_, i) => world.until(board.join({ name: `ann${i}` }))),
  );
  await agent.add(Array.from({ length: 60 }, (_, i) => ({ title: `t${i}` })));
  const stop = new AbortController();
  const target = Object.getPrototypeOf(AbortSignal.prototype) as EventTarget;
  const { addEventListener } = target;
  let most = 0;
  target.addEventListener = function (this: EventTarget, ...given: unknown[]): void {
    Reflect.apply(addEventListener, this, given);
    most = Math.max(most, getEventListeners(this, "abort").length);
  };

  try {
    const { signal } = stop;
    const works = [agent, ...others].map((one) =>
      one.work(() => null, { signal, concurrency: 20 }),
    );
    await world.clock.settle(() => board.snapshot().counts.completed === 60);
    stop.abort();
    await world.until(Promise.all(works));
  } finally {
    target.addEventListener = addEventListener;
  }

  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(10);
});
