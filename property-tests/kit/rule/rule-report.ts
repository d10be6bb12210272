/** What is said of a rule after its laws were tried, as data and as lines for a terminal. */
import { type RuleLaw, ruleLaws } from "./law.ts";
import type { SavedCase } from "./saved-case.ts";

/** What became of one law. */
export interface LawVerdict {
  readonly law: RuleLaw;
  readonly holds: boolean;
  /** In how many cases it was tried; where it is broken, up to the first that broke it; 0 where it does not apply. */
  readonly runs: number;
  /** Only where broken: the smallest case found that breaks it. */
  readonly counterexample?: SavedCase;
  /** Only where broken: what was expected and what happened. */
  readonly sentence?: string;
}

/** What became of all laws. */
export interface RuleReport {
  /** Name and version, such as `earliest@1`. */
  readonly rule: string;
  readonly seed: number;
  /** In how many cases each law was to be tried. */
  readonly runs: number;
  readonly holds: boolean;
  readonly laws: readonly LawVerdict[];
}

/** Writes a report for a terminal: a line for each law, then each broken one, then how to repeat it. */
export function formatRuleReport({ rule, seed, runs, holds, laws }: RuleReport): string {
  const broken = laws.filter((one) => !one.holds);
  const summary = holds
    ? "all laws hold"
    : `${broken.length} of ${ruleLaws.length} laws ${broken.length === 1 ? "is" : "are"} broken`;
  return [
    `rule ${rule}: ${summary}`,
    ...laws.map(lineOf),
    ...ruleLaws.slice(laws.length).map((law) => `  ${law.padEnd(20)}-      not tried`),
    ...broken.flatMap(partOf),
    "",
    `repeat with runs ${runs} and seed ${seed}`,
  ].join("\n");
}

function lineOf({ law, holds, runs }: LawVerdict): string {
  const count = `${runs} ${runs === 1 ? "run" : "runs"}`;
  const what = holds ? (runs === 0 ? "-      not claimed" : `holds  ${count}`) : `BROKEN ${count}`;
  return `  ${law.padEnd(20)}${what}`;
}

function partOf({ law, sentence, counterexample }: LawVerdict): readonly string[] {
  if (counterexample === undefined) return [];
  const { context, claims, ...more } = counterexample;
  return [
    "",
    `${law}: ${sentence}`,
    `  task ${JSON.stringify(context.task)}, attempt ${context.attempt}`,
    ...claims.map((one) => `  claim ${JSON.stringify(one)}`),
    ...Object.entries(more).map(([name, value]) => `  ${name} ${JSON.stringify(value)}`),
  ];
}
