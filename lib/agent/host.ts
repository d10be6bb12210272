/** What the parts of a board share: the replica, its connection and store, and the claims held here. */

import type { Contention } from "../core/contention.ts";
import type { BoardEvent } from "../core/event.ts";
import type { ReadySet } from "../core/ready.ts";
import type { AgentId, TaskId } from "../core/record.ts";
import type { Rule } from "../core/rule.ts";
import type { Task } from "../core/task.ts";
import type { Clock, Random } from "../replica/clock.ts";
import type { Replica } from "../replica/replica.ts";
import type { Connection, TransportCapabilities } from "../replica/transport.ts";
import type { Liveness } from "./watch/liveness.ts";

/** A claim held here, as those see it that watch over it. */
export interface HeldClaim {
  readonly taskId: TaskId;
  readonly agent: AgentId;
  /** How long its holder may be cut off. */
  readonly ttlMs: number;
  /** Whether it holds resources, so that claims of other tasks matter to it. */
  readonly hasResources: boolean;
  /** Whether somebody wants to be told when a result that it read changes. */
  readonly readsOthers: boolean;
  /** Takes in the task's new view; stops the work when the claim is lost. */
  judge(task: Task): void;
  /** Stops the work because the holder cannot reach its peers, and gives the task back. */
  cutOff(): void;
  /** Stops the work because the agent leaves, and gives the task back. */
  giveBack(): void;
  /** Stops watching without a word: the claim stands until its lease ends. */
  forsake(): void;
}

/** The claims held here, by task. */
export interface ClaimRegister extends Iterable<HeldClaim> {
  /** Claims to which more matters than their own task: resources, results of others, a lease of their own. */
  readonly special: ReadonlySet<HeldClaim>;
  add(claim: HeldClaim): void;
  /** Counts a claim among the special ones from now on. */
  single(claim: HeldClaim): void;
  delete(claim: HeldClaim): void;
  of(task: TaskId): Iterable<HeldClaim>;
}

/** Makes an empty register. */
export function createClaimRegister(): ClaimRegister {
  const byTask = new Map<TaskId, readonly HeldClaim[]>();
  const special = new Set<HeldClaim>();
  return {
    special,
    add: (claim) => void byTask.set(claim.taskId, [...(byTask.get(claim.taskId) ?? []), claim]),
    single: (claim) => void special.add(claim),
    delete(claim) {
      special.delete(claim);
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
  /** How many contests it has lost in a row. */
  losses: number;
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
  /** Who holds and who waits for what, over all tasks, as of now and not of the last turn. */
  readonly contention: Contention;
  /** Tasks with an open offer, as of the last turn. */
  readonly offered: ReadonlySet<TaskId>;
  /** The ready set, kept from the first call on. */
  readySet(): ReadySet;
  /** How many live claims an agent leads, as of the last turn. */
  loadOf(agent: AgentId): number;
  /** Resolves when all that was written so far survives a crash of this process, where there is a store. */
  durable(): Promise<void>;
  /** Sends signs of life at the pace that the claims held now need. */
  beat(): void;
  /** Sends this replica's presence now. */
  announce(): void;
  /** Hands an event of this process to the readers of events. */
  tell(event: BoardEvent): void;
  /** Wakes all who wait for the next change: something changed beside the records. */
  wakeAll(): void;
  /** Resolves at the next change of the board, after `timeoutMs`, or when the signal aborts; never rejects. */
  nextChange(timeoutMs?: number, signal?: AbortSignal): Promise<void>;
}
