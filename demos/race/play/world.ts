/** One playing of a story: the simulator with the library in it, the naive lock beside it, and a log of what happened. */
import { getTask, type TaskId } from "../../../lib/index.ts";
import {
  type SimulatedProcess,
  type Simulation,
  type Step,
  startSimulation,
  type TraceEntry,
} from "../../../property-tests/kit/index.ts";
import { type NaiveRace, startNaiveRace } from "../naive-lock.ts";
import { type Place, type Story, stepsWithOpenEnd } from "../story/story.ts";
import { type Cuts, createCuts } from "./cuts.ts";
import { createLog, type Log } from "./log.ts";
import { createWorkMeter, type WorkMeter } from "./work-meter.ts";

/** Asked before each event, with its time; who answers by a promise holds the world up. */
export type Gate = (at: number) => Promise<void> | void;

/** What is shown of a process. */
export type ShownProcess = Pick<
  SimulatedProcess,
  "name" | "node" | "pace" | "board" | "agent" | "isStalled" | "waiting" | "atWork"
>;

/**
 * A world. One *event* is one step other than a passing of time, or one timer that came due: a message that arrives, a
 * lease that is looked after, a disk that has flushed.
 */
export class World {
  readonly story: Story;
  readonly naive: NaiveRace;
  readonly work: WorkMeter = createWorkMeter();
  readonly cuts: Cuts;
  readonly log: Log;
  /** How many events have happened. */
  events = 0;
  /** When the last of them did. */
  at = 0;
  /** Whether nothing is left to come, not even time. */
  isOver = false;
  /** Whether the story has ended, and what it left behind is brought to its good end. */
  isEnding = false;
  readonly #gate: Gate;
  #simulation: Simulation | null = null;
  /** When each step began that has come up; the last one may still be waited for. */
  readonly #startedAt: number[] = [];
  #brokenAt: number | null = null;
  /** The processes as they were last seen, since the simulator ends them where it ends. */
  #kept: readonly ShownProcess[] | null = null;

  constructor(story: Story, gate: Gate) {
    this.story = story;
    this.#gate = gate;
    this.naive = startNaiveRace(story.setup);
    this.cuts = createCuts(story.setup);
    this.log = createLog(story.setup);
  }

  /** Opens it: every agent has joined, and nothing else has happened. */
  async open(): Promise<void> {
    const { setup, rule } = this.story;
    this.#simulation = await startSimulation(setup, {
      rule,
      trace: (entry) => this.#note(entry),
      pause: (at) => (this.#simulation === null ? undefined : this.#next(at)),
    });
    this.at = this.simulation.clock.now();
    this.naive.advanceTo(this.at);
  }

  /** Plays the story to its end, as fast as the gate lets it. */
  async run(): Promise<void> {
    for (const step of stepsWithOpenEnd(this.story)) {
      if (this.simulation.violation !== null && this.story.saved !== null) break;
      await this.#take(step);
    }
    this.#startedAt.push(this.simulation.clock.now());
    if (this.story.saved !== null) {
      this.isEnding = true;
      await this.#next(this.simulation.clock.now());
      this.naive.play({ do: "heal" });
      await this.simulation.finish();
    }
    this.isOver = true;
    this.#look();
  }

  get simulation(): Simulation {
    if (this.#simulation === null) throw new Error("a world is to be opened before it is played");
    return this.#simulation;
  }

  get processes(): readonly ShownProcess[] {
    return this.isOver && this.#kept !== null ? this.#kept : this.simulation.processes;
  }

  /** The trace so far, as one number. */
  get hash(): number {
    return this.simulation.hash();
  }

  /** At which event an invariant was found broken; null where none was. */
  get brokenAt(): number | null {
    return this.#brokenAt;
  }

  /** Where the story stands at a time that is not before its last event. */
  placeAt(time: number): Place {
    let index = this.#startedAt.length - 1;
    // where nothing is due any more, the simulator is at the end of a tick before the reader is
    while (index > 0 && (this.#startedAt[index] ?? 0) > time) index--;
    const isTick = stepsWithOpenEnd(this.story)[index]?.do === "tick";
    return { index, elapsedMs: isTick ? time - (this.#startedAt[index] ?? time) : 0 };
  }

  async #take(step: Step): Promise<void> {
    const { simulation } = this;
    this.#startedAt.push(simulation.clock.now());
    if (step.do === "tick") return simulation.play(step);
    await this.#next(simulation.clock.now());
    this.naive.advanceTo(this.at);
    this.naive.play(step);
    this.cuts.take(step);
    await simulation.play(step);
  }

  /** Looks at what the last event changed, and waits for leave for the next one. */
  #next(at: number): Promise<void> | void {
    this.#look();
    const begin = (): void => {
      this.events++;
      this.at = at;
    };
    const leave = this.#gate(at);
    if (leave === undefined) begin();
    else return leave.then(begin);
  }

  #look(): void {
    const { processes, tasks, violation } = this.simulation;
    if (violation !== null) this.#brokenAt ??= this.events;
    if (this.isOver) return;
    if (this.isEnding) this.#kept = processes.map(keep);
    // whoever stands still does nothing meanwhile
    const atWork = processes.map((one) => (one.isStalled ? [] : one.atWork()));
    for (const { task, node } of this.work.atWork) {
      const id = tasks[task];
      if (atWork[node]?.some((hand) => hand.task === id)) continue;
      this.work.stop(task, node, this.at, hasCompleted(processes[node], id));
    }
    for (const [node, hands] of atWork.entries())
      for (const { task, claim } of hands)
        this.work.start(tasks.indexOf(task), node, this.at, claim.attempt);
  }

  #note(entry: TraceEntry): void {
    if (this.#simulation === null) return;
    this.log.note(entry, this.events);
  }
}

function keep(process: SimulatedProcess): ShownProcess {
  const { name, node, pace, board, agent, isStalled, waiting } = process;
  const atWork = process.atWork();
  return { name, node, pace, board, agent, isStalled, waiting, atWork: () => atWork };
}

/** Whether a process ended its claim of a task by handing in a result. */
function hasCompleted(process: SimulatedProcess | undefined, id: TaskId | undefined): boolean {
  const { board, agent } = process ?? {};
  if (!board || !agent || id === undefined) return false;
  const own = getTask(board.snapshot(), id)?.claims.findLast((one) => one.agent === agent.id);
  return own?.status === "completed";
}
