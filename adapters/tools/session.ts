/** What the tools of one agent share: its board, what happened there lately, and the claims it has in hand. */
import {
  type Agent,
  type AgentId,
  type Board,
  type Claim,
  getTask,
  type Task,
  type TaskId,
} from "../../lib/index.ts";
import { type ChangeLog, createChangeLog } from "./change-log.ts";
import { type ClaimDesk, createClaimDesk } from "./claim-desk.ts";
import { ToolRefusal } from "./fault.ts";
import { type QuotedText, quoteText } from "./quoted-text.ts";

/** An agent on its board, between calls. */
export interface Session {
  readonly board: Board;
  readonly agent: Agent;
  readonly changes: ChangeLog;
  readonly claims: ClaimDesk;
  /** @throws ToolRefusal `TASK_UNKNOWN` */
  task(id: string): Task;
  quote(text: string, author: AgentId | null, max?: number): QuotedText;
}

/** Enough for a title; bodies and results ask for more. */
const TITLE_LENGTH = 300;

/** Starts a session. */
export function createSession(board: Board, agent: Agent): Session {
  const changes = createChangeLog(board, agent.id);
  return {
    board,
    agent,
    changes,
    claims: createClaimDesk(agent, changes),
    task(id) {
      const task = getTask(board.snapshot(), id as TaskId);
      if (task !== undefined) return task;
      throw new ToolRefusal(
        "TASK_UNKNOWN",
        "no task with this task_id is on the board",
        "take a task_id from list_ready, board_status or add_tasks, or wait_for_change if it was added just now",
      );
    },
    quote: (text, author, max = TITLE_LENGTH) =>
      quoteText({ board, reader: agent.id }, text, author, max),
  };
}

/**
 * The claim of a task that this agent holds, or last held: what is handed in late is kept.
 *
 * @throws ToolRefusal `TASK_UNKNOWN` or `NOT_HELD`
 */
export function claimOf({ claims, task }: Session, id: string): Claim {
  const claim = claims.find(task(id).id);
  if (claim !== undefined) return claim;
  throw new ToolRefusal(
    "NOT_HELD",
    "this agent does not hold the task",
    "call claim_task with this task_id first, or board_status to see what you hold",
  );
}
