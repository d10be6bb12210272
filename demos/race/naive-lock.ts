/**
 * The lock that most shared documents get: write my name into the task's field, wait 50 ms, read it again, and start if it
 * still says me. It runs for real, on Yjs documents of its own over the same kind of network with the same cuts.
 */
import { applyUpdate, Doc } from "yjs";
import {
  createMemoryNetwork,
  createSeededRandom,
  createVirtualClock,
} from "../../adapters/transport/memory.ts";
import type { Connection, Transport } from "../../lib/index.ts";
import { NODE_NAMES, type Setup, type Step } from "../../property-tests/kit/index.ts";
import { createWorkMeter, type WorkMeter } from "./play/work-meter.ts";

/** How long the lock waits before it reads again. */
export const NAIVE_WAIT_MS = 50;

/** What stands in a field beside a holder's name. */
export const FREE = "";
const DONE = "done";

/** A race under that lock. */
export interface NaiveRace {
  readonly work: WorkMeter;
  /** Takes a step as the simulator would, at the present moment; time passes by `advanceTo` only. */
  play(step: Step): void;
  advanceTo(at: number): void;
  /** What an agent's own copy of the field says; undefined where the task has not got there. */
  read(node: number, task: number): string | undefined;
}

interface Seat {
  readonly node: number;
  readonly name: string;
  readonly transport: Transport;
  /** Stays when the process crashes: it is on its disk. */
  readonly doc: Doc;
  connection: Connection | null;
  paceFactor: number;
  isStalled: boolean;
  /** What waits for a process that stands still. */
  waiting: (() => void)[];
}

/** Starts one; its documents are in touch once it was given the time that the simulator takes for that. */
export function startNaiveRace(setup: Setup): NaiveRace {
  const clock = createVirtualClock();
  const random = createSeededRandom(setup.seed);
  const { topology, nodes, latencyMs, pace = [], seed: _, flushMs: __, ...faults } = setup;
  const network = createMemoryNetwork({
    ...{ clock, random, topology, latencyMs: { min: latencyMs[0], max: latencyMs[1] } },
    ...faults,
  });
  const work = createWorkMeter();
  const fields: string[] = [];
  const seats = Array.from({ length: nodes }, (_, node): Seat => {
    const name = NODE_NAMES[node] ?? `node${node}`;
    const doc = new Doc();
    doc.clientID = 1 + random.integer(2 ** 31);
    const own = { node, name, doc, transport: network.createTransport(name) };
    const paceFactor = (pace[node] ?? 100) / 100;
    return { ...own, connection: null, paceFactor, isStalled: false, waiting: [] };
  });

  const whenAwake = (seat: Seat, run: () => void): void => {
    if (seat.isStalled) seat.waiting.push(run);
    else run();
  };
  const connect = (seat: Seat): void => {
    seat.connection ??= seat.transport.connect({
      ...{ board: "locks#1", rule: "none@1", doc: seat.doc, clock, random },
      receive: (updates, origin) =>
        whenAwake(seat, () => {
          for (const update of updates) applyUpdate(seat.doc, update, origin);
        }),
      receivePresence() {},
      statusChanged() {},
      fault() {},
    });
  };
  const locks = ({ doc }: Seat) => doc.getMap<string>("locks");

  /** The lock itself. */
  const claim = (seat: Seat, task: number): void => {
    const field = fields[task];
    if (field === undefined || locks(seat).get(field) !== FREE) return;
    locks(seat).set(field, seat.name);
    const { connection } = seat;
    clock.schedule(NAIVE_WAIT_MS / seat.paceFactor, () =>
      whenAwake(seat, () => {
        if (seat.connection !== connection || locks(seat).get(field) !== seat.name) return;
        work.start(task, seat.node, clock.now(), 1);
      }),
    );
  };
  const add = (seat: Seat, key: number | undefined): void => {
    const field = key === undefined ? `task ${fields.length}` : `key ${key}`;
    if (!fields.includes(field)) fields.push(field);
    if (!locks(seat).has(field)) locks(seat).set(field, FREE);
  };
  const end = (seat: Seat, hand: number, value: string): void => {
    const hands = work.atWork.filter(({ node }) => node === seat.node);
    const task = hands[hand % Math.max(hands.length, 1)]?.task ?? -1;
    const field = fields[task];
    if (field === undefined) return;
    locks(seat).set(field, value);
    work.stop(task, seat.node, clock.now(), value === DONE);
  };
  const crash = (seat: Seat): void => {
    network.crash(seat.name);
    for (const { task, node } of work.atWork)
      if (node === seat.node) work.stop(task, node, clock.now(), false);
    Object.assign(seat, { connection: null, isStalled: false, waiting: [] });
  };
  const stall = (seat: Seat): void => {
    if (seat.isStalled) return;
    seat.isStalled = true;
    for (const { task, node } of work.atWork) {
      if (node !== seat.node) continue;
      work.stop(task, node, clock.now(), false);
      // it goes on where it stopped: whoever has started does not read again
      seat.waiting.push(() => work.start(task, node, clock.now(), 1));
    }
  };
  const wake = (seat: Seat): void => {
    seat.isStalled = false;
    for (const run of seat.waiting.splice(0)) run();
  };
  const cut = ({ name, node }: Seat, from: number, oneWay: boolean): void => {
    const other = seats[(node + 1 + (from % Math.max(nodes - 1, 1))) % nodes]?.name ?? name;
    network.cut(name, topology === "relay" ? "relay" : other, { oneWay });
  };

  const act = (seat: Seat, step: Step): void => {
    if (step.do === "add") add(seat, step.key);
    else if (step.do === "claim") claim(seat, step.task % Math.max(fields.length, 1));
    else if (step.do === "complete") end(seat, step.hand, DONE);
    else if (step.do === "release" || step.do === "fail") end(seat, step.hand, FREE);
  };
  const take = (seat: Seat, step: Extract<Step, { readonly node: number }>): void => {
    if (step.do === "restart") connect(seat);
    else if (step.do === "cut") cut(seat, step.from, step.isOneWay === true);
    else if (seat.connection === null) return;
    else if (step.do === "crash") crash(seat);
    else if (step.do === "skew") seat.paceFactor = step.percent / 100;
    else if (step.do === "stall") stall(seat);
    else if (step.do === "wake") wake(seat);
    else if (!seat.isStalled) act(seat, step);
  };

  for (const seat of seats) connect(seat);
  return {
    work,
    play(step) {
      if (step.do === "heal") network.heal();
      else if (step.do === "forget") network.restartRelay();
      const seat = "node" in step ? seats[step.node % nodes] : undefined;
      if (seat !== undefined && "node" in step) take(seat, step);
    },
    advanceTo: (at) => clock.advance(Math.max(at - clock.now(), 0)),
    read(node, task) {
      const [seat, field] = [seats[node], fields[task]];
      return seat === undefined || field === undefined ? undefined : locks(seat).get(field);
    },
  };
}
