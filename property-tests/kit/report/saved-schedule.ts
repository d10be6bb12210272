/** The schedule that broke an invariant, as a file: what is in it, and how it is checked when it comes back. */
import type { Invariant, Violation } from "../invariant/invariant.ts";
import { NODE_NAMES, type Schedule, type Setup, type Step } from "../simulator/step.ts";
import {
  between,
  fail,
  fields,
  flag,
  listOf,
  objectAt,
  oneOf,
  type Read,
  type Shape,
  text,
  whole,
} from "./json-shape.ts";

/** What was played, and under what; without a module it was the library with a rule of its own. */
export interface SavedSubject {
  /** The module's path, seen from the file. */
  readonly module?: string;
  /** The rule that it exports, as `name@version`. */
  readonly rule?: string;
  /** The agent that it exports, by name. */
  readonly agent?: string;
}

/** A schedule and what it broke. */
export interface SavedSchedule extends SavedSubject, Schedule {
  readonly format: typeof SCHEDULE_FORMAT;
  readonly violation: Violation;
  /** Where it was found: in which run of which seed. */
  readonly seed: number;
  readonly run: number;
  /** What the whole run comes to as one number, so that a replay can be told to be the same. */
  readonly hash: number;
}

/** The format's name and version. */
export const SCHEDULE_FORMAT = "stigmergy/schedule@1";

const MOST_STEPS = 10_000;
/** All ticks of a schedule together. */
const MOST_MS = 10_000_000;
/** The network is to come to rest soon after the faults; slower ones would be called broken. */
const MOST_DELAY_MS = 500;
const UINT32 = 2 ** 32 - 1;

/** The fields that say what was played. */
export const subjectShape: Shape<Required<SavedSubject>> = {
  module: text(1000),
  rule: text(200),
  agent: text(200),
};

/**
 * Reads a schedule out of parsed JSON, whoever wrote it.
 *
 * @throws TypeError that names what is wrong and where, such as `steps[3].do`
 */
export function readSchedule(value: unknown): SavedSchedule {
  const saved = readFields(value, "") as SavedSchedule;
  const ms = saved.steps.reduce((sum, step) => sum + (step.do === "tick" ? step.ms : 0), 0);
  if (ms > MOST_MS) fail("steps", `let ${ms} ms pass`, `it should be at most ${MOST_MS}`);
  const { latencyMs, nodes, pace = [] } = saved.setup;
  if (latencyMs[0] > latencyMs[1]) fail("setup.latencyMs", "begins above its end");
  if (pace.length > nodes) fail("setup.pace", `names ${pace.length} of ${nodes} clocks`);
  return saved;
}

const index = whole(0, UINT32);
const percent = whole(10, 1000);
const rate = between(0, 1);
const delay = between(0, MOST_DELAY_MS);

const readSetup: Read<Setup> = fields(
  {
    nodes: whole(1, NODE_NAMES.length),
    topology: oneOf(["relay", "mesh"]),
    seed: whole(0, UINT32),
    latencyMs: listOf(delay, 2, 2) as unknown as Read<Setup["latencyMs"]>,
    flushMs: delay,
  },
  { lossRate: rate, duplicateRate: rate, reorderRate: rate, pace: listOf(percent, 7) },
);

const onTask = { node: index, task: index };
const onHand = { node: index, hand: index };
const onNode = { node: index };
const onMessage = { message: index };

/** The fields of each step beside `do`: those that must be there, and those that may. */
const STEPS: Readonly<Record<Step["do"], readonly [must: object, may?: object]>> = {
  add: [onNode, { key: index, after: index, isSettled: flag }],
  claim: [onTask, { isOptimistic: flag }],
  complete: [onHand],
  release: [onHand],
  fail: [onHand, { isFinal: flag }],
  cancel: [onTask],
  reopen: [onTask],
  edit: [onTask],
  note: [onTask],
  sync: [onNode],
  deliver: [onMessage],
  drop: [onMessage],
  duplicate: [onMessage],
  cut: [{ node: index, from: index }, { isOneWay: flag }],
  heal: [{}],
  crash: [onNode, { loses: oneOf(["tail"]) }],
  restart: [onNode],
  forget: [{}],
  tick: [{ ms: whole(0, MOST_MS) }],
  skew: [{ node: index, percent }],
  stall: [onNode],
  wake: [onNode],
  hostile: [{ act: index, task: index }],
};

const readDo = oneOf(Object.keys(STEPS) as Step["do"][]);

const readStepAs = Object.fromEntries(
  Object.entries(STEPS).map(([name, [must, may]]) => [name, fields({ do: readDo, ...must }, may)]),
) as Readonly<Record<Step["do"], Read<unknown>>>;

const readStep: Read<Step> = (value, path) => {
  const name = readDo(objectAt(value, path)["do"], `${path}.do`);
  return readStepAs[name](value, path) as Step;
};

const INVARIANTS = Object.keys({
  convergence: true,
  reference: true,
  durability: true,
  restart: true,
  "unique-ids": true,
  causality: true,
  monotone: true,
  "one-winner": true,
  "one-result": true,
  "double-claim": true,
  events: true,
  "one-executor": true,
  orphan: true,
  progress: true,
  finite: true,
  fault: true,
  deterministic: true,
} satisfies Record<Invariant, true>) as Invariant[];

const readFields = fields(
  {
    format: oneOf([SCHEDULE_FORMAT]),
    setup: readSetup,
    steps: listOf(readStep, MOST_STEPS),
    violation: fields({
      invariant: oneOf(INVARIANTS),
      sentence: text(10_000),
      step: whole(0, MOST_STEPS),
      atMs: between(0, 10 * MOST_MS),
    }),
    seed: whole(-(2 ** 31), UINT32),
    run: whole(1, 1_000_000_000),
    hash: whole(0, UINT32),
  },
  subjectShape,
);
