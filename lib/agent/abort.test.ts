// Waits end with a signal that nobody but the wait holds, though rubbish is collected meanwhile.

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
