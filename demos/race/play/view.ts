/** What each replica knows at one moment, as plain data to be drawn. */
import { type AgentId, getTask, isLive, type Task, type TaskId } from "../../../lib/index.ts";
import type { ShownProcess, World } from "./world.ts";

/** A task as one replica has it. */
export interface TaskSeen {
  readonly task: number;
  /** A word or two, such as `ann holds`. */
  readonly text: string;
  readonly kind: "unknown" | "free" | "pending" | "held" | "done" | "other";
  /** The node whose task it is there; null where nobody's. */
  readonly by: number | null;
  /** How many other claims stand there. */
  readonly rivals: number;
  /** Whether replicas that run do not say the same of it. */
  readonly isDisputed: boolean;
}

/** An agent and its replica. */
export interface AgentSeen {
  readonly node: number;
  readonly name: string;
  readonly state: "connected" | "cut off" | "stands still" | "crashed";
  /** What it does itself, such as `works on t0`. */
  readonly doing: string;
  readonly pace: number;
  /** The tasks that it may work on now, as far as it knows. */
  readonly works: readonly number[];
  /** The tasks for whose grant it waits. */
  readonly waits: readonly number[];
  /** The tasks of which it had to give up a claim. */
  readonly lost: readonly number[];
  readonly tasks: readonly TaskSeen[];
}

/** Everybody. */
export interface View {
  readonly agents: readonly AgentSeen[];
  readonly taskCount: number;
}

/** Looks at a world. */
export function viewOf(world: World): View {
  const { processes } = world;
  const { tasks } = world.simulation;
  const seen = processes.map(({ board }) => {
    const snapshot = board?.snapshot();
    return tasks.map((id, task) =>
      snapshot === undefined ? null : seeTask(task, getTask(snapshot, id), processes),
    );
  });
  const isDisputed = tasks.map((_, task) => {
    const words = seen.flatMap((row) => row[task]?.text ?? []);
    return new Set(words).size > 1;
  });
  const agents = processes.map((process, node): AgentSeen => {
    const { name, pace, board, agent } = process;
    // whoever stands still does nothing meanwhile, whatever it holds
    const works = process.isStalled ? [] : process.atWork().map((hand) => tasks.indexOf(hand.task));
    const isOff = world.cuts.isOff(node);
    const isUp = board !== null;
    const state = process.isStalled ? "stands still" : isOff ? "cut off" : "connected";
    const snapshot = board?.snapshot();
    const own = tasks.map((id) => {
      const task = snapshot === undefined ? undefined : getTask(snapshot, id);
      return task?.claims.findLast((claim) => claim.agent === agent?.id);
    });
    const pick = (isIt: (status: string) => boolean): readonly number[] =>
      own.flatMap((claim, task) => (claim !== undefined && isIt(claim.status) ? task : []));
    const waits = process.waiting > 0 ? pick((status) => status === "pending") : [];
    const lost = pick((status) => status === "yielded" || status === "expired");
    return {
      ...{ node, name, pace, works, waits, lost },
      state: isUp ? state : "crashed",
      doing: isUp ? doingOf(works, waits, agent === null) : "its memory is gone, its disk is kept",
      tasks: (seen[node] ?? []).flatMap((one, task) =>
        one === null ? [] : { ...one, isDisputed: isDisputed[task] === true },
      ),
    };
  });
  return { agents, taskCount: tasks.length };
}

/** Ids of agents and tasks as people say them here. */
export function plainText(text: string, tasks: readonly TaskId[]): string {
  let plain = text;
  for (const [number, id] of tasks.entries()) plain = plain.replaceAll(id, `t${number}`);
  return plain.replaceAll(/~\w+/gu, "").slice(0, 300);
}

function doingOf(works: readonly number[], waits: readonly number[], isJoining: boolean): string {
  if (isJoining) return "is joining";
  if (works.length > 0) return `works on ${works.map((one) => `t${one}`).join(", ")}`;
  if (waits.length > 0) return `waits for ${waits.map((one) => `t${one}`).join(", ")}`;
  return "idle";
}

function seeTask(
  number: number,
  task: Task | undefined,
  processes: readonly ShownProcess[],
): Omit<TaskSeen, "isDisputed"> {
  if (task === undefined)
    return { task: number, text: "unknown", kind: "unknown", by: null, rivals: 0 };
  const { winner, completion, state } = task;
  const rivals = task.claims.filter((claim) => claim !== winner && isLive(claim)).length;
  const base = { task: number, rivals };
  if (completion !== null)
    return {
      ...base,
      text: `${nameOf(completion.agent)} did it`,
      kind: "done",
      by: nodeOf(completion.agent, processes),
    };
  if (winner === null)
    return state === "submitted"
      ? { ...base, text: "free", kind: "free", by: null }
      : { ...base, text: state, kind: "other", by: null };
  const isHeld = winner.status === "held";
  return {
    ...base,
    text: `${nameOf(winner.agent)} ${isHeld ? "holds" : "claims"}`,
    kind: isHeld ? "held" : "pending",
    by: nodeOf(winner.agent, processes),
  };
}

function nameOf(agent: AgentId): string {
  return agent.split("~")[0]?.slice(0, 12) ?? "";
}

/** By the name: a crashed process has no agent, and its claims still stand. */
function nodeOf(agent: AgentId, processes: readonly ShownProcess[]): number | null {
  const node = processes.findIndex(({ name }) => name === nameOf(agent));
  return node < 0 ? null : node;
}
