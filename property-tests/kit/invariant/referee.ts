/** The referee: watches every process while a schedule is played, and says what goes against the invariants. */
import type { Doc } from "yjs";
import { diffTask } from "../../../lib/core/event.ts";
import {
  type AgentId,
  type BoardChange,
  type Claim,
  type ClaimStatus,
  getTask,
  type HistoryEntry,
  isLive,
  type Snapshot,
  type Task,
  type TaskEvent,
  type TaskId,
  tasksOf,
} from "../../../lib/index.ts";
import type { Hand, SimulatedProcess } from "../simulator/simulated-process.ts";
import { noSituations, type SituationCounts } from "../simulator/situation.ts";
import type { Invariant } from "./invariant.ts";
import { logLength, readLogs } from "./logs.ts";

/** What the referee has to know of the world. */
export interface RefereeView {
  readonly processes: readonly SimulatedProcess[];
  /** Whether all share one relay that has kept its memory, and nobody writes what is not theirs. */
  readonly isSettledSafe: boolean;
  broken(invariant: Invariant, sentence: string): void;
}

/** What one process was told about a task, by events. */
type Told = Map<TaskId, { winner: AgentId | null; isCompleted: boolean }>;

/** Watches a world; one per schedule. */
export class Referee {
  readonly situations: SituationCounts = noSituations();
  readonly #view: RefereeView;
  readonly #clientIds = new Set<number>();
  readonly #agents = new Set<AgentId>();
  /** How much of each log was acknowledged, to anybody. */
  readonly #acknowledged = new Map<AgentId, number>();
  /** How much of each log each process's own disk must hold. */
  readonly #stored = new Map<SimulatedProcess, Map<AgentId, number>>();
  /** The logs of each process when it crashed. */
  readonly #before = new Map<SimulatedProcess, ReadonlyMap<string, readonly string[]>>();
  readonly #told = new Map<SimulatedProcess, Told>();

  constructor(view: RefereeView) {
    this.#view = view;
  }

  /** A board was opened, maybe from a disk. */
  opened(process: SimulatedProcess): void {
    const { board } = process;
    if (board === null) return;
    const { clientID } = board.doc;
    if (this.#clientIds.has(clientID))
      this.#broken(
        "unique-ids",
        `${process.name} opens its board with a client id that was used before`,
      );
    this.#clientIds.add(clientID);
    this.#checkRestart(process, board.doc);
    let last = board.snapshot();
    const told: Told = new Map();
    for (const task of tasksOf(last)) told.set(task.id, lastWord(task));
    this.#told.set(process, told);
    board.watch((change) => {
      if (change.previous !== last) this.#broken("events", `${process.name} missed a change`);
      last = change.snapshot;
      this.#checkChange(process, change, told);
    });
  }

  /** An agent joined. */
  joined(process: SimulatedProcess, agent: AgentId): void {
    if (this.#agents.has(agent))
      this.#broken("unique-ids", `${process.name} joins as ${agent}, as somebody did before`);
    this.#agents.add(agent);
  }

  /** An agent wrote something after it had seen so much. */
  wrote(process: SimulatedProcess, seen: number, record: { readonly at: number }): void {
    if (record.at <= seen)
      this.#broken(
        "causality",
        `${process.name} writes at Lamport time ${record.at} though it has seen ${seen}`,
      );
  }

