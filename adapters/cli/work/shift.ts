/** One shift: the agents of this process join, work side by side, and stop when told to or when nothing more can come. */
import type { Agent, Board, Claim, ClaimOutcome, Task } from "../../../lib/index.ts";
import type { Orders } from "./message.ts";
import { watchProspects } from "./watch-prospects.ts";
import { type WorkEnd, workOn } from "./work-on.ts";
import type { WorkJobOptions } from "./work-options.ts";

/** Hears of what the agents do. */
export interface ShiftListener {
  joined(agent: Agent): void;
  asked(agent: Agent, outcome: ClaimOutcome): void;
  started(agent: Agent, claim: Claim, pid: number): void;
  ended(agent: Agent, claim: Claim, pid: number, how: WorkEnd): void;
}

/** What a shift is started with. */
export interface ShiftOptions {
  /** The agent's name; where there are more, each has a number behind it. */
  readonly name: string;
  readonly stop: AbortSignal;
  /** What to do, where a run says it; then the shift lasts until it is stopped. */
  readonly orders: Orders | null;
  readonly listener: ShiftListener;
}

/** A shift under way. */
export interface Shift {
  readonly agents: readonly Agent[];
  /** Resolves once no command runs any more. */
  readonly over: Promise<void>;
}

/** Joins all agents and starts them. */
export async function startShift(
  board: Board,
  options: WorkJobOptions,
  { name: base, stop, orders, listener }: ShiftOptions,
): Promise<Shift> {
  const { tasks = null, can = options.can } = orders ?? {};
  const agents: Agent[] = [];
  for (let i = 1; i <= options.agents; i++) {
    const name = options.agents === 1 ? base : `${base}-${i}`;
    const agent = await board.join({ name, capabilities: can, leaseMs: options.leaseMs });
    listener.joined(agent);
    agents.push(agent);
  }
  const chosen = tasks === null ? null : new Set<string>(tasks);
  const where = (task: Task): boolean =>
    isPossible(task, options) && (chosen?.has(task.id) ?? true);
  const canTake = (task: Task): boolean =>
    where(task) && task.requires.every((tag) => can.includes(tag));
  const isEndless = options.isForever || tasks !== null;
  const idle = isEndless ? null : watchProspects(board, canTake);
  const signal = idle === null ? stop : AbortSignal.any([stop, idle.nothingLeft]);
  const works = agents.map((agent) =>
    workOn(agent, {
      ...options,
      board,
      where,
      signal,
      listener: {
        asked: (outcome) => listener.asked(agent, outcome),
        started: (claim, pid) => listener.started(agent, claim, pid),
        ended: (claim, pid, how) => listener.ended(agent, claim, pid, how),
      },
    }),
  );
  return { agents, over: Promise.all(works).then(() => idle?.close()) };
}

/** A task that asks for more than these claims promise is left to others. */
function isPossible(task: Task, { guarantee, folder }: WorkJobOptions): boolean {
  const isOptimistic = guarantee === "optimistic" || folder !== undefined;
  return !(isOptimistic && task.guarantee === "settled");
}
