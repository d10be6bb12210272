/** Laws of the rules: ours hold all that the kit demands of any rule, and the kit catches every rule of the zoo. */
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
  rendezvous,
} from "../lib/core/rule.ts";
import { foldEntries } from "./arbitrary-history.ts";
import { openLogBook } from "./kit/log-book.ts";
import { anyContext, anyRivals } from "./kit/rule/arbitrary-case.ts";
import { checkRule, replayRule } from "./kit/rule/check-rule.ts";
import { type RuleLaw, ruleLaws } from "./kit/rule/law.ts";
import { type RuleLike, readRule } from "./kit/rule/read-rule.ts";
import { formatRuleReport } from "./kit/rule/rule-report.ts";
import { tryLaw } from "./kit/rule/try-law.ts";
import { LAW_TIMEOUT_MS, runs } from "./runs.ts";
import { createBrokenRules } from "./zoo/broken-rules.ts";

const { numRuns, seed } = runs(1000);

for (const rule of builtInRules) {
  test(
    `[Z2] [U3] [U4] ${rule.name} holds every law for rules`,
    () => {
      const report = checkRule(rule, { runs: numRuns, seed });

      expect(report.laws.filter(({ holds }) => !holds)).toEqual([]);
      expect(report.laws.map(({ law }) => law)).toEqual(ruleLaws);
      for (const { law, runs: tried } of report.laws)
        expect(tried).toBe(law === "bounded-bypass" && rule !== fairShare ? 0 : numRuns);
    },
    LAW_TIMEOUT_MS,
  );
}

for (const { name, what, law, rule } of createBrokenRules()) {
  test(`[Z3] [Z4] ${name} (${what}) breaks ${law}, and breaks it again by the text of its counterexample`, () => {
    const verdict = tryLaw(rule, law, { runs: 1000, seed });
    const text = JSON.stringify(verdict.counterexample);
    const elsewhere = createBrokenRules().find((one) => one.name === name)?.rule ?? rule;

    const again = replayRule(elsewhere, law, JSON.parse(text));

    expect(verdict).toMatchObject({
      law,
      holds: false,
      sentence: expect.stringMatching(/should|does not trust/),
    });
    expect(verdict.runs).toBeLessThanOrEqual(1000);
    expect(again).toMatchObject({ law, holds: false, runs: 1 });
    expect(JSON.stringify(again.counterexample)).toBe(text);
  });
}

test("[Z3] every law catches some rule of the zoo", () => {
  const caught = new Set(createBrokenRules().map(({ law }) => law));

  expect(ruleLaws.filter((law) => !caught.has(law))).toEqual([]);
});

test("[Z1] the same seed gives the same report, and another seed other cases", () => {
  const circle = brokenRule("rock-paper-scissors");

  const [first, again, other] = [7, 7, 8].map((one) => checkRule(circle, { runs: 200, seed: one }));

  expect(again).toEqual(first);
  expect(JSON.parse(JSON.stringify(first))).toEqual(first);
  expect(other?.laws).not.toEqual(first?.laws);
});

test("[Z1] a number of runs below 1, or a seed that is no whole number, is refused", () => {
  for (const wrong of [0, -1, 1.5, Number.NaN])
    expect(() => checkRule(earliest, { runs: wrong })).toThrow(RangeError);
  for (const wrong of [1.5, Number.NaN, Infinity])
    expect(() => checkRule(earliest, { seed: wrong })).toThrow(RangeError);
});

test("[Z4] a circle is shrunk to three claims, and a tie to two equal ones", () => {
  const [circle, tie] = (["rock-paper-scissors", "coin-toss"] as const).map(
    (name) => tryLaw(brokenRule(name), "total-order", { runs: 1000, seed }).counterexample,
  );

  expect(circle?.claims.map(({ agent: _, n: __, ...facts }) => facts)).toEqual([
    { at: expect.any(Number) },
    { at: expect.any(Number) },
    { at: expect.any(Number) },
  ]);
  expect(tie?.claims).toHaveLength(2);
  expect(tie?.claims[0]?.at).toBe(tie?.claims[1]?.at);
});

