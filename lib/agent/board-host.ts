/** The inside of an open board: what its agents, watches and claims share, kept in step with the replica. */
import { createContention } from "../core/contention.ts";
import { createReadySet, type ReadySet } from "../core/ready.ts";
import type { AgentId, TaskId } from "../core/record.ts";
import type { Rule } from "../core/rule.ts";
import { dependenciesOf } from "../core/task.ts";
import type { Clock, Random } from "../replica/clock.ts";
import type { BoardChange, Replica } from "../replica/replica.ts";
import { listTasks, type TaskChange, tasksOf } from "../replica/snapshot.ts";
import type { Connection, TransportCapabilities } from "../replica/transport.ts";
import type { EventStream } from "./event-stream.ts";
import { type BoardHost, createClaimRegister } from "./host.ts";
import { startDutyWatch } from "./watch/duty.ts";
import { startLeaseWatch } from "./watch/lease.ts";
import type { Liveness } from "./watch/liveness.ts";

/** What a board is made of. */
export interface BoardParts {
  readonly replica: Replica;
  readonly connection: Connection;
  readonly capabilities: TransportCapabilities;
  readonly rule: Rule;
  readonly clock: Clock;
  readonly random: Random;
  readonly liveness: Liveness;
  readonly streams: ReadonlySet<EventStream>;
  durable(): Promise<void>;
}

/** The inside of a board that runs. */
export interface RunningHost {
  readonly host: BoardHost;
  /** Sends signs of life anew and takes on open duties, after an agent came. */
  restart(): void;
  stop(): void;
}

/** Starts to follow the replica. */
export function runBoardHost(parts: BoardParts): RunningHost {
  const { replica, clock, streams } = parts;
  const waiters = new Set<() => void>();
  const loads = new Map<AgentId, number>();
  const offered = new Set<TaskId>();
  const contention = createContention(parts.rule);
  let ready: ReadySet | null = null;

  const host: BoardHost = {
    ...parts,
    agents: new Map(),
    claims: createClaimRegister(),
    offered,
    get contention() {
      for (const task of replica.unseen()) contention.update(task);
      return contention;
    },
    readySet() {
      if (ready === null) {
        ready = createReadySet(replica.task);
        for (const task of listTasks(replica.snapshot())) ready.update(task);
      }
      return ready;
    },
    loadOf: (agent) => loads.get(agent) ?? 0,
    beat: () => leases.restart(),
    announce() {
      const presences = [...host.agents.values()].map(({ id, slots }) => ({ agent: id, slots }));
      if (presences.length > 0) parts.connection.sendPresence(presences);
    },
    tell(event) {
      for (const stream of streams) stream.push([event]);
    },
    wakeAll() {
      for (const wake of [...waiters]) wake();
    },
    nextChange: (timeoutMs, signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          waiters.delete(done);
          cancel?.();
          signal?.removeEventListener("abort", done);
          resolve();
        };
        const cancel = timeoutMs === undefined ? null : clock.schedule(timeoutMs, done);
        waiters.add(done);
        if (signal?.aborted) done();
        else signal?.addEventListener("abort", done);
      }),
  };

  const shiftLoad = (agent: AgentId | undefined, by: number): void => {
    if (agent !== undefined) loads.set(agent, (loads.get(agent) ?? 0) + by);
  };
  const leases = startLeaseWatch(host);
  const duties = startDutyWatch(host);

  const followTask = ({ before, after }: TaskChange): void => {
    const { id, thread, policy } = after;
    shiftLoad(before?.winner?.agent, -1);
    shiftLoad(after.winner?.agent, 1);
    ready?.update(after);
    if (thread.offers.some(({ status }) => status === "open")) offered.add(id);
    else offered.delete(id);
    for (const claim of host.claims.of(id)) claim.judge(replica.task(id) ?? after);
    // X10: a claim elsewhere may go before one held here
    if (policy.resources === undefined) return;
    for (const claim of [...host.claims.special]) {
      const task = claim.hasResources ? replica.task(claim.taskId) : undefined;
      if (task !== undefined) claim.judge(task);
    }
  };
  /** Y2: what a claim held here has read may be another task's result. */
  const followInputs = (tasks: readonly TaskChange[]): void => {
    if (host.claims.special.size === 0) return;
    const changed = new Set(tasks.map(({ after }) => after.id));
    for (const claim of [...host.claims.special]) {
      const task = claim.readsOthers ? replica.task(claim.taskId) : undefined;
      if (task !== undefined && dependenciesOf(task).some((need) => changed.has(need)))
        claim.judge(task);
    }
  };
  const follow = (change: Pick<BoardChange, "tasks" | "authors">): void => {
    // X10: before any claim is judged by it
    for (const { after } of change.tasks) contention.update(after);
    leases.take(change);
    duties.take(change);
    for (const one of change.tasks) followTask(one);
    followInputs(change.tasks);
  };
  replica.onChange((change) => {
    follow(change);
    for (const stream of streams) stream.push(change.events);
    host.wakeAll();
  });
  // what was stored changed before anybody looked
  const stored = tasksOf(replica.snapshot());
  follow({ tasks: stored.map((after) => ({ before: undefined, after })), authors: new Set() });

  return {
    host,
    restart() {
      leases.restart();
      duties.restart();
    },
    stop() {
      leases.stop();
      duties.stop();
    },
  };
}
