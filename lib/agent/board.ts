/** A board: opened once per process and shared by all agents that join it there. */
import { Doc } from "yjs";
import { boardClosed, CoordinationError, taskUnknown } from "../core/error.ts";
import type { BoardEvent } from "../core/event.ts";
import { type Explanation, explainTask } from "../core/explain.ts";
import { type HistoryEntry, historyOf, type Ledger, ledgerOf } from "../core/history.ts";
import { type AgentId, GENERATION, type Guarantee, type TaskId } from "../core/record.ts";
import { earliest, formatRule, type Rule } from "../core/rule.ts";
import type { Task } from "../core/task.ts";
import type { Clock, Random } from "../replica/clock.ts";
import { formatQuotas, type Quotas } from "../replica/quota.ts";
import { type BoardChange, createReplica, type Replica } from "../replica/replica.ts";
import { type AgentKey, createAgentKey, openSigningKey } from "../replica/signing/agent-key.ts";
import { type Snapshot, tasksOf } from "../replica/snapshot.ts";
import type { Storage } from "../replica/storage.ts";
import type { Connection, ConnectionStatus, Transport } from "../replica/transport.ts";
import { type Agent, checkLease, createAgent } from "./agent.ts";
import { type RunningHost, runBoardHost } from "./board-host.ts";
import { resumeClaims } from "./claim/resuming.ts";
import { createEventStream, type EventFilter, type EventStream } from "./event-stream.ts";
import type { LocalAgent } from "./host.ts";
import { agentIdOfKey, createAgentId, createClientId } from "./ids.ts";
import { openJournal } from "./journal.ts";
import { systemClock, systemRandom } from "./system.ts";
import { createLiveness } from "./watch/liveness.ts";

/** How to open a board. */
export interface BoardOptions {
  /** The board's name: 1 to 128 characters without `#`, slashes or white space. */
  readonly board: string;
  readonly transport: Transport;
  /** Keeps this replica's copy over restarts; none by default. */
  readonly storage?: Storage;
  /** The rule between rival claims; {@link earliest} by default. The same for everybody on the board. */
  readonly rule?: Rule;
  /** How much one agent may write; part of the board's rule, so the same for everybody. None by default. */
  readonly quotas?: Quotas;
  /** Whether records count only when signed by their author; part of the board's rule, so the same for everybody. */
  readonly signatures?: "required";
  readonly clock?: Clock;
  readonly random?: Random;
  /** Told of faults that happen between calls: a refused handshake, a store that fails. */
  readonly onFault?: (fault: Error) => void;
}

/** Who joins. */
export interface JoinOptions {
  /** For people to read; two agents may share it. 1 to 32 characters without `/ : ~` or white space. */
  readonly name: string;
  /** What the agent can do; tasks that require more are not for it. */
  readonly capabilities?: readonly string[];
  /** After this long without a sign of life others may take over its work; 500 to 86,400,000, by default 30,000. */
  readonly leaseMs?: number;
  /** The agent's key on a board with signatures, one for each agent; made anew where left out, and then not to be had. */
  readonly key?: AgentKey;
}

