/** What a law for rules is: a statement, the cases in which it is tried, and how to see that one breaks it. */
import type fc from "fast-check";
import type { ClaimFacts, RuleContext } from "../../../lib/core/rule.ts";
import type { Judge } from "./judge.ts";

/** The laws, in the order in which they are tried: a rule that costs too much is asked nothing more. */
export const ruleLaws = [
  "cost",
  "total-order",
  "selection",
  "permutation",
  "duplicates",
  "associativity",
  "irrelevant-claims",
  "purity",
  "locality",
  "clock-shift",
  "no-late-preemption",
  "bounded-bypass",
  "no-grinding",
] as const;

/** A law, by its name. */
export type RuleLaw = (typeof ruleLaws)[number];

/** One contest of a series: who takes part, as bits by the place among the claims, and by how much each is late. */
export interface PlayedContest {
  readonly members: number;
  /** Four bits a member. */
  readonly luck: number;
}

/** One case in which a law is tried; each law takes of it what it needs. */
export interface RuleCase {
  readonly context: RuleContext;
  /** Claims that may stand in one attempt: of two by one agent the later has the higher position and Lamport time. */
  readonly claims: readonly ClaimFacts[];
  /** Any numbers, which give another order or grouping of the claims. */
  readonly order?: readonly number[];
  /** By how much a Lamport time is moved; at least 1. */
  readonly delay?: number;
  readonly contests?: readonly PlayedContest[];
}

/** One law. */
export interface Law {
  readonly name: RuleLaw;
  /** Starts drawing cases. */
  cases(): fc.Arbitrary<RuleCase>;
  /** Whether the law has anything to say of a rule; where left out it has. */
  appliesTo?(judge: Judge): boolean;
  /** Says in one sentence what was expected and what happened instead; null where the law holds. */
  breach(judge: Judge, one: RuleCase): string | null;
}
