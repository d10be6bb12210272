/** Trying one law: drawing cases, shrinking what breaks it, and trying one case again. */
import fc from "fast-check";
import {
  associativity,
  duplicates,
  irrelevantClaims,
  permutation,
  selection,
} from "./choice-laws.ts";
import { cost } from "./cost-law.ts";
import { boundedBypass } from "./fairness-law.ts";
import { createJudge, type Judge, RuleFault } from "./judge.ts";
import type { Law, RuleCase, RuleLaw } from "./law.ts";
import { locality, purity } from "./memory-laws.ts";
import { totalOrder } from "./order-law.ts";
import { completeRule, type RuleLike } from "./read-rule.ts";
import type { LawVerdict } from "./rule-report.ts";
import { saveCase } from "./saved-case.ts";
import { clockShift, noLatePreemption } from "./time-laws.ts";
import { noGrinding } from "./trust-law.ts";

const LAWS: Readonly<Record<RuleLaw, Law>> = {
  cost,
  "total-order": totalOrder,
  selection,
  permutation,
  duplicates,
  associativity,
  "irrelevant-claims": irrelevantClaims,
  purity,
  locality,
  "clock-shift": clockShift,
  "no-late-preemption": noLatePreemption,
  "bounded-bypass": boundedBypass,
  "no-grinding": noGrinding,
};

/** After a law was seen broken, in how many more cases a smaller counterexample is looked for. */
const MOST_SHRINKING = 2000;

/** Tries one law on a rule in so many cases; whatever the rule does is in the verdict, and nothing is thrown. */
export function tryLaw(
  rule: RuleLike,
  name: RuleLaw,
  { runs, seed }: { readonly runs: number; readonly seed: number },
): LawVerdict {
  const [law, judge] = [LAWS[name], createJudge(completeRule(rule))];
  if (law.appliesTo?.(judge) === false) return { law: name, holds: true, runs: 0 };
  // what was seen is kept: of a rule that is not pure nothing need come back when asked again
  const seen: { last: { readonly one: RuleCase; readonly sentence: string } | null } = {
    last: null,
  };
  let tries = 0;
  const details = fc.check(
    fc.property(law.cases(), (one) => {
      if (seen.last !== null && ++tries > MOST_SHRINKING) return true;
      const sentence = breachOf(law, judge, one);
      if (sentence !== null) seen.last = { one, sentence };
      return sentence === null;
    }),
    { numRuns: runs, seed },
  );
  return verdictOf(name, details.numRuns, seen.last);
}

/** Tries one law on one case. */
export function tryCase(rule: RuleLike, name: RuleLaw, one: RuleCase): LawVerdict {
  const [law, judge] = [LAWS[name], createJudge(completeRule(rule))];
  if (law.appliesTo?.(judge) === false) return { law: name, holds: true, runs: 0 };
  const sentence = breachOf(law, judge, one);
  return verdictOf(name, 1, sentence === null ? null : { one, sentence });
}

function verdictOf(
  law: RuleLaw,
  runs: number,
  seen: { readonly one: RuleCase; readonly sentence: string } | null,
): LawVerdict {
  if (seen === null) return { law, holds: true, runs };
  const { one, sentence } = seen;
  return { law, holds: false, runs, counterexample: saveCase(one), sentence };
}

function breachOf(law: Law, judge: Judge, one: RuleCase): string | null {
  try {
    return law.breach(judge, one);
  } catch (fault) {
    if (fault instanceof RuleFault) return fault.message;
    throw fault;
  }
}