  /** A process is about to crash. */
  crashing(process: SimulatedProcess): void {
    const { board } = process;
    if (board === null) return;
    const logs = readLogs(board.doc);
    this.#before.set(process, logs);
    this.situations.crash++;
    const own = [...logs].filter(([agent]) => agent === process.agent?.id);
    const isAhead = own.some(([agent, log]) =>
      this.#view.processes.every(
        (other) =>
          other === process ||
          other.board === null ||
          logLength(other.board.doc, agent) < log.length,
      ),
    );
    if (isAhead) this.situations["crash-between-store-and-send"]++;
  }

  /** What the process wrote so far is acknowledged: it is on its disk. */
  stored(process: SimulatedProcess, agent: AgentId, length: number): void {
    raise(this.#acknowledged, agent, length);
    let stored = this.#stored.get(process);
    if (stored === undefined) {
      stored = new Map();
      this.#stored.set(process, stored);
    }
    raise(stored, agent, length);
  }

  /** What a process held at a sync is acknowledged: it is safe with the medium. */
  synced(lengths: ReadonlyMap<AgentId, number>): void {
    for (const [agent, length] of lengths) raise(this.#acknowledged, agent, length);
  }

  /** The relay forgot, so what only it held is excused. */
  forgave(): void {
    this.#acknowledged.clear();
    for (const stored of this.#stored.values())
      for (const [agent, length] of stored) raise(this.#acknowledged, agent, length);
  }

  /** A claim is about to be written, or not. */
  claimed(process: SimulatedProcess, before: Task, hasWritten: boolean): void {
    const { winner } = before;
    if (!hasWritten || winner === null) return;
    const isOffered = before.thread.offers.length > 0;
    if (!isOffered)
      this.#broken(
        "double-claim",
        `${process.name} claims ${before.id} though it sees the live claim of ${winner.agent}`,
      );
  }

  /** A claim was handed out. */
  granted(process: SimulatedProcess, claim: Claim): void {
    const task = claim.task.id;
    for (const other of this.#view.processes) {
      if (other === process || claim.signal.aborted) continue;
      const rival = other
        .atWork()
        .find((hand) => hand.task === task && hand.claim.attempt === claim.attempt);
      if (rival === undefined) continue;
      this.situations.overlap++;
      const isPromised = claim.guarantee === "settled" && rival.claim.guarantee === "settled";
      if (isPromised && this.#view.isSettledSafe)
        this.#broken(
          "one-executor",
          `${process.name} and ${other.name} both work on attempt ${claim.attempt} of ${task} under settled`,
        );
    }
  }

  /** All is quiet: what everybody was told, and what was acknowledged, must be so. */
  checkEnd(): void {
    const agents = new Map<AgentId, SimulatedProcess>();
    for (const process of this.#view.processes) {
      const { board, agent } = process;
      if (board === null || agent === null) continue;
      agents.set(agent.id, process);
      for (const [id, length] of this.#acknowledged)
        if (logLength(board.doc, id) < length)
          this.#broken(
            "durability",
            `${process.name} lacks records of ${id} that were acknowledged`,
          );
      for (const task of tasksOf(board.snapshot())) this.#checkTold(process, task);
    }
    this.checkHands();
  }

  /** Whoever has lost was told, and whoever was not told holds. */
  checkHands(): void {
    for (const process of this.#view.processes) {
      const snapshot = process.board?.snapshot();
      if (snapshot === undefined) continue;
      for (const hand of process.hands) this.#checkHand(process, hand, snapshot);
    }
  }

  /** Counts what the records of a task show. */
  countTask(task: Task, history: readonly HistoryEntry[]): void {
    const { situations } = this;
    if (task.alternates.length > 0) situations.alternate++;
    const own = task.thread.ignored.find(
      ({ agent, reason }) => reason === "own-work" && this.#agents.has(agent),
    );
    if (own !== undefined)
      this.#broken(
        "fault",
        `${own.agent} writes ${own.kind} about its own work, which never counts`,
      );
    for (const claim of task.claims) {
      const { agent, n, status } = claim;
      if (status === "yielded") situations.yielded++;
      const isExpired = history.some(
        ({ record }) => record.kind === "expired" && record.holder === agent && record.claim === n,
      );
      if (isExpired && (status === "completed" || task.state === "completed"))
        situations["expiry-races-completion"]++;
    }
  }

  #checkRestart(process: SimulatedProcess, doc: Doc): void {
    const before = this.#before.get(process);
    if (before === undefined) return;
    this.situations.restart++;
    const logs = readLogs(doc);
    for (const [agent, log] of logs) {
      const old = before.get(agent);
      if (old === undefined || log.some((record, n) => record !== old[n]))
        this.#broken(
          "restart",
          `${process.name} comes back with records of ${agent} that it never had`,
        );
    }
    for (const [agent, length] of this.#stored.get(process) ?? [])
      if ((logs.get(agent)?.length ?? 0) < length)
        this.#broken(
          "durability",
          `${process.name} comes back without records of ${agent} that its disk had taken`,
        );
  }

  #checkChange(process: SimulatedProcess, change: BoardChange, told: Told): void {
    const expected: TaskEvent[] = [];
    for (const { before, after } of change.tasks) {
      if (
        getTask(change.previous, after.id) !== before ||
        getTask(change.snapshot, after.id) !== after
      )
        this.#broken(
          "events",
          `${process.name} is told of another ${after.id} than the snapshots show`,
        );
      expected.push(...diffTask(before, after));
      this.#checkTask(process, before, after);
    }
    const events = change.events.filter((event): event is TaskEvent => event.task !== null);
    if (!isSameList(events, expected))
      this.#broken(
        "events",
        `${process.name} is told ${tell(events)} instead of ${tell(expected)}`,
      );
    for (const event of events) hear(told, event);
  }

  #checkTask(process: SimulatedProcess, before: Task | undefined, after: Task): void {
    const { situations } = this;
    this.#countContest(before, after);
    if (before === undefined) return;
    if (after.attempt < before.attempt || after.nextAttempt < before.nextAttempt)
      this.#broken(
        "monotone",
        `${process.name} sees ${after.id} go back from attempt ${before.attempt} to ${after.attempt}`,
      );
    const isReopened = after.thread.reopened !== null;
    if (before.completion !== null && !isReopened) {
      if (after.completion === null || after.state !== "completed")
        this.#broken("one-result", `${process.name} sees ${after.id} lose its result`);
      else if (after.completion.attempt < before.completion.attempt)
        this.#broken(
          "one-result",
          `${process.name} sees a lower attempt take the result of ${after.id}`,
        );
    }
    for (const claim of after.claims) {
      const old = before.claims.find((one) => one.n === claim.n && one.agent === claim.agent);
      if (claim.status !== "expired" || old?.status === "expired") continue;
      const isAlive = this.#view.processes.some(({ agent }) => agent?.id === claim.agent);
      situations[isAlive ? "wrong-expiry" : "right-expiry"]++;
    }
  }

  #countContest(before: Task | undefined, after: Task): void {
    const { situations } = this;
    if (after.claims.length < 2) return;
    const live = after.claims.filter((claim) => isLive(claim) && claim.attempt === after.attempt);
    if (live.length > 1) {
      situations["contested-claim"]++;
      if (live.some(({ status }) => status === "pending")) situations["settled-wait"]++;
    }
    const [old, now] = [before?.winner, after.winner];
    if (old && now && old.attempt === now.attempt && old.agent !== now.agent)
      situations["winner-flip"]++;
  }

  #checkTold(process: SimulatedProcess, task: Task): void {
    const told = this.#told.get(process)?.get(task.id);
    const word = lastWord(task);
    if (told?.winner !== word.winner || told.isCompleted !== word.isCompleted)
      this.#broken("events", `the last that ${process.name} was told of ${task.id} is not so`);
  }

  #checkHand(process: SimulatedProcess, { claim, task }: Hand, snapshot: Snapshot): void {
    if (claim.signal.aborted) return;
    const { attempt } = claim;
    const view = getTask(snapshot, task);
    // who gave way may have claimed the same attempt once more
    const own = view?.claims.findLast(
      (one) => one.agent === claim.agent && one.attempt === attempt,
    );
    const isWinner = view?.winner?.agent === claim.agent && view.winner.attempt === attempt;
    if (own === undefined || ENDED_BY_ITSELF.has(own.status) || (isLive(own) && isWinner)) return;
    this.#broken(
      "one-winner",
      `${process.name} was not told that its claim of attempt ${attempt} of ${task} is ${own.status}`,
    );
  }

  #broken(invariant: Invariant, sentence: string): void {
    this.#view.broken(invariant, sentence);
  }
}

