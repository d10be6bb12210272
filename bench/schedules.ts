/** How many schedules of up to 60 steps does the simulator play in a second on one core? */
import { sample } from "fast-check";
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector } from "yjs";
import { anySchedule, type Schedule, simulate } from "../property-tests/kit/index.ts";
import { type Figure, median } from "./measure.ts";

const SCHEDULES = 400;
const ROUNDS = 5;
const TARGET = 800;

/** Plays the same schedules again and again; beside it, as many writes and merges between three bare documents. */
export async function benchSchedules(): Promise<readonly Figure[]> {
  const schedules = sample(anySchedule(), { numRuns: SCHEDULES, seed: 1 });
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(
      await perSecond(async (schedule) => {
        const { violation } = await simulate(schedule);
        if (violation !== null) throw new Error(violation.sentence);
      }, schedules),
    );
    bare.push(await perSecond(playBare, schedules));
  }
  const [rate, bareRate] = [median(ours.slice(1)), median(bare.slice(1))];
  return [
    {
      what: "schedules of up to 60 steps with 3 replicas, by processor time of one core",
      target: `>= ${TARGET}/s`,
      measured: `${rate.toFixed(0)}/s; as many steps on three bare documents ${bareRate.toFixed(0)}/s`,
      isMet: rate >= TARGET,
    },
  ];
}

async function perSecond(
  play: (schedule: Schedule) => Promise<void>,
  schedules: readonly Schedule[],
): Promise<number> {
  const start = process.cpuUsage();
  for (const schedule of schedules) await play(schedule);
  const { user, system } = process.cpuUsage(start);
  return (schedules.length * 1e6) / (user + system);
}

/** One record written or one exchange for each step, and in the end everything everywhere. */
async function playBare({ steps }: Schedule): Promise<void> {
  const docs = [1, 2, 3].map((clientID) => Object.assign(new Doc({ guid: "bare" }), { clientID }));
  const exchange = (from: Doc | undefined, to: Doc | undefined): void => {
    if (from && to) applyUpdate(to, encodeStateAsUpdate(from, encodeStateVector(to)));
  };
  for (const [i, step] of steps.entries()) {
    const doc = docs[i % 3];
    if (step.do === "tick" || step.do === "deliver") exchange(docs[(i + 1) % 3], doc);
    else doc?.getArray(`log/${i % 3}`).push([{ n: i, at: i, kind: step.do }]);
  }
  for (const from of docs) for (const to of docs) exchange(from, to);
  for (const doc of docs) doc.destroy();
}
