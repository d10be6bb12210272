/** `stigmergy demo`: a relay, a few agents in processes of their own, and their board, all of it gone afterwards. */

import { type Board, tasksOf } from "../../../lib/index.ts";
import { addTasks } from "../add/add-listed.ts";
import type { Medium } from "../board/medium.ts";
import { openSynced } from "../board/open-board.ts";
import { type ExitCode, exitCode } from "../fault.ts";
import { listenForInterruption } from "../interruption.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { patienceSignal } from "../patience.ts";
import { openPlace } from "../run/place.ts";
import { createRunTally, type RunTally } from "../run/run-tally.ts";
import { cast, idOf, lateComer, tasks } from "./story.ts";
import { sayDemo, summarizeDemo } from "./summary.ts";
import { glanceAt, sentenceOf } from "./telling.ts";
import { createTroupe, type Troupe } from "./troupe.ts";

const LEASE_MS = 2000;
const SYNC_MS = 5000;
const STEP_MS = 800;
const FAST_STEP_MS = 60;
const REDRAW_MS = 100;
/** Much longer than the story takes; it then has failed. */
const END_MS = 60_000;

/** Shows; resolves with the exit code, which is 0 only when all tasks were completed. */
export async function demoJob(
  { fast }: { readonly fast: boolean },
  output: Output,
): Promise<ExitCode> {
  const startedAtMs = performance.now();
  const interruption = listenForInterruption();
  const options = { store: undefined, leaseMs: LEASE_MS, syncTimeoutMs: SYNC_MS };
  const { medium, ...place } = await openPlace(options, output.talk);
  try {
    const board = await openSynced(medium, { ...options, signal: interruption.signal });
    const tally = createRunTally();
    const troupe = assemble(medium, fast ? FAST_STEP_MS : STEP_MS, output, tally);
    const stopShowing = show(board, output);
    try {
      await addTasks(board, tasks, { medium, syncTimeoutMs: SYNC_MS });
      for (const who of cast) troupe.enter(who);
      await untilOver(board, interruption.signal);
    } finally {
      await troupe.close(interruption.signal.aborted);
      stopShowing();
    }
    const summary = summarizeDemo(board, tally, performance.now() - startedAtMs);
    await board.close();
    interruption.check("the demo's relay and agents are gone");
    output.data(summary, () => sayDemo(summary, output.dataColors));
    return summary.completed === tasks.length ? exitCode.ok : exitCode.taskFailed;
  } finally {
    await place.close();
  }
}

/** Whoever first holds the roof is killed, and then the late one comes. */
function assemble(
  { named, subject }: Medium,
  stepMs: number,
  output: Output,
  tally: RunTally,
): Troupe {
  const { relay = "", tokenFile = "" } = named;
  const common = { name: subject ?? "agent", relay, tokenFile, leaseMs: LEASE_MS, stepMs };
  const troupe = createTroupe(common, (name, message) => {
    if (message.kind === "says") return output.talk(`${name} ${printable(message.line)}`);
    tally.hear(name, message);
    if (message.kind === "joined" && tally.agents.length >= cast.length) troupe.cue();
    if (message.kind !== "started" || message.task !== idOf("roof") || message.attempt > 1) return;
    setTimeout(() => {
      if (!troupe.kill(name)) return;
      output.talk(output.talkColors.red(`${name} is killed in the middle of its work (SIGKILL)`));
      troupe.enter(lateComer);
    }, 2 * stepMs);
  });
  return troupe;
}

/** Tells each event as a line, and keeps the board in sight where a person watches. */
function show(board: Board, output: Output): () => void {
  const region = output.isTalkLive ? output.openRegion(process.stderr) : null;
  const draw = (): void => {
    const width = (process.stderr.columns ?? 80) - 1;
    region?.draw(glanceAt(board.snapshot(), output.talkColors, width));
  };
  const timer = setInterval(draw, REDRAW_MS);
  board.watch(({ events, snapshot }) => {
    for (const event of events) {
      const line = sentenceOf(event, snapshot);
      if (line !== null) output.talk(printable(line));
    }
  });
  return () => {
    clearInterval(timer);
    draw();
    region?.close("keep");
  };
}

function untilOver(board: Board, interrupted: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    board.watch(({ snapshot }) => {
      if (tasksOf(snapshot).every(({ state }) => state === "completed")) resolve();
    });
    const end = patienceSignal(interrupted, END_MS);
    end.addEventListener("abort", () => resolve());
    if (end.aborted) resolve();
  });
}
