/** The middle of a run: a team of agent processes works until nothing can happen any more. */
import type { Board, TaskId } from "../../../lib/index.ts";
import { mediumArgs } from "../board/medium.ts";
import type { Reach } from "../board/reach.ts";
import type { Interruption } from "../interruption.ts";
import type { ListedTask } from "../list/listed-task.ts";
import type { Output } from "../output/output.ts";
import { createOutlook } from "./outlook.ts";
import type { Place } from "./place.ts";
import { type Progress, showProgress } from "./progress.ts";
import type { RunJobOptions } from "./run-options.ts";
import type { RunTally } from "./run-tally.ts";
import { startTeam } from "./team.ts";

/** Where a run speaks and listens. */
export interface RunIo {
  readonly output: Output;
  readonly interruption: Interruption;
  readonly reach: Reach;
}

/** What a run works with. */
export interface RunParts {
  readonly options: RunJobOptions;
  readonly io: RunIo;
  readonly place: Place;
  readonly tally: RunTally;
  readonly listed: readonly ListedTask[];
}

/** Lets a team work until nothing can happen any more, or the user wants an end. */
export async function workThrough(
  board: Board,
  ids: readonly TaskId[],
  parts: RunParts,
): Promise<void> {
  const { options, io, place, tally, listed } = parts;
  const outlook = createOutlook(ids);
  if (!outlook.isAnythingPossible(board.snapshot()) || io.interruption.signal.aborted) return;
  const team = startTeam({
    size: options.agents,
    name: place.medium.subject ?? "agent",
    argsFor: (name) => workArgs(options, name, place),
    orders: { tasks: ids, can: tagsOf(listed) },
    finished: () => outlook.standing(board.snapshot()).completed,
    leaseMs: options.leaseMs,
    hear: tally.hear,
    talk: io.output.talk,
  });
  const progress = showProgress({
    output: io.output,
    ids,
    tally,
    snapshot: () => board.snapshot(),
    names: () => team.names,
  });
  try {
    await Promise.race([untilOver(board, { outlook, io, tally, progress }), team.broken]);
  } finally {
    await team.stop();
    progress.close();
  }
}

function untilOver(
  board: Board,
  parts: {
    readonly outlook: ReturnType<typeof createOutlook>;
    readonly io: RunIo;
    readonly tally: RunTally;
    readonly progress: Progress;
  },
): Promise<void> {
  const { interruption, reach } = parts.io;
  return new Promise((resolve) => {
    board.watch((change) => {
      parts.tally.see(change);
      parts.progress.see(change);
      if (!parts.outlook.isAnythingPossible(change.snapshot)) resolve();
    });
    const end = AbortSignal.any([interruption.signal, reach.signal]);
    end.addEventListener("abort", () => resolve(), { once: true });
  });
}

function tagsOf(listed: readonly ListedTask[]): readonly string[] {
  return [...new Set(listed.flatMap(({ requires }) => requires))];
}

function workArgs(options: RunJobOptions, name: string, place: Place): readonly string[] {
  const { guarantee, timeoutMs, retries, leaseMs, syncTimeoutMs, rule, command } = options;
  return [
    "work",
    "--json",
    ...mediumArgs(place.medium.named),
    ...["--name", name],
    ...["--lease-ms", String(leaseMs)],
    ...["--retries", String(retries)],
    ...["--sync-timeout-ms", String(syncTimeoutMs)],
    ...(rule === undefined ? [] : ["--rule", rule]),
    ...(guarantee === undefined ? [] : ["--guarantee", guarantee]),
    ...(timeoutMs === undefined ? [] : ["--timeout-ms", String(timeoutMs)]),
    "--",
    ...command,
  ];
}