/** What a claim is when its holder has ended it, so that there is nothing to be told. */
const ENDED_BY_ITSELF: ReadonlySet<ClaimStatus> = new Set([
  "released",
  "failed",
  "rejected",
  "completed",
  "in-review",
  "sent-back",
]);

function lastWord({ winner, state }: Task): { winner: AgentId | null; isCompleted: boolean } {
  return { winner: winner?.agent ?? null, isCompleted: state === "completed" };
}

function hear(told: Told, { kind, task, agent }: TaskEvent): void {
  const word = told.get(task) ?? { winner: null, isCompleted: false };
  if (kind === "winner-changed") word.winner = agent;
  if (kind === "task-completed") word.isCompleted = true;
  if (kind === "task-reopened") word.isCompleted = false;
  told.set(task, word);
}

function isSameList(a: readonly TaskEvent[], b: readonly TaskEvent[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, i) => {
      const other = b[i];
      return (
        one.kind === other?.kind &&
        one.task === other.task &&
        one.agent === other.agent &&
        one.attempt === other.attempt
      );
    })
  );
}

function tell(events: readonly TaskEvent[]): string {
  return events.map(({ kind }) => kind).join(", ") || "nothing";
}

function raise(lengths: Map<AgentId, number>, agent: AgentId, length: number): void {
  if (length > (lengths.get(agent) ?? 0)) lengths.set(agent, length);
}
