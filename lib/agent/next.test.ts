// Claiming whatever comes next, for agents that take one task at a time, and what they could take.

import { expect, test } from "@jest/globals";
import { createWorld } from "../../property-tests/kit/world.ts";
import { getTask } from "../replica/snapshot.ts";
import type { Claim } from "./claim/claim.ts";
import type { ClaimOutcome } from "./claim/claiming.ts";

const PACKET = { summary: "half done", decisions: [], questions: [], deadEnds: [], artifacts: [] };

function granted(outcome: ClaimOutcome | null): Claim {
  if (outcome?.ok) return outcome.claim;
  throw new Error(`no claim: ${outcome?.reason ?? "nothing left"}`);
}

test("[D11] agents that claim what comes next at once all get a task, each another one", async () => {
  const world = createWorld();
  const seats = await Promise.all(["ann", "bob", "cyd"].map((name) => world.join(name)));
  const [ann, bob, cyd] = seats.map(({ agent }) => agent);
  if (ann === undefined || bob === undefined || cyd === undefined) throw new Error("no agents");
  await ann.add(["a", "b", "c", "d"].map((title) => ({ title })));
  await world.clock.advanceAsync(200);

  const outcomes = await world.until(
    Promise.all([ann.claimNext(), bob.claimNext(), cyd.claimNext()]),
  );

  const claims = outcomes.map(granted);
  expect(new Set(claims.map(({ task }) => task.id)).size).toBe(3);
  expect(claims.map(({ guarantee }) => guarantee)).toEqual(["settled", "settled", "settled"]);
});

test("[D11] of more agents than tasks the losers are told that nothing is left, and hold nothing", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  const bob = await world.join("bob");
  await ann.agent.add({ title: "only one" });
  await world.clock.advanceAsync(200);

  const outcomes = await world.until(Promise.all([ann.agent.claimNext(), bob.agent.claimNext()]));

  expect(outcomes.map((outcome) => outcome?.ok ?? null).sort()).toEqual([null, true]);
  expect(ann.agent.held().length + bob.agent.held().length).toBe(1);
});

test("[D11] what is offered to an agent comes first, then the highest priority; what it cannot do never", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  const bob = await world.join("bob");
  const handed = await ann.agent.add({ title: "to be handed over" });
  const plain = await ann.agent.add({ title: "plain" });
  const urgent = await ann.agent.add({ title: "urgent", priority: 5 });
  await ann.agent.add({ title: "for painters", requires: ["paint"] });
  const claim = await world.claim(ann.agent, handed);
  await claim.offer(PACKET, { agent: "bob" });
  await world.clock.advanceAsync(200);
  const expected = [handed, urgent, plain];

  expect([...bob.agent.claimable()].map(({ id }) => id)).toEqual(expected);
  for (const id of expected)
    expect(granted(await world.until(bob.agent.claimNext())).task.id).toBe(id);
  expect(await world.until(bob.agent.claimNext())).toBeNull();
});

test("[D11] tasks whose guarantee cannot be had are left to others, and `where` leaves out more", async () => {
  const world = createWorld({ topology: "mesh" });
  const { agent, board } = await world.join("ann");
  await agent.add({ title: "strict", guarantee: "settled", priority: 9 });
  await agent.add({ title: "unwanted" });
  const wanted = await agent.add({ title: "wanted" });
  await world.clock.advanceAsync(200);

  const outcome = await world.until(
    agent.claimNext({ where: ({ title }) => title !== "unwanted" }),
  );

  expect(board.guarantee).toBe("optimistic");
  expect(granted(outcome).task.id).toBe(wanted);
  expect([...agent.claimable()].map(({ title }) => title)).toEqual(["unwanted"]);
});

test("[D11] a claim of the next task that is called off while it settles leaves the task to others", async () => {
  const world = createWorld();
  const { agent, board } = await world.join("ann");
  const id = await agent.add({ title: "one" });
  await world.clock.advanceAsync(200);
  const stop = new AbortController();

  const claiming = agent.claimNext({ signal: stop.signal });
  await Promise.resolve();
  stop.abort();

  expect(await world.until(claiming)).toEqual({ ok: false, reason: "aborted" });
  expect(getTask(board.snapshot(), id)?.winner).toBeNull();
});
