/** Playing one schedule again with everything written down that happens, as a report needs it. */
import type { Violation } from "../invariant/invariant.ts";
import { completeRule, type RuleLike } from "../rule/read-rule.ts";
import { type SimulationResult, simulate } from "../simulator/simulate.ts";
import type { AgentProgram } from "../simulator/simulated-process.ts";
import type { SimulationOptions, TraceEntry } from "../simulator/simulation.ts";
import type { Schedule } from "../simulator/step.ts";

/** What a schedule is played with; the library's own rule and no agent where left out. */
export interface Subject {
  readonly rule?: RuleLike;
  readonly program?: AgentProgram;
}

/** What came of it, and all that happened on the way. */
export interface Replay extends SimulationResult {
  readonly trace: readonly TraceEntry[];
}

/**
 * Plays a schedule twice, since what does not repeat itself is broken too.
 *
 * @throws TypeError when the rule lacks a part
 */
export async function replaySchedule(
  schedule: Schedule,
  { rule, program }: Subject = {},
): Promise<Replay> {
  const options: SimulationOptions = {
    ...(rule === undefined ? {} : { rule: completeRule(rule) }),
    ...(program === undefined ? {} : { program }),
  };
  const trace: TraceEntry[] = [];
  const first = await simulate(schedule, { ...options, trace: (entry) => trace.push(entry) });
  const { hash } = await simulate(schedule, options);
  const violation = first.violation ?? (hash === first.hash ? null : unlike(schedule, first, hash));
  return { ...first, violation, trace };
}

function unlike(schedule: Schedule, { hash }: SimulationResult, other: number): Violation {
  return {
    invariant: "deterministic",
    sentence: `the same schedule was played twice and gave two traces (${hash} and ${other})`,
    step: schedule.steps.length,
    atMs: 0,
  };
}