test("[Z4] a number that JSON cannot carry is kept as a text, and read back as a number", () => {
  const weighing = (wanted: number): RuleLike => ({
    ...earliest,
    compare: (a, b) => (Object.is(a.load, wanted) ? Number.NaN : earliest.compare(a, b, ROUND)),
  });
  for (const odd of [Number.NaN, Infinity, -Infinity, -0]) {
    const { counterexample } = tryLaw(weighing(odd), "total-order", { runs: 1000, seed });
    const text = Object.is(odd, -0) ? "-0" : `${odd}`;

    expect(counterexample?.claims.map(({ load }) => load)).toContain(text);
    expect(replayRule(weighing(odd), "total-order", counterexample).holds).toBe(false);
    expect(replayRule(earliest, "total-order", counterexample).holds).toBe(true);
  }
});

test("[Z4] what is no counterexample, or of no law, is refused with what it should be", () => {
  for (const wrong of [null, 7, {}, { context: {}, claims: [] }, { context: ROUND, claims: [{}] }])
    expect(() => replayRule(earliest, "selection", wrong)).toThrow(/needs `context`/);
  expect(() => replayRule(earliest, "gravity" as RuleLaw, {})).toThrow(/no law "gravity".*purity/);
});

const MISDEEDS: readonly (readonly [string, () => unknown, RegExp])[] = [
  ["throws an error", () => raise(new RangeError("no")), /threw RangeError: no/],
  ["throws null", () => raise(null), /threw null/],
  ["throws what cannot be shown", () => raise(Object.create(null, TRAP)), /threw something that/],
  ["answers undefined", () => undefined, /answered undefined/],
  ["answers a text", () => "ana", /answered "ana"/],
  ["answers a bigint", () => -1n, /answered -1n/],
  ["answers a promise", async () => -1, /answered an object \(\[object Promise\]\)/],
  ["answers NaN", () => Number.NaN, /answered NaN/],
];
for (const [what, compare, sentence] of MISDEEDS) {
  test(`[Z5] a rule that ${what} breaks a law, and crashes nothing`, () => {
    const rule = { name: "wild", version: 1, compare } as RuleLike;

    const { holds, laws } = checkRule(rule, { runs: 20 });

    expect(holds).toBe(false);
    expect(laws.find(({ law }) => law === "total-order")?.sentence).toMatch(sentence);
  });
}

test("[Z5] a rule that writes into a frozen claim throws, and one that claims a bound that is none is told", () => {
  const writing: RuleLike = {
    ...earliest,
    compare: (a) => Object.assign(a, { load: 1 }).at,
  };
  const boundless: RuleLike = { ...fairShare, maxBypass: () => Infinity };

  expect(tryLaw(writing, "total-order", { runs: 1, seed }).sentence).toMatch(/threw TypeError/);
  expect(tryLaw(writing, "purity", { runs: 1, seed }).sentence).toMatch(/changed .* load 1/);
  expect(tryLaw(boundless, "bounded-bypass", { runs: 1, seed }).sentence).toMatch(
    /answered Infinity/,
  );
});

test("[Z5] a rule that costs too much is asked nothing more", () => {
  const report = checkRule(brokenRule("goes-through-all"));

  expect(report.laws.map(({ law }) => law)).toEqual(["cost"]);
  expect(formatRuleReport(report)).toContain("not tried");
});

