/** The law for rules that claim fairness: among n agents nobody is passed over more often in a row than the rule says. */
import type { ClaimFacts } from "../../../lib/core/rule.ts";
import { anyCase, anyContests } from "./arbitrary-case.ts";
import type { Judge } from "./judge.ts";
import { RuleFault } from "./judge.ts";
import type { Law, PlayedContest, RuleCase } from "./law.ts";
import { describeValue } from "./wording.ts";

/** Whichever agents take part, and whoever is always the last to come; losses age as in the library. */
export const boundedBypass: Law = {
  name: "bounded-bypass",
  cases: () => anyCase([2, 6], { contests: anyContests }),
  appliesTo: ({ rule }) => rule.maxBypass !== undefined,
  breach(judge, one) {
    const agents = onePerAgent(one.claims);
    if (agents.length < 2) return null;
    const bound = boundOf(judge, agents.length);
    const lossesOf = new Map(agents.map(({ agent }) => [agent, 0]));
    for (const [round, contest] of (one.contests ?? []).entries()) {
      const members = takePart(agents, contest, round).map((claim) =>
        Object.freeze({ ...claim, losses: lossesOf.get(claim.agent) ?? 0 }),
      );
      if (members.length === 0) continue;
      const best = judge.best(members, one.context);
      for (const { agent, losses } of members) {
        lossesOf.set(agent, agent === best.agent ? 0 : losses + 1);
        if (agent !== best.agent && losses + 1 > bound)
          return `among ${agents.length} agents nobody should lose more than ${bound} in a row, but ${agent} has lost ${losses + 1} in a row by contest ${round + 1}`;
      }
    }
    return null;
  },
};

function boundOf({ rule }: Judge, agents: number): number {
  let bound: unknown;
  try {
    bound = rule.maxBypass?.(agents);
  } catch (cause) {
    throw new RuleFault(
      `asked for its bound among ${agents} agents, it threw ${describeValue(cause)}`,
    );
  }
  if (typeof bound === "number" && bound >= 0 && bound < Infinity) return bound;
  throw new RuleFault(
    `asked for its bound among ${agents} agents, it should answer a number from 0 and answered ${describeValue(bound)}`,
  );
}

function onePerAgent(claims: readonly ClaimFacts[]): readonly ClaimFacts[] {
  return claims.filter((one, i) => claims.findIndex(({ agent }) => agent === one.agent) === i);
}

/** What each member claims this time: later in its log than before, and late by its luck. */
function takePart(
  agents: RuleCase["claims"],
  { members, luck }: PlayedContest,
  round: number,
): readonly ClaimFacts[] {
  return agents.flatMap((claim, i) =>
    (members >> i) & 1
      ? [{ ...claim, n: claim.n + round, at: claim.at + ((luck >> (i * 4)) & 15) }]
      : [],
  );
}
