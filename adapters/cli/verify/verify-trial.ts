/** `verify`, in its thread: tries the laws of a rule, plays schedules, and keeps what breaks. */
import type { RuleReport, SavedFailure, VerifyReport } from "../../../property-tests/kit/index.ts";
import { exitCode } from "../fault.ts";
import { printable, printableLines } from "../output/printable.ts";
import { checkPath, failurePath, moduleFrom, replayCommand, saveFailure } from "./failure-file.ts";
import { type Kit, loadKit } from "./kit.ts";
import { type LoadedSubject, loadSubject, sayError } from "./load-subject.ts";
import type { Outcome, VerifyTrial } from "./trial.ts";

/** Verifies what the module exports. */
export async function verifyModule(
  trial: VerifyTrial,
  talk: (line: string) => void,
): Promise<Outcome> {
  const { module, runs, seed, nodes, topology, save } = trial;
  const kit = await loadKit();
  const subject = await loadSubject(module, kit);
  if (save !== undefined) await checkPath(save);
  talk(`verifying ${printable(subject.title)}; seed ${seed}`);
  const laws = subject.rule === undefined ? null : kit.checkRule(subject.rule, { runs, seed });
  if (laws?.holds === false) return tellBrokenLaws({ trial, kit, subject, laws });
  const report = await kit.verify({
    ...(subject.rule === undefined ? {} : { rule: subject.rule }),
    ...(subject.program === undefined ? {} : { program: subject.program }),
    ...(topology === undefined ? {} : { topology }),
    runs,
    seed,
    nodes,
  });
  return tellSchedules({ trial, kit, subject, laws }, report);
}

interface Verification {
  readonly trial: VerifyTrial;
  readonly kit: Kit;
  readonly subject: LoadedSubject;
  readonly laws: RuleReport | null;
}

async function tellBrokenLaws(
  verification: Verification & { readonly laws: RuleReport },
): Promise<Outcome> {
  const { trial, kit, laws } = verification;
  const file = trial.save ?? failurePath(laws.rule, trial.seed);
  const failure = kit.savedLawsOf(laws, moduleFrom(file, trial.module));
  const kept = await keep(file, failure, kit);
  return {
    exit: exitCode.taskFailed,
    value: dataOf(verification, { report: null, failure, kept }),
    text: [
      printableLines(kit.formatRuleReport(laws)),
      "No schedules were played; they are once all laws hold.",
      "",
      ...kept.lines,
    ].join("\n"),
  };
}

async function tellSchedules(verification: Verification, report: VerifyReport): Promise<Outcome> {
  const { kit, laws, trial, subject } = verification;
  const { seed, runs, broken } = report;
  const lawLines = laws === null ? [] : [printableLines(kit.formatRuleReport(laws)), ""];
  const situations = kit.formatSituations(report.situations);
  if (broken === null) {
    const held = `${printable(subject.title)}: ${countOf(runs)}, and none breaks an invariant; seed ${seed}`;
    return {
      exit: exitCode.ok,
      value: dataOf(verification, { report, failure: null, kept: null }),
      text: [...lawLines, held, "", situations].join("\n"),
    };
  }
  const { schedule, run } = broken;
  const replay = await kit.replaySchedule(schedule, subject);
  const violation = replay.violation ?? broken.violation;
  const file = trial.save ?? failurePath(subject.named.agent ?? subject.named.rule ?? "", seed);
  const failure: SavedFailure = {
    format: kit.SCHEDULE_FORMAT,
    module: moduleFrom(file, trial.module),
    ...subject.named,
    ...schedule,
    violation: { ...violation, sentence: violation.sentence.slice(0, 10_000) },
    seed,
    run,
    hash: replay.hash,
  };
  const kept = await keep(file, failure, kit);
  const { ascii } = trial;
  const { title } = subject;
  const told = kit.formatFailure({ subject: title, schedule, violation, seed, run, replay, ascii });
  return {
    exit: exitCode.taskFailed,
    value: dataOf(verification, { report, failure, kept }),
    text: [...lawLines, printableLines(told), "", situations, "", ...kept.lines].join("\n"),
  };
}

/** Where a failure went, or why not; it is told in any case. */
interface Kept {
  readonly file: string | null;
  readonly command: string | null;
  readonly lines: readonly string[];
}

async function keep(path: string, failure: SavedFailure, kit: Kit): Promise<Kept> {
  try {
    const file = await saveFailure(path, kit.formatSaved(failure));
    const command = replayCommand(file);
    return { file, command, lines: [`saved as ${file}`, `play it again: ${command}`] };
  } catch (error) {
    const lines = [`not saved (${sayError(error)}); say --save FILE, with the same --seed`];
    return { file: null, command: null, lines };
  }
}

function dataOf(
  { trial, subject, laws }: Verification,
  found: {
    readonly report: VerifyReport | null;
    readonly failure: SavedFailure | null;
    readonly kept: Kept | null;
  },
): object {
  const { report, failure, kept } = found;
  return {
    subject: subject.title,
    ...subject.named,
    holds: failure === null,
    seed: trial.seed,
    schedules: report?.runs ?? 0,
    laws: laws?.laws ?? null,
    situations: report?.situations ?? null,
    failure,
    file: kept?.file ?? null,
    replay: kept?.command ?? null,
  };
}

function countOf(runs: number): string {
  return runs === 1 ? "1 schedule was played" : `${runs} schedules were played`;
}
