/** Counts what the agents of this process have done, and says it as it happens. */
import { type AgentId, type Board, getTask, type TaskId } from "../../../lib/index.ts";
import { printable } from "../output/printable.ts";
import type { ShiftListener } from "./shift.ts";

/** What one agent has done. */
export interface AgentTally {
  readonly id: AgentId;
  readonly name: string;
  /** Commands started. */
  readonly started: number;
  readonly completed: number;
  /** Commands that failed. */
  readonly failed: number;
  /** Claims that went to another, before or while the command ran. */
  readonly lost: number;
}

/** A listener that counts. */
export interface Tally extends ShiftListener {
  agents(): readonly AgentTally[];
  /** Whether some claim was lost while its command ran. */
  readonly hasLostAtWork: boolean;
  /** Whether a task that failed here is now failed for good. */
  hasFailedFor(board: Board): boolean;
}

/** Counts from zero. */
export function createTally(talk: (line: string) => void): Tally {
  const counts = new Map<AgentId, { id: AgentId; name: string } & Record<Counted, number>>();
  const failedTasks = new Set<TaskId>();
  let hasLostAtWork = false;
  const count = (id: AgentId, what: Counted): void => {
    const one = counts.get(id);
    if (one !== undefined) one[what]++;
  };
  return {
    agents: () => [...counts.values()],
    get hasLostAtWork() {
      return hasLostAtWork;
    },
    hasFailedFor: (board) =>
      [...failedTasks].some((id) => getTask(board.snapshot(), id)?.state === "failed"),
    joined({ id, name }) {
      counts.set(id, { id, name, started: 0, completed: 0, failed: 0, lost: 0 });
    },
    asked({ id }, outcome) {
      if (!outcome.ok && (outcome.reason === "lost" || outcome.reason === "expired"))
        count(id, "lost");
    },
    started: ({ id }) => count(id, "started"),
    ended({ id, name }, { task }, _pid, how) {
      talk(`${how.padEnd(LONGEST)}  ${printable(task.title)}  (${printable(name)})`);
      if (how === "failed" || how === "to-be-retried") {
        count(id, "failed");
        failedTasks.add(task.id);
      } else if (how === "lost") {
        count(id, "lost");
        hasLostAtWork = true;
      } else if (how === "completed") count(id, "completed");
    },
  };
}

type Counted = "started" | "completed" | "failed" | "lost";

const LONGEST = "to-be-retried".length;
