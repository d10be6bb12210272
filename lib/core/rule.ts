/** Rules: named, versioned comparators that say which of two rival claims is the better one. */
import { hashText } from "./hash.ts";
import type { AgentId, TaskId } from "./record.ts";
import { compareText } from "./record.ts";

/** What a rule may weigh of a claim; it travels in the claim and never changes. */
export interface ClaimFacts {
  readonly agent: AgentId;
  /** Position of the claim in its agent's log. */
  readonly n: number;
  /** Lamport time of the claim. */
  readonly at: number;
}

/** What two rivals have in common. */
export interface RuleContext {
  readonly task: TaskId;
  readonly attempt: number;
}

/**
 * A total, pure order over the rival claims of one attempt, blind to time and to the order of its input. The order of
 * two claims must never change; ties and NaN are resolved by the claim's reference.
 */
export interface Rule {
  readonly name: string;
  readonly version: number;
  /** Below 0 when `a` is the better claim, above 0 when `b` is. */
  compare(a: ClaimFacts, b: ClaimFacts, context: RuleContext): number;
  /** Says in a few words why `better` beats `worse`, to complete "won because it …". */
  reason(better: ClaimFacts, worse: ClaimFacts, context: RuleContext): string;
}

/**
 * First come, first served by Lamport time; ties go by a hash salted with task and attempt, so that no agent wins all.
 * For teams that trust each other: a Lamport time can be understated.
 */
export const earliest: Rule = {
  name: "earliest",
  version: 1,
  compare: (a, b, context) => a.at - b.at || score(a, context) - score(b, context),
  reason: (better, worse) =>
    better.at === worse.at
      ? `has the lower salted hash at the same Lamport time ${better.at}`
      : `came first by Lamport time (${better.at} before ${worse.at})`,
};

/** Highest random weight of agent, task and attempt; nothing the claimant writes into the claim matters. */
export const rendezvous: Rule = {
  name: "rendezvous",
  version: 1,
  compare: (a, b, context) => score(b, context) - score(a, context),
  reason: (better, worse, context) =>
    better.agent === worse.agent
      ? "is the earlier claim of the same agent"
      : `has the higher rendezvous weight (${score(better, context)} over ${score(worse, context)})`,
};

/** Writes a rule's name and version as boards carry it, such as `earliest@1`. */
export function formatRule(rule: Rule): string {
  return `${rule.name}@${rule.version}`;
}

/** Makes a rule total: whatever it answers, two different claims are never equal. */
export function compareClaims(
  rule: Rule,
  a: ClaimFacts,
  b: ClaimFacts,
  context: RuleContext,
): number {
  return rule.compare(a, b, context) || compareText(a.agent, b.agent) || a.n - b.n;
}

function score(claim: ClaimFacts, context: RuleContext): number {
  return hashText(`${context.task} ${context.attempt} ${claim.agent}`);
}
