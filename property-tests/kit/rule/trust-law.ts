/** The law against grinding: what a claimant may write as it likes decides nothing that the rule does not say it trusts. */
import type { ClaimFacts, Rule } from "../../../lib/core/rule.ts";
import { anyCase } from "./arbitrary-case.ts";
import type { Law } from "./law.ts";
import { nameClaim, sayOrder } from "./wording.ts";

/** Every fact of a claim that its author chooses; its agent id it is given once, for all its claims. */
const CHOSEN = ["n", "at", "load", "losses", "priority"] as const;

/** What lies beside the facts where the library compares claims of several tasks; no rule may see it. */
const BESIDE = [
  { ttlMs: 1 },
  { guarantee: "settled", status: "held" },
  { attempt: 9, basis: { text: "1:ana:1" } },
];

/** Whatever a claimant writes into a field that the rule does not trust, its rank among others stays. */
export const noGrinding: Law = {
  name: "no-grinding",
  cases: () => anyCase([3, 3]),
  breach(judge, { claims, context }) {
    const [mine, rival, wish] = claims;
    if (mine === undefined || rival === undefined || wish === undefined) return null;
    if (mine.agent === rival.agent) return null;
    const before = judge.order(mine, rival, context);
    const forgeries = CHOSEN.filter((fact) => !trustedBy(judge.rule).has(fact)).map((fact) => ({
      field: fact as string,
      forged: rewrite(mine, fact, wish),
    }));
    for (const more of BESIDE)
      forgeries.push({ field: Object.keys(more).join(" or "), forged: { ...mine, ...more } });
    for (const { field, forged } of forgeries) {
      const after = judge.order(Object.freeze(forged), rival, context);
      if (after !== before)
        return `the rule does not trust \`${field}\` (by its \`trusts\` or \`weighs\`), so what a claimant writes there should change nothing; but against ${nameClaim(rival)} ${sayOrder(mine, rival, before)} with ${nameClaim(mine)}, and ${sayOrder(mine, rival, after)} with ${nameClaim(forged)}`;
    }
    return null;
  },
};

function trustedBy({ trusts, weighs = [] }: Rule): ReadonlySet<string> {
  return new Set(trusts ?? ["at", ...weighs]);
}

function rewrite(claim: ClaimFacts, fact: (typeof CHOSEN)[number], wish: ClaimFacts): ClaimFacts {
  const { [fact]: _old, ...rest } = claim;
  const value = wish[fact];
  return (value === undefined ? rest : { ...rest, [fact]: value }) as ClaimFacts;
}
