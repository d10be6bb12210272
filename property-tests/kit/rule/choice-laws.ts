/** The laws of choosing one winner from a set: nothing matters but which claims are in it. */
import type { ClaimFacts } from "../../../lib/core/rule.ts";
import { anyCase, anyOrder } from "./arbitrary-case.ts";
import type { Law } from "./law.ts";
import { listRefs, nameClaim, refOf } from "./wording.ts";

const MOST = 5;

/** The winner among rivals is one of them and beats each other one. */
export const selection: Law = {
  name: "selection",
  cases: () => anyCase([2, MOST]),
  breach(judge, { claims, context }) {
    const best = judge.best(claims, context);
    const unbeaten = claims.find((one) => one !== best && judge.order(best, one, context) >= 0);
    return unbeaten === undefined
      ? null
      : `of ${listRefs(claims)} the winner is ${nameClaim(best)}, which should beat each other claim, but does not beat ${nameClaim(unbeaten)}`;
  },
};

/** Any order of the claims, and of the properties in them, gives the same winner and the same sequence. */
export const permutation: Law = {
  name: "permutation",
  cases: () => anyCase([2, MOST], { order: anyOrder(MOST) }),
  breach(judge, { claims, context, order = [] }) {
    const others = {
      "in another order": shuffle(claims, order),
      "with other property orders": claims.map(turn),
    };
    const expected = judge.sort(claims, context);
    const best = judge.best(claims, context);
    for (const [how, same] of Object.entries(others)) {
      const found = judge.best(same, context);
      if (refOf(found) !== refOf(best))
        return `of ${claims.map(nameClaim).join(", ")} the winner is ${refOf(best)}; ${how} (${listRefs(same)}) it should be the same and is ${refOf(found)}`;
      const sorted = listRefs(judge.sort(same, context));
      if (sorted !== listRefs(expected))
        return `${claims.map(nameClaim).join(", ")} sort as ${listRefs(expected)}; ${how} they should sort the same and sort as ${sorted}`;
    }
    return null;
  },
};

/** A claim and its copy are one claim. */
export const duplicates: Law = {
  name: "duplicates",
  cases: () => anyCase([1, MOST]),
  breach(judge, { claims, context }) {
    for (const claim of claims) {
      const order = judge.order(claim, { ...claim }, context);
      if (order !== 0)
        return `${nameClaim(claim)} and its copy are one claim and should be equal, but the ${order < 0 ? "first" : "second"} handed in goes first`;
    }
    const [once, twice] = [claims, [...claims, ...claims.map((one) => ({ ...one }))]].map((all) =>
      refOf(judge.best(all, context)),
    );
    return once === twice
      ? null
      : `of ${listRefs(claims)} the winner is ${once}; with each claim twice it should be the same and is ${twice}`;
  },
};

/** The best of the bests of any groups is the best of all. */
export const associativity: Law = {
  name: "associativity",
  cases: () => anyCase([3, MOST], { order: anyOrder(MOST) }),
  breach(judge, { claims, context, order = [] }) {
    const groups = [0, 1, 2]
      .map((group) => claims.filter((_, i) => (order[i] ?? i) % 3 === group))
      .filter((group) => group.length > 0);
    const best = judge.best(claims, context);
    const found = judge.best(
      groups.map((group) => judge.best(group, context)),
      context,
    );
    return refOf(found) === refOf(best)
      ? null
      : `of ${claims.map(nameClaim).join(", ")} the winner is ${refOf(best)}; the best of the bests of (${groups.map(listRefs).join(") (")}) should be the same and is ${refOf(found)}`;
  },
};

/** A claim that does not win changes nothing by coming or going. */
export const irrelevantClaims: Law = {
  name: "irrelevant-claims",
  cases: () => anyCase([2, MOST]),
  breach(judge, { claims, context }) {
    const best = judge.best(claims, context);
    for (const loser of claims) {
      if (loser === best) continue;
      const found = judge.best(
        claims.filter((one) => one !== loser),
        context,
      );
      if (found !== best)
        return `of ${claims.map(nameClaim).join(", ")} the winner is ${refOf(best)}; without the loser ${refOf(loser)} it should be the same and is ${refOf(found)}`;
    }
    return null;
  },
};

function shuffle(claims: readonly ClaimFacts[], order: readonly number[]): readonly ClaimFacts[] {
  const rest = [...claims];
  // with nothing drawn, the reverse
  return claims.flatMap((_, i) => rest.splice((order[i] ?? rest.length - 1) % rest.length, 1));
}

function turn(claim: ClaimFacts): ClaimFacts {
  return Object.freeze(
    Object.fromEntries(Object.entries(claim).reverse()),
  ) as unknown as ClaimFacts;
}
