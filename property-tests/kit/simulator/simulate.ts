/** Plays one schedule from its first step to its good end. */
import type { Violation } from "../invariant/invariant.ts";
import { type SimulationOptions, startSimulation } from "./simulation.ts";
import type { SituationCounts } from "./situation.ts";
import type { Schedule } from "./step.ts";

/** What came of a schedule. */
export interface SimulationResult {
  /** The first invariant that was broken, or null. */
  readonly violation: Violation | null;
  readonly situations: SituationCounts;
  /** Everything that happened, as one number: the same for the same schedule, on every machine. */
  readonly hash: number;
}

/** Plays a schedule; the same one gives the same result, whenever and wherever. */
export async function simulate(
  { setup, steps }: Schedule,
  options: SimulationOptions = {},
): Promise<SimulationResult> {
  const simulation = await startSimulation(setup, options);
  for (const step of steps) {
    if (simulation.violation !== null) break;
    await simulation.play(step);
  }
  await simulation.finish();
  const { violation, situations } = simulation;
  return { violation, situations, hash: simulation.hash() };
}
