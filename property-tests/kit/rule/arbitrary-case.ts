/** Arbitrary claims for the laws of rules: ties, equal hashes, odd numbers and odd names come often, on purpose. */
import fc from "fast-check";
import type { AgentId, TaskId } from "../../../lib/core/record.ts";
import type { ClaimFacts, RuleContext } from "../../../lib/core/rule.ts";
import type { PlayedContest, RuleCase } from "./law.ts";

/** Of "1vl8" and "ipd6" the hashes for the first attempt at "task" are equal; some names differ only to the eye. */
const NAMES = ["ana", "bob", "cyd", "1vl8", "ipd6", "Ana", "ana~1", "ana~10"];
const ODD_NAMES = [
  "\u00e1na",
  "a\u0301na",
  "\u0130da",
  "\u{1F41C}",
  "\uFB00",
  "z\u00fcri",
  "\u01C5",
];
const NUMBERS = [undefined, 0, 1, 2, 3, -1, 1 + Number.EPSILON, 0.1 + 0.2, 0.3];
const ODD_NUMBERS = [
  Number.NaN,
  Infinity,
  -Infinity,
  -0,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Number.MIN_VALUE,
  2 ** 53,
];

const anyWeight: fc.Arbitrary<number | undefined> = fc.oneof(
  { withCrossShrink: true },
  { weight: 6, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 3, arbitrary: fc.constantFrom(...ODD_NUMBERS) },
  { weight: 2, arbitrary: fc.integer({ min: -20, max: 200 }) },
  { weight: 1, arbitrary: fc.double() },
);
const anyName = fc.oneof(
  { withCrossShrink: true },
  { weight: 5, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD_NAMES) },
  { weight: 2, arbitrary: fc.nat(9999).map((i) => `agent~${i}`) },
);
const anyTime = fc.oneof(
  { withCrossShrink: true },
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 100_000 }) },
);

/** Any claim, frozen; a weight is present or missing. */
const anyClaim: fc.Arbitrary<ClaimFacts> = fc
  .tuple(anyName, fc.integer({ min: 1, max: 6 }), anyTime, anyWeight, anyWeight, anyWeight)
  .map(([agent, n, at, load, losses, priority]) =>
    Object.freeze({
      agent: agent as AgentId,
      n,
      at,
      ...(load === undefined ? {} : { load }),
      ...(losses === undefined ? {} : { losses }),
      ...(priority === undefined ? {} : { priority }),
    }),
  );

/** Any task and attempt, frozen. */
export const anyContext: fc.Arbitrary<RuleContext> = fc
  .tuple(
    fc.oneof(
      { withCrossShrink: true },
      { weight: 3, arbitrary: fc.constantFrom("task", "", "t\u00e4sk \u{1F41C}") },
      { weight: 2, arbitrary: fc.nat(9999).map((i) => `task-${i}`) },
    ),
    fc.integer({ min: 1, max: 4 }),
  )
  .map(([task, attempt]) => Object.freeze({ task: task as TaskId, attempt }));

/** So many claims that may stand in one attempt together. */
export function anyRivals(least: number, most: number): fc.Arbitrary<readonly ClaimFacts[]> {
  return fc
    .array(anyClaim, { minLength: least, maxLength: most, size: "max" })
    .map((claims) => Object.freeze(asInLogs(claims)));
}

/** A case with so many claims, and what else a law asks for. */
export function anyCase(
  [least, most]: readonly [number, number],
  more: { readonly [K in "order" | "delay" | "contests"]?: fc.Arbitrary<RuleCase[K]> } = {},
): fc.Arbitrary<RuleCase> {
  return fc.record({
    context: anyContext,
    claims: anyRivals(least, most),
    ...more,
  }) as fc.Arbitrary<RuleCase>;
}

/**
 * Gives agents and tasks names in each case that no case before had, also while it shrinks: of a rule that remembers them
 * every case is then the first.
 */
export function withNewNames(cases: fc.Arbitrary<RuleCase>): fc.Arbitrary<RuleCase> {
  let count = 0;
  return cases.map((one) => {
    const mark = `~${++count}`;
    const context = { ...one.context, task: `${one.context.task}${mark}` as TaskId };
    const claims = one.claims.map((claim) =>
      Object.freeze({ ...claim, agent: `${claim.agent}${mark}` as AgentId }),
    );
    return { ...one, context: Object.freeze(context), claims };
  });
}

/** Any order or grouping of up to so many claims. */
export function anyOrder(most: number): fc.Arbitrary<readonly number[]> {
  return fc.array(fc.nat(60), { minLength: most, maxLength: most });
}

/** By how much a Lamport time is moved: one, a little or very much. */
export const anyDelay: fc.Arbitrary<number> = fc.oneof(
  { withCrossShrink: true },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 10 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 ** 31 }) },
);

/** Any series of contests. */
export const anyContests: fc.Arbitrary<readonly PlayedContest[]> = fc.array(
  fc
    .tuple(fc.oneof(fc.constant(63), fc.nat(63)), fc.nat(2 ** 24 - 1))
    .map(([members, luck]) => ({ members, luck })),
  { maxLength: 30, size: "max" },
);

/** Along a log position and Lamport time grow: of two claims by one agent the later one has more of both. */
function asInLogs(claims: readonly ClaimFacts[]): ClaimFacts[] {
  const lastOf = new Map<AgentId, ClaimFacts>();
  return claims.map((claim) => {
    const last = lastOf.get(claim.agent);
    const legal =
      last === undefined
        ? claim
        : Object.freeze({
            ...claim,
            n: Math.max(claim.n, last.n + 1),
            at: Math.max(claim.at, last.at + 1),
          });
    lastOf.set(claim.agent, legal);
    return legal;
  });
}
