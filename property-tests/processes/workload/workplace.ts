/** Where a workload happens, and the acts that workloads share; each is written down. */
import type { SeededRandom } from "../../../adapters/transport/memory.ts";
import type { Agent, Board, TaskId } from "../../../lib/index.ts";
import type { Fact } from "../history.ts";

/** What a workload works with. */
export interface Workplace {
  readonly board: Board;
  readonly leaseMs: number;
  readonly run: string;
  readonly random: SeededRandom;
  readonly note: (fact: Fact) => void;
  /** Aborts when no more work is to be taken. */
  readonly signal: AbortSignal;
  readonly resource: number | null;
}

/** Joins the board. */
export async function joinAs({ board, leaseMs, note }: Workplace, name: string): Promise<Agent> {
  const agent = await board.join({ name, leaseMs });
  note({ kind: "joined", agent: agent.id });
  return agent;
}

/** Adds tasks and notes, each with a text of its own, and writes down how far each has come. */
export function countItems({ board, run, note }: Workplace): {
  add(agent: Agent): Promise<void>;
  note(agent: Agent, task: TaskId): Promise<void>;
  /** Resolves once all that was added is stored at the relay. */
  settled(): Promise<unknown>;
} {
  let count = 0;
  const underWay = new Set<Promise<void>>();
  const act = async (agent: Agent, write: (item: string) => Promise<unknown>): Promise<void> => {
    const item = `${run}/${count++}`;
    note({ kind: "invoked", item, agent: agent.id });
    await write(item);
    note({ kind: "durable", item });
    const sync = board.sync().then(() => {
      note({ kind: "synced", item });
      underWay.delete(sync);
    });
    underWay.add(sync);
  };
  return {
    add: (agent) => act(agent, (title) => agent.add({ title })),
    note: (agent, task) => act(agent, (text) => agent.note(task, text)),
    settled: () => Promise.all(underWay),
  };
}

/** Writes down every change of a task's attempt. */
export function watchAttempts({ board, note }: Workplace): void {
  board.watch(({ tasks }) => {
    for (const { before, after } of tasks) {
      const { id: task, attempt } = after;
      if (attempt !== (before?.attempt ?? 0)) note({ kind: "attempt", task, attempt });
    }
  });
}

/** Draws one of a list. */
export function pick<T>(random: SeededRandom, from: readonly T[]): T {
  const one = from[random.integer(from.length)];
  if (one === undefined) throw new RangeError("there is nothing to pick from");
  return one;
}
