/** What an agent holds in its hand: everything it can do on a board. */
import { agentLeft, taskUnknown } from "../core/error.ts";
import type { PortableTask } from "../core/portable.ts";
import type {
  AgentId,
  Guarantee,
  Json,
  NoteKind,
  RecordRef,
  TaskId,
  TaskPolicy,
} from "../core/record.ts";
import { canonicalResources } from "../core/resource.ts";
import { isEnded, type Task } from "../core/task.ts";
import { copyJson } from "../replica/plain-json.ts";
import type { RecordBody } from "../replica/replica.ts";
import { withFirstAbort } from "./abort.ts";
import type { Claim, CompletionOutcome } from "./claim/claim.ts";
import {
  type ClaimOptions,
  type ClaimOutcome,
  type ClaimRefusal,
  claimTask,
  nameHolder,
  openOffer,
  refusalOnceReopened,
} from "./claim/claiming.ts";
import { findResult } from "./claim/result.ts";
import { heldClaims } from "./claim/resuming.ts";
import { claimWhenFree } from "./claim/waiting.ts";
import type { BoardHost, LocalAgent } from "./host.ts";
import { createTaskId, taskIdOfKey } from "./ids.ts";
import { type ImportOutcome, importTasks } from "./import.ts";
import { claimable, claimNext, type NextOptions } from "./next.ts";
import {
  answerTo,
  noTo,
  type ReopenOutcome,
  type Response,
  type ResponseOutcome,
  reopening,
  type Verdict,
  verdictOn,
} from "./respond.ts";
import { type WorkHandler, type WorkOptions, work } from "./work.ts";

/** A task to be added. */
export interface NewTask extends TaskPolicy {
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
  /** The task that waits for this one, as for a need, and is handed its result. */
  readonly parent?: TaskId;
}

/** Fields of a task that are to change; those left out stay. */
export type TaskEdit = Partial<Pick<NewTask, "title" | "body" | "needs" | "requires" | "priority">>;

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
  /** The tasks that this agent can claim now: those offered to it, then the ready ones, best first. */
  claimable(): Iterable<Task>;
  /**
   * Claims what comes next for this agent, and what comes after that where others are faster, until it has one; null when
   * nothing is left that it could claim. Tasks whose guarantee cannot be had here are left to others.
   */
  claimNext(options?: NextOptions): Promise<ClaimOutcome | null>;
  /** Claims what is ready and hands it to the handler, until the signal aborts or the agent leaves. */
  work(handler: WorkHandler, options?: WorkOptions): Promise<void>;
  /** Changes fields of a task. */
  edit(taskId: TaskId, edit: TaskEdit): Promise<void>;
  /** Calls a task off; whoever works on it is told to stop. A completed task stays completed. */
  cancel(taskId: TaskId, reason?: string): Promise<void>;
  /** Leaves a note on a task, as `progress` unless it says what else it is about. */
  note(
    taskId: TaskId,
    note: string | { readonly kind: NoteKind; readonly text: string },
  ): Promise<void>;
  /** Accepts an offer of the task: claims the attempt after the holder's. */
  accept(taskId: TaskId, options?: ClaimOptions): Promise<ClaimOutcome>;
  /** Declines an offer of the task. */
  decline(taskId: TaskId, reason?: string): Promise<ResponseOutcome>;
  /** Answers a question about the task: the one named, or the first open one that this agent may answer. */
  answer(taskId: TaskId, answer: string, question?: RecordRef): Promise<ResponseOutcome>;
  /**
   * Approves the result that awaits review, or sends it back, which opens the next attempt.
   *
   * @throws TypeError when a result is sent back without a reason
   */
  review(taskId: TaskId, verdict: Verdict): Promise<ResponseOutcome>;
  /** Starts an ended task over, with a higher attempt. */
  reopen(taskId: TaskId, reason?: string): Promise<ReopenOutcome>;
  /** Starts a failed task over, a dead letter too: its attempts are counted anew. */
  redrive(taskId: TaskId, reason?: string): Promise<ReopenOutcome>;
  /**
   * Makes an alternate the result: reopens the task where it has ended, claims it, unless this agent holds it, and completes
   * it with that result.
   */
  adopt(taskId: TaskId, alternate: RecordRef): Promise<CompletionOutcome | ClaimRefusal>;
  /**
   * Adds exported tasks that the board does not know, all of them or none, and ends what had ended.
   *
   * @throws RangeError when a task's id is not that of its key, an ended task requires a capability that this agent lacks,
   * or a result is no plain JSON or too large
   */
  import(tasks: readonly PortableTask[]): Promise<ImportOutcome>;
  /** The claims that this agent holds, those of an earlier process of it too. */
  held(): readonly Claim[];
  /**
   * Ends this process's part without a word: claims stand until their lease ends, and `board.resume` goes on where this
   * left off. Idempotent.
   */
  suspend(): Promise<void>;
  /** Gives back every claim and takes no further part; idempotent. */
  leave(): Promise<void>;
}

/** The shortest lease; below it ordinary delays would look like death. */
const MIN_LEASE_MS = 500;
const MAX_LEASE_MS = 86_400_000;

/** Checks a lease's length. */
export function checkLease(leaseMs: number, name: string = "leaseMs"): void {
  if (Number.isInteger(leaseMs) && leaseMs >= MIN_LEASE_MS && leaseMs <= MAX_LEASE_MS) return;
  throw new RangeError(
    `${name} is ${leaseMs}; use a whole number from ${MIN_LEASE_MS} to ${MAX_LEASE_MS}`,
  );
}

