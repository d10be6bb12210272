/** A replica: one board's document bound to core. Updates come in, records are indexed, snapshots and events go out. */
import type { Patch } from "immer";
import { applyUpdate, type Doc, type Transaction, transact } from "yjs";
import { boardClosed, CoordinationError } from "../core/error.ts";
import { type BoardEvent, diffTask } from "../core/event.ts";
import type { AgentId, KnownRecord, LogEntry, TaskId } from "../core/record.ts";
import type { Rule } from "../core/rule.ts";
import type { Task } from "../core/task.ts";
import type { Clock } from "./clock.ts";
import { agentOfLogName, type Log } from "./log.ts";
import { type LogReader, type LogReading, openLogReader } from "./log-reader.ts";
import { MAX_RECORD_BYTES } from "./plain-json.ts";
import { createRate, isVoluntary, type Quotas, quotaExceeded } from "./quota.ts";
import { findFlaw } from "./record-check.ts";
import type { SigningKey } from "./signing/agent-key.ts";
import { createGate, type Gate } from "./signing/gate.ts";
import { createSigner, type Signature, type Signer } from "./signing/signer.ts";
import {
  type AgentView,
  emptySnapshot,
  firstSnapshot,
  nextSnapshot,
  type Snapshot,
  type TaskChange,
} from "./snapshot.ts";
import { createTaskIndex, type TaskSlot } from "./task-index.ts";

/** Without position and time, and with undefined allowed where a field may be left out. */
type Body<R> = R extends KnownRecord
  ? {
      [K in keyof R as Exclude<K, "n" | "at">]: object extends Pick<R, K> ? R[K] | undefined : R[K];
    }
  : never;

/** A record before it has its position and time; fields that are undefined are left out of it. */
export type RecordBody = Body<KnownRecord>;

/** What one turn of the event loop changed. */
export interface BoardChange {
  readonly snapshot: Snapshot;
  readonly previous: Snapshot;
  readonly tasks: readonly TaskChange[];
  readonly events: readonly BoardEvent[];
  /** Immer's patches that lead from `previous` to `snapshot`. */
  readonly patches: readonly Patch[];
  /** Whose logs grew: their signs of life. */
  readonly authors: ReadonlySet<AgentId>;
}

/** One board's records on this machine. */
export interface Replica {
  /** Appends records to an agent's own log in one transaction and gives the position of the first. */
  append(agent: AgentId, bodies: readonly RecordBody[]): number;
  /** The position that the agent's next record takes. */
  nextPosition(agent: AgentId): number;
  /** Takes in foreign updates in one transaction; never throws. */
  receive(updates: readonly Uint8Array[], origin: unknown): void;
  /** The task as of all records that are here, whether or not a snapshot was made since. */
  task(id: TaskId): Task | undefined;
  /** Every record about the task, and every addition of a child of it, in the order. */
  entries(id: TaskId): readonly LogEntry[];
  /** The tasks that changed since the listeners were last told. */
  unseen(): Iterable<Task>;
  agent(id: AgentId): AgentView | undefined;
  /** The board as of all records that are here. */
  snapshot(): Snapshot;
  /** The highest Lamport time of any record here; 0 while there is none. */
  readonly time: number;
  /** How many records are here. */
  readonly recordCount: number;
  /** The board as of all records up to that Lamport time. */
  at(time: number): Snapshot;
  /** Calls back once a turn in which something changed; errors of the listener go to the global handler. */
  onChange(listener: (change: BoardChange) => void): () => void;
  /**
   * Signs from now on what is appended to this agent's log, which has no other writer; only on a board with signatures.
   *
   * @returns false, and nothing is changed, when the log was opened with another key or was set aside
   */
  signAs(agent: AgentId, key: SigningKey): boolean;
  /** Resolves once all that was appended so far is signed; at once on a board without signatures. */
  signed(): Promise<void>;
  /** Resolves once all signatures that have arrived are verified, and what they cover counts. */
  verified(): Promise<void>;
  /** Whether an update refers to others that have not arrived. */
  hasGap(): boolean;
  /** Tells the listeners what they do not know yet, and from then on nothing; refuses every later append. */
  close(): void;
}

/** Marks this library's own transactions, whose records were checked before they were written. */
const OWN_WRITE: unique symbol = Symbol("stigmergy");

