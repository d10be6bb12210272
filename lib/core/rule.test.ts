import { expect, test } from "@jest/globals";
import { openLogBook } from "../../property-tests/kit/log-book.ts";
import type { AgentId, TaskId } from "./record.ts";
import {
  builtInRules,
  type ClaimFacts,
  compareClaims,
  earliest,
  fairShare,
  formatRule,
  leastLoaded,
  priority,
  type Rule,
  rendezvous,
} from "./rule.ts";

const context = { task: "task" as TaskId, attempt: 1 };
const ana = claimOf("ana", 5);
const bob = claimOf("bob", 9);

test("[U1] earliest prefers the lower Lamport time, and says so", () => {
  expect(compareClaims(earliest, ana, bob, context)).toBeLessThan(0);
  expect(earliest.reason(ana, bob, context)).toBe("came first by Lamport time (5 before 9)");
});

test("[U1] at one Lamport time earliest prefers another agent for another task or attempt", () => {
  const rival = claimOf("bob", 5);
  const subjects = [1, 2, 3, 4, 5, 6, 7, 8];
  const winsByTask = subjects.map(
    (i) => compareClaims(earliest, ana, rival, { ...context, task: `t${i}` as TaskId }) < 0,
  );
  const winsByAttempt = subjects.map(
    (attempt) => compareClaims(earliest, ana, rival, { ...context, attempt }) < 0,
  );

  expect(new Set(winsByTask).size).toBe(2);
  expect(new Set(winsByAttempt).size).toBe(2);
  expect(earliest.reason(ana, rival, context)).toBe(
    "has the lower salted hash at the same Lamport time 5",
  );
});

test("[U2] nothing that a claim carries changes its rank by rendezvous", () => {
  const sign = Math.sign(compareClaims(rendezvous, ana, bob, context));
  const others = [claimOf("ana", 1, 0), claimOf("ana", 99, 77)];

  expect(others.map((one) => Math.sign(compareClaims(rendezvous, one, bob, context)))).toEqual([
    sign,
    sign,
  ]);
});

test("[U2] rendezvous says by which weights a claim won", () => {
  const [better, worse] =
    compareClaims(rendezvous, ana, bob, context) < 0 ? [ana, bob] : [bob, ana];
  const [, won, lost] =
    /\((\d+) over (\d+)\)$/.exec(rendezvous.reason(better, worse, context)) ?? [];

  expect(Number(won)).toBeGreaterThan(Number(lost));
  expect(rendezvous.reason(ana, claimOf("ana", 6, 2), context)).toBe(
    "is the earlier claim of the same agent",
  );
});

test("[U1] [U2] where even the hashes are equal the agent's id decides, and the reason says so", () => {
  const [low, high] = [claimOf("1vl8", 5), claimOf("ipd6", 5)]; // found by search
  const why = "has the lower agent id, all else being equal";

  for (const rule of [earliest, rendezvous]) {
    expect(rule.compare(low, high, context)).toBe(0);
    expect(compareClaims(rule, low, high, context)).toBeLessThan(0);
    expect(rule.reason(low, high, context)).toBe(why);
  }
});

test("[U6] least-loaded prefers the agent with fewer live claims, and says so", () => {
  const [busy, idle] = [
    { ...ana, load: 3 },
    { ...bob, load: 1 },
  ];

  expect(better(leastLoaded, busy, idle)).toBe(idle);
  expect(leastLoaded.reason(idle, busy, context)).toBe(
    "came from the agent with fewer live claims (1 against 3)",
  );
});

test("[U7] fair-share prefers the agent that lost more contests in a row, and says so", () => {
  const [lucky, unlucky] = [
    { ...ana, losses: 1 },
    { ...bob, losses: 2 },
  ];

  expect(better(fairShare, lucky, unlucky)).toBe(unlucky);
  expect(fairShare.reason(unlucky, lucky, context)).toBe(
    "came from the agent that lost more contests in a row (2 against 1)",
  );
});

test("[U8] priority prefers the claim with the higher priority, and says so", () => {
  const [usual, urgent] = [ana, { ...bob, priority: 5 }];

  expect(better(priority, usual, urgent)).toBe(urgent);
  expect(better(priority, usual, { ...bob, priority: -1 })).toBe(usual);
  expect(priority.reason(urgent, usual, context)).toBe("has the higher priority (5 against 0)");
});

