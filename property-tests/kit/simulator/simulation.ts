/**
 * The simulator: real boards in simulated processes, on one virtual clock and network, played step by step. The interpreter
 * is total: indices are taken modulo what there is, and a step that does not apply changes nothing.
 */

import { type Doc, encodeStateVector } from "yjs";
import {
  createMemoryNetwork,
  createSeededRandom,
  createVirtualClock,
  type MemoryNetwork,
  type MemoryNetworkTraceEntry,
  type MessageInFlight,
  type SeededRandom,
  type VirtualClock,
} from "../../../adapters/transport/memory.ts";
import {
  type Agent,
  type AgentId,
  type Claim,
  CoordinationError,
  earliest,
  formatRule,
  getTask,
  isEnded,
  listTasks,
  type NewTask,
  type Rule,
  type TaskId,
} from "../../../lib/index.ts";
import type { Invariant, Violation } from "../invariant/invariant.ts";
import { highestTime, logLength, logNames } from "../invariant/logs.ts";
import { checkConvergence, checkTasks, isOrphaned } from "../invariant/quiescence.ts";
import { Referee } from "../invariant/referee.ts";
import { createHostilePeer, HOSTILE_AGENT, type HostilePeer } from "./hostile-peer.ts";
import { type AgentProgram, SimulatedProcess, type Surroundings } from "./simulated-process.ts";
import type { SituationCounts } from "./situation.ts";
import { LEASE_MS, type Setup, type Step } from "./step.ts";

/** Something that happened, for the diagram. */
export type TraceEntry =
  | { readonly kind: "step"; readonly at: number; readonly index: number; readonly step: Step }
  | { readonly kind: "told"; readonly at: number; readonly node: number; readonly text: string }
  | ({ readonly kind: "message" } & Omit<MemoryNetworkTraceEntry, "kind"> & {
        readonly what: string;
      });

/** How to play. */
export interface SimulationOptions {
  /** The rule between rival claims; `earliest` by default. */
  readonly rule?: Rule;
  /** What each agent does by itself. */
  readonly program?: AgentProgram;
  /** Told of everything that happens. */
  readonly trace?: (entry: TraceEntry) => void;
  /** Waited for before the next thing happens by itself, at the time `at`: how a page is given the time to show it. */
  readonly pause?: (at: number) => Promise<void> | void;
}

/** A world that is played. */
export interface Simulation {
  readonly clock: VirtualClock;
  readonly processes: readonly SimulatedProcess[];
  /** Tasks in the order in which they were first added. */
  readonly tasks: readonly TaskId[];
  /** The first invariant that was found broken. */
  readonly violation: Violation | null;
  readonly situations: SituationCounts;
  /** All messages under way, in the order of sending. */
  messagesInFlight(): readonly MessageInFlight[];
  /** Takes one step, and lets everything happen that needs no time. */
  play(step: Step): Promise<void>;
  /** Ends all faults and demands that everything comes to a good end; then the world is over. */
  finish(): Promise<void>;
  /** Everything that happened, as one number. */
  hash(): number;
}

/** Deeper than any chain of promises in the library: a pause, in which all of them end, then changes nothing. */
const FLUSH_TURNS = 24;
const SETTLE_ROUND_MS = 60;
const SETTLE_ROUNDS = 100;
const ORPHAN_ROUNDS = 16;
const PROGRAM_ROUNDS = 60;
/** More timers than any stretch of time has a reason for: time does not pass. */
const MAX_TIMERS = 100_000;
/** More records than any schedule has a reason for: somebody answers somebody for ever. */
const MAX_RECORDS = 800;
const LOOK_EVERY = 20;
/** What is dear is done in one run of so many. */
const RARELY = 8;
const RELAY = "relay";

/** Opens a world and starts its processes. */
export async function startSimulation(
  setup: Setup,
  options: SimulationOptions = {},
): Promise<Simulation> {
  const simulation = new RunningSimulation(setup, options);
  await simulation.open();
  return simulation;
}

