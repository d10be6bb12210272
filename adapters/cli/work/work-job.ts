/** `stigmergy work`: joins a board, runs a command per task, and leaves when nothing more can come. */
import type { Board } from "../../../lib/index.ts";
import { checkGuarantee } from "../board/guarantee.ts";
import { chooseMedium, requireFolder } from "../board/medium.ts";
import { openSynced } from "../board/open-board.ts";
import { createReach } from "../board/reach.ts";
import { checkProgram } from "../command/find-program.ts";
import { type ExitCode, exitCode } from "../fault.ts";
import { type Interruption, listenForInterruption } from "../interruption.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { type AgentTally, createTally, type Tally } from "./agent-tally.ts";
import { checkAttemptDirectories } from "./files/attempt-directory.ts";
import type { Orders } from "./message.ts";
import type { ParentLine } from "./parent-line.ts";
import { reportTo } from "./report-to.ts";
import { type Shift, startShift } from "./shift.ts";
import type { WorkJobOptions } from "./work-options.ts";

/** How long a worker that leaves waits until the others have heard of it. */
const LAST_SYNC_MS = 3000;

/** The longest lease that agents have unless told otherwise; a relay that lost its memory waits for so long. */
const USUAL_LEASE_MS = 30_000;

const NO_ORDERS: Orders = { tasks: [], can: [] };

/** Works; resolves with the exit code. */
export async function workJob(
  options: WorkJobOptions,
  { output, line }: { readonly output: Output; readonly line: ParentLine | null },
): Promise<ExitCode> {
  const interruption = listenForInterruption();
  const medium = chooseMedium(options, Math.max(options.leaseMs, USUAL_LEASE_MS));
  requireFolder(medium);
  checkGuarantee(medium, options.guarantee);
  checkProgram(options.command);
  await checkAttemptDirectories();
  const talk = line === null ? output.talk : () => {};
  const reach = createReach(medium, talk);
  const board = await openSynced(medium, {
    ...options,
    signal: interruption.signal,
    onFault: reach.onFault,
  });
  reach.follow(board);
  const tally = createTally(talk);
  try {
    const shift = await startShift(board, options, {
      name: options.name ?? medium.subject ?? "agent",
      stop: AbortSignal.any([
        interruption.signal,
        reach.signal,
        ...(line === null ? [] : [line.stopped]),
      ]),
      orders: line === null ? null : ((await line.orders) ?? NO_ORDERS),
      listener: line === null ? tally : reportTo(line, board),
    });
    await shift.over;
    reach.check();
    await leave(board, shift);
    if (!interruption.signal.aborted) reach.check(); // what was refused may be told only now
    line?.send({ kind: "traffic", bytesSent: board.bytesSent });
    if (line === null) return sumUp(board, tally, output, interruption);
    return exitCode.ok;
  } finally {
    reach.stop();
    await board.close();
  }
}

/** Leaves, and waits a while until everybody can know. */
async function leave(board: Board, { agents }: Shift): Promise<void> {
  for (const agent of agents) await agent.leave();
  if (board.status !== "synced") return; // leases will tell
  await board.sync({ timeoutMs: LAST_SYNC_MS }).catch(() => {});
}

function sumUp(board: Board, tally: Tally, output: Output, interruption: Interruption): ExitCode {
  interruption.check("its claims were given back, so that others can go on");
  const agents = tally.agents();
  output.data({ agents }, () => agents.map(sentenceOf).join("\n"));
  if (tally.hasFailedFor(board)) return exitCode.taskFailed;
  return tally.hasLostAtWork ? exitCode.refused : exitCode.ok;
}

function sentenceOf({ name, started, completed, failed, lost }: AgentTally): string {
  return `${printable(name)}: ${started} started, ${completed} completed, ${failed} failed, ${lost} lost`;
}
