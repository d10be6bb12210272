/** A world of boards on one memory network under virtual time: how tests look at many replicas at once. */
import { applyUpdate, Doc } from "yjs";
import {
  createMemoryNetwork,
  createSeededRandom,
  createVirtualClock,
  type MemoryNetwork,
  type MemoryNetworkOptions,
  type SeededRandom,
  type VirtualClock,
} from "../../adapters/transport/memory.ts";
import {
  type Agent,
  type AgentId,
  type Board,
  type BoardOptions,
  type Claim,
  type ClaimOptions,
  type JoinOptions,
  openBoard,
  type TaskId,
} from "../../lib/index.ts";

/** A board and the one agent that joined there. */
export interface Seat {
  readonly board: Board;
  readonly agent: Agent;
}

/** Boards named `docs` on one network; nothing in it happens by itself. */
export interface World {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly network: MemoryNetwork;
  /** What the boards reported between calls. */
  readonly faults: Error[];
  /** Opens the board by a transport of this name. */
  open(name: string, options?: Partial<BoardOptions>): Promise<Board>;
  /** Opens the board and joins it by the same name, with leases of a second; returns once all is in sync. */
  join(name: string, join?: Partial<JoinOptions>, options?: Partial<BoardOptions>): Promise<Seat>;
  /** Connects a bare document that obeys no rule of ours. */
  openStranger(name: string): Doc;
  /** Runs the clock until the promise has settled. */
  until<T>(promise: Promise<T>): Promise<T>;
  /** Claims a task that must be had. */
  claim(agent: Agent, task: TaskId, options?: ClaimOptions): Promise<Claim>;
}

/** Makes a world without boards, around a relay unless asked for another topology. */
export function createWorld(
  options: MemoryNetworkOptions & { readonly seed?: number } = {},
): World {
  const clock = createVirtualClock();
  const random = createSeededRandom(options.seed ?? 1);
  const network = createMemoryNetwork({ clock, random, topology: "relay", ...options });
  const faults: Error[] = [];

  const until = async <T>(promise: Promise<T>): Promise<T> => {
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    promise.then(settle, settle);
    await clock.settle(() => isSettled);
    return promise;
  };

  const open = (name: string, more: Partial<BoardOptions> = {}): Promise<Board> =>
    openBoard({
      board: "docs",
      transport: network.createTransport(name),
      clock,
      random,
      onFault: (fault) => faults.push(fault),
      ...more,
    });

  return {
    clock,
    random,
    network,
    faults,
    open,
    async join(name, join = {}, more = {}) {
      const board = await open(name, more);
      const agent = await board.join({ name, leaseMs: 1000, ...join });
      await until(board.sync());
      return { board, agent };
    },
    openStranger(name) {
      const doc = new Doc({ gc: false });
      network.createTransport(name).connect({
        board: "docs#1",
        rule: "earliest@1",
        doc,
        clock,
        random,
        receive: (updates, origin) => {
          for (const update of updates) applyUpdate(doc, update, origin);
        },
        receivePresence() {},
        statusChanged() {},
        fault: (fault) => faults.push(fault),
      });
      return doc;
    },
    until,
    async claim(agent, task, claimOptions) {
      const outcome = await until(agent.claim(task, claimOptions));
      if (!outcome.ok) throw new Error(`${agent.id} did not get ${task}: ${outcome.reason}`);
      return outcome.claim;
    },
  };
}

/** Every record of a document's logs, as it lies there. */
export function rawRecords(
  doc: Doc,
): readonly { readonly agent: AgentId; readonly kind: string }[] {
  return [...doc.share.keys()].flatMap((name) => {
    const agent = name.split("/")[1] as AgentId;
    return doc
      .getArray<{ kind: string }>(name)
      .toArray()
      .map((record) => ({ ...record, agent }));
  });
}

/** How many records of a kind a document's logs hold. */
export function countRecords(doc: Doc, kind: string): number {
  return rawRecords(doc).filter((record) => record.kind === kind).length;
}