const TOUCHES: Readonly<Record<string, () => unknown>> = {
  Date: () => new Date(),
  "Math.random": () => Math.random(),
  "performance.now": () => performance.now(),
  "crypto.getRandomValues": () => crypto.getRandomValues(new Uint8Array(1)),
  "crypto.randomUUID": () => crypto.randomUUID(),
  "process.env": () => process.env["HOME"],
  "process.hrtime": () => process.hrtime.bigint(),
  fetch: () => fetch("http://localhost"),
  setTimeout: () => setTimeout(() => {}, 0),
  Intl: () => new Intl.NumberFormat(),
  "String.prototype.localeCompare": () => "a".localeCompare("b"),
  "Number.prototype.toLocaleString": () => (1.5).toLocaleString(),
};
for (const [global, touch] of Object.entries(TOUCHES)) {
  test(`[Z6] a rule that touches ${global} is told so, even if it hides that, and the world is as before`, () => {
    const place = (): PropertyDescriptor | undefined =>
      Object.getOwnPropertyDescriptor(ownerOf(global), global.split(".").at(-1) ?? "");
    const before = place();
    const rule: RuleLike = {
      ...earliest,
      compare(a, b, context) {
        try {
          touch();
        } catch {}
        return earliest.compare(a, b, context);
      },
    };

    const { sentence } = tryLaw(rule, "purity", { runs: 1, seed });

    expect(sentence).toContain(`touched ${global}`);
    expect(place()).toEqual(before);
  });
}

test("[Z7] what a rule says that it trusts may decide, and nothing else; at and its weights where it says nothing", () => {
  const grinding = (rule: RuleLike): boolean =>
    tryLaw(rule, "no-grinding", { runs: 1000, seed }).holds;
  const { compare } = fairShare;
  const bare = { name: "bare", version: 1, compare };

  expect(grinding(bare)).toBe(false);
  expect(grinding({ ...bare, trusts: ["losses"] })).toBe(false);
  expect(grinding({ ...bare, trusts: ["losses", "at"] })).toBe(true);
  expect(grinding({ ...bare, weighs: ["losses"] })).toBe(true);
  expect(grinding({ ...bare, compare: rendezvous.compare, trusts: [] })).toBe(true);
  expect(grinding({ ...bare, compare: (a, b) => b.n - a.n })).toBe(false);
});

test("[Z8] [U7] fair-share holds its own bound, and none that is one lower", () => {
  const tighter: Rule = { ...fairShare, maxBypass: (agents) => agents - 2 };

  expect(tryLaw(fairShare, "bounded-bypass", { runs: 2 * numRuns, seed }).holds).toBe(true);
  expect(tryLaw(tighter, "bounded-bypass", { runs: 1000, seed }).sentence).toMatch(
    /nobody should lose more than \d in a row, but \S+ has lost \d/,
  );
});

test("[Z9] a rule of a few lines is read from its module and given a reason", () => {
  const compare = (a: ClaimFacts, b: ClaimFacts): number => a.at - b.at;
  const rule = readRule({ rule: { name: "first-come", version: 2, compare } });
  const [ana, bob] = [claimOf(1, 1, 0), claimOf(2, 2, 0)];

  expect(rule.compare(ana, bob, ROUND)).toBe(-1);
  expect(rule.reason(ana, bob, ROUND)).toBe("comes first by first-come@2");
  expect(checkRule(rule).holds).toBe(true);
  expect(readRule({ rule: fairShare }).maxBypass?.(4)).toBe(3);
  expect(readRule({ rule: earliest }).reason(ana, bob, ROUND)).toMatch(/^came first by Lamport/);
});

test("[Z9] a rule that is an object of a class keeps its own state of mind", () => {
  class Reversed {
    readonly name = "reversed";
    readonly version = 1;
    readonly sign = -1;
    compare(a: ClaimFacts, b: ClaimFacts): number {
      return this.sign * (a.at - b.at);
    }
  }

  expect(
    readRule({ rule: new Reversed() }).compare(claimOf(1, 1, 0), claimOf(2, 2, 0), ROUND),
  ).toBe(1);
});

