/** A rule as the laws ask it: through the library's own tie-break, with whatever it may do wrong caught and named. */
import {
  type ClaimFacts,
  compareClaims,
  type Rule,
  type RuleContext,
} from "../../../lib/core/rule.ts";
import { describeValue, nameClaim } from "./wording.ts";

/** A rule did what no rule may do: it threw, or gave what is no number. */
export class RuleFault extends Error {}

/** A guarded rule, and the questions that the laws have for it. */
export interface Judge {
  /** Throws nothing but {@link RuleFault}, and answers numbers only. */
  readonly rule: Rule;
  /** Below 0 when `a` goes first, 0 only for one and the same claim. */
  order(a: ClaimFacts, b: ClaimFacts, context: RuleContext): number;
  /** The claim that wins if the claims come in this order, chosen as the fold chooses. */
  best(claims: readonly ClaimFacts[], context: RuleContext): ClaimFacts;
  sort(claims: readonly ClaimFacts[], context: RuleContext): readonly ClaimFacts[];
}

/** Puts a guard around a rule. */
export function createJudge(rule: Rule): Judge {
  const guarded: Rule = {
    ...rule,
    compare(a, b, context) {
      const answer = answerOf(rule, a, b, context);
      if (typeof answer === "number") return answer;
      throw new RuleFault(
        `asked for ${nameClaim(a)} and ${nameClaim(b)}, it should answer a number and answered ${describeValue(answer)}`,
      );
    },
  };
  const order: Judge["order"] = (a, b, context) => Math.sign(compareClaims(guarded, a, b, context));
  return {
    rule: guarded,
    order,
    best: (claims, context) =>
      claims.reduce((best, one) => (order(best, one, context) <= 0 ? best : one)),
    sort: (claims, context) => [...claims].sort((a, b) => order(a, b, context)),
  };
}

function answerOf(rule: Rule, a: ClaimFacts, b: ClaimFacts, context: RuleContext): unknown {
  try {
    return rule.compare(a, b, context);
  } catch (cause) {
    if (cause instanceof RuleFault) throw cause;
    throw new RuleFault(
      `asked for ${nameClaim(a)} and ${nameClaim(b)}, it should answer a number and threw ${describeValue(cause)}`,
    );
  }
}
