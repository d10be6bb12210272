/** Lets a command write in the name of an agent that comes and goes for it. */
import type { Agent, Board, JoinOptions } from "../../../lib/index.ts";

/** Who comes, and how long to wait until the others can know what it wrote. */
export interface PassingOptions extends Pick<JoinOptions, "name" | "capabilities"> {
  readonly syncTimeoutMs: number;
}

/** Joins, does the deed, leaves, and waits until all of it is safe with the medium. */
export async function asPassingAgent<T>(
  board: Board,
  { syncTimeoutMs, ...who }: PassingOptions,
  deed: (agent: Agent) => Promise<T>,
): Promise<T> {
  const agent = await board.join(who);
  const done = await deed(agent);
  await agent.leave();
  await board.sync({ timeoutMs: syncTimeoutMs });
  return done;
}
