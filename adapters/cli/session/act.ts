/** Runs one command of an agent: opens the board, lets the agent act, and closes it when all is safe. */
import type { Agent, Board, Task, TaskId } from "../../../lib/index.ts";
import { findTask } from "../board/find-task.ts";
import { requireFolder } from "../board/medium.ts";
import { openSynced } from "../board/open-board.ts";
import { createReach } from "../board/reach.ts";
import { type ExitCode, exitCode, syncFault, usageFault } from "../fault.ts";
import { listenForInterruption } from "../interruption.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { type Entered, enterPassing, enterSession, type IdentityOptions } from "./enter.ts";
import type { Deed, Hand, Report, SessionNeed } from "./hand.ts";
import { lossFault } from "./loss.ts";
import { mediumOf, type PlaceOptions, placeInProject } from "./place.ts";
import type { Session } from "./session-file.ts";
import { withSession } from "./with-session.ts";

/** What every command of an agent is given. */
export interface ActOptions extends PlaceOptions, IdentityOptions {
  /** The task. */
  readonly id: string;
}

/** What a command is. */
export interface Act {
  readonly need: SessionNeed;
  readonly deed: Deed;
}

/** Acts; resolves with the exit code. */
export async function act(options: ActOptions, output: Output, what: Act): Promise<ExitCode> {
  return withSession(options, what.need, (path, session) => {
    const placed = session === null ? placeInProject(options) : options;
    return actAt({ options: placed, output, what, path, session });
  });
}

interface Acting {
  readonly options: ActOptions;
  readonly output: Output;
  readonly what: Act;
  /** Null for an agent that comes and goes. */
  readonly path: string | null;
  readonly session: Session | null;
}

async function actAt({ options, output, what, path, session }: Acting): Promise<ExitCode> {
  const interruption = listenForInterruption();
  const medium = mediumOf(options, session);
  requireFolder(medium);
  const reach = createReach(medium, output.talk);
  const rule = options.rule ?? session?.rule;
  const board = await openSynced(medium, {
    syncTimeoutMs: options.syncTimeoutMs,
    signal: interruption.signal,
    onFault: reach.onFault,
    ...(rule === undefined ? {} : { rule }),
  });
  reach.follow(board);
  const check = (): void => {
    interruption.check("what was written before stands");
    reach.check();
  };
  try {
    const { id } = findTask(board, options.id);
    const entered = await (path === null
      ? enterPassing(board, medium, options)
      : enterSession(board, medium, { path, session, who: options }));
    const signal = AbortSignal.any([interruption.signal, reach.signal]);
    const hand = takeInHand(board, entered.agent, { id, signal, talk: output.talk });
    const report = await carryOut(hand, what.deed, { entered, check, ...options });
    check();
    say(report, hand, output);
    return report.exit ?? exitCode.ok;
  } finally {
    reach.stop();
    await board.close();
  }
}

interface HandOptions {
  readonly id: TaskId;
  readonly signal: AbortSignal;
  readonly talk: (line: string) => void;
}

function takeInHand(board: Board, agent: Agent, { id, signal, talk }: HandOptions): Hand {
  const task = (): Task => findTask(board, id);
  return {
    board,
    agent,
    signal,
    task,
    claim() {
      const held = agent.held().find((one) => one.task.id === id);
      if (held === undefined) throw lossFault(task(), agent.id);
      return held;
    },
    async sayWhenSafe(line) {
      await board.sync();
      talk(line);
    },
  };
}

interface CarryOutOptions {
  readonly entered: Entered;
  /** Throws what ended the command from outside. */
  readonly check: () => void;
  readonly syncTimeoutMs: number;
}

/** Lets the agent act and leave; what went wrong first is what is told. */
async function carryOut(
  hand: Hand,
  deed: Deed,
  { entered, check, syncTimeoutMs }: CarryOutOptions,
): Promise<Report> {
  const report = await deed(hand).catch(async (error: unknown) => {
    await entered.leave(syncTimeoutMs).catch(() => {});
    check();
    throw error instanceof RangeError ? usageFault(error.message) : error;
  });
  await entered.leave(syncTimeoutMs).catch((error: unknown) => {
    const cause = error instanceof Error ? error.message : String(error);
    throw syncFault(
      `it is not certain that the board has it all (${cause}); look with \`stigmergy history\` before you go on`,
      error,
    );
  });
  return report;
}

function say({ words, data, talk }: Report, { agent, task }: Hand, output: Output): void {
  const { id, title, state, attempt } = task();
  output.data(
    { task: id, title, state, attempt, agent: agent.id, ...data },
    () => `${printable(id)}  ${words}`,
  );
  if (talk !== undefined) output.talk(talk);
}
