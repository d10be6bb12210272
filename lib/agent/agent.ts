/** What an agent holds in its hand: everything it can do on a board. */
import { CoordinationError, taskUnknown } from "../core/error.ts";
import type { AgentId, Guarantee, Json, TaskId } from "../core/record.ts";
import { copyJson } from "../replica/plain-json.ts";
import type { RecordBody } from "../replica/replica.ts";
import { type ClaimOptions, type ClaimOutcome, claimTask, nameHolder } from "./claiming.ts";
import type { BoardHost, LocalAgent } from "./host.ts";
import { createTaskId, taskIdOfKey } from "./ids.ts";
import { type WorkHandler, type WorkOptions, work } from "./work.ts";

/** A task to be added. */
export interface NewTask {
  readonly title: string;
  readonly body?: string;
  /** Makes the task the same for everybody who adds it: added twice with one key, it is one task. */
  readonly key?: string;
  /** Tasks that must be completed before. */
  readonly needs?: readonly TaskId[];
  /** Capabilities that an agent must have. */
  readonly requires?: readonly string[];
  /** Higher goes first; 0 by default. */
  readonly priority?: number;
  /** The least guarantee under which it may be claimed. */
  readonly guarantee?: Guarantee;
}

/** Fields of a task that are to change; those left out stay. */
export type TaskEdit = Partial<Omit<NewTask, "key" | "guarantee">>;

/** One agent on one board. Every promise resolves when what was written is durable here, where the board has a store. */
export interface Agent {
  /** Unique to this run; never used again. */
  readonly id: AgentId;
  readonly name: string;
  readonly capabilities: readonly string[];
  /** Adds one task and gives its id; with a key that the board knows already, nothing is added. */
  add(task: NewTask): Promise<TaskId>;
  /** Adds tasks in one transaction and gives their ids in the same order. */
  add(tasks: readonly NewTask[]): Promise<readonly TaskId[]>;
  /**
   * Claims a task: `optimistic` answers at once, `settled` after one round trip to the relay, or, where it has rivals,
   * when it is decided which of them holds the task.
   *
   * @throws CoordinationError `TASK_UNKNOWN`, or `GUARANTEE_UNAVAILABLE` when the transport cannot give what is asked
   */
  claim(taskId: TaskId, options?: ClaimOptions): Promise<ClaimOutcome>;
  /** Claims what is ready and hands it to the handler, until the signal aborts or the agent leaves. */
  work(handler: WorkHandler, options?: WorkOptions): Promise<void>;
  /** Changes fields of a task. */
  edit(taskId: TaskId, edit: TaskEdit): Promise<void>;
  /** Calls a task off; whoever works on it is told to stop. A completed task stays completed. */
  cancel(taskId: TaskId, reason?: string): Promise<void>;
  /** Leaves a note on a task. */
  note(taskId: TaskId, text: string): Promise<void>;
  /** Gives back every claim and takes no further part; idempotent. */
  leave(): Promise<void>;
}

/** The shortest lease; below it ordinary delays would look like death. */
const MIN_LEASE_MS = 500;
const MAX_LEASE_MS = 86_400_000;

/** Checks a lease's length. */
export function checkLease(leaseMs: number): void {
  if (Number.isInteger(leaseMs) && leaseMs >= MIN_LEASE_MS && leaseMs <= MAX_LEASE_MS) return;
  throw new RangeError(
    `leaseMs is ${leaseMs}; use a whole number from ${MIN_LEASE_MS} to ${MAX_LEASE_MS}`,
  );
}

/** Makes the hand of an agent that has joined. */
export function createAgent(host: BoardHost, local: LocalAgent, name: string): Agent {
  const { id, capabilities } = local;
  const stopped = new AbortController();

  const write = async (bodies: readonly RecordBody[]): Promise<void> => {
    if (stopped.signal.aborted)
      throw new CoordinationError("AGENT_LEFT", `Agent ${id} has left the board; join again.`, {
        details: { agent: id },
      });
    if (bodies.length > 0) host.replica.append(id, bodies);
    await host.durable();
  };
  const known = (taskId: TaskId): TaskId => {
    if (host.replica.task(taskId) !== undefined) return taskId;
    throw taskUnknown(taskId);
  };

  async function add(task: NewTask): Promise<TaskId>;
  async function add(tasks: readonly NewTask[]): Promise<readonly TaskId[]>;
  async function add(input: NewTask | readonly NewTask[]): Promise<TaskId | readonly TaskId[]> {
    const isMany = Array.isArray(input);
    const tasks = (isMany ? input : [input]) as readonly NewTask[];
    const ids = tasks.map(({ key }) =>
      key === undefined ? createTaskId(host.random) : taskIdOfKey(key),
    );
    const fresh = new Map<TaskId, RecordBody>();
    tasks.forEach((task, i) => {
      const taskId = ids[i];
      if (taskId === undefined || fresh.has(taskId) || host.replica.task(taskId) !== undefined)
        return;
      fresh.set(taskId, { ...fieldsOf(task), kind: "added", task: taskId } as RecordBody);
    });
    await write([...fresh.values()]);
    return isMany ? ids : (ids[0] as TaskId);
  }

  return {
    id,
    name,
    capabilities,
    add,
    async claim(taskId, options = {}) {
      if (stopped.signal.aborted) await write([]);
      const outcome = await claimTask(host, local, known(taskId), options);
      if (outcome.ok || outcome.reason !== "lost") return outcome;
      return nameHolder(host, local, taskId, options.signal);
    },
    async work(handler, options = {}) {
      await write([]);
      const signal =
        options.signal === undefined
          ? stopped.signal
          : AbortSignal.any([stopped.signal, options.signal]);
      return work(host, local, handler, { ...options, signal });
    },
    edit: async (taskId, edit) =>
      write([{ ...fieldsOf(edit), kind: "edited", task: known(taskId) } as RecordBody]),
    cancel: async (taskId, reason) => write([{ kind: "cancelled", task: known(taskId), reason }]),
    note: async (taskId, text) => write([{ kind: "noted", task: known(taskId), text }]),
    async leave() {
      if (stopped.signal.aborted) return;
      stopped.abort();
      for (const claim of [...host.claims]) if (claim.agent === id) claim.giveBack();
      host.replica.append(id, [{ kind: "left" }]);
      host.agents.delete(id);
      await host.durable();
    },
  };
}

/** Copies what a caller gave, so that nothing of theirs is frozen and nothing undefined is written. */
function fieldsOf(task: TaskEdit): Record<string, Json> {
  return copyJson(task, "task") as Record<string, Json>;
}