test("[Z9] of a module without a fit rule it is said what is missing and what to write", () => {
  const compare = (): number => 0;
  const fit = { name: "fit", version: 1, compare };
  const wrongs: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /exports no `rule`; write `export const rule = /],
    [{ default: fit }, /exports no `rule`/],
    [{ rule: 7 }, /A rule is an object; this one is 7/],
    [{ rule: { version: 1, compare } }, /`name` .*; this one is missing. Write `name: /],
    [{ rule: { ...fit, name: "a b@c" } }, /`name` .*; this one is "a b@c"/],
    [{ rule: { ...fit, version: "1" } }, /`version` .*; this one is "1"/],
    [{ rule: { ...fit, version: 0 } }, /`version` .*; this one is 0/],
    [{ rule: { name: "fit", version: 1 } }, /`compare` .*; this one is missing/],
    [{ rule: { ...fit, weighs: "load" } }, /`weighs` is a list of "load", "losses", "priority"/],
    [{ rule: { ...fit, trusts: ["n"] } }, /`trusts` is a list of "at", "load"/],
    [{ rule: { ...fit, reason: "so" } }, /`reason` is a function or left out; this one is "so"/],
    [{ rule: { ...fit, maxBypass: 3 } }, /`maxBypass` is a function or left out; this one is 3/],
  ];

  for (const [module, message] of wrongs) expect(() => readRule(module)).toThrow(message);
});

test("[Z1] a report for the terminal has a line for each law, each broken one with its claims, and how to repeat it", () => {
  const report = checkRule(brokenRule("latest"), { runs: 100, seed: 3 });
  const lines = formatRuleReport(report).split("\n");

  expect(lines[0]).toBe("rule latest@1: 1 of 13 laws is broken");
  expect(lines.slice(1, 14).map((line) => line.trim().split(/\s+/)[0])).toEqual(ruleLaws);
  expect(lines).toContain("  no-late-preemption  BROKEN 1 run");
  expect(lines).toContain("  bounded-bypass      -      not claimed");
  expect(lines).toContain('  claim {"agent":"ana","n":1,"at":1}');
  expect(lines.at(-1)).toBe("repeat with runs 100 and seed 3");
  expect(formatRuleReport(checkRule(earliest, { runs: 1 }))).toMatch(
    /^rule earliest@1: all laws hold$/m,
  );
});

test(
  "[U3] [U4] with a rule that answers NaN at its ties claims are in a total order all the same",
  () => {
    const vague: Rule = {
      ...earliest,
      name: "vague",
      compare: (a, b) => (a.at === b.at ? Number.NaN : a.at - b.at),
    };
    const asked: RuleLike = {
      name: "asked",
      version: 1,
      compare: (a, b, context) => compareClaims(vague, a, b, context),
    };

    expect(tryLaw(vague, "total-order", { runs: 1000, seed }).sentence).toMatch(/answered NaN/);
    expect(tryLaw(asked, "total-order", { runs: 2 * numRuns, seed }).holds).toBe(true);
  },
  LAW_TIMEOUT_MS,
);

for (const rule of builtInRules) {
  test(
    `[U4] what ${rule.name} does not weigh changes nothing, and its reason is the same everywhere`,
    () => {
      fc.assert(
        fc.property(anyRivals(2, 2), anyContext, ([a, b], context) => {
          if (a === undefined || b === undefined) return;
          const [bareA, bareB] = [bare(a, rule), bare(b, rule)];
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

function brokenRule(name: string): RuleLike {
  const found = createBrokenRules().find((one) => one.name === name);
  if (found === undefined) throw new Error(`the zoo has no rule ${name}`);
  return found.rule;
}

const TRAP: PropertyDescriptorMap = {
  [Symbol.toStringTag]: { get: () => raise(new Error("do not look at me")) },
};

function raise(cause: unknown): never {
  throw cause;
}

/** The object in which a global lies, such as `Math` for `Math.random`. */
function ownerOf(path: string): object {
  return path
    .split(".")
    .slice(0, -1)
    .reduce<object>((owner, name) => Reflect.get(owner, name) as object, globalThis);
}
