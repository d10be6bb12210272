/** Rules with one planted bug each, of the kinds that people write; each must be caught by the law that it breaks. */
import { hashText } from "../../lib/core/hash.ts";
import { compareText } from "../../lib/core/record.ts";
import { type ClaimFacts, earliest, fairShare, priority } from "../../lib/core/rule.ts";
import type { RuleLaw } from "../kit/rule/law.ts";
import type { RuleLike } from "../kit/rule/read-rule.ts";

/** A rule with one bug. */
export interface BrokenRule {
  readonly name: string;
  /** What is wrong, in one line. */
  readonly what: string;
  readonly rule: RuleLike;
  /** The law that must catch it, whatever others do. */
  readonly law: RuleLaw;
}

/** Makes all of them anew: some remember what they were asked. */
export function createBrokenRules(): readonly BrokenRule[] {
  return [
    plant(
      "first-handed-in",
      "no tie-break: of equal claims the one handed in first wins",
      "permutation",
      {
        compare: (a, b) => (a.at <= b.at ? -1 : 1),
      },
    ),
    plant("last-compared", "takes the last claim that it is handed", "selection", {
      compare: () => 1,
    }),
    plant("never-equal", "a claim goes before its own copy", "duplicates", {
      compare: (a, b, context) => earliest.compare(a, b, context) || (a.agent < b.agent ? -1 : 1),
    }),
    plant(
      "rock-paper-scissors",
      "not transitive: each Lamport time beats the next, in a circle",
      "total-order",
      {
        compare: (a, b) => [0, -1, 1][(((b.at - a.at) % 3) + 3) % 3] ?? 0,
      },
    ),
    plant(
      "close-enough",
      "not transitive: priorities that differ by less than 2 count as equal",
      "associativity",
      {
        weighs: ["priority"],
        compare(a, b, context) {
          const gap = finite(b.priority) - finite(a.priority);
          return Math.abs(gap) < 2 ? earliest.compare(a, b, context) : gap;
        },
      },
    ),
    plant(
      "majority-of-facts",
      "Condorcet: wins by most of load, losses and priority",
      "irrelevant-claims",
      {
        weighs: ["load", "losses", "priority"],
        compare(a, b, context) {
          const votes = (["load", "losses", "priority"] as const).map((fact) =>
            Math.sign(finite(a[fact]) - finite(b[fact])),
          );
          return votes.reduce((sum, vote) => sum + vote, 0) || earliest.compare(a, b, context);
        },
      },
    ),
    plant("missing-is-nan", "answers NaN where a claim carries no load", "total-order", {
      weighs: ["load"],
      compare: (a, b) => Number(a.load) - Number(b.load),
    }),
    plant(
      "prints-facts",
      "breaks ties by the text of the whole claim, so by the order of its properties",
      "permutation",
      {
        weighs: ["load", "losses", "priority"],
        compare: (a, b) => a.at - b.at || compareText(JSON.stringify(a), JSON.stringify(b)),
      },
    ),
    plant("wall-clock", "turns the order round every other day", "purity", {
      compare: (a, b, context) =>
        earliest.compare(a, b, context) * (new Date().getUTCDate() % 2 === 0 ? -1 : 1),
    }),
    plant("coin-toss", "breaks ties by chance", "purity", {
      compare: (a, b) => a.at - b.at || Math.random() - 0.5,
    }),
    plant(
      "captured-chance",
      "breaks ties by chance, with a generator taken aside beforehand",
      "purity",
      {
        compare: tossWith(Math.random),
      },
    ),
    plant("environment", "reverses the order where the environment says so", "purity", {
      compare: (a, b, context) =>
        earliest.compare(a, b, context) * (process.env["RULE_ORDER"] === "reverse" ? -1 : 1),
    }),
    plant("locale", "compares agents by the rules of the machine's language", "purity", {
      compare: (a, b) => a.at - b.at || a.agent.localeCompare(b.agent),
    }),
    plant("collator", "compares agents by a collator made when the module was loaded", "purity", {
      compare: collateWith(new Intl.Collator()),
    }),
    plant("marks-the-claim", "writes its score into the claim that it was handed", "purity", {
      compare(a, b, context) {
        const mark = (claim: ClaimFacts): number => {
          if (!Reflect.set(claim, "priority", hashText(claim.agent))) return 0;
          return claim.priority ?? 0;
        };
        return mark(a) - mark(b) || earliest.compare(a, b, context);
      },
    }),
    plant("swallowed", "hides behind a catch that it asked the clock", "purity", {
      compare(a, b, context) {
        try {
          if (performance.now() < 0) return 1;
        } catch {}
        return earliest.compare(a, b, context);
      },
    }),
    plant("had-its-turn", "whoever was compared in more tasks gives way", "locality", {
      compare: rememberTurns(),
    }),
    plant("seen-most", "prefers the agent that it has met more often", "locality", {
      compare: countMeetings(),
    }),
    plant(
      "by-the-hour",
      "cuts Lamport time into slices of 10 and prefers the lower agent within one",
      "clock-shift",
      {
        compare: (a, b) =>
          Math.floor(a.at / 10) - Math.floor(b.at / 10) || compareText(a.agent, b.agent),
      },
    ),
    plant("golden-age", "prefers the later claim until Lamport time 1,000", "clock-shift", {
      compare: (a, b, context) =>
        Math.min(b.at, 1000) - Math.min(a.at, 1000) || earliest.compare(a, b, context),
    }),
    plant(
      "latest",
      "prefers the later claim, so that whoever waits displaces the holder",
      "no-late-preemption",
      {
        compare: (a, b, context) => -earliest.compare(a, b, context),
      },
    ),
    plant("spread-late", "at equal load prefers the later claim", "no-late-preemption", {
      weighs: ["load"],
      compare: (a, b) => finite(a.load) - finite(b.load) || b.at - a.at,
    }),
    plant(
      "fair-in-name",
      "claims that nobody loses more than n - 1 times, and takes the earliest",
      "bounded-bypass",
      {
        compare: (a, b, context) => earliest.compare(a, b, context),
        maxBypass: (agents) => agents - 1,
      },
    ),
    plant(
      "soon-forgotten",
      "counts no more than 2 losses, so that the latest of many starves",
      "bounded-bypass",
      {
        weighs: ["losses"],
        compare: (a, b, context) =>
          fairShare.compare(
            { ...a, losses: Math.min(finite(a.losses), 2) },
            { ...b, losses: Math.min(finite(b.losses), 2) },
            context,
          ),
        maxBypass: (agents) => agents - 1,
      },
    ),
    plant("undeclared-weight", "weighs a priority that it does not declare", "no-grinding", {
      compare: priority.compare,
    }),
    plant("distrusted-time", "says that it trusts nothing, and takes the earliest", "no-grinding", {
      trusts: [],
      compare: (a, b, context) => earliest.compare(a, b, context),
    }),
    plant(
      "ground-by-position",
      "salts its hash with the position, which a claimant moves by writing first",
      "no-grinding",
      {
        compare: (a, b) => hashText(`${a.agent} ${a.n}`) - hashText(`${b.agent} ${b.n}`),
      },
    ),
    plant("by-guarantee", "looks at what lies beside the facts of some claims", "no-grinding", {
      compare(a, b, context) {
        const isSettled = (claim: object): number =>
          "guarantee" in claim && claim.guarantee === "settled" ? 1 : 0;
        return isSettled(b) - isSettled(a) || earliest.compare(a, b, context);
      },
    }),
    plant(
      "goes-through-all",
      "keeps every claim it has seen, and goes through them at each comparison",
      "cost",
      {
        compare: rememberAll(),
      },
    ),
    plant("counts-up", "counts up to the Lamport time", "cost", {
      compare(a, b) {
        let steps = 0;
        for (let i = 0; i < a.at; i++) steps++;
        return steps - b.at;
      },
    }),
    plant("throws-at-strangers", "throws at a name that is not plain ASCII", "total-order", {
      compare(a, b, context) {
        for (const { agent } of [a, b])
          if (!/^[ -~]*$/.test(agent)) throw new RangeError(`bad agent ${agent}`);
        return earliest.compare(a, b, context);
      },
    }),
    plant("answers-text", "answers the name of the winner", "total-order", {
      compare: (a, b) => (a.at < b.at ? a.agent : b.agent) as unknown as number,
    }),
    plant("answers-bigint", "answers a bigint, which no sort takes", "total-order", {
      compare: (a, b) => BigInt(a.at - b.at) as unknown as number,
    }),
  ];
}

