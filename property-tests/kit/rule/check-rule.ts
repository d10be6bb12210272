/** `checkRule`: tries every law on a rule, and gives a report that can be kept, shown and repeated. */
import { formatRule } from "../../../lib/core/rule.ts";
import { type RuleLaw, ruleLaws } from "./law.ts";
import { completeRule, type RuleLike } from "./read-rule.ts";
import type { LawVerdict, RuleReport } from "./rule-report.ts";
import { loadCase } from "./saved-case.ts";
import { tryCase, tryLaw } from "./try-law.ts";

/** How much to try. */
export interface RuleCheckOptions {
  /** In how many cases each law is tried, from 1; 1,000 where left out. */
  readonly runs?: number;
  /** A whole number; the same one draws the same cases. */
  readonly seed?: number;
}

/**
 * Tries every law on a rule. Whatever the rule does is reported, never thrown; only a rule that never returns is waited for.
 * After `cost` is broken the other laws are left out, since they ask many times.
 *
 * @throws TypeError when the rule has no name, version or `compare`
 * @throws RangeError when `runs` or `seed` is no such number
 */
export function checkRule(
  rule: RuleLike,
  { runs = 1000, seed = 20_260_101 }: RuleCheckOptions = {},
): RuleReport {
  if (!Number.isSafeInteger(runs) || runs < 1)
    throw new RangeError(`A law is tried in a whole number of cases from 1, not in ${runs}.`);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`A seed is a whole number, not ${seed}.`);
  const whole = completeRule(rule);
  const laws: LawVerdict[] = [];
  for (const law of ruleLaws) {
    const verdict = tryLaw(whole, law, { runs, seed });
    laws.push(verdict);
    if (law === "cost" && !verdict.holds) break;
  }
  return { rule: formatRule(whole), seed, runs, holds: laws.every((one) => one.holds), laws };
}

/**
 * Tries one law on one saved counterexample.
 *
 * @throws TypeError when there is no such law, or the counterexample is none
 */
export function replayRule(rule: RuleLike, law: RuleLaw, counterexample: unknown): LawVerdict {
  if (!ruleLaws.includes(law))
    throw new TypeError(`There is no law "${law}"; there are ${ruleLaws.join(", ")}.`);
  return tryCase(rule, law, loadCase(counterexample));
}