/** An open board. */
export interface Board {
  readonly name: string;
  /** The document. Read it as you like; only agents write to it. */
  readonly doc: Doc;
  /** The rule's name and version, such as `earliest@1`. */
  readonly rule: string;
  readonly status: ConnectionStatus;
  /** The strongest guarantee that claims can have here: what the transport allows. */
  readonly guarantee: Guarantee;
  /** Bytes handed to the transport so far. */
  readonly bytesSent: number;
  /** The highest Lamport time of any record here; 0 while there is none. */
  readonly time: number;
  /** How many records are here, of all agents. */
  readonly recordCount: number;
  /** The board as of all records that are here. */
  snapshot(): Snapshot;
  /**
   * The board as of all records up to a Lamport time: what could be known by then. It is the same on every replica that
   * has them. Cost: a fold of each task that changed since, and a new snapshot.
   */
  at(time: number): Snapshot;
  /** Calls back after each turn of the event loop in which the board changed; returns the way to stop it. */
  watch(listener: (change: BoardChange) => void): () => void;
  /** Calls back when what the selector gives is another value than before, by `Object.is`. */
  watch<T>(
    selector: (snapshot: Snapshot) => T,
    listener: (value: T, previous: T) => void,
  ): () => void;
  /** Calls back with each new status of the connection; returns the way to stop it. */
  watchStatus(listener: (status: ConnectionStatus) => void): () => void;
  /**
   * Milliseconds without a sign of life of an agent, as far as this replica can tell by its own clock; counted from the
   * first question for one that was never heard of, and 0 for the agents of this process. A claim may be expired once
   * this reaches its lease.
   */
  silenceMs(agentId: AgentId): number;
  /** Everything that happens from now on, for `for await`; ends when the board is closed. */
  events(filter?: EventFilter): AsyncIterableIterator<BoardEvent>;
  /**
   * Says why a task stands as it does.
   *
   * @throws CoordinationError `TASK_UNKNOWN`
   */
  explain(taskId: TaskId): Explanation;
  /**
   * Every record about a task, in the order: who wrote what.
   *
   * @throws CoordinationError `TASK_UNKNOWN`
   */
  history(taskId: TaskId): readonly HistoryEntry[];
  /**
   * What the coordination of a task has cost so far.
   *
   * @throws CoordinationError `TASK_UNKNOWN`
   */
  ledger(taskId: TaskId): Ledger;
  /**
   * Adds an agent of this process to the board.
   *
   * @throws CoordinationError `RULE_MISMATCH` when the board is played by another rule
   */
  join(options: JoinOptions): Promise<Agent>;
  /**
   * Goes on as an agent that an earlier process suspended; its claims come along. Sync first: two processes that write one
   * agent's log at a time spoil it.
   *
   * @param options - `key`: what it joined with, on a board with signatures
   * @throws CoordinationError `AGENT_NOT_RESUMABLE` when it is unknown here, has left, is here already, or has another key
   */
  resume(agentId: AgentId, options?: { readonly key?: AgentKey }): Promise<Agent>;
  /**
   * Resolves when what is here is safe with the medium and, over a relay, what was there is here.
   *
   * @throws CoordinationError `SYNC_TIMEOUT` after `timeoutMs`, by default never
   */
  sync(options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Lets all agents of this process leave, flushes, and closes the connection; idempotent. */
  close(): Promise<void>;
  /** Closes the board at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}

const BOARD_NAME = /^[^#/\s]{1,128}$/u;
const DEFAULT_LEASE_MS = 30_000;
const MEND_MS = 1000;
const MAX_MEND_MS = 60_000;

/**
 * Opens a board: loads what is stored, then connects. It does not wait for the connection; `sync()` does.
 *
 * @throws CoordinationError `STORAGE_CORRUPT` or `STORAGE_FAILED`
 */
export async function openBoard(options: BoardOptions): Promise<Board> {
  const {
    board: name,
    transport,
    rule = earliest,
    clock = systemClock,
    random = systemRandom,
  } = options;
  if (!BOARD_NAME.test(name))
    throw new RangeError(
      `The board name ${JSON.stringify(name)} does not fit: use 1 to 128 characters without # / or spaces`,
    );
  const board = `${name}#${GENERATION}`;
  const { quotas = {} } = options;
  const isSigned = options.signatures === "required";
  const ruleName = `${formatRule(rule)}${isSigned ? "+signed" : ""}${formatQuotas(quotas)}`;
  const fault = (error: Error): void => options.onFault?.(error);
  const doc = new Doc({ gc: false, guid: board }); // a random one would cost more than all the rest
  doc.clientID = createClientId(random);
  const journal = await openJournal(doc, await options.storage?.open(board), fault);
  const replica = createReplica({ board, doc, rule, clock, quotas, isSigned });
  if (isSigned) await replica.verified();
  const liveness = createLiveness(clock);
  const streams = new Set<EventStream>();
  const stops = new Set<() => void>();
  const statusLooks = new Set<() => void>();
  let connection: Connection | null = null;
  let running: RunningHost | null = null;
  let closing: Promise<void> | null = null;
  let cancelMend: (() => void) | null = null;

  /** P6: asks for what is missing, again and ever more rarely, until nothing is. */
  const mendGap = (patienceMs: number): void => {
    if (closing !== null || cancelMend !== null || !replica.hasGap()) return;
    connection?.resync();
    cancelMend = clock.schedule(patienceMs, () => {
      cancelMend = null;
      mendGap(Math.min(2 * patienceMs, MAX_MEND_MS));
    });
  };

  connection = transport.connect({
    board,
    rule: ruleName,
    doc,
    clock,
    random,
    receive(updates, origin) {
      replica.receive(updates, origin);
      mendGap(MEND_MS);
    },
    receivePresence: (presences) => liveness.hear(presences),
    statusChanged() {
      running?.host.wakeAll();
      // in a turn of its own: the connection may not be done yet with what changed its status
      for (const look of statusLooks) clock.schedule(0, () => statusLooks.has(look) && look());
    },
    fault,
  });
  const { capabilities } = transport;
  const { durable } = isSigned
    ? { durable: () => replica.signed().then(journal.durable) }
    : journal;
  running = runBoardHost({
    replica,
    connection: isSigned ? withSignatures(connection, replica) : connection,
    capabilities,
    rule,
    clock,
    random,
    liveness,
    streams,
    durable,
  });
  const { host, restart, stop } = running;
  restart();

  const assertOpen = (): void => {
    if (closing !== null) throw boardClosed(board);
  };

  const close = async (): Promise<void> => {
    try {
      await Promise.all([...joined].map((agent) => agent.leave()));
    } finally {
      stop();
      cancelMend?.();
      replica.close();
      for (const unwatch of [...stops]) unwatch();
      for (const stream of [...streams]) stream.end();
      host.wakeAll();
      await host.connection.close();
      await journal.close();
      doc.destroy();
    }
  };
  const joined = new Set<Agent>();
  const take = async (local: LocalAgent, agentName: string): Promise<Agent> => {
    host.agents.set(local.id, local);
    restart();
    const agent = createAgent(host, local, agentName);
    joined.add(agent);
    await durable();
    return agent;
  };
  const taskOf = (id: TaskId): Task => {
    const task = replica.task(id);
    if (task !== undefined) return task;
    throw taskUnknown(id);
  };

  const self: Board = {
    name,
    doc,
    rule: ruleName,
    get status() {
      return host.connection.status;
    },
    guarantee: capabilities.barrier ? "settled" : "optimistic",
    get bytesSent() {
      return host.connection.bytesSent;
    },
    get time() {
      return replica.time;
    },
    get recordCount() {
      return replica.recordCount;
    },
    snapshot: () => replica.snapshot(),
    at: (time) => replica.at(time),
    watch<T>(
      first: ((change: BoardChange) => void) | ((snapshot: Snapshot) => T),
      listener?: (value: T, previous: T) => void,
    ): () => void {
      assertOpen();
      const stop =
        listener === undefined
          ? replica.onChange(first as (change: BoardChange) => void)
          : replica.onChange(
              selecting(first as (snapshot: Snapshot) => T, replica.snapshot(), listener),
            );
      stops.add(stop);
      return () => {
        stops.delete(stop);
        stop();
      };
    },
    watchStatus(listener) {
      assertOpen();
      let last = self.status;
      const look = (): void => {
        const { status } = self;
        if (status === last) return;
        last = status;
        listener(status);
      };
      statusLooks.add(look);
      return () => statusLooks.delete(look);
    },
    silenceMs: (agent) =>
      host.agents.has(agent)
        ? 0
        : Math.max(0, liveness.silenceMs(agent, replica.agent(agent)?.leaseMs ?? 0)),
    events(filter = () => true) {
      assertOpen();
      const stream = createEventStream(filter, () => streams.delete(stream));
      streams.add(stream);
      return stream;
    },
    explain(taskId) {
      const task = taskOf(taskId);
      const rival = task.policy.resources === undefined ? null : host.contention.holderOf(task);
      const obstacle =
        rival === null
          ? null
          : { resource: rival.resource, agent: rival.claim.agent, task: rival.task.id };
      return explainTask(task, rule, replica.task, obstacle);
    },
    history: (taskId) => historyOf(replica.entries(taskId), taskOf(taskId)),
    ledger: (taskId) => ledgerOf(replica.entries(taskId), taskOf(taskId)),
    async join({ name: agentName, capabilities = [], leaseMs = DEFAULT_LEASE_MS, key: given }) {
      assertOpen();
      checkLease(leaseMs);
      const key = isSigned ? await openSigningKey(given ?? (await createAgentKey())) : null;
      if (key === null && given !== undefined) throw keyUnused();
      assertOpen();
      refuseOtherRule(replica.snapshot(), ruleName);
      const id =
        key === null ? createAgentId(agentName, random) : agentIdOfKey(agentName, key.publicKey);
      if (key !== null && (replica.nextPosition(id) > 0 || !replica.signAs(id, key)))
        throw notResumable(id, "has written with this key before");
      const can = [...capabilities];
      replica.append(id, [
        {
          kind: "joined",
          v: 1,
          name: agentName,
          capabilities: can,
          rule: ruleName,
          leaseMs,
          key: key?.publicKey,
        },
      ]);
      return take({ id, capabilities: can, leaseMs, slots: 0, losses: 0 }, agentName);
    },
    async resume(id, { key: given } = {}) {
      assertOpen();
      if (isSigned && given === undefined)
        throw notResumable(id, "signs with a key that is not given");
      const key = isSigned && given !== undefined ? await openSigningKey(given) : null;
      if (isSigned) await Promise.all([replica.signed(), replica.verified()]);
      else if (given !== undefined) throw keyUnused();
      assertOpen();
      const view = replica.agent(id);
      if (view === undefined) throw notResumable(id, "is not known here");
      if (view.hasLeft) throw notResumable(id, "has left");
      if (host.agents.has(id)) throw notResumable(id, "is here already");
      refuseOtherRule(replica.snapshot(), ruleName);
      if (key !== null && !replica.signAs(id, key))
        throw notResumable(id, "has another key, or its log was set aside");
      const { capabilities: can, leaseMs } = view;
      const local: LocalAgent = { id, capabilities: can, leaseMs, slots: 0, losses: 0 };
      const taken = take(local, view.name);
      resumeClaims(host, local, tasksOf(replica.snapshot())); // before the board can be closed again
      return taken;
    },
    async sync({ timeoutMs } = {}) {
      assertOpen();
      const safe = Promise.all([host.connection.sync(), durable()]);
      await (timeoutMs === undefined ? safe : withTimeout(safe, timeoutMs, name, clock));
    },
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => self.close(),
  };
  return self;
}

function selecting<T>(
  selector: (snapshot: Snapshot) => T,
  start: Snapshot,
  listener: (value: T, previous: T) => void,
): (change: BoardChange) => void {
  let previous = selector(start);
  return ({ snapshot }) => {
    const value = selector(snapshot);
    if (Object.is(value, previous)) return;
    const old = previous;
    previous = value;
    listener(value, old);
  };
}

function keyUnused(): TypeError {
  return new TypeError(
    'The board has no signatures; open it with signatures: "required" to use a key',
  );
}

/** A connection whose barrier covers what is signed on both sides of it. */
function withSignatures(connection: Connection, replica: Replica): Connection {
  return {
    get status() {
      return connection.status;
    },
    get bytesSent() {
      return connection.bytesSent;
    },
    async sync() {
      await replica.signed();
      await connection.sync();
      await replica.verified();
    },
    sendPresence: (presences) => connection.sendPresence(presences),
    resync: () => connection.resync(),
    close: () => connection.close(),
  };
}

function notResumable(agent: AgentId, state: string): CoordinationError {
  const message = `Agent ${agent} ${state}, so it cannot be resumed; sync first, or join anew.`;
  return new CoordinationError("AGENT_NOT_RESUMABLE", message, { details: { agent } });
}

function refuseOtherRule(snapshot: Snapshot, rule: string): void {
  for (const agent of Object.values(snapshot.agents)) {
    if (agent.rule === rule) continue;
    throw new CoordinationError(
      "RULE_MISMATCH",
      `The board is played by the rule ${agent.rule}, this replica by ${rule}; open it with the board's rule.`,
      { details: { board: snapshot.board, rule, other: agent.rule } },
    );
  }
}

function withTimeout<T>(
  promise: Promise<T>,
  timeoutMs: number,
  board: string,
  clock: Clock,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(timeoutMs, () =>
      reject(
        new CoordinationError(
          "SYNC_TIMEOUT",
          `Board ${board} was not in sync within ${timeoutMs} ms; check the relay's address or the folder.`,
          {
            details: { board, timeoutMs },
          },
        ),
      ),
    );
    promise.then(resolve, reject).finally(cancel);
  });
}
