// An offer that is made without waiting, by a holder whose process does not stay.

import { expect, test } from "@jest/globals";
import { createWorld } from "../../../property-tests/kit/world.ts";
import type { Packet } from "../../core/record.ts";
import { getTask } from "../../replica/snapshot.ts";

const packet: Packet = {
  summary: "half done",
  decisions: [],
  questions: [],
  deadEnds: [],
  artifacts: [],
};

test("[H1] an offer made without waiting stands while its holder is suspended", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  const ben = await world.join("ben");
  const task = await ann.agent.add({ title: "held" });
  const claim = await world.claim(ann.agent, task);

  const outcome = await claim.offer(packet, { agent: "ben" });
  await ann.agent.suspend();
  await world.clock.advanceAsync(10);

  expect(outcome).toMatchObject({ ok: true, offer: { agent: ann.agent.id } });
  expect(getTask(ben.board.snapshot(), task)).toMatchObject({
    state: "working",
    winner: { agent: ann.agent.id },
    thread: { offers: [{ status: "open", to: { agent: "ben" } }] },
  });
});

test("[H2] an offer made without waiting is accepted without its holder's process", async () => {
  const world = createWorld();
  const ann = await world.join("ann");
  const ben = await world.join("ben");
  const task = await ann.agent.add({ title: "held" });
  const claim = await world.claim(ann.agent, task);
  await claim.offer(packet, { agent: "ben" });
  await ann.agent.suspend();
  await world.clock.advanceAsync(100);
  await ann.board.close();

  const accepting = ben.agent.accept(task);
  await world.clock.advanceAsync(100);
  const accepted = await accepting;

  expect(accepted).toMatchObject({ ok: true, claim: { attempt: 2, packet } });
});

test("[H1] a claim that is over offers nothing, and a packet that lacks a part is refused", async () => {
  const world = createWorld();
  const { agent } = await world.join("ann");
  const task = await agent.add({ title: "held" });
  const claim = await world.claim(agent, task);

  await expect(claim.offer({ ...packet, summary: "" }, { agent: "ben" })).rejects.toThrow(
    "lacks its summary",
  );
  await claim.release();

  expect(await claim.offer(packet, { agent: "ben" })).toEqual({ ok: false, reason: "closed" });
});