const NO_READERS: readonly LogReader[] = [];

/** Binds a document to core; reads whatever it holds already. */
export function createReplica(options: {
  readonly board: string;
  readonly doc: Doc;
  readonly rule: Rule;
  readonly clock: Clock;
  readonly quotas?: Quotas;
  /** Whether a record counts only once its author's signature covers it. */
  readonly isSigned?: boolean;
}): Replica {
  const { board, doc, rule, clock, quotas, isSigned = false } = options;
  const signers = new Map<AgentId, Signer>();
  const mayWrite = createRate(quotas ?? {}, clock);
  const agents = new Map<AgentId, AgentView>();
  const readerByAgent = new Map<AgentId, LogReader>();
  const readerByRoot = new Map<object, LogReader>();
  const knownRoots = new Set<string>();
  const index = createTaskIndex({
    rule,
    capabilitiesOf: (agent) => agents.get(agent)?.capabilities,
  });
  const listeners = new Set<(change: BoardChange) => void>();
  const leftAt = new Map<AgentId, number>();
  let lamport = 0;
  let isClosed = false;

  // what is newer than the current snapshot, and than the one listeners saw last
  let current: Snapshot | null = null;
  let dirtySlots: TaskSlot[] = [];
  let dirtyAgents = new Set<AgentView>();
  let emitted: Snapshot | null = null;
  let unseen = freshUnseen();
  let cancelFlush: (() => void) | null = null;

  const gateOf = (log: Log): Gate =>
    createGate({
      board,
      agent: log.agent,
      readAll: log.readAll,
      pass(passage) {
        if (isClosed) return;
        const reader = readerOf(log.agent);
        take(reader, reader.read(passage));
        scheduleFlush();
      },
    });

  const readerOf = (agent: AgentId): LogReader => {
    let reader = readerByAgent.get(agent);
    if (reader === undefined) {
      reader = openLogReader(doc, agent, index.shareId, quotas, isSigned ? gateOf : undefined);
      readerByAgent.set(agent, reader);
    }
    return reader;
  };

  /** Finds roots that have come since the last look; by name, as a root is made anew when it is first read as a type. */
  const findNewRoots = (): LogReader[] => {
    const found: LogReader[] = [];
    for (const name of [...doc.share.keys()]) {
      if (knownRoots.has(name)) continue;
      knownRoots.add(name);
      const agent = agentOfLogName(name);
      if (agent === null) continue;
      const reader = readerOf(agent);
      readerByRoot.set(doc.getArray(name), reader);
      found.push(reader);
    }
    return found;
  };

  const touch = (slot: TaskSlot): void => {
    if (!slot.isDirty) dirtySlots.push(slot);
    if (!slot.isUnseen) unseen.slots.push(slot);
    slot.isDirty = true;
    slot.isUnseen = true;
  };

  const ingest = (reader: LogReader, isTrusted: boolean, hasDeletions: boolean): void =>
    take(reader, reader.readNew(isTrusted, hasDeletions));

  const take = (reader: LogReader, { records, flaws }: LogReading): void => {
    const { agent } = reader.log;
    for (const reason of flaws)
      unseen.rejections.push({ kind: "record-rejected", agent, task: null, attempt: 0, reason });
    for (const record of records) {
      if (record.at > lamport) lamport = record.at;
      if (record.kind === "joined" || record.kind === "left") seeAgent(agent, record, reader);
      else if (record.kind !== "part" && record.kind !== "signed") {
        const entry = { agent, record };
        touch(index.insert(entry));
        const parent = record.kind === "added" ? record.parent : undefined;
        if (parent !== undefined && parent !== record.task) touch(index.insertChild(entry, parent));
      }
    }
    if (records.length > 0) unseen.authors.add(agent);
  };

  const seeAgent = (id: AgentId, record: KnownRecord, { joined }: LogReader): void => {
    if (joined === null) return;
    const { name, capabilities, rule: ruleName, leaseMs } = joined;
    const hasLeft = record.kind === "left";
    if (hasLeft) leftAt.set(id, record.at);
    const view = Object.freeze({ id, name, capabilities, rule: ruleName, leaseMs, hasLeft });
    agents.set(id, view);
    dirtyAgents.add(view);
    unseen.agentEvents.push({
      kind: hasLeft ? "agent-left" : "agent-joined",
      agent: id,
      task: null,
      attempt: 0,
    });
  };

  const onTransaction = (transaction: Transaction): void => {
    const isTrusted = transaction.origin === OWN_WRITE;
    const hasDeletions = transaction.deleteSet.clients.size > 0;
    // a log whose chunks were both new and touched is read twice; the second time there is nothing left
    const found = doc.share.size === knownRoots.size ? NO_READERS : findNewRoots();
    for (const reader of found) ingest(reader, isTrusted, hasDeletions);
    for (const root of transaction.changed.keys()) {
      const reader = readerByRoot.get(root);
      if (reader !== undefined) ingest(reader, isTrusted, hasDeletions);
    }
    if (unseen.slots.length + unseen.authors.size + unseen.rejections.length > 0) scheduleFlush();
  };

  const applyOne = (update: Uint8Array, origin: unknown): void => {
    try {
      applyUpdate(doc, update, origin);
    } catch (cause) {
      const reason = `an update could not be applied: ${cause instanceof Error ? cause.message : String(cause)}`;
      unseen.rejections.push({
        kind: "record-rejected",
        agent: null,
        task: null,
        attempt: 0,
        reason,
      });
      scheduleFlush();
    }
  };

  const scheduleFlush = (): void => {
    if (listeners.size > 0) cancelFlush ??= clock.schedule(0, flush);
  };

  const snapshot = (): Snapshot => {
    if (current !== null && dirtySlots.length === 0 && dirtyAgents.size === 0) return current;
    const tasks: { hash: number; task: Task }[] = [];
    for (const slot of dirtySlots) {
      slot.isDirty = false;
      const task = index.fold(slot) ?? undefined;
      if (task !== undefined && task !== slot.shown) tasks.push({ hash: slot.hash, task });
      slot.shown = task;
    }
    const input = { tasks, agents: [...dirtyAgents] };
    dirtySlots = [];
    dirtyAgents = new Set();
    if (current === null) current = firstSnapshot(board, input);
    else {
      const [next, patches] = nextSnapshot(current, input);
      current = next;
      for (const patch of patches) unseen.patches.push(patch);
    }
    return current;
  };

  const takeUnseen = (): Unseen => {
    const taken = unseen;
    unseen = freshUnseen();
    for (const slot of taken.slots) slot.isUnseen = false;
    return taken;
  };

  const flush = (): void => {
    cancelFlush?.();
    cancelFlush = null;
    const previous = emitted ?? emptySnapshot(board);
    const now = snapshot();
    const seen = takeUnseen();
    emitted = now;
    const tasks: TaskChange[] = [];
    const events: BoardEvent[] = [...seen.agentEvents];
    for (const slot of seen.slots) {
      const { told: before, shown: after } = slot;
      slot.told = after;
      if (after === undefined || before === after) continue;
      tasks.push({ before, after });
      for (const event of diffTask(before, after)) events.push(event);
    }
    for (const rejection of seen.rejections) events.push(rejection);
    const change = {
      snapshot: now,
      previous,
      tasks,
      events,
      patches: seen.patches,
      authors: seen.authors,
    };
    for (const listener of [...listeners])
      if (listeners.has(listener)) callUser(listener, change, clock); // one before it may have stopped it
  };

  doc.on("afterTransaction", onTransaction);
  for (const reader of findNewRoots()) ingest(reader, false, false);

  const self: Replica = {
    append(agent, bodies) {
      if (isClosed) throw boardClosed(board);
      const reader = readerOf(agent);
      const first = reader.log.nextPosition;
      const records = bodies.map((body, i) => place(body, first + i, lamport + 1 + i));
      for (const record of records) {
        const flaw = findFlaw(record, record.n, lamport);
        if (flaw === null) continue;
        const isLarge = flaw.includes("larger");
        throw new CoordinationError(
          isLarge ? "RECORD_TOO_LARGE" : "RECORD_INVALID",
          `A ${record.kind} record of ${agent} was not written: ${flaw}. ${isLarge ? `Keep a record under ${MAX_RECORD_BYTES} bytes` : "Correct the field"}.`,
          { details: { agent } },
        );
      }
      const excess = reader.foresee(records);
      if (excess !== null) throw quotaExceeded(agent, excess);
      const max = quotas?.recordsPerSecond;
      if (
        max !== undefined &&
        !mayWrite(agent, records.filter(({ kind }) => isVoluntary(kind)).length)
      )
        throw quotaExceeded(agent, { limit: "recordsPerSecond", max });
      if (reader.gate?.isSetAside && records.some(({ kind }) => isVoluntary(kind)))
        throw logSetAside(agent);
      lamport += records.length;
      doc.transact(() => reader.log.append(records), OWN_WRITE);
      signers.get(agent)?.take(records);
      return first;
    },
    nextPosition: (agent) => readerOf(agent).log.nextPosition,
    receive(updates, origin) {
      transact(
        doc,
        () => {
          for (const update of updates) applyOne(update, origin);
        },
        origin,
        false,
      );
    },
    task: (id) => index.task(id),
    entries: (id) => index.entries(id),
    *unseen() {
      for (const slot of unseen.slots) {
        const task = index.fold(slot);
        if (task !== null) yield task;
      }
    },
    agent: (id) => agents.get(id),
    snapshot,
    get time() {
      return lamport;
    },
    get recordCount() {
      let count = 0;
      for (const { log } of readerByAgent.values()) count += log.nextPosition;
      return count;
    },
    at(time) {
      const then = [...agents.values()]
        .filter(({ id }) => (readerByAgent.get(id)?.joined?.at ?? 0) <= time)
        .map((agent) => ({ ...agent, hasLeft: (leftAt.get(agent.id) ?? lamport + 1) <= time }));
      return firstSnapshot(board, { tasks: [...index.tasksAt(time)], agents: then });
    },
    onChange(listener) {
      if (listeners.size === 0) {
        emitted = snapshot();
        for (const slot of unseen.slots) slot.told = slot.shown;
        unseen = { ...freshUnseen(), rejections: takeUnseen().rejections };
      }
      listeners.add(listener);
      if (unseen.rejections.length > 0) scheduleFlush(); // what was loaded may be flawed too
      return () => listeners.delete(listener);
    },
    signAs(agent, key) {
      const { gate, joined } = readerOf(agent);
      if (gate === null || gate.isSetAside || (joined?.key ?? key.publicKey) !== key.publicKey)
        return false;
      signers.get(agent)?.stop();
      gate.own(key.publicKey);
      const append = (signature: Signature, head: string): void => {
        self.append(agent, [signature]);
        gate.seal(head);
      };
      signers.set(agent, createSigner({ board, agent, key, head: gate.head, append }));
      return true;
    },
    async signed() {
      await Promise.all([...signers.values()].map((signer) => signer.flushed()));
    },
    async verified() {
      await Promise.all([...readerByAgent.values()].map(({ gate }) => gate?.judged()));
    },
    hasGap: () => doc.store.pendingStructs !== null || doc.store.pendingDs !== null,
    close() {
      if (cancelFlush !== null) flush();
      isClosed = true;
      for (const signer of signers.values()) signer.stop();
      cancelFlush?.();
      listeners.clear();
      doc.off("afterTransaction", onTransaction);
    },
  };
  return self;
}

function logSetAside(agent: AgentId): CoordinationError {
  return new CoordinationError(
    "RECORD_INVALID",
    `Nothing that ${agent} writes counts any more, because its log was set aside; see the event record-rejected, and join anew with another key.`,
    { details: { agent } },
  );
}

function place(body: RecordBody, n: number, at: number): KnownRecord {
  const record: Record<string, unknown> = { n, at };
  for (const field in body) {
    const value = (body as Record<string, unknown>)[field];
    if (value !== undefined && field !== "n" && field !== "at") record[field] = value;
  }
  return record as unknown as KnownRecord;
}

interface Unseen {
  readonly slots: TaskSlot[];
  readonly authors: Set<AgentId>;
  readonly agentEvents: BoardEvent[];
  readonly rejections: BoardEvent[];
  readonly patches: Patch[];
}

function freshUnseen(): Unseen {
  return { slots: [], authors: new Set(), agentEvents: [], rejections: [], patches: [] };
}

/** Runs a user's listener outside every transaction; what it throws reaches the global handler and nobody else. */
function callUser<T>(listener: (value: T) => void, value: T, clock: Clock): void {
  try {
    listener(value);
  } catch (error) {
    clock.schedule(0, () => {
      throw error;
    });
  }
}
