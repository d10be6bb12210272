/**
 * A rule of one's own between rival claims: the first attempt breaks laws that every rule must keep, and is told which; the
 * second keeps them, and decides who gets a task. Nothing else has to change: every replica applies it by itself.
 */
import { createMemoryNetwork } from "../../adapters/transport/memory.ts";
import { type ClaimFacts, openBoard, type Rule } from "../../lib/index.ts";
import { checkRule, verify } from "../../property-tests/kit/index.ts";

/** A peer may have written anything, or nothing. */
const bid = ({ priority = 0 }: ClaimFacts): number => (Number.isFinite(priority) ? priority : 0);

const naive: Rule = {
  name: "highest-bid",
  version: 1,
  weighs: ["priority"],
  compare: (a, b) => (bid(a) > bid(b) ? -1 : 1), // never equal: whichever comes as `b` wins a tie
  reason: () => "bid more",
};

const sound: Rule = {
  ...naive,
  version: 2,
  compare: (a, b) => bid(b) - bid(a) || a.at - b.at,
  reason: (better, worse) =>
    bid(better) === bid(worse)
      ? "bid as much, and earlier"
      : `bid ${bid(better)} over ${bid(worse)}`,
};

for (const rule of [naive, sound]) {
  const { holds, laws } = checkRule(rule, { seed: 1, runs: 300 });
  const broken = laws.flatMap((one) => (one.holds ? [] : [one.law]));
  console.log(
    `${rule.name}@${rule.version}: ${holds ? `keeps all ${laws.length} laws` : `breaks ${broken.join(", ")}`}`,
  );
}
const { broken, runs } = await verify({ rule: sound, seed: 1, runs: 100 });
console.log(`${runs} schedules of crashes, cuts and lost messages: ${broken ?? "nothing broke"}`);

const network = createMemoryNetwork();
const [ann, bob, cyd] = await Promise.all(
  ["ann", "bob", "cyd"].map(async (name) => {
    const transport = network.createTransport(name);
    const board = await openBoard({ board: "auction", transport, rule: sound });
    return { board, agent: await board.join({ name }) };
  }),
);
if (!ann || !bob || !cyd) throw new Error("three agents were to join");
const vase = await ann.agent.add({ title: "restore the vase" });
await Promise.all([ann, bob, cyd].map(({ board }) => board.sync()));

network.partition([["ann"], ["bob"], ["cyd"]]); // so that all three bid without having seen each other
await ann.agent.claim(vase, { priority: 3 });
await bob.agent.claim(vase, { priority: 8 });
await cyd.agent.claim(vase, { priority: 8 });
network.heal();
await Promise.all([ann, bob, cyd].map(({ board }) => board.sync()));

const { summary, losers } = ann.board.explain(vase);
for (const line of [summary, ...losers.map(({ reason }) => reason)])
  console.log(line.replaceAll(/~\w+/gu, ""));
await Promise.all([ann, bob, cyd].map(({ board }) => board.close()));
