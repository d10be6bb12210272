/** What the parts of a board share: the replica, its connection and store, and the claims held here. */

import type { ReadySet } from "../core/ready.ts";
import type { AgentId, TaskId } from "../core/record.ts";
import type { Rule } from "../core/rule.ts";
import type { Task } from "../core/task.ts";
import type { Clock, Random } from "../replica/clock.ts";
import type { Replica } from "../replica/replica.ts";
import type { Connection, TransportCapabilities } from "../replica/transport.ts";
import type { Liveness } from "./liveness.ts";

/** A claim held here, as those see it that watch over it. */
export interface HeldClaim {
  readonly taskId: TaskId;
  readonly agent: AgentId;
  /** Takes in the task's new view; stops the work when the claim is lost. */
  judge(task: Task): void;
  /** Stops the work because the holder cannot reach its peers, and gives the task back. */
  cutOff(): void;
  /** Stops the work because the agent leaves, and gives the task back. */
  giveBack(): void;
}

/** The claims held here, by task. */
export interface ClaimRegister extends Iterable<HeldClaim> {
  add(claim: HeldClaim): void;
  delete(claim: HeldClaim): void;
  of(task: TaskId): Iterable<HeldClaim>;
}

/** Makes an empty register. */
export function createClaimRegister(): ClaimRegister {
  const byTask = new Map<TaskId, readonly HeldClaim[]>();
  return {
    add: (claim) => void byTask.set(claim.taskId, [...(byTask.get(claim.taskId) ?? []), claim]),
    delete(claim) {
      const rest = byTask.get(claim.taskId)?.filter((one) => one !== claim) ?? [];
      if (rest.length === 0) byTask.delete(claim.taskId);
      else byTask.set(claim.taskId, rest);
    },
    of: (task) => byTask.get(task) ?? [],
    *[Symbol.iterator]() {
      for (const claims of byTask.values()) yield* claims;
    },
  };
}

/** An agent joined here. */
export interface LocalAgent {
  readonly id: AgentId;
  readonly capabilities: readonly string[];
  readonly leaseMs: number;
  /** How many tasks it works on at once; 0 while it does not work by itself. */
  slots: number;
}

/** One open board on this machine, from the inside. */
export interface BoardHost {
  readonly replica: Replica;
  readonly connection: Connection;
  readonly capabilities: TransportCapabilities;
  readonly rule: Rule;
  readonly clock: Clock;
  readonly random: Random;
  readonly liveness: Liveness;
  readonly agents: Map<AgentId, LocalAgent>;
  readonly claims: ClaimRegister;
  /** The ready set, kept from the first call on. */
  readySet(): ReadySet;
  /** How many live claims an agent leads, as of the last turn. */
  loadOf(agent: AgentId): number;
  /** Resolves when all that was written so far survives a crash of this process, where there is a store. */
  durable(): Promise<void>;
  /** Sends this replica's presence now. */
  announce(): void;
  /** Resolves at the next change of the board, after `timeoutMs`, or when the signal aborts; never rejects. */
  nextChange(timeoutMs?: number, signal?: AbortSignal): Promise<void>;
}
