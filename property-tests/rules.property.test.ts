/** Laws of the rules: a total order over any claims, the same whichever way one asks, and fair where it should be. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { AgentId, TaskId } from "../lib/core/record.ts";
import {
  type ClaimFacts,
  compareClaims,
  earliest,
  type Rule,
  type RuleContext,
  rendezvous,
} from "../lib/core/rule.ts";
import { foldEntries } from "./arbitrary-history.ts";
import { openLogBook } from "./log-book.ts";
import { LAW_TIMEOUT_MS, runs } from "./runs.ts";

const anyClaim: fc.Arbitrary<ClaimFacts> = fc.record({
  agent: fc.constantFrom(...(["ana", "bob", "cyd", "agent-zz", "agent-tgq0"] as AgentId[])),
  n: fc.nat(5),
  at: fc.integer({ min: 1, max: 4 }),
});
const anyContext: fc.Arbitrary<RuleContext> = fc.record({
  task: fc.string().map((id) => id as TaskId),
  attempt: fc.integer({ min: 1, max: 9 }),
});

/** A rule that has nothing to say of some agents, and says so in the worst way. */
const vague: Rule = {
  ...earliest,
  name: "vague",
  compare: (a, b) => (a.at === b.at ? Number.NaN : a.at - b.at),
};

for (const rule of [earliest, rendezvous, vague]) {
  test(
    `[U3] [U4] ${rule.name} is a total order over any claims`,
    () => {
      fc.assert(
        fc.property(anyClaim, anyClaim, anyClaim, anyContext, (a, b, c, context) => {
          const order = (x: ClaimFacts, y: ClaimFacts): number =>
            Math.sign(compareClaims(rule, x, y, context));

          expect(order(a, b) + order(b, a)).toBe(0);
          expect(order(a, a)).toBe(0);
          if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
          if (order(a, b) === 0) expect([a.agent, a.n]).toEqual([b.agent, b.n]);
        }),
        runs(2000),
      );
    },
    LAW_TIMEOUT_MS,
  );
}

test("[U3] [A1] with a rule that contradicts itself every replica still sees one and the same winner", () => {
  const circular: Rule = { ...earliest, compare: (a, b) => ((b.at - a.at + 3) % 3 === 1 ? -1 : 1) };
  const book = openLogBook({ rule: circular });
  book.add("ana");
  for (const agent of ["bob", "cyd", "dan"]) book.claim(agent);
  const context = { rule: circular, capabilitiesOf: (): readonly string[] => [] };
  const reversed = foldEntries([...book.entries].reverse(), { context });

  expect(book.task().winner).not.toBeNull();
  expect(reversed?.winner).toEqual(book.task().winner);
});

for (const rule of [earliest, rendezvous]) {
  test(`[U1] [U2] over 1,000 tasks no agent wins too many of the ties of ${rule.name}`, () => {
    const agents = Array.from({ length: 10 }, (_, i) => `agent-${i}` as AgentId);
    const winsByAgent = new Map(agents.map((agent) => [agent, 0]));

    for (let i = 0; i < 1000; i++) {
      const context = { task: `task-${i}` as TaskId, attempt: 1 };
      const claims = agents.map((agent) => ({ agent, n: 1, at: 7 }));
      const [best] = claims.sort((a, b) => compareClaims(rule, a, b, context));
      if (best !== undefined) winsByAgent.set(best.agent, (winsByAgent.get(best.agent) ?? 0) + 1);
    }

    // 100 each on average, with a deviation of 9.5: five of them either way
    for (const wins of winsByAgent.values()) {
      expect(wins).toBeGreaterThan(50);
      expect(wins).toBeLessThan(150);
    }
  });
}

test("[U1] an agent that loses the tie of one attempt wins that of another", () => {
  const ana = { agent: "ana" as AgentId, n: 1, at: 7 };
  const bob = { agent: "bob" as AgentId, n: 1, at: 7 };
  let wins = 0;
  for (let attempt = 1; attempt <= 1000; attempt++)
    if (compareClaims(earliest, ana, bob, { task: "task" as TaskId, attempt }) < 0) wins++;

  expect(wins).toBeGreaterThan(400);
  expect(wins).toBeLessThan(600);
});
