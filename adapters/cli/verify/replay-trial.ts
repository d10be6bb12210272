/** `replay`, in its thread: plays a saved failure again, and says whether it is still one. */
import type { LawVerdict, SavedLaws, SavedSchedule } from "../../../property-tests/kit/index.ts";
import { exitCode, usageFault } from "../fault.ts";
import { printable, printableLines } from "../output/printable.ts";
import { moduleOf, readFailure } from "./failure-file.ts";
import { type Kit, loadKit } from "./kit.ts";
import { type LoadedSubject, loadSubject, titleOf } from "./load-subject.ts";
import type { Outcome, ReplayTrial } from "./trial.ts";

/** Plays what the file holds with the module that it names, or another. */
export async function replayFile(
  trial: ReplayTrial,
  talk: (line: string) => void,
): Promise<Outcome> {
  const { file, module } = trial;
  const kit = await loadKit();
  const saved = await readFailure(file, kit);
  const path = module ?? (saved.module === undefined ? undefined : moduleOf(file, saved.module));
  const subject = path === undefined ? LIBRARY : await loadSubject(path, kit);
  const named: Named = saved;
  for (const part of ["rule", "agent"] as const) {
    const [was, is] = [named[part], subject.named[part]];
    if (was !== undefined && is === undefined)
      throw usageFault(
        `${file} is about the ${part} ${printable(was)}, and the module exports none; name another with --module`,
      );
    if (was !== undefined && was !== is)
      talk(`saved of ${part} ${printable(was)}, played with ${printable(is ?? "")}`);
  }
  return saved.format === kit.LAWS_FORMAT
    ? replayLaws(saved, subject, kit)
    : replaySteps({ saved, subject, kit, trial });
}

type Named = { readonly rule?: string; readonly agent?: string };

const LIBRARY: LoadedSubject = { title: titleOf({}), named: {} };

function replayLaws(saved: SavedLaws, { rule, title }: LoadedSubject, kit: Kit): Outcome {
  if (rule === undefined)
    throw usageFault("the file is about a rule; name its module with --module");
  const verdicts = saved.broken.map(({ law, counterexample }) =>
    kit.replayRule(rule, law, counterexample),
  );
  const holds = verdicts.every((one) => one.holds);
  const lines = verdicts.map((one, i) => lineOf(one, saved.broken[i]?.sentence));
  return {
    exit: holds ? exitCode.ok : exitCode.taskFailed,
    value: { subject: title, holds, laws: verdicts, seed: saved.seed },
    text: printableLines(
      [`${title}: ${holds ? "holds now" : "still breaks what it broke"}`, ...lines].join("\n"),
    ),
  };
}

function lineOf({ law, holds, sentence }: LawVerdict, before: string | undefined): string {
  if (holds) return `  ${law} holds now; it was: ${before}`;
  return `  ${law} ${sentence === before ? "is broken as before" : "is broken in another way"}: ${sentence}`;
}

interface StepsReplay {
  readonly saved: SavedSchedule;
  readonly subject: LoadedSubject;
  readonly kit: Kit;
  readonly trial: ReplayTrial;
}

async function replaySteps({ saved, subject, kit, trial }: StepsReplay): Promise<Outcome> {
  const { setup, steps, seed, run } = saved;
  const schedule = { setup, steps };
  const { rule, program } = subject;
  const replay = await kit.replaySchedule(schedule, {
    // a module may have more than what the file is about
    ...(rule === undefined || saved.rule === undefined ? {} : { rule }),
    ...(program === undefined || saved.agent === undefined ? {} : { program }),
  });
  const { violation, hash } = replay;
  const isSame =
    violation?.invariant === saved.violation.invariant &&
    violation.sentence === saved.violation.sentence;
  const value = {
    subject: subject.title,
    holds: violation === null,
    violation,
    saved_violation: saved.violation,
    is_same: isSame,
    hash,
    is_same_trace: hash === saved.hash,
    seed,
    run,
  };
  if (violation === null)
    return {
      exit: exitCode.ok,
      value,
      text: printableLines(
        `${subject.title}: holds now, over ${steps.length} ${steps.length === 1 ? "step" : "steps"}; it was: ${saved.violation.sentence}`,
      ),
    };
  const { title } = subject;
  const { ascii } = trial;
  const told = kit.formatFailure({ subject: title, schedule, violation, seed, run, replay, ascii });
  const verdict = isSame
    ? "It breaks as it did when it was saved."
    : `It breaks in another way than when it was saved; then it was: ${saved.violation.sentence}`;
  return {
    exit: exitCode.taskFailed,
    value,
    text: printableLines(`${told}\n\n${verdict}`),
  };
}
