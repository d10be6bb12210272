/** One simulated process: a real board and a real agent over a disk, a clock and a wire that somebody else has in hand. */
import type {
  MemoryNetwork,
  SeededRandom,
  VirtualClock,
} from "../../../adapters/transport/memory.ts";
import {
  type Agent,
  type AgentId,
  type Board,
  type Claim,
  type Clock,
  getTask,
  isLive,
  openBoard,
  type Rule,
  type TaskId,
  type Transport,
} from "../../../lib/index.ts";
import { createProcessClock, type ProcessClock } from "./process-clock.ts";
import { createSimulatedDisk, type SimulatedDisk } from "./simulated-disk.ts";
import { LEASE_MS, NODE_NAMES } from "./step.ts";

/** What an agent of one's own is given: its hand, its board, and the time, which is not the machine's. */
export interface ProgramContext {
  readonly agent: Agent;
  readonly board: Board;
  readonly clock: Clock;
}

/** What an agent does by itself. */
export interface AgentProgram {
  readonly name: string;
  /** Starts it once its agent has joined, and anew after each restart of its process. */
  run(context: ProgramContext): Promise<void> | void;
  /** Whether every task that can be worked on is to be done once faults have ended; true by default. */
  readonly isDiligent?: boolean;
}

/** A claim in an agent's hand. */
export interface Hand {
  readonly claim: Claim;
  readonly task: TaskId;
}

/** What all processes share. */
export interface Surroundings {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly random: SeededRandom;
  readonly rule: Rule;
  readonly program: AgentProgram | undefined;
  readonly flushMs: number;
  opened(process: SimulatedProcess): void;
  joined(process: SimulatedProcess, agent: AgentId): void;
  granted(process: SimulatedProcess, claim: Claim): void;
  failed(process: SimulatedProcess, error: unknown): void;
}

/** A process that can be killed, started again, slowed down and stopped. */
export class SimulatedProcess {
  readonly node: number;
  readonly name: string;
  board: Board | null = null;
  /** Null until it has joined. */
  agent: Agent | null = null;
  hands: Hand[] = [];
  /** How many of its claims wait for their answer. */
  waiting = 0;
  isStalled = false;
  pace: number;
  readonly #world: Surroundings;
  readonly #disk: SimulatedDisk;
  #clock: ProcessClock | null = null;

  constructor(world: Surroundings, node: number, pace: number) {
    this.node = node;
    this.name = NODE_NAMES[node] ?? `node${node}`;
    this.pace = pace;
    this.#world = world;
    this.#disk = createSimulatedDisk(world.flushMs);
  }

  /** The claims that it may work on, as far as it knows. */
  atWork(): readonly Hand[] {
    const snapshot = this.board?.snapshot();
    if (snapshot === undefined) return [];
    return this.hands.filter(({ claim, task }) => {
      const own = getTask(snapshot, task)?.claims.findLast(
        ({ agent, attempt }) => agent === claim.agent && attempt === claim.attempt,
      );
      return !claim.signal.aborted && own !== undefined && isLive(own);
    });
  }

  /** Opens the board and joins it; goes on as time does. */
  start(): void {
    if (this.#clock !== null) return;
    const clock = createProcessClock(this.#world.clock, this.pace);
    this.#clock = clock;
    this.#run(clock).catch((error: unknown) => this.#world.failed(this, error));
  }

  /** Ends without a word; gives how many updates its disk lost. */
  crash(losesTail: boolean): number {
    const { board } = this;
    if (this.#clock === null || board === null) return 0;
    this.#clock.end();
    this.#world.network.crash(this.name);
    board.doc.destroy();
    this.#clock = null;
    this.board = null;
    this.agent = null;
    this.hands = [];
    this.waiting = 0;
    this.isStalled = false;
    return this.#disk.crash(losesTail);
  }

  /** Stands still: its timers, and all that comes for it, wait. */
  stall(): void {
    this.isStalled = this.#clock !== null;
    this.#clock?.stall();
  }

  /** Goes on, with what has waited. */
  wake(): void {
    this.isStalled = false;
    this.#clock?.wake();
  }

  /** Lets its clock run at so many hundredths of the true pace from now on. */
  setPace(percent: number): void {
    this.pace = percent;
    this.#clock?.setPace(percent);
  }

  async #run(clock: ProcessClock): Promise<void> {
    const { network, random, rule, program } = this.#world;
    const board = await openBoard({
      board: "docs",
      transport: behind(clock, network.createTransport(this.name)),
      storage: this.#disk.mount(clock),
      rule,
      clock,
      random,
      onFault: (fault) => this.#world.failed(this, fault),
    });
    this.board = board;
    this.#world.opened(this);
    const agent = await board.join({ name: this.name, leaseMs: LEASE_MS });
    if (this.#clock !== clock) return;
    this.agent = agent;
    this.#world.joined(this, agent.id);
    await program?.run({ agent: this.#watched(agent), board, clock });
  }

  /** An agent whose claims are seen by whoever watches the process. */
  #watched(agent: Agent): Agent {
    const grant = (claim: Claim): void => this.#world.granted(this, claim);
    return {
      ...agent,
      async claim(task, options) {
        const outcome = await agent.claim(task, options);
        if (outcome.ok) grant(outcome.claim);
        return outcome;
      },
      work: (handler, options) =>
        agent.work((claim) => {
          grant(claim);
          return handler(claim);
        }, options),
    };
  }
}

/**
 * What arrives, the echo of a marker too, waits in its order until the process is awake. The wire goes on meanwhile, as no
 * wire of a process that stands still would, and may say hello anew without what waits; so that is made good.
 */
function behind(clock: ProcessClock, inner: Transport): Transport {
  return {
    capabilities: inner.capabilities,
    connect(link) {
      let isLate = false;
      const receiveLate = (updates: readonly Uint8Array[], origin: unknown): void => {
        link.receive(updates, origin);
        if (isLate) connection.resync();
        isLate = false;
      };
      const connection = inner.connect({
        ...link,
        receive(updates, origin) {
          if (!clock.isStalled) return link.receive(updates, origin);
          isLate = true;
          clock.whenAwake(() => receiveLate(updates, origin));
        },
        receivePresence: (presences) => clock.whenAwake(() => link.receivePresence(presences)),
        statusChanged: (status) => clock.whenAwake(() => link.statusChanged(status)),
      });
      return {
        get status() {
          return connection.status;
        },
        get bytesSent() {
          return connection.bytesSent;
        },
        async sync() {
          await connection.sync();
          await new Promise<void>((resolve) => clock.whenAwake(resolve));
        },
        sendPresence: (presences) => connection.sendPresence(presences),
        resync: () => connection.resync(),
        close: () => connection.close(),
      };
    },
  };
}
