/** `verify`: plays many schedules over the real library, with a rule or an agent of one's own, and shrinks what breaks. */
import fc from "fast-check";
import { systemRandom } from "../../lib/index.ts";
import type { Violation } from "./invariant/invariant.ts";
import { completeRule, type RuleLike } from "./rule/read-rule.ts";
import { anySchedule, type ScheduleOptions } from "./simulator/any-schedule.ts";
import { type SimulationResult, simulate } from "./simulator/simulate.ts";
import type { AgentProgram } from "./simulator/simulated-process.ts";
import type { SimulationOptions } from "./simulator/simulation.ts";
import { addSituations, noSituations, type SituationCounts } from "./simulator/situation.ts";
import type { Schedule } from "./simulator/step.ts";

/** What to verify, and how much. */
export interface VerifyOptions extends Omit<ScheduleOptions, "hasProgram"> {
  /** The rule between rival claims; `earliest` by default. */
  readonly rule?: RuleLike;
  /** What each agent does by itself; without one the schedules say what it does. */
  readonly program?: AgentProgram;
  /** How many schedules; 1,000 by default. */
  readonly runs?: number;
  /** The same seed draws the same schedules; by default a fresh one, which the report names. */
  readonly seed?: number;
  /** Whether to make what breaks as small as it goes; true by default. It takes as long as some dozens of runs. */
  readonly isShrunk?: boolean;
}

/** A schedule that breaks an invariant, made as small as it goes. */
export interface FoundBreak {
  readonly schedule: Schedule;
  readonly violation: Violation;
  /** In which run it was found, from 1 on. */
  readonly run: number;
  /** How many smaller schedules were found on the way. */
  readonly shrinks: number;
}

/** What came of it. */
export interface VerifyReport {
  readonly holds: boolean;
  readonly seed: number;
  /** Schedules played, up to the one that broke. */
  readonly runs: number;
  /** In how many runs each situation came up: silence about what never came up means nothing. */
  readonly situations: SituationCounts;
  readonly broken: FoundBreak | null;
}

/** Every so many runs one is played twice. */
const REPEAT_EVERY = 64;

/**
 * Plays schedules until one breaks an invariant, or all have held. Cost: a few milliseconds a schedule.
 *
 * @throws TypeError when the rule lacks a part
 */
export async function verify(options: VerifyOptions = {}): Promise<VerifyReport> {
  const { runs = 1000, seed = freshSeed(), program, isShrunk = true } = options;
  const play = playWith(options);
  const situations = noSituations();
  let played = 0;
  let found: Violation["invariant"] | null = null;
  const property = fc.asyncProperty(
    anySchedule({ ...options, hasProgram: program !== undefined }),
    async (schedule) => {
      const isShrinking = found !== null;
      const result = await play(schedule);
      if (!isShrinking) {
        played++;
        addSituations(situations, result.situations);
      }
      const { violation, hash } = result;
      const isRepeated = isShrinking ? found === "deterministic" : played % REPEAT_EVERY === 1;
      if (violation === null && (!isRepeated || (await play(schedule)).hash === hash)) return;
      found = violation?.invariant ?? "deterministic";
      throw new Error(found);
    },
  );
  const { failed, counterexample, numShrinks } = await fc.check(property, {
    numRuns: runs,
    seed,
    endOnFailure: !isShrunk,
  });
  const schedule = counterexample?.[0];
  if (!failed || schedule === undefined)
    return { holds: true, seed, runs: played, situations, broken: null };
  const violation = await violationOf(schedule, play);
  const broken = { schedule, violation, run: played, shrinks: numShrinks };
  return { holds: false, seed, runs: played, situations, broken };
}

/** Plays one schedule as `verify` does. */
function playWith({
  rule,
  program,
}: Pick<VerifyOptions, "rule" | "program">): (schedule: Schedule) => Promise<SimulationResult> {
  const options: SimulationOptions = {
    ...(rule === undefined ? {} : { rule: completeRule(rule) }),
    ...(program === undefined ? {} : { program }),
  };
  return (schedule) => simulate(schedule, options);
}

async function violationOf(
  schedule: Schedule,
  play: (schedule: Schedule) => Promise<SimulationResult>,
): Promise<Violation> {
  const { violation, hash } = await play(schedule);
  if (violation !== null) return violation;
  const again = await play(schedule);
  return {
    invariant: "deterministic",
    sentence: `the same schedule was played twice and gave two traces (${hash} and ${again.hash})`,
    step: schedule.steps.length,
    atMs: 0,
  };
}

function freshSeed(): number {
  return systemRandom(4).reduce((seed, byte) => seed * 256 + byte, 0) >> 1;
}
