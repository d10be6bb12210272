/** What must hold once faults have ended and all has arrived: one board, one reading of it, and no work without a worker. */
import {
  type Board,
  formatRef,
  type HistoryEntry,
  listTasks,
  type Rule,
  type Task,
} from "../../../lib/index.ts";
import type { SimulatedProcess } from "../simulator/simulated-process.ts";
import type { Invariant } from "./invariant.ts";
import { canonicalContent } from "./logs.ts";
import { foldPlainly } from "./reference-fold.ts";

type Broken = (invariant: Invariant, sentence: string) => void;

/** All documents hold the same, and all boards show the same. */
export function checkConvergence(
  processes: readonly Pick<SimulatedProcess, "name" | "board">[],
  broken: Broken,
): void {
  const open = processes.filter(({ board }) => board !== null);
  const [first, ...others] = open.map(({ name, board }) => ({
    name,
    content: board === null ? "" : canonicalContent(board.doc),
    tasks: board === null ? "" : JSON.stringify(listTasks(board.snapshot())),
  }));
  for (const other of others) {
    if (other.content !== first?.content)
      broken(
        "convergence",
        `the documents of ${first?.name} and ${other.name} differ though all has arrived`,
      );
    else if (other.tasks !== first.tasks)
      broken(
        "convergence",
        `${first.name} and ${other.name} have the same records and show different tasks`,
      );
  }
}

/** Every task is what the plain reading gives. */
export function checkTasks(
  board: Board,
  rule: Rule,
  broken: Broken,
  count: (task: Task, history: readonly HistoryEntry[]) => void,
): void {
  for (const task of listTasks(board.snapshot())) {
    const history = board.history(task.id);
    count(task, history);
    const plain = foldPlainly(history, rule);
    if (plain === null) continue;
    const { state, attempt, nextAttempt, winner, completion } = task;
    const found = {
      state,
      attempt,
      nextAttempt,
      winner: winner === null ? null : formatRef(winner),
      completion: completion === null ? null : formatRef(completion),
    };
    for (const field of Object.keys(found) as (keyof typeof found)[])
      if (found[field] !== plain[field])
        broken(
          "reference",
          `the ${field} of ${task.id} is ${found[field]}, and ${plain[field]} by the plain reading of its records`,
        );
  }
}

/** Says who holds a task without being there; null when nobody does. */
export function isOrphaned(processes: readonly SimulatedProcess[]): string | null {
  const board = processes.find((one) => one.board !== null)?.board;
  if (!board) return null;
  for (const { id, winner, state } of listTasks(board.snapshot())) {
    if (winner === null || state === "completed" || state === "canceled") continue;
    const holder = processes.find(({ agent }) => agent?.id === winner.agent);
    if (holder === undefined)
      return `${id} is held by ${winner.agent}, who is gone, long after the faults ended`;
  }
  return null;
}