class RunningSimulation implements Simulation {
  readonly clock: VirtualClock = createVirtualClock();
  readonly processes: readonly SimulatedProcess[];
  readonly tasks: TaskId[] = [];
  violation: Violation | null = null;
  readonly #setup: Setup;
  readonly #options: SimulationOptions;
  readonly #rule: Rule;
  readonly #random: SeededRandom;
  readonly #network: MemoryNetwork;
  readonly #referee: Referee;
  #hostile: HostilePeer | null = null;
  #hasForgotten = false;
  #hasFault = false;
  #stepIndex = 0;
  #hash = 0;

  constructor(setup: Setup, options: SimulationOptions) {
    this.#setup = setup;
    this.#options = options;
    this.#rule = options.rule ?? earliest;
    this.#random = createSeededRandom(setup.seed);
    const [min, max] = setup.latencyMs;
    this.#network = createMemoryNetwork({
      clock: this.clock,
      random: this.#random,
      topology: setup.topology,
      latencyMs: { min, max },
      lossRate: setup.lossRate ?? 0,
      duplicateRate: setup.duplicateRate ?? 0,
      reorderRate: setup.reorderRate ?? 0,
      trace: (entry) => this.#traceMessage(entry),
    });
    const world: Surroundings = {
      clock: this.clock,
      network: this.#network,
      random: this.#random,
      rule: this.#rule,
      program: options.program,
      flushMs: setup.flushMs,
      opened: (process) => this.#referee.opened(process),
      joined: (process, agent) => this.#referee.joined(process, agent),
      granted: (process, claim) => this.#grant(process, claim),
      failed: (process, error) => this.#fail(process, error),
    };
    this.processes = Array.from(
      { length: setup.nodes },
      (_, node) => new SimulatedProcess(world, node, setup.pace?.[node] ?? 100),
    );
    const simulation = this;
    this.#referee = new Referee({
      processes: this.processes,
      get isSettledSafe() {
        return simulation.#isSettledSafe;
      },
      broken: (invariant, sentence) => this.#broken(invariant, sentence),
    });
    this.#hasFault = Boolean(
      setup.lossRate ||
        setup.duplicateRate ||
        setup.reorderRate ||
        setup.pace?.some((one) => one !== 100),
    );
    if (setup.pace?.some((one) => one !== 100)) this.situations["skewed-clock"]++;
  }

  get situations(): SituationCounts {
    return this.#referee.situations;
  }

  async open(): Promise<void> {
    for (const process of this.processes) process.start();
    await this.#advance(2 * this.#setup.latencyMs[1] + this.#setup.flushMs + 1);
  }

  messagesInFlight(): readonly MessageInFlight[] {
    return [...this.#network.inFlight];
  }

  hash(): number {
    return this.#hash;
  }

  async play(step: Step): Promise<void> {
    const index = this.#stepIndex++;
    this.#options.trace?.({ kind: "step", at: this.clock.now(), index, step });
    this.#mix(index, step.do.charCodeAt(0) * 256 + step.do.charCodeAt(1));
    this.#take(step);
    if (step.do === "tick") await this.#advance(step.ms);
    else await flush();
  }

  async finish(): Promise<void> {
    if (!this.#hasFault) this.situations["no-fault"]++;
    this.#heal();
    const demands = [
      () => this.#settle(),
      () => this.#expireOrphans(),
      async () => this.#referee.checkHands(),
      () => this.#demandProgress(),
      () => this.#demandSilence(),
      async () => this.#checkEnd(),
      () => this.#joinLate(),
    ];
    for (const demand of demands) if (this.violation === null) await demand();
    this.#close();
  }

  #checkEnd(): void {
    this.#referee.checkEnd();
    checkConvergence(this.processes, this.#brokenHere);
    const first = this.processes[0]?.board;
    if (first)
      checkTasks(first, this.#rule, this.#brokenHere, (task, history) =>
        this.#referee.countTask(task, history),
      );
  }

  #take(step: Step): void {
    switch (step.do) {
      case "add":
      case "claim":
      case "complete":
      case "release":
      case "fail":
      case "cancel":
      case "reopen":
      case "edit":
      case "note":
      case "sync":
        this.#act(step);
        return;
      case "deliver":
      case "drop":
      case "duplicate":
        this.#decide(step);
        return;
      case "tick":
        return;
      case "heal":
        this.#network.heal();
        return;
      case "forget":
        this.#forget();
        return;
      case "hostile":
        this.#letHostile(step);
        return;
      default:
        this.#befall(this.#processAt(step.node), step);
        return;
    }
  }

  /** What an agent does. */
  #act(step: Extract<Step, { readonly node: number }>): void {
    const process = this.#processAt(step.node);
    const { board, agent } = process;
    if (board === null || agent === null || process.isStalled) return;
    const call = (make: (agent: Agent) => Promise<unknown>): void => this.#call(process, make);
    switch (step.do) {
      case "add":
        this.#add(process, step);
        return;
      case "claim":
        this.#claim(process, step);
        return;
      case "complete":
      case "release":
      case "fail": {
        const hands = process.atWork();
        const hand = hands[step.hand % Math.max(hands.length, 1)];
        if (hand === undefined) return;
        if (step.do === "complete") call(() => hand.claim.complete({ by: agent.id }));
        else if (step.do === "release") call(() => hand.claim.release());
        else {
          const retryable = step.do === "fail" && step.isFinal !== true;
          call(() => hand.claim.fail("broken", { retryable }));
        }
        return;
      }
      case "sync": {
        const lengths = new Map<AgentId, number>();
        for (const name of logNames(board.doc)) {
          const id = name.split("/")[1] as AgentId;
          lengths.set(id, logLength(board.doc, id));
        }
        const acknowledged = board.sync().then(() => this.#referee.synced(lengths));
        acknowledged.catch((error: unknown) => this.#fail(process, error));
        return;
      }
      case "cancel":
      case "reopen":
      case "edit":
      case "note": {
        const task = this.#taskAt(step.task);
        if (task === undefined || getTask(board.snapshot(), task) === undefined) return;
        if (step.do === "cancel") call(() => agent.cancel(task));
        else if (step.do === "reopen") call(() => agent.reopen(task));
        else if (step.do === "edit")
          call(() => agent.edit(task, { title: `edited by ${process.name}` }));
        else call(() => agent.note(task, `a note of ${process.name}`));
      }
    }
  }

  #add(process: SimulatedProcess, step: Extract<Step, { readonly do: "add" }>): void {
    const { key, after } = step;
    const need = after === undefined ? undefined : this.#taskAt(after);
    const isSettled = step.isSettled === true && this.#setup.topology === "relay";
    const task: NewTask = {
      title: `by ${process.name}`,
      ...(key === undefined ? {} : { key: `k${key}` }),
      ...(need === undefined ? {} : { needs: [need] }),
      ...(isSettled ? { guarantee: "settled" } : {}),
    };
    this.#call(process, async (agent) => {
      const id = await agent.add(task);
      if (!this.tasks.includes(id)) this.tasks.push(id);
    });
  }

  #claim(process: SimulatedProcess, step: Extract<Step, { readonly do: "claim" }>): void {
    const { board, agent } = process;
    const task = this.#taskAt(step.task);
    if (board === null || agent === null || task === undefined) return;
    const before = getTask(board.snapshot(), task);
    if (before === undefined) return;
    const isOptimistic = step.isOptimistic === true && before.guarantee === "optimistic";
    this.#claimNow(process, task, isOptimistic);
  }

  #claimNow(process: SimulatedProcess, task: TaskId, isOptimistic: boolean): void {
    const { board, agent } = process;
    const before = board === null ? undefined : getTask(board.snapshot(), task);
    if (board === null || agent === null || before === undefined) return;
    if (board.status !== "synced") this.situations["claim-while-cut-off"]++;
    process.waiting++;
    this.#call(process, async () => {
      const length = logLength(board.doc, agent.id);
      const outcome = agent.claim(task, isOptimistic ? { guarantee: "optimistic" } : {});
      this.#referee.claimed(process, before, logLength(board.doc, agent.id) > length);
      const answer = await outcome.finally(() => {
        if (process.agent === agent) process.waiting--;
      });
      if (process.agent !== agent) return;
      const name = `${this.#numberOf(task)}.${answer.ok ? answer.claim.attempt : before.nextAttempt}`;
      this.#tell(process, `${answer.ok ? "holds" : answer.reason} ${name}`);
      if (!answer.ok) return;
      this.#grant(process, answer.claim);
    });
  }

  #grant(process: SimulatedProcess, claim: Claim): void {
    process.hands.push({ claim, task: claim.task.id });
    this.#referee.granted(process, claim);
  }

  /** Makes a call and follows it to its end: what it wrote is acknowledged by its answer. */
  #call(process: SimulatedProcess, make: (agent: Agent) => Promise<unknown>): void {
    const { board, agent } = process;
    if (board === null || agent === null) return;
    const before = logLength(board.doc, agent.id);
    const seen = highestTime(board.doc, HOSTILE_AGENT);
    const promise = make(agent);
    const length = logLength(board.doc, agent.id);
    if (length > before)
      this.#referee.wrote(process, seen, board.doc.getArray<Timed>(logOf(agent.id)).get(before));
    promise.then(
      () => {
        if (length > before) this.#referee.stored(process, agent.id, length);
      },
      (error: unknown) => {
        if (process.board === board) this.#fail(process, error);
      },
    );
  }

  /** What becomes of a message. */
  #decide(step: Extract<Step, { readonly message: number }>): void {
    const flights = this.messagesInFlight();
    const flight = flights[step.message % Math.max(flights.length, 1)];
    if (flight === undefined) return;
    if (step.do === "drop") {
      this.#hasFault = true;
      this.situations["message-lost"]++;
      flight.drop();
    } else if (step.do === "duplicate") {
      if (flight.isStream) return;
      this.#hasFault = true;
      this.situations["message-repeated"]++;
      flight.duplicate();
    } else {
      if (flight !== flights[0]) this.situations["message-overtook"]++;
      flight.deliver();
    }
  }

  /** What befalls a process. */
  #befall(
    process: SimulatedProcess,
    step: Extract<Step, { readonly do: "cut" | "crash" | "restart" | "skew" | "stall" | "wake" }>,
  ): void {
    if (step.do === "restart") {
      process.start();
      return;
    }
    this.#hasFault = true;
    switch (step.do) {
      case "cut": {
        const other = this.#processAt(
          process.node + 1 + (step.from % Math.max(this.processes.length - 1, 1)),
        );
        const from = this.#setup.topology === "relay" ? RELAY : other.name;
        this.#network.cut(process.name, from, { oneWay: step.isOneWay === true });
        return;
      }
      case "crash": {
        this.#referee.crashing(process);
        const lost = process.crash(step.loses === "tail");
        if (lost > 0 && step.loses === "tail") this.situations["tail-lost"]++;
        return;
      }
      case "skew":
        this.situations["skewed-clock"]++;
        process.setPace(step.percent);
        return;
      case "stall":
        if (process.atWork().length > 0) this.situations["stalled-holder"]++;
        process.stall();
        return;
      case "wake":
        process.wake();
        return;
    }
  }

  #forget(): void {
    if (this.#setup.topology !== "relay") return;
    this.#hasForgotten = true;
    this.#hasFault = true;
    this.situations["relay-forgot"]++;
    this.#network.restartRelay();
    this.#referee.forgave();
  }

  #letHostile({ act, task }: Extract<Step, { readonly do: "hostile" }>): void {
    this.#hasFault = true;
    this.situations["hostile-write"]++;
    this.#hostile ??= createHostilePeer({
      network: this.#network,
      clock: this.clock,
      random: this.#random,
      rule: formatRule(this.#rule),
    });
    const id = this.#taskAt(task);
    const board = this.processes.find((one) => one.board !== null)?.board;
    this.#hostile.write(
      act,
      id === undefined || !board ? undefined : getTask(board.snapshot(), id),
    );
  }

  #heal(): void {
    this.#network.setFaults({});
    this.#network.heal();
    for (const process of this.processes) {
      process.wake();
      process.setPace(100);
      process.start();
    }
  }

  /** Waits until everybody has everything and every call is answered. */
  async #settle(processes: readonly SimulatedProcess[] = this.processes): Promise<void> {
    for (let round = 0; round < SETTLE_ROUNDS; round++) {
      await this.#advance(SETTLE_ROUND_MS);
      if (this.#isSettled(processes)) return;
    }
    const late = processes.find((one) => one.agent === null || one.board?.status !== "synced");
    const calls = processes.find(({ waiting }) => waiting > 0);
    if (late !== undefined)
      this.#broken("progress", `${late.name} is not in sync long after the faults ended`);
    else if (calls !== undefined)
      this.#broken(
        "progress",
        `a claim of ${calls.name} is not answered long after the faults ended`,
      );
  }

  #isSettled(processes: readonly SimulatedProcess[]): boolean {
    for (const { agent, board, waiting } of processes)
      if (agent === null || board?.status !== "synced" || waiting > 0) return false;
    for (const { kind } of this.#network.inFlight) if (kind !== "presence") return false;
    return haveSameClocks([...processes.map(({ board }) => board?.doc), this.#hostile?.doc]);
  }

  /** Time enough to find out whose agents are gone. */
  async #expireOrphans(): Promise<void> {
    for (let round = 0; ; round++) {
      const orphan = isOrphaned(this.processes);
      if (orphan === null) return;
      if (round === ORPHAN_ROUNDS) return this.#broken("orphan", orphan);
      await this.#advance(LEASE_MS / 4);
    }
  }

  /** Whoever holds a task completes it, and then somebody gets one that is ready. */
  async #demandProgress(): Promise<void> {
    if (this.#options.program !== undefined) return this.#awaitProgram(this.#options.program);
    for (const process of this.processes) {
      const { board, agent } = process;
      if (board === null || agent === null) continue;
      for (const { claim } of process.atWork())
        this.#call(process, () => claim.complete({ by: agent.id }));
    }
    await this.#settle();
    const [first] = this.processes;
    const ready = this.tasks.find((id) => {
      const task = first?.board ? getTask(first.board.snapshot(), id) : undefined;
      return task?.state === "submitted" && task.winner === null && task.needs.length === 0;
    });
    const process = this.#processAt(this.tasks.length);
    if (ready === undefined || process.board === null) return;
    this.#claimNow(process, ready, false);
    await this.#settle();
    const hand = process.atWork().find(({ task }) => task === ready);
    if (hand === undefined)
      return this.#broken(
        "progress",
        `${process.name} cannot claim ${ready}, which nobody holds, after the faults ended`,
      );
    this.#call(process, () => hand.claim.complete("done"));
    await this.#settle();
    const after = first?.board ? getTask(first.board.snapshot(), ready) : undefined;
    if (after?.state !== "completed")
      this.#broken(
        "progress",
        `${ready} was completed by ${process.name} and is ${after?.state} elsewhere`,
      );
  }

  /** Time enough for agents that work by themselves to do all that can be done. */
  async #awaitProgram({ name, isDiligent = true }: AgentProgram): Promise<void> {
    const board = this.processes[0]?.board;
    if (!isDiligent || !board) return;
    for (let round = 0; ; round++) {
      const undone = listTasks(board.snapshot()).find((task) => !isEnded(task));
      if (undone === undefined) return;
      if (round === PROGRAM_ROUNDS) {
        const { winner } = undone;
        const what = winner === null ? "nobody works on it" : `${winner.agent} holds it`;
        return this.#broken("progress", `${name} leaves ${undone.id} undone: ${what}`);
      }
      await this.#advance(LEASE_MS / 2);
    }
  }

  /** With nothing to do nobody writes: no two agents answer each other for ever. */
  async #demandSilence(): Promise<void> {
    if (this.#setup.seed % RARELY !== 0 && this.#options.program === undefined) return;
    await this.#settle();
    const before = this.#recordCount();
    await this.#advance(2 * LEASE_MS);
    const written = this.#recordCount() - before;
    if (written > 0)
      this.#broken("finite", `${written} records were written though nothing came in`);
  }

  #recordCount(): number {
    const doc = this.processes.find(({ board }) => board !== null)?.board?.doc;
    if (doc === undefined) return 0;
    let count = 0;
    for (const name of logNames(doc)) count += doc.getArray(name).length;
    return count;
  }

  /** A newcomer who knows only what the others tell it. */
  async #joinLate(): Promise<void> {
    const first = this.processes[0]?.board;
    if (!first || this.#setup.seed % RARELY !== 1) return;
    this.situations["late-joiner"]++;
    const late = new SimulatedProcess(
      {
        clock: this.clock,
        network: this.#network,
        random: this.#random,
        rule: this.#rule,
        program: undefined,
        flushMs: 0,
        opened: () => {},
        joined: () => {},
        granted: () => {},
        failed: (process, error) => this.#fail(process, error),
      },
      this.processes.length,
      100,
    );
    late.start();
    await this.#settle([...this.processes, late]);
    checkConvergence(
      [
        { name: "the newcomer", board: late.board },
        { name: "the first", board: first },
      ],
      this.#brokenHere,
    );
    late.crash(false);
  }

  #close(): void {
    this.#hostile?.leave();
    for (const process of this.processes) process.crash(false);
  }

  async #advance(ms: number): Promise<void> {
    const { clock } = this;
    const end = clock.now() + ms;
    await flush();
    for (let count = 1; (clock.nextAt ?? Number.POSITIVE_INFINITY) <= end; count++) {
      if (count % LOOK_EVERY === 0 && this.#recordCount() > MAX_RECORDS)
        return this.#broken(
          "finite",
          `over ${MAX_RECORDS} records were written, and there is no end to it`,
        );
      if (count > MAX_TIMERS)
        return this.#broken("finite", "timers come due again and again while no time passes");
      const { pause } = this.#options;
      if (pause !== undefined) await pause(clock.nextAt ?? end);
      clock.step();
      await flush();
    }
    clock.advance(end - clock.now());
  }

  #processAt(node: number): SimulatedProcess {
    const process = this.processes[node % this.processes.length];
    if (process === undefined) throw new RangeError("a simulation needs at least one node");
    return process;
  }

  #taskAt(index: number): TaskId | undefined {
    return this.tasks[index % Math.max(this.tasks.length, 1)];
  }

  #numberOf(task: TaskId): string {
    return `t${this.tasks.indexOf(task)}`;
  }

  get #isSettledSafe(): boolean {
    return this.#setup.topology === "relay" && !this.#hasForgotten && this.#hostile === null;
  }

  #fail(process: SimulatedProcess, error: unknown): void {
    if (error instanceof CoordinationError && EXPECTED.has(error.code)) return;
    this.#broken(
      "fault",
      `${process.name}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }

  readonly #brokenHere = (invariant: Invariant, sentence: string): void =>
    this.#broken(invariant, sentence);

  #broken(invariant: Invariant, said: string): void {
    let sentence = said;
    for (const [number, task] of this.tasks.entries())
      sentence = sentence.replaceAll(task, `t${number}`);
    this.violation ??= { invariant, sentence, step: this.#stepIndex, atMs: this.clock.now() };
  }

  #tell(process: SimulatedProcess, text: string): void {
    this.#options.trace?.({ kind: "told", at: this.clock.now(), node: process.node, text });
  }

  #traceMessage(entry: MemoryNetworkTraceEntry): void {
    const { fate, kind, at, from, to, sizeBytes } = entry;
    if (fate === "lost" && kind !== "presence") this.situations["message-lost"]++;
    this.#mix(fate.charCodeAt(0) + 256 * kind.charCodeAt(0), sizeBytes);
    this.#mix(at, from.charCodeAt(0) * 256 + to.charCodeAt(0));
    this.#options.trace?.({ ...entry, kind: "message", what: kind });
  }

  #mix(a: number, b: number): void {
    const mixed = Math.imul(this.#hash ^ (a * 1000), 0x9e3779b1) ^ b;
    this.#hash = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 0;
  }
}

/** What a record is known to have. */
interface Timed {
  readonly at: number;
}

function logOf(agent: AgentId): string {
  return `log/${agent}/0`;
}

/** What a call may be refused with in a world of cuts and crashes. */
const EXPECTED: ReadonlySet<string> = new Set([
  "AGENT_LEFT",
  "BOARD_CLOSED",
  "CONNECTION_CLOSED",
  "GUARANTEE_UNAVAILABLE",
]);

/** Whether all documents have seen as much of each other; what they made of it is for the invariants to say. */
function haveSameClocks(docs: readonly (Doc | undefined)[]): boolean {
  const [first, ...others] = docs.flatMap((doc) =>
    doc === undefined ? [] : [String(encodeStateVector(doc))],
  );
  return others.every((other) => other === first);
}

/** Lets everything happen that needs no time. */
async function flush(): Promise<void> {
  for (let turn = 0; turn < FLUSH_TURNS; turn++) await undefined;
}
