/** `board_status`: how the board stands, and this agent on it. */
import * as z from "zod";
import { type AgentId, isLive, tasksOf } from "../../../lib/index.ts";
import { adviseNext, errandsOf } from "../advice.ts";
import {
  type BindableTool,
  count,
  defineTool,
  object,
  objects,
  oneOf,
  text,
} from "../definition.ts";
import type { Session } from "../session.ts";

const MAX_LISTED = 20;

/** The tool. */
export const boardStatus: BindableTool = defineTool({
  name: "board_status",
  description:
    "How the board stands: tasks by state, who holds how many, what you hold, and what waits for you (questions, offers, reviews). Call it first, and whenever you are unsure.",
  input: z.strictObject({}),
  output: {
    board: text,
    you: text,
    guarantee: oneOf("settled", "optimistic"),
    counts: object,
    ready_for_you: count,
    holding: objects,
    waiting_for_you: objects,
    agents: objects,
    agents_more: count,
  },
  isReadOnly: true,
  async run(session) {
    const { board, agent } = session;
    const errands = errandsOf(session);
    const agents = workers(session);
    return {
      board: board.name,
      you: agent.id,
      guarantee: board.guarantee,
      counts: { ...board.snapshot().counts },
      ready_for_you: [...agent.claimable()].length,
      holding: agent.held().map(({ task, attempt }) => ({
        task_id: task.id,
        token: attempt,
        title: session.quote(task.title, task.added.agent),
      })),
      waiting_for_you: errands.slice(0, MAX_LISTED),
      agents: agents.slice(0, MAX_LISTED),
      ...(agents.length > MAX_LISTED ? { agents_more: agents.length - MAX_LISTED } : {}),
      next: adviseNext(session, errands),
    };
  },
});

/** Agents that have not left, the busiest first. */
function workers({ board }: Session): readonly { agent: AgentId; holds: number }[] {
  const holds = new Map<AgentId, number>();
  for (const task of tasksOf(board.snapshot()))
    for (const claim of task.claims)
      if (isLive(claim) && claim === task.winner)
        holds.set(claim.agent, (holds.get(claim.agent) ?? 0) + 1);
  return Object.values(board.snapshot().agents)
    .filter(({ hasLeft }) => !hasLeft)
    .map(({ id }) => ({ agent: id, holds: holds.get(id) ?? 0 }))
    .sort((a, b) => b.holds - a.holds || (a.agent < b.agent ? -1 : 1));
}