/** Makes the hand of an agent that has joined. */
export function createAgent(host: BoardHost, local: LocalAgent, name: string): Agent {
  const { id, capabilities } = local;
  const stopped = new AbortController();

  const assertPresent = (): void => {
    if (stopped.signal.aborted) throw agentLeft(id);
  };
  const write = async (bodies: readonly RecordBody[]): Promise<void> => {
    assertPresent();
    if (bodies.length > 0) host.replica.append(id, bodies);
    await host.durable();
  };
  const taskOf = (taskId: TaskId): Task => {
    const task = host.replica.task(taskId);
    if (task !== undefined) return task;
    throw taskUnknown(taskId);
  };
  const known = (taskId: TaskId): TaskId => taskOf(taskId).id;
  const respond = async (response: Response): Promise<ResponseOutcome> => {
    assertPresent();
    if ("refusal" in response) return response.refusal;
    await write([response.body]);
    return { ok: true };
  };
  const reopen = async (
    taskId: TaskId,
    reason: string | undefined,
    hasEnded: (task: Task) => boolean,
  ): Promise<ReopenOutcome> => {
    assertPresent();
    const task = taskOf(taskId);
    if (!hasEnded(task)) return { ok: false, reason: "not-ended", state: task.state };
    const body = reopening(task, reason);
    await write([body]);
    return { ok: true, attempt: body.attempt };
  };
  const claim = async (taskId: TaskId, options: ClaimOptions): Promise<ClaimOutcome> => {
    assertPresent();
    if (options.ttlMs !== undefined) checkLease(options.ttlMs, "ttlMs");
    const claimIt = options.wait === true ? claimWhenFree : claimTask;
    const outcome = await claimIt(host, local, known(taskId), options);
    if (outcome.ok || outcome.reason !== "lost") return outcome;
    return nameHolder(host, local, taskId, options.signal);
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
      fresh.set(taskId, { ...newFieldsOf(task), kind: "added", task: taskId } as RecordBody);
    });
    await write([...fresh.values()]);
    return isMany ? ids : (ids[0] as TaskId);
  }

  return {
    id,
    name,
    capabilities,
    add,
    claim: async (taskId, options = {}) => claim(taskId, options),
    claimable: () => claimable(host, local),
    async claimNext(options = {}) {
      await write([]);
      if (options.ttlMs !== undefined) checkLease(options.ttlMs, "ttlMs");
      return claimNext(host, local, options);
    },
    async work(handler, options = {}) {
      if (options.ttlMs !== undefined) checkLease(options.ttlMs, "ttlMs");
      await write([]);
      await withFirstAbort([stopped.signal, options.signal], (signal) =>
        work(host, local, handler, { ...options, signal }),
      );
    },
    edit: async (taskId, edit) =>
      write([{ ...fieldsOf(edit), kind: "edited", task: known(taskId) } as RecordBody]),
    async cancel(taskId, reason) {
      const { state, nextAttempt } = taskOf(taskId);
      const attempt = nextAttempt === 1 ? undefined : nextAttempt;
      const body: RecordBody = { kind: "cancelled", task: taskId, attempt, reason };
      await write(state === "completed" ? [] : [body]);
    },
    async note(taskId, note) {
      const { kind, text } = typeof note === "string" ? { kind: "progress", text: note } : note;
      const about = kind === "progress" ? undefined : (kind as NoteKind);
      await write([{ kind: "noted", task: known(taskId), text, about }]);
    },
    async accept(taskId, options = {}) {
      assertPresent();
      if (openOffer(local, taskOf(taskId)) !== undefined) return claim(taskId, options);
      return { ok: false, reason: "not-offered" };
    },
    decline: async (taskId, reason) => respond(noTo(local, taskOf(taskId), reason)),
    answer: async (taskId, answer, question) =>
      respond(answerTo(local, taskOf(taskId), answer, question)),
    review: async (taskId, verdict) => respond(verdictOn(local, taskOf(taskId), verdict)),
    reopen: async (taskId, reason) => reopen(taskId, reason, isEnded),
    redrive: async (taskId, reason) => reopen(taskId, reason, ({ state }) => state === "failed"),
    async adopt(taskId, alternate) {
      assertPresent();
      const task = taskOf(taskId);
      const held = heldClaims(host, local).find((one) => one.task.id === taskId);
      if (held !== undefined) return held.adopt(alternate);
      findResult(task, alternate);
      // W9: what could not be claimed then is not started over
      const refusal = refusalOnceReopened(host, local, task);
      if (refusal !== null) return refusal;
      if (isEnded(task)) await reopen(taskId, "to adopt another result", isEnded);
      const outcome = await claim(taskId, {});
      return outcome.ok ? outcome.claim.adopt(alternate) : outcome;
    },
    async import(tasks) {
      assertPresent();
      const outcome = importTasks(host, local, tasks);
      await host.durable();
      return outcome;
    },
    held: () => heldClaims(host, local),
    async suspend() {
      if (stopped.signal.aborted) return;
      stopped.abort();
      for (const claim of [...host.claims]) if (claim.agent === id) claim.forsake();
      host.agents.delete(id);
      host.liveness.saw(id); // L8: from now on its silence counts
      host.wakeAll();
      await host.durable();
    },
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

/** What a new task brings; its resources in their canonical form and order. */
function newFieldsOf(task: NewTask): Record<string, Json> {
  const { resources } = task;
  return resources === undefined
    ? fieldsOf(task)
    : fieldsOf({ ...task, resources: canonicalResources(resources) });
}

/** Copies what a caller gave, so that nothing of theirs is frozen and nothing undefined is written. */
function fieldsOf(task: TaskEdit | NewTask): Record<string, Json> {
  return copyJson(task, "task") as Record<string, Json>;
}
