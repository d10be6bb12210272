/** `leave`: gives back all that the session's agent holds, takes no further part, and forgets the session. */
import { openSynced } from "../board/open-board.ts";
import { type ExitCode, exitCode } from "../fault.ts";
import { listenForInterruption } from "../interruption.ts";
import type { Output } from "../output/output.ts";
import { findObstacle } from "./enter.ts";
import { mediumOf, type PlaceOptions } from "./place.ts";
import { removeSession, type Session } from "./session-file.ts";
import { withSession } from "./with-session.ts";

/** Leaves; an agent that its board no longer knows is forgotten all the same. */
export function leaveJob(options: PlaceOptions, output: Output): Promise<ExitCode> {
  return withSession(options, "held", async (path, session) => {
    if (path === null || session === null) return exitCode.ok;
    const { agent } = session;
    const given = await giveBack(options, session);
    await removeSession(path);
    output.data({ agent, given_back: given }, () => `${agent}  left, ${given.length} given back`);
    return exitCode.ok;
  });
}

async function giveBack(options: PlaceOptions, session: Session): Promise<readonly string[]> {
  const { signal } = listenForInterruption();
  const { syncTimeoutMs } = options;
  const rule = options.rule ?? session.rule;
  const medium = mediumOf(options, session);
  const board = await openSynced(medium, { syncTimeoutMs, signal, rule });
  try {
    if (findObstacle(board, session) !== null) return [];
    const agent = await board.resume(session.agent);
    const held = agent.held().map(({ task }) => task.id);
    await agent.leave();
    await board.sync({ timeoutMs: syncTimeoutMs });
    return held;
  } finally {
    await board.close();
  }
}
