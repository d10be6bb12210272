/**
 * The long run: a million schedules from a fresh seed, split over as many processes as there are cores. It prints the seed
 * and what came up; the first schedule that breaks an invariant is saved and ends it.
 */
import { type ChildProcess, fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { formatSaved } from "../kit/report/saved-failure.ts";
import { SCHEDULE_FORMAT } from "../kit/report/saved-schedule.ts";
import { simulate } from "../kit/simulator/simulate.ts";
import { SITUATIONS } from "../kit/simulator/situation.ts";
import { type FoundBreak, type VerifyReport, verify } from "../kit/verify.ts";

/** Schedules in one call, so that little is lost when somebody wants an end. */
const CHUNK = 2_000;

interface Share {
  readonly seed: number;
  readonly runs: number;
}

if (process.send === undefined) await leadAll();
else process.once("message", (share) => void playShare(share as Share));

/** Deals out the runs and adds up what comes back. */
async function leadAll(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "1000000" },
      seed: { type: "string" },
      processes: { type: "string", default: String(availableParallelism()) },
    },
  });
  const seed =
    values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  const count = Number(values.processes);
  const runs = Math.ceil(Number(values.runs) / count);
  const startedAt = performance.now();
  const sum = new Map<string, number>();
  let played = 0;
  let hasBroken = false;
  console.log(`${runs * count} schedules in ${count} processes, seed ${seed}`);

  const children = Array.from({ length: count }, () => fork(process.argv[1] ?? ""));
  const shares = children.map((child, i) => {
    child.send({ seed: (seed + i * 7_919_317) % 2 ** 31, runs } satisfies Share);
    child.on("message", (message) => {
      const report = message as VerifyReport;
      played += report.runs;
      for (const one of SITUATIONS) sum.set(one, (sum.get(one) ?? 0) + report.situations[one]);
      const seconds = (performance.now() - startedAt) / 1000;
      if (Math.floor(played / 50_000) > Math.floor((played - report.runs) / 50_000))
        console.log(
          `${played} schedules after ${seconds.toFixed(0)} s, ${(played / seconds).toFixed(0)}/s`,
        );
      if (report.broken === null || hasBroken) return;
      hasBroken = true;
      for (const one of children) if (one !== child) one.kill();
      void save(report.seed, report.broken);
    });
    return ended(child);
  });
  await Promise.all(shares);

  const seconds = (performance.now() - startedAt) / 1000;
  console.log(
    `${played} schedules in ${seconds.toFixed(0)} s, ${(played / seconds).toFixed(0)}/s, seed ${seed}`,
  );
  for (const [one, times] of sum) console.log(`  ${one}: in ${times} runs`);
  const unmet = SITUATIONS.filter((one) => !sum.get(one));
  if (unmet.length > 0) console.log(`never came up: ${unmet.join(", ")}`);
  process.exitCode = hasBroken || played < runs * count || unmet.length > 0 ? 1 : 0;
}

/** Keeps a schedule where `stigmergy replay` can play it again. */
async function save(seed: number, { schedule, violation, run }: FoundBreak): Promise<void> {
  const file = `broken-${seed}.stigmergy.json`;
  const { hash } = await simulate(schedule);
  writeFileSync(
    file,
    formatSaved({ format: SCHEDULE_FORMAT, ...schedule, violation, seed, run, hash }),
  );
  console.log(
    `BROKEN in a run of seed ${seed}: ${violation.sentence}; play it again with: stigmergy replay ${file}`,
  );
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once("exit", () => resolve()));
}

/** Plays one process's share, and tells of each chunk. */
async function playShare({ seed, runs }: Share): Promise<void> {
  for (let left = runs, i = 0; left > 0; left -= CHUNK, i++) {
    const report = await verify({ seed: (seed + i) % 2 ** 31, runs: Math.min(CHUNK, left) });
    await new Promise<void>((resolve) => process.send?.(report, () => resolve()));
    if (!report.holds) break;
  }
  process.disconnect();
}
