/** The laws that a rule broke, as a file: each with the case that breaks it. */
import { type RuleLaw, ruleLaws } from "../rule/law.ts";
import type { LawVerdict, RuleReport } from "../rule/rule-report.ts";
import type { SavedCase, SavedClaim } from "../rule/saved-case.ts";
import {
  between,
  fail,
  fields,
  listOf,
  oneOf,
  type Read,
  type Shape,
  text,
  whole,
} from "./json-shape.ts";
import { type SavedSubject, subjectShape } from "./saved-schedule.ts";

/** A law, the case that breaks it, and how that was told. */
export interface SavedLaw {
  readonly law: RuleLaw;
  readonly sentence: string;
  readonly counterexample: SavedCase;
}

/** A rule and the laws that it broke. */
export interface SavedLaws extends Pick<SavedSubject, "module"> {
  readonly format: typeof LAWS_FORMAT;
  /** The rule, as `name@version`. */
  readonly rule: string;
  readonly seed: number;
  /** In how many cases each law was tried. */
  readonly runs: number;
  readonly broken: readonly SavedLaw[];
}

/** The format's name and version. */
export const LAWS_FORMAT = "stigmergy/rule-case@1";

/** The broken laws of a report, to be kept. */
export function savedLawsOf({ rule, seed, runs, laws }: RuleReport, module?: string): SavedLaws {
  const broken = laws.filter(isBroken).map(({ law, sentence, counterexample }) => ({
    law,
    sentence,
    counterexample,
  }));
  return {
    format: LAWS_FORMAT,
    ...(module === undefined ? {} : { module }),
    rule,
    seed,
    runs,
    broken,
  };
}

/**
 * Reads broken laws out of parsed JSON, whoever wrote it.
 *
 * @throws TypeError that names what is wrong and where, such as `broken[0].law`
 */
export function readLaws(value: unknown): SavedLaws {
  return readFields(value, "") as SavedLaws;
}

function isBroken(verdict: LawVerdict): verdict is LawVerdict & SavedLaw {
  return verdict.counterexample !== undefined && verdict.sentence !== undefined;
}

const number = between(-Number.MAX_VALUE, Number.MAX_VALUE);
const ODD = ["NaN", "Infinity", "-Infinity", "-0"] as const;
const weight: Read<Exclude<SavedClaim["load"], undefined>> = (value, path) => {
  if (typeof value === "number") return number(value, path);
  const odd = ODD.find((one) => one === value);
  return odd ?? fail(path, "is no weight", `it should be a number or ${ODD.join(", ")}`);
};
const count = whole(0, Number.MAX_SAFE_INTEGER);

const claimShape: Shape<Pick<SavedClaim, "agent" | "n" | "at">> = {
  agent: text(1000),
  n: count,
  at: count,
};

const readCase = fields(
  {
    context: fields({ task: text(1000), attempt: whole(1, Number.MAX_SAFE_INTEGER) }),
    claims: listOf(fields(claimShape, { load: weight, losses: weight, priority: weight }), 100, 1),
  },
  {
    order: listOf(count, 1000),
    delay: whole(1, Number.MAX_SAFE_INTEGER),
    contests: listOf(fields({ members: count, luck: count }), 1000),
  },
) as Read<SavedCase>;

const readFields = fields(
  {
    format: oneOf([LAWS_FORMAT]),
    rule: subjectShape.rule,
    seed: whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    runs: whole(1, Number.MAX_SAFE_INTEGER),
    broken: listOf(
      fields({ law: oneOf(ruleLaws), sentence: text(100_000), counterexample: readCase }),
      ruleLaws.length,
      1,
    ),
  },
  { module: subjectShape.module },
);
