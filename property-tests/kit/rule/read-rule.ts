/** Rules as users write them: a few lines in a module of their own, checked and completed before anything asks them. */
import type { Rule } from "../../../lib/core/rule.ts";
import { describeValue } from "./wording.ts";

/** A rule that need not say why a claim won. */
export type RuleLike = Omit<Rule, "reason"> & Partial<Pick<Rule, "reason">>;

const WEIGHTS = ["load", "losses", "priority"];
const REMEDY = "export const rule = { name, version, compare(a, b, context) }";

/**
 * Takes the rule out of an imported module.
 *
 * @throws TypeError that says what is missing and what to export
 */
export function readRule(module: unknown): Rule {
  const rule = isObject(module) ? Reflect.get(module, "rule") : undefined;
  if (rule === undefined)
    throw new TypeError(`The module exports no \`rule\`; write \`${REMEDY}\`.`);
  return completeRule(rule as RuleLike);
}

/**
 * Checks a rule's form, and gives it a reason where it has none.
 *
 * @throws TypeError that names the part that is wrong
 */
export function completeRule(rule: RuleLike): Rule {
  for (const check of FORM) check(rule);
  const { name, version, weighs, trusts } = rule;
  return {
    name,
    version,
    ...(weighs === undefined ? {} : { weighs }),
    ...(trusts === undefined ? {} : { trusts }),
    // as methods of the rule, which may be an object of a class
    compare: (a, b, context) => rule.compare(a, b, context),
    reason: (better, worse, context) =>
      rule.reason?.(better, worse, context) ?? `comes first by ${name}@${version}`,
    ...(rule.maxBypass === undefined
      ? {}
      : { maxBypass: (agents: number) => rule.maxBypass?.(agents) ?? Number.NaN }),
  };
}

const FORM: readonly ((rule: RuleLike) => void)[] = [
  (rule) => demand(isObject(rule), "A rule is an object", rule, REMEDY),
  ({ name }) =>
    demand(
      typeof name === "string" && /^[^\s@]+$/.test(name),
      "A rule's `name` is a text without spaces and @",
      name,
      'name: "first-come"',
    ),
  ({ version }) =>
    demand(
      Number.isSafeInteger(version) && version > 0,
      "A rule's `version` is a whole number from 1, raised whenever it decides otherwise",
      version,
      "version: 1",
    ),
  ({ compare }) =>
    demand(
      typeof compare === "function",
      "A rule's `compare` is a function of two claims that answers below 0 when the first is better",
      compare,
      "compare: (a, b) => a.at - b.at",
    ),
  ({ weighs }) => demandFacts("weighs", weighs, WEIGHTS),
  ({ trusts }) => demandFacts("trusts", trusts, ["at", ...WEIGHTS]),
  ({ reason }) => demandOptional("reason", reason, 'reason: () => "came first"'),
  ({ maxBypass }) => demandOptional("maxBypass", maxBypass, "maxBypass: (agents) => agents - 1"),
];

function demandFacts(field: string, facts: unknown, known: readonly string[]): void {
  const isFit = Array.isArray(facts) && facts.every((one) => known.includes(one));
  const wanted = `A rule's \`${field}\` is a list of ${known.map((one) => `"${one}"`).join(", ")}`;
  demand(facts === undefined || isFit, wanted, facts, `${field}: ["${known.at(-1)}"]`);
}

function demandOptional(field: string, value: unknown, remedy: string): void {
  const isFit = value === undefined || typeof value === "function";
  demand(isFit, `A rule's \`${field}\` is a function or left out`, value, remedy);
}

function demand(isFit: boolean, wanted: string, found: unknown, remedy: string): void {
  if (isFit) return;
  const what = found === undefined ? "is missing" : `is ${describeValue(found)}`;
  throw new TypeError(`${wanted}; this one ${what}. Write \`${remedy}\`.`);
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
