/** What many agents do together: double starts under `settled`, and the rate of no-op tasks under `optimistic`. */
import { type CrewResult, runCrew } from "./crew.ts";
import { type Figure, median } from "./measure.ts";

/** 8 processes share 500 tasks of 5 ms under `settled`; nothing may be started twice in one attempt. */
export async function benchDoubleStarts(): Promise<readonly Figure[]> {
  const result = await runCrew({ agents: 8, tasks: 500, taskMs: 5, guarantee: "settled" });
  return [
    {
      what: "double starts, settled, 8 processes x 500 tasks of 5 ms",
      target: "0",
      measured: `${result.doubleStarts} (${perTask(result)} claims a task, ${rateOf(result)} tasks/s)`,
      isMet: result.doubleStarts === 0 && result.completed === 500,
    },
  ];
}

/** 10 processes work off 10,000 no-op tasks under `optimistic`, after as many that are not timed. */
export async function benchThroughput(): Promise<readonly Figure[]> {
  const results: CrewResult[] = [];
  for (let round = 0; round < 3; round++)
    results.push(
      await runCrew({
        agents: 10,
        tasks: 10_000,
        warmUp: 10_000,
        taskMs: 0,
        guarantee: "optimistic",
      }),
    );
  const rate = median(results.map((result) => Number(rateOf(result))));
  const claims = median(results.map((result) => Number(perTask(result))));
  const doubles = median(results.map((result) => result.doubleStarts));
  return [
    {
      what: "10 agents in 10 processes, no-op tasks through the relay, optimistic",
      target: ">= 1,000 tasks/s; <= 1.2 claims a task",
      measured: `${rate} tasks/s; ${claims} claims a task; ${doubles} double starts of 20,000`,
      isMet: rate >= 1000 && claims <= 1.2,
    },
  ];
}

function rateOf(result: CrewResult): string {
  return (result.completed / (result.wallMs / 1000)).toFixed(0);
}

function perTask(result: CrewResult): string {
  return result.claimsPerTask.toFixed(2);
}
