/** Rules: named, versioned comparators that say which of two rival claims is the better one. */
import { hashText } from "./hash.ts";
import type { AgentId, ClaimWeights, TaskId } from "./record.ts";
import { compareText } from "./record.ts";

/** What a rule may weigh of a claim; it travels in the claim and never changes. */
export interface ClaimFacts extends ClaimWeights {
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
  /** The weights that claims carry under this rule, so that others stay small; none where left out. */
  readonly weighs?: readonly (keyof ClaimWeights)[];
  /**
   * The facts, freely written by the claimant, that may decide under this rule; `at` and what it weighs where left out,
   * none where empty. No rule may let a claim's position in its log decide between two agents.
   */
  readonly trusts?: readonly ("at" | keyof ClaimWeights)[];
  /** Below 0 when `a` is the better claim, above 0 when `b` is. */
  compare(a: ClaimFacts, b: ClaimFacts, context: RuleContext): number;
  /** Says in a few words why `better` beats `worse`, to complete "won because it …". */
  reason(better: ClaimFacts, worse: ClaimFacts, context: RuleContext): string;
  /**
   * Only for rules that claim fairness: how many contests in a row an agent may lose among so many agents, whichever of
   * them take part each time, with one contest open at once and `losses` counted as the library does.
   */
  maxBypass?(agents: number): number;
}

const BY_ID = "has the lower agent id, all else being equal";

/**
 * First come, first served by Lamport time; ties go by a hash salted with task and attempt, so that no agent wins all.
 * For teams that trust each other: a Lamport time can be understated.
 */
export const earliest: Rule = {
  name: "earliest",
  version: 1,
  trusts: ["at"],
  compare: (a, b, context) => a.at - b.at || score(a, context) - score(b, context),
  reason: (better, worse, context) => {
    if (better.at !== worse.at)
      return `came first by Lamport time (${better.at} before ${worse.at})`;
    return score(better, context) === score(worse, context)
      ? BY_ID
      : `has the lower salted hash at the same Lamport time ${better.at}`;
  },
};

/** Highest random weight of agent, task and attempt; nothing the claimant writes into the claim matters. */
export const rendezvous: Rule = {
  name: "rendezvous",
  version: 1,
  trusts: [],
  compare: (a, b, context) => score(b, context) - score(a, context),
  reason: (better, worse, context) => {
    if (better.agent === worse.agent) return "is the earlier claim of the same agent";
    const [won, lost] = [score(better, context), score(worse, context)];
    return won === lost ? BY_ID : `has the higher rendezvous weight (${won} over ${lost})`;
  },
};

/**
 * The agent with fewer live claims at the time of its claim goes first, so that work spreads; then as {@link earliest}.
 * For teams that trust each other, as all rules that weigh what a claim says of itself.
 */
export const leastLoaded: Rule = /* @__PURE__ */ weighing(
  "least-loaded",
  "load",
  1,
  "came from the agent with fewer live claims",
);

/**
 * The agent that lost more contests in a row goes first; then as {@link earliest}. Losers age, so bypass is bounded:
 * among n agents, whichever of them take part each time, nobody loses more than n - 1 contests in a row; with up to c
 * contests open at once per agent, c × (n - 1). Reached in the worst case; contests that a confirmed claim decides do
 * not count.
 */
export const fairShare: Rule = /* @__PURE__ */ weighing(
  "fair-share",
  "losses",
  -1,
  "came from the agent that lost more contests in a row",
  (agents) => agents - 1,
);

/** The claim with the higher priority goes first, as its agent set it; then as {@link earliest}. */
export const priority: Rule = /* @__PURE__ */ weighing(
  "priority",
  "priority",
  -1,
  "has the higher priority",
);

/** Every rule that comes with the library; {@link formatRule} gives the name under which to find one. */
export const builtInRules: readonly Rule[] = [
  earliest,
  rendezvous,
  leastLoaded,
  fairShare,
  priority,
];

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
  const answer: unknown = rule.compare(a, b, context);
  const verdict = typeof answer === "number" ? answer : 0; // rules may come from plain JavaScript
  return verdict || compareText(a.agent, b.agent) || a.n - b.n;
}

function score(claim: ClaimFacts, context: RuleContext): number {
  return hashText(`${context.task} ${context.attempt} ${claim.agent}`);
}

/** A rule that puts one weight, rising (1) or falling (-1), before all that `earliest` looks at. */
function weighing(
  name: string,
  weight: keyof ClaimWeights,
  sign: 1 | -1,
  edge: string,
  maxBypass?: (agents: number) => number,
): Rule {
  // what is missing or NaN counts as 0; two infinite weights differ by NaN, which is a tie too
  const weightOf = (claim: ClaimFacts): number => Number(claim[weight]) || 0;
  return {
    name,
    version: 1,
    weighs: [weight],
    trusts: [weight, "at"],
    ...(maxBypass === undefined ? {} : { maxBypass }),
    compare: (a, b, context) =>
      sign * (weightOf(a) - weightOf(b)) || earliest.compare(a, b, context),
    reason(better, worse, context) {
      const [won, lost] = [weightOf(better), weightOf(worse)];
      return won === lost
        ? `${earliest.reason(better, worse, context)}, with equal ${weight} (${won})`
        : `${edge} (${won} against ${lost})`;
    },
  };
}
