/** Laws of the rules: a total order over any claims, the same whichever way one asks, and fair where it should be. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { AgentId, TaskId } from "../lib/core/record.ts";
import {
  builtInRules,
  type ClaimFacts,
  compareClaims,
  earliest,
  fairShare,
  type Rule,
  type RuleContext,
} from "../lib/core/rule.ts";
import { foldEntries } from "./arbitrary-history.ts";
import { openLogBook } from "./kit/log-book.ts";
import { LAW_TIMEOUT_MS, runs } from "./runs.ts";

/** Small numbers, for many ties, and what a careless or hostile peer might write. */
const anyWeight = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -1, max: 2 }) },
  fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 60),
  fc.double(),
);
const anyClaim: fc.Arbitrary<ClaimFacts> = fc.record(
  {
    agent: fc.constantFrom(...(["ana", "bob", "cyd", "1vl8", "ipd6"] as AgentId[])),
    n: fc.nat(5),
    at: fc.integer({ min: 1, max: 4 }),
    load: anyWeight,
    losses: anyWeight,
    priority: anyWeight,
  },
  { requiredKeys: ["agent", "n", "at"] },
);
const anyContext: fc.Arbitrary<RuleContext> = fc.record({
  // of "1vl8" and "ipd6" the hashes for the first attempt at "task" are equal
  task: fc.oneof(fc.constant("task"), fc.string()).map((id) => id as TaskId),
  attempt: fc.integer({ min: 1, max: 3 }),
});

/** A rule that has nothing to say of some agents, and says so in the worst way. */
const vague: Rule = {
  ...earliest,
  name: "vague",
  compare: (a, b) => (a.at === b.at ? Number.NaN : a.at - b.at),
};

for (const rule of [...builtInRules, vague]) {
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

for (const rule of builtInRules) {
  test(
    `[U4] what ${rule.name} does not weigh changes nothing, and its reason is the same everywhere`,
    () => {
      fc.assert(
        fc.property(anyClaim, anyClaim, anyContext, (a, b, context) => {
          const [bareA, bareB] = [a, b].map((claim) => bare(claim, rule));
          if (bareA === undefined || bareB === undefined) return;
          const order = compareClaims(rule, a, b, context);
          const [better, worse] = order < 0 ? [a, b] : [b, a];

          expect(compareClaims(rule, bareA, bareB, context)).toBe(order);
          expect(rule.reason(better, worse, context)).toBe(
            rule.reason(bare(better, rule), bare(worse, rule), { ...context }),
          );
          expect(rule.reason(better, worse, context)).toMatch(/^(came|has|is) [^\n]+$/);
        }),
        runs(1000),
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

for (const rule of builtInRules) {
  test(`[U1] [U2] [U9] over 1,000 tasks no agent wins too many of the ties of ${rule.name}`, () => {
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

const ROUND: RuleContext = { task: "task" as TaskId, attempt: 1 };

/** One contest: who takes part, as bits, and which of those with equal losses has the luck. */
const anyContests = fc.array(fc.record({ masks: fc.nat(), luck: fc.nat(2 ** 30) }), {
  maxLength: 60,
  size: "max",
});

test(
  "[U7] by fair-share nobody loses more than n - 1 contests in a row, whoever takes part",
  () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), anyContests, (size, contests) => {
        const losses = Array.from({ length: size }, () => 0);
        let most = 0;
        for (const { masks, luck } of contests) {
          const members = losses.flatMap((_, i) => ((masks >> i) & 1 ? [i] : []));
          const winner = winnerOf(members, losses, luck);
          for (const i of members) losses[i] = i === winner ? 0 : (losses[i] ?? 0) + 1;
          most = Math.max(most, ...losses);
        }

        expect(most).toBeLessThan(size);
      }),
      runs(2000),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[U7] with c contests open at once, won in any order, it is c times as many",
  () => {
    const anySteps = fc.array(
      fc.record({ opens: fc.boolean(), masks: fc.nat(), luck: fc.nat(2 ** 30) }),
      { maxLength: 120, size: "max" },
    );

    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        anySteps,
        (size, most, steps) => {
          const losses = Array.from({ length: size }, () => 0);
          let worst = 0;
          const open: { readonly members: readonly number[]; readonly stated: number[] }[] = [];
          for (const { opens, masks, luck } of steps) {
            const isFree = (i: number): boolean =>
              open.filter(({ members }) => members.includes(i)).length < most;
            const members = losses.flatMap((_, i) => ((masks >> i) & 1 && isFree(i) ? [i] : []));
            if (opens) open.push({ members, stated: [...losses] });
            const [contest] = opens ? [] : open.splice(masks % (open.length || 1), 1);
            if (contest === undefined) continue;
            const winner = winnerOf(contest.members, contest.stated, luck);
            for (const i of contest.members) losses[i] = i === winner ? 0 : (losses[i] ?? 0) + 1;
            worst = Math.max(worst, ...losses);
          }

          expect(worst).toBeLessThanOrEqual(most * (size - 1));
        },
      ),
      runs(1500),
    );
  },
  LAW_TIMEOUT_MS,
);

test("[U7] whoever is always the latest loses n - 1 in a row by fair-share, and for ever by earliest", () => {
  const lossesBy = (rule: Rule): number => {
    const losses = [0, 0, 0, 0];
    let most = 0;
    for (let round = 0; round < 40; round++) {
      const claims = losses.map((count, i) => claimOf(i, i, count)); // the last is always the latest
      const [best] = [...claims].sort((a, b) => compareClaims(rule, a, b, ROUND));
      claims.forEach((claim, i) => {
        losses[i] = claim === best ? 0 : (losses[i] ?? 0) + 1;
      });
      most = Math.max(most, ...losses);
    }
    return most;
  };

  expect(lossesBy(fairShare)).toBe(3);
  expect(lossesBy(earliest)).toBe(40);
});

/** The member that wins by fair-share, with Lamport times by luck. */
function winnerOf(
  members: readonly number[],
  losses: readonly number[],
  luck: number,
): number | undefined {
  const claims = members.map((i) => ({
    i,
    facts: claimOf(i, ((luck >> (i * 4)) & 15) + 1, losses[i] ?? 0),
  }));
  claims.sort((a, b) => compareClaims(fairShare, a.facts, b.facts, ROUND));
  return claims[0]?.i;
}

function claimOf(i: number, at: number, losses: number): ClaimFacts {
  return { agent: `agent-${i}` as AgentId, n: 1, at, losses };
}

/** A claim as it is written under a rule: with the weights that the rule names, and no other. */
function bare({ agent, n, at, ...weights }: ClaimFacts, rule: Rule): ClaimFacts {
  const weighed = (rule.weighs ?? []).map((weight) => [weight, weights[weight]] as const);
  return { agent, n, at, ...Object.fromEntries(weighed) };
}