for (const rule of [leastLoaded, fairShare, priority]) {
  const weight = rule.weighs?.[0] ?? "load";

  test(`[U9] at equal weights ${rule.name} decides as earliest, and says so`, () => {
    const [early, late] = [
      { ...ana, [weight]: 2 },
      { ...bob, [weight]: 2 },
    ];
    const rival = claimOf("bob", 5);
    const [best, worst] = better(earliest, ana, rival) === ana ? [ana, rival] : [rival, ana];

    expect(better(rule, early, late)).toBe(early);
    expect(rule.reason(early, late, context)).toBe(
      `came first by Lamport time (5 before 9), with equal ${weight} (2)`,
    );
    expect(better(rule, ana, rival)).toBe(best);
    expect(rule.reason(best, worst, context)).toBe(
      `has the lower salted hash at the same Lamport time 5, with equal ${weight} (0)`,
    );
  });

  test(`[U9] for ${rule.name} a weight that is missing or no number counts as 0`, () => {
    for (const none of [Number.NaN, 0, -0, "many" as unknown as number, null as unknown as number])
      expect(better(rule, { ...bob, [weight]: none }, ana)).toBe(ana);
    for (const endless of [Infinity, -Infinity, Number.MAX_VALUE]) {
      const [early, late] = [
        { ...ana, [weight]: endless },
        { ...bob, [weight]: endless },
      ];

      expect(better(rule, late, early)).toBe(early);
      expect(rule.reason(early, late, context)).toContain(`with equal ${weight} (${endless})`);
    }
  });
}

test("[U10] each built-in rule names the weights that claims carry under it", () => {
  expect(builtInRules.map((rule) => [formatRule(rule), rule.weighs])).toEqual([
    ["earliest@1", undefined],
    ["rendezvous@1", undefined],
    ["least-loaded@1", ["load"]],
    ["fair-share@1", ["losses"]],
    ["priority@1", ["priority"]],
  ]);
});

test("[U2] [U10] each built-in rule names the facts that it trusts, and rendezvous trusts none", () => {
  expect(builtInRules.map((rule) => [rule.name, rule.trusts])).toEqual([
    ["earliest", ["at"]],
    ["rendezvous", []],
    ["least-loaded", ["load", "at"]],
    ["fair-share", ["losses", "at"]],
    ["priority", ["priority", "at"]],
  ]);
});

test("[U7] of the built-in rules fair-share alone claims a bound on losses in a row", () => {
  expect(builtInRules.map((rule) => rule.maxBypass?.(5))).toEqual([
    undefined,
    undefined,
    undefined,
    4,
    undefined,
  ]);
});

test.each(["x", 1n, true, undefined, {}])(
  "[U3] where a rule written in plain JavaScript answers %p, the agent decides",
  (answer) => {
    const rule: Rule = { ...earliest, compare: () => answer as unknown as number };

    expect(compareClaims(rule, ana, bob, context)).toBeLessThan(0);
    expect(compareClaims(rule, bob, ana, context)).toBeGreaterThan(0);
  },
);

test("[U3] where a rule answers NaN or 0 the agent decides, then the position", () => {
  for (const answer of [Number.NaN, 0]) {
    const vague: Rule = { ...earliest, compare: () => answer };

    expect(compareClaims(vague, ana, bob, context)).toBeLessThan(0);
    expect(compareClaims(vague, bob, ana, context)).toBeGreaterThan(0);
    expect(compareClaims(vague, claimOf("ana", 1, 2), claimOf("ana", 1, 3), context)).toBeLessThan(
      0,
    );
    expect(compareClaims(vague, ana, ana, context)).toBe(0);
  }
});

test("[U4] a claim that does not win changes nothing between the others", () => {
  const book = openLogBook();
  book.add("ana");
  const best = book.claim("ana", { at: 5 });
  const second = book.claim("bob", { at: 6 });
  const third = book.claim("cyd", { at: 7 });
  const winners = [book.task().winner?.agent];
  book.yield(third);
  winners.push(book.task().winner?.agent);
  book.yield(best);
  winners.push(book.task().winner?.agent);

  expect(winners).toEqual([best.agent, best.agent, second.agent]);
});

test("[U5] a rule is written with its version, so that another version of it is another rule", () => {
  expect(formatRule(earliest)).toBe("earliest@1");
  expect(formatRule({ ...rendezvous, version: 2 })).toBe("rendezvous@2");
});

function better(rule: Rule, a: ClaimFacts, b: ClaimFacts): ClaimFacts {
  return compareClaims(rule, a, b, context) < 0 ? a : b;
}

function claimOf(agent: string, at: number, n = 1): ClaimFacts {
  return { agent: agent as AgentId, at, n };
}
