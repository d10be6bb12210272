/** The ten tools, and how they are bound to an agent. */
import type { Agent, Board } from "../../lib/index.ts";
import { addNote } from "./calls/add-note.ts";
import { addTasks } from "./calls/add-tasks.ts";
import { boardStatus } from "./calls/board-status.ts";
import { claimTask } from "./calls/claim-task.ts";
import { completeTask } from "./calls/complete-task.ts";
import { getBrief } from "./calls/get-brief.ts";
import { handoffTask } from "./calls/handoff-task.ts";
import { listReady } from "./calls/list-ready.ts";
import { releaseTask } from "./calls/release-task.ts";
import { waitForChange } from "./calls/wait-for-change.ts";
import type { BindableTool, ToolDefinition } from "./definition.ts";
import { createSession } from "./session.ts";
import type { Tool } from "./tool.ts";

/** Who calls the tools, and where. */
export interface ToolKitOptions {
  /** Open, and in sync; it stays open when the kit is closed. */
  readonly board: Board;
  /** Joined at this board. */
  readonly agent: Agent;
}

/** The tools of one agent. */
export interface ToolKit {
  readonly tools: readonly Tool[];
  /** Gives back all that the agent holds, with a reason; `wait_for_change` says so to whoever comes back. */
  letGo(reason: string): Promise<void>;
  /** Stops watching the board; calls that wait come back. */
  close(): void;
}

const TOOLS: readonly BindableTool[] = [
  boardStatus,
  listReady,
  addTasks,
  claimTask,
  completeTask,
  releaseTask,
  handoffTask,
  addNote,
  getBrief,
  waitForChange,
];

/** What the tools are called and take, without a board. */
export const toolDefinitions: readonly ToolDefinition[] = TOOLS.map(
  ({ bind: _, ...definition }) => definition,
);

/** Binds the tools to an agent. Tools of one kit share a cursor, and know what is being claimed. */
export function createTools({ board, agent }: ToolKitOptions): ToolKit {
  const session = createSession(board, agent);
  return {
    tools: TOOLS.map((tool) => tool.bind(session)),
    async letGo(reason) {
      for (const claim of agent.held()) {
        await claim.release(reason);
        session.claims.drop(claim.task.id);
        session.changes.push({ what: "claim-lost", task_id: claim.task.id, by: agent.id });
      }
    },
    close: () => session.changes.close(),
  };
}
