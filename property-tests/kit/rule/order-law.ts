/** The law on which all others rest: with the library's tie-break a rule is a total order that ends in a unique id. */
import type { ClaimFacts } from "../../../lib/core/rule.ts";
import { anyCase } from "./arbitrary-case.ts";
import type { Judge } from "./judge.ts";
import type { Law, RuleCase } from "./law.ts";
import { nameClaim, refOf, sayOrder } from "./wording.ts";

/** Antisymmetric, transitive, equal for nothing but one and the same claim, and never NaN. */
export const totalOrder: Law = {
  name: "total-order",
  cases: () => anyCase([2, 3]),
  breach: (judge, one) => findNaN(judge, one) ?? findTwoMinds(judge, one) ?? findCircle(judge, one),
};

function findNaN(judge: Judge, { claims, context }: RuleCase): string | null {
  for (const [a, b] of pairsOf(claims)) {
    if (Number.isNaN(judge.rule.compare(a, b, context)))
      return `asked for ${nameClaim(a)} and ${nameClaim(b)}, it should answer a number and answered NaN`;
  }
  return null;
}

function findTwoMinds(judge: Judge, { claims, context }: RuleCase): string | null {
  for (const [a, b] of pairsOf(claims)) {
    const [one, other] = [judge.order(a, b, context), judge.order(b, a, context)];
    if (one + other === 0 && one !== 0) continue;
    return `the order of ${nameClaim(a)} and ${nameClaim(b)} should not depend on which is handed in first, but ${sayOrder(a, b, one)} when asked one way, and ${sayOrder(b, a, other)} when asked the other`;
  }
  return null;
}

function findCircle(judge: Judge, { claims, context }: RuleCase): string | null {
  const [first, second, third] = claims;
  if (first === undefined || second === undefined || third === undefined) return null;
  const goesBefore = (a: ClaimFacts, b: ClaimFacts): boolean => judge.order(a, b, context) < 0;
  for (const [a, b, c] of [
    [first, second, third],
    [first, third, second],
  ] as const) {
    if (goesBefore(a, b) && goesBefore(b, c) && goesBefore(c, a))
      return `${nameClaim(a)} goes before ${nameClaim(b)}, which goes before ${nameClaim(c)}; so ${refOf(a)} should go before ${refOf(c)}, but ${refOf(c)} goes before ${refOf(a)}`;
  }
  return null;
}

/** Every pair of claims, each once. */
export function pairsOf(claims: readonly ClaimFacts[]): (readonly [ClaimFacts, ClaimFacts])[] {
  return claims.flatMap((a, i) => claims.slice(i + 1).map((b) => [a, b] as const));
}
