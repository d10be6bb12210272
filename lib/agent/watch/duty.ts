/**
 * Duties: facts that somebody has to write down, though nobody in particular: that a delay has passed, that a need has
 * failed. Agents take turns by rendezvous rank, so that one writes it and not a hundred.
 */
import { rankAmong } from "../../core/choice.ts";
import type { TaskId } from "../../core/record.ts";
import { dependenciesOf, isEnded, isLost, type Task } from "../../core/task.ts";
import type { BoardChange, RecordBody } from "../../replica/replica.ts";
import type { BoardHost } from "../host.ts";
import { aliveAgents, bestOf } from "./lease.ts";

/** How long each agent leaves to the one before it in line. */
const TURN_MS = 250;

/** Watches for facts to be written; runs from the start until `stop`. */
export interface DutyWatch {
  take(change: Pick<BoardChange, "tasks">): void;
  /** Plans anew what nobody here could take on, after an agent came. */
  restart(): void;
  stop(): void;
}

/** Starts to watch for duties of this replica's agents. */
export function startDutyWatch(host: BoardHost): DutyWatch {
  const { clock, replica } = host;
  const timers = new Map<string, () => void>();
  /** Tasks about which there may be something to write. */
  const open = new Set<TaskId>();
  /** Tasks that fail with a need, by that need. */
  const dependents = new Map<TaskId, Set<TaskId>>();

  /** Writes what `bodyNow` gives once `delayMs` and this replica's turn have passed, if it is still to be written then. */
  const plan = (duty: string, delayMs: number, bodyNow: () => RecordBody | null): void => {
    if (timers.has(duty) || host.agents.size === 0) return;
    const observer = bestOf([...host.agents.keys()], duty);
    const waitMs = delayMs + rankAmong(observer, aliveAgents(host), duty) * TURN_MS;
    const cancel = clock.schedule(waitMs, () => {
      timers.delete(duty);
      const body = bodyNow();
      if (body === null) return;
      if (host.agents.has(observer)) replica.append(observer, [body]);
      else plan(duty, 0, bodyNow);
    });
    timers.set(duty, cancel);
  };

  const planDelay = (task: Task): void => {
    const { id, thread } = task;
    const { delay } = thread;
    if (delay === null) return;
    const { attempt, delayMs } = delay;
    plan(`${id} waited ${attempt}`, delayMs, () =>
      replica.task(id)?.thread.delay?.attempt === attempt
        ? { kind: "waited", task: id, attempt }
        : null,
    );
  };

  const lostNeedOf = (id: TaskId): RecordBody | null => {
    const task = replica.task(id);
    if (task === undefined || isEnded(task) || task.winner !== null) return null;
    const need = dependenciesOf(task).find((one) => {
      const found = replica.task(one);
      return found !== undefined && isLost(found);
    });
    const { nextAttempt: attempt } = task;
    return need === undefined ? null : { kind: "need-failed", task: id, need, attempt };
  };

  const planLoss = (id: TaskId): void => {
    if (lostNeedOf(id) !== null)
      plan(`${id} need-failed ${replica.task(id)?.nextAttempt}`, 0, () => lostNeedOf(id));
  };

  const follow = (task: Task): void => {
    const { id, policy, thread } = task;
    const mayFail = policy.ifNeedFails === "fail" && !isEnded(task);
    if (thread.delay === null && !mayFail) open.delete(id);
    else open.add(id);
    planDelay(task);
    if (mayFail) {
      for (const need of dependenciesOf(task)) {
        const known = dependents.get(need);
        if (known === undefined) dependents.set(need, new Set([id]));
        else known.add(id);
      }
      planLoss(id);
    }
    if (isLost(task)) for (const dependent of dependents.get(id) ?? []) planLoss(dependent);
  };

  return {
    take({ tasks }) {
      for (const { after } of tasks) follow(after);
    },
    restart() {
      for (const id of open) {
        const task = replica.task(id);
        if (task !== undefined) follow(task);
      }
    },
    stop() {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}