function plant(
  name: string,
  what: string,
  law: RuleLaw,
  rule: Omit<RuleLike, "name" | "version">,
): BrokenRule {
  return { name, what, law, rule: { name, version: 1, ...rule } };
}

type Compare = RuleLike["compare"];

function finite(weight: number | undefined): number {
  return weight !== undefined && Number.isFinite(weight) ? weight : 0;
}

function tossWith(random: () => number): Compare {
  return (a, b) => a.at - b.at || random() - 0.5;
}

function collateWith(collator: Intl.Collator): Compare {
  return (a, b) => a.at - b.at || collator.compare(a.agent, b.agent);
}

function rememberTurns(): Compare {
  const tasksOf = new Map<string, Set<string>>();
  const turnsOf = (agent: string, task: string): number => {
    const tasks = tasksOf.get(agent) ?? new Set();
    tasksOf.set(agent, tasks.add(task));
    return tasks.size;
  };
  return (a, b, context) =>
    turnsOf(a.agent, context.task) - turnsOf(b.agent, context.task) ||
    earliest.compare(a, b, context);
}

function countMeetings(): Compare {
  const meetings = new Map<string, number>();
  return (a, b, context) => {
    const counts = [a, b].map(({ agent }) => {
      const count = (meetings.get(agent) ?? 0) + 1;
      meetings.set(agent, count);
      return count;
    });
    return (counts[1] ?? 0) - (counts[0] ?? 0) || earliest.compare(a, b, context);
  };
}

function rememberAll(): Compare {
  const seen: ClaimFacts[] = [];
  return (a, b, context) => {
    seen.push(a, b);
    const later = seen.filter((one) => one.at > a.at).length;
    return later < 0 ? 1 : earliest.compare(a, b, context);
  };
}
