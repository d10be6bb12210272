/**
 * The thread in which a user's module runs: what it prints cannot get between our data, it cannot end the program, and
 * whoever waits for it can be interrupted, even while it loops. This file is both ends of it.
 */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { CliFault, type ExitCode, faultOf, interruptedFault, usageFault } from "../fault.ts";
import { listenForInterruption } from "../interruption.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { sayError } from "./load-subject.ts";
import type { Outcome, Trial, TrialWord } from "./trial.ts";

const MARK = "stigmergy-trial";

/**
 * Has a thread do it, and says what came of it.
 *
 * @throws CliFault when the module is unusable, or the user wanted an end
 */
export async function runTrial(trial: Trial, output: Output): Promise<ExitCode> {
  const interruption = listenForInterruption();
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { mark: MARK, trial },
    stdout: true,
    stderr: true,
  });
  tell(worker.stdout, output);
  tell(worker.stderr, output);
  try {
    const { exit, value, text } = await outcomeOf(worker, output, interruption.signal);
    output.data(value, () => text);
    return exit;
  } finally {
    await worker.terminate();
  }
}

function outcomeOf(worker: Worker, output: Output, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(interruptedFault("before it was over")));
    worker.on("message", (word: TrialWord) => {
      if (word.kind === "talk") output.talk(word.line);
      else if (word.kind === "outcome") resolve(word.outcome);
      else reject(new CliFault(word.code as Uppercase<string>, word.exitCode, word.message));
    });
    worker.on("error", (error) =>
      reject(usageFault(`the module threw where nobody could catch it (${sayError(error)})`)),
    );
    worker.on("exit", () =>
      reject(
        usageFault(
          "the module ended its thread before it was done; it must not call process.exit, nor wait at its top for what never comes",
        ),
      ),
    );
  });
}

/** What the module prints is talk. */
function tell(stream: Readable, output: Output): void {
  createInterface({ input: stream }).on("line", (line) => output.talk(printable(line)));
}

if (!isMainThread && workerData?.mark === MARK) await serve(workerData.trial as Trial);

/** The other end: does it, and answers once. */
async function serve(trial: Trial): Promise<void> {
  const say = (word: TrialWord): void => parentPort?.postMessage(word);
  const talk = (line: string): void => say({ kind: "talk", line });
  const unheard: unknown[] = [];
  process.on("unhandledRejection", (reason) => unheard.push(reason));
  try {
    const outcome = await play(trial, talk);
    await new Promise((resolve) => setImmediate(resolve)); // rejections are told at the end of a turn
    if (unheard.length > 0) tellUnheard(unheard, outcome, talk);
    say({ kind: "outcome", outcome });
  } catch (error) {
    const { code, exitCode, message } = faultOf(error);
    say({ kind: "fault", code, exitCode, message });
  }
}

async function play(trial: Trial, talk: (line: string) => void): Promise<Outcome> {
  if (trial.kind === "verify") {
    const { verifyModule } = await import("./verify-trial.ts");
    return verifyModule(trial, talk);
  }
  const { replayFile } = await import("./replay-trial.ts");
  return replayFile(trial, talk);
}

/** What would have ended an agent's process does not hold, whatever else does. */
function tellUnheard(
  unheard: readonly unknown[],
  { exit }: Outcome,
  talk: (line: string) => void,
): void {
  const what = `the module leaves rejected promises alone (${unheard.length}; the first: ${sayError(unheard[0])}), which would end its process; await or catch them`;
  if (exit === 0) throw usageFault(what);
  talk(what);
}
