/** What a person is told of a broken invariant, and of a verification as a whole. */
import type { Violation } from "../invariant/invariant.ts";
import { SITUATIONS, type SituationCounts } from "../simulator/situation.ts";
import { NODE_NAMES, type Schedule, type Setup, tellStep } from "../simulator/step.ts";
import { formatDiagram } from "./diagram.ts";
import type { Replay } from "./replay-schedule.ts";

/** A broken invariant, with all that is known of it. */
export interface Failure {
  /** What was verified, such as `rule first-come@1`. */
  readonly subject: string;
  readonly schedule: Schedule;
  readonly violation: Violation;
  readonly seed: number;
  readonly run: number;
  /** The schedule as it was played for this report. */
  readonly replay: Pick<Replay, "trace">;
  /** How to play it again, such as a command. */
  readonly command?: string;
  /** For terminals that know plain ASCII only. */
  readonly ascii?: boolean;
}

/** Writes it all down: what broke, the steps, the world they were played in, a picture, and how to see it again. */
export function formatFailure(failure: Failure): string {
  const { subject, schedule, violation, seed, run, replay, command, ascii = false } = failure;
  const { setup, steps } = schedule;
  const { invariant, sentence, step, atMs } = violation;
  const isTimeless = invariant === "deterministic"; // seen only by comparing two runs
  const when = isTimeless ? "" : String(Math.round(atMs * 10) / 10);
  const told = steps.map((one, i) => `  ${i + 1}. ${tellStep(one, setup.nodes)}`);
  return [
    `${subject} breaks the invariant \`${invariant}\`:`,
    `  ${sentence}`,
    "",
    `found in run ${run} of seed ${seed}, and made as small as it goes:`,
    ...(steps.length === 0 ? ["  (no step at all: it breaks by itself)"] : told),
    "",
    `played with ${tellSetup(setup)}`,
    "",
    formatDiagram(replay.trace, {
      nodes: setup.nodes,
      topology: setup.topology,
      ascii,
      ...(isTimeless ? {} : { until: atMs }),
    }),
    `${when.padStart(8)}  \`${invariant}\` was found broken here, ${placeOf(step, steps.length)}`,
    ...(command === undefined ? [] : ["", `play it again: ${command}`]),
  ].join("\n");
}

/** Says in what world a schedule is played, and which faults were drawn for it. */
export function tellSetup(setup: Setup): string {
  const { nodes, topology, latencyMs, flushMs } = setup;
  const [min, max] = latencyMs;
  const around = topology === "relay" ? "around a relay" : "in a mesh";
  const faults = [
    tellRate(setup.lossRate, topology === "relay" ? "break their connection" : "are lost"),
    ...(topology === "relay"
      ? []
      : [
          tellRate(setup.duplicateRate, "come twice"),
          tellRate(setup.reorderRate, "are overtaken"),
        ]),
    ...(setup.pace ?? []).map((pace, node) =>
      pace === 100 ? null : `the clock of ${NODE_NAMES[node]} runs at ${pace} %`,
    ),
  ].filter((one) => one !== null);
  return [
    `${nodes} ${nodes === 1 ? "node" : "nodes"} ${around}`,
    `messages that take ${min === max ? min : `${min} to ${max}`} ms`,
    flushMs === 0 ? "disks that flush at once" : `disks that flush after ${flushMs} ms`,
    faults.length === 0 ? "no faults but those in the steps" : faults.join(", "),
  ].join("; ");
}

/** Names the situations that were met, and those that never were: of them nothing is known. */
export function formatSituations(situations: SituationCounts): string {
  const met = SITUATIONS.filter((one) => situations[one] > 0);
  const unmet = SITUATIONS.filter((one) => situations[one] === 0);
  return [
    "situations met, each with the number of runs:",
    ...wrap(met.map((one) => `${one} ${situations[one]}`)),
    ...(unmet.length === 0
      ? []
      : ["never met, so nothing is known of what happens then:", ...wrap(unmet)]),
  ].join("\n");
}

function tellRate(rate: number | undefined, what: string): string | null {
  return rate ? `${Number((rate * 100).toFixed(4))} % of the messages ${what}` : null;
}

function placeOf(step: number, count: number): string {
  if (count === 0) return "though nothing was asked of anybody";
  if (step === 0) return "before the first step";
  return step < count ? `after step ${step}` : "after the last step";
}

/** Items in lines of at most 100 columns. */
function wrap(items: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const item of items.length === 0 ? ["none"] : items) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + item.length + 2 <= 99)
      lines.push(`${lines.pop()}, ${item}`);
    else lines.push(`  ${item}`);
  }
  return lines;
}
