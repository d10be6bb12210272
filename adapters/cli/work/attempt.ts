/** One attempt at a task: its command runs in company of a directory, and its end decides what becomes of the task. */
import { type Board, brief, type Claim } from "../../../lib/index.ts";
import { type CommandEnd, runCommand } from "../command/run-command.ts";
import { substitute } from "../command/substitute.ts";
import { failureOf, stdoutFlaw } from "./command-failure.ts";
import { type AttemptDirectory, makeAttemptDirectory } from "./files/attempt-directory.ts";
import { followNotes } from "./files/follow-notes.ts";
import { BrokenFile } from "./files/left-file.ts";
import { readLeftHandoff } from "./files/left-handoff.ts";
import { readLeftResult } from "./files/left-result.ts";
import { WORK_ORDER } from "./files/work-order.ts";
import { handOn } from "./hand-on.ts";

/** What an attempt is made with. */
export interface AttemptOptions {
  readonly command: readonly string[];
  readonly timeoutMs: number | undefined;
  readonly onStart: (pid: number) => void;
}

/** What came of an attempt. `stopped` and `handed-on` leave the task to others, `lost` to whoever has it by now. */
export type AttemptOutcome =
  | { readonly kind: "completed"; readonly result: unknown }
  | { readonly kind: "failed"; readonly error: string }
  | { readonly kind: "handed-on" | "lost" | "stopped" | "out-of-time" };

/** From SIGTERM to SIGKILL. */
const GRACE_MS = 2000;

/** Makes the attempt of a claim. */
export async function attemptTask(
  board: Board,
  claim: Claim,
  options: AttemptOptions,
): Promise<AttemptOutcome> {
  const text = WORK_ORDER + brief(board, { task: claim.task.id }).markdown;
  const directory = makeAttemptDirectory({
    "brief.md": text,
    "task.json": `${JSON.stringify(describe(board, claim), null, 2)}\n`,
  });
  try {
    const notes = followNotes(directory, (text, kind) => claim.note(text, kind));
    const end = await runFor(claim, text, directory, options);
    const broken = await notes.end();
    const failure = failureOf(end, options.timeoutMs);
    const faults = [failure, broken?.message].filter((one) => typeof one === "string");
    return await conclude(board, claim, { directory, end, faults });
  } finally {
    await directory.remove();
  }
}

/** What `task.json` says. */
function describe(board: Board, { task, attempt, agent, inputs, packet }: Claim): object {
  const { id, title, body } = task;
  return { schema_version: 1, id, title, body, attempt, agent, board: board.name, inputs, packet };
}

function runFor(
  { task, attempt, agent, signal }: Claim,
  text: string,
  { path }: AttemptDirectory,
  { command, timeoutMs, onStart }: AttemptOptions,
): Promise<CommandEnd> {
  return runCommand({
    args: substitute(command, { ...task, brief: text }),
    env: {
      STIGMERGY_DIR: path,
      STIGMERGY_TASK_ID: task.id,
      STIGMERGY_TASK_TITLE: task.title,
      STIGMERGY_TASK_ATTEMPT: String(attempt),
      STIGMERGY_TASK_AGENT: agent,
    },
    signal,
    timeoutMs,
    graceMs: GRACE_MS,
    onStart,
  });
}

interface Ending {
  readonly directory: AttemptDirectory;
  readonly end: CommandEnd;
  /** What went wrong so far. */
  readonly faults: readonly string[];
}

/** A handoff goes before all else; then every fault is a failure; then a file is the result, or what was printed. */
async function conclude(
  board: Board,
  claim: Claim,
  { directory, end, faults }: Ending,
): Promise<AttemptOutcome> {
  const loss = end.kind === "stopped" ? lossOf(claim) : null;
  if (loss === "lost" || loss === "out-of-time") return { kind: loss };
  try {
    const handoff = await readLeftHandoff(directory);
    if (handoff !== null) {
      const isDone = await handOn(board, claim, { ...handoff, faults });
      return { kind: isDone ? "handed-on" : "lost" };
    }
    if (loss !== null) return { kind: loss };
    if (faults.length > 0 || end.kind !== "exited")
      return { kind: "failed", error: faults.join("; ") };
    return await handIn(claim, directory, end.stdout);
  } catch (error) {
    if (!(error instanceof BrokenFile)) throw error;
    return { kind: loss ?? "failed", error: [...faults, error.message].join("; ") };
  }
}

/** What it is called when a claim's signal has stopped a command; E7: the attempt has failed by then. */
function lossOf({ signal }: Claim): "lost" | "stopped" | "out-of-time" {
  if (signal.reason === "stopped") return "stopped";
  return signal.reason === "timeout" ? "out-of-time" : "lost";
}

async function handIn(
  claim: Claim,
  directory: AttemptDirectory,
  stdout: string,
): Promise<AttemptOutcome> {
  const left = await readLeftResult(directory);
  if (left === null) {
    const flaw = stdoutFlaw(stdout);
    return flaw === null ? { kind: "completed", result: stdout } : { kind: "failed", error: flaw };
  }
  try {
    await claim.complete(left.value);
    return { kind: "completed", result: left.value };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new BrokenFile(left.name, `cannot be the result: ${error.message}`);
  }
}
