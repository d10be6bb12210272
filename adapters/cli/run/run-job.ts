/** `stigmergy run`: puts a list on a board, lets agent processes work on it, and sums up. It decides nothing. */
import { addListed } from "../add/add-listed.ts";
import { checkGuarantee } from "../board/guarantee.ts";
import { openSynced } from "../board/open-board.ts";
import { createReach } from "../board/reach.ts";
import { checkProgram } from "../command/find-program.ts";
import { type ExitCode, exitCode } from "../fault.ts";
import { listenForInterruption } from "../interruption.ts";
import { readTaskList } from "../list/read-list.ts";
import type { Output } from "../output/output.ts";
import { createOutlook } from "./outlook.ts";
import { openPlace } from "./place.ts";
import type { RunJobOptions } from "./run-options.ts";
import { createRunTally } from "./run-tally.ts";
import { sayRun, summarize } from "./summary.ts";
import { workThrough } from "./work-through.ts";

/** Runs; resolves with the exit code. */
export async function runJob(options: RunJobOptions, output: Output): Promise<ExitCode> {
  const startedAtMs = performance.now();
  checkGuarantee({ kind: options.folder === undefined ? "relay" : "folder" }, options.guarantee);
  checkProgram(options.command);
  const listed = await readTaskList(options.file);
  const interruption = listenForInterruption();
  const place = await openPlace(options, output.talk);
  const reach = createReach(place.medium, output.talk);
  const io = { output, interruption, reach };
  try {
    const board = await openSynced(place.medium, {
      ...options,
      signal: interruption.signal,
      onFault: reach.onFault,
    });
    reach.follow(board);
    try {
      const put = await addListed(board, listed, { ...options, medium: place.medium });
      const ids = put.map(({ id }) => id);
      const tally = createRunTally();
      await workThrough(board, ids, { options, io, place, tally, listed });
      const { completed } = createOutlook(ids).standing(board.snapshot());
      reach.check();
      interruption.check(
        `${completed} of ${ids.length} tasks are completed; ${howToGoOn(options)}`,
      );
      await board.sync({ timeoutMs: options.syncTimeoutMs });
      const standing = createOutlook(ids).standing(board.snapshot());
      const wallMs = performance.now() - startedAtMs;
      const summary = summarize(board, ids, { tally, standing, wallMs });
      output.data(summary, () => sayRun(summary, standing, output.dataColors));
      return standing.completed === ids.length ? exitCode.ok : exitCode.taskFailed;
    } finally {
      reach.stop();
      await board.close();
    }
  } finally {
    await place.close();
  }
}

function howToGoOn({ store, relay, folder }: RunJobOptions): string {
  if (relay !== undefined || folder !== undefined) return "start it again to go on";
  return store === undefined
    ? "with --store it could go on later"
    : "start it again with the same --store to go on";
}
