/** Arbitrary schedules: what fast-check draws, shrinks, and prints. */
import fc from "fast-check";
import type { Schedule, Setup, Step } from "./step.ts";

/** Which schedules to draw. */
export interface ScheduleOptions {
  /** How many processes; 3 by default. */
  readonly nodes?: number;
  /** The most steps; 60 by default. */
  readonly maxSteps?: number;
  /** Only one kind of network; both by default. */
  readonly topology?: Setup["topology"];
  /** Leaves the claiming to a program of one's own: the steps then only add tasks and make trouble. */
  readonly hasProgram?: boolean;
}

/** Any schedule: some in a faultless world, some in a bad one, most in between. */
export function anySchedule(options: ScheduleOptions = {}): fc.Arbitrary<Schedule> {
  const { nodes = 3, maxSteps = 60, topology, hasProgram = false } = options;
  return fc.record({
    setup: anySetup(nodes, topology),
    steps: fc.array(anyStep(hasProgram), { maxLength: maxSteps, size: "max" }),
  });
}

const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });

/** Faults are drawn per run, so that each run has few kinds, and some have none. */
function anySetup(nodes: number, topology: Setup["topology"] | undefined): fc.Arbitrary<Setup> {
  const rarely = (values: readonly number[]): fc.Arbitrary<number> =>
    fc.oneof(often(3, fc.constant(0)), often(1, fc.constantFrom(...values)));
  return fc.record({
    nodes: fc.constant(nodes),
    topology: topology === undefined ? fc.constantFrom("relay", "mesh") : fc.constant(topology),
    seed: fc.nat(),
    latencyMs: fc.constantFrom<[number, number][]>([1, 1], [1, 30], [20, 200]) as fc.Arbitrary<
      [number, number]
    >,
    flushMs: rarely([1, 20]),
    lossRate: rarely([0.01, 0.1]),
    duplicateRate: rarely([0.1]),
    reorderRate: rarely([0.2]),
    pace: fc.oneof(
      often(3, fc.constant<readonly number[]>([])),
      often(1, fc.array(fc.constantFrom(50, 80, 100, 125, 200), { maxLength: nodes })),
    ),
  });
}

const place = fc.nat(9);

function anyStep(hasProgram: boolean): fc.Arbitrary<Step> {
  const step = <S extends Step>(shape: { [K in keyof S]: fc.Arbitrary<S[K]> }): fc.Arbitrary<S> =>
    fc.record(shape) as unknown as fc.Arbitrary<S>;
  const is = <const T>(value: T): fc.Arbitrary<T> => fc.constant(value);
  const add = fc.record(
    {
      do: is("add"),
      node: place,
      key: fc.nat(2),
      after: place,
      isSettled: fc.boolean(),
    },
    { requiredKeys: ["do", "node"] },
  ) as unknown as fc.Arbitrary<Step>;
  const trouble = [
    often(
      6,
      step({ do: is("tick"), ms: fc.constantFrom(1, 1, 5, 5, 20, 20, 60, 60, 150, 400, 2500) }),
    ),
    often(
      4,
      step({ do: fc.constantFrom("deliver", "deliver", "drop", "duplicate"), message: place }),
    ),
    often(2, step({ do: is("cut"), node: place, from: place, isOneWay: fc.boolean() })),
    often(2, step({ do: is("heal") })),
    often(
      1,
      fc.constantFrom<Step[]>(
        { do: "crash", node: 0 },
        { do: "crash", node: 1, loses: "tail" },
        { do: "crash", node: 2, loses: "tail" },
      ),
    ),
    often(2, step({ do: is("restart"), node: place })),
    often(1, step({ do: fc.constantFrom("stall", "wake"), node: place })),
    often(
      1,
      step({ do: is("skew"), node: place, percent: fc.constantFrom(50, 80, 100, 125, 200) }),
    ),
    often(
      1,
      fc.oneof(
        often(1, step({ do: is("forget") })),
        often(2, step({ do: is("hostile"), act: place, task: place })),
      ),
    ),
  ];
  const work = [
    often(7, step({ do: is("claim"), node: place, task: place, isOptimistic: fc.boolean() })),
    often(3, step({ do: fc.constantFrom("complete", "release"), node: place, hand: place })),
    often(1, step({ do: is("fail"), node: place, hand: place, isFinal: fc.boolean() })),
    often(
      1,
      step({ do: fc.constantFrom("cancel", "reopen", "edit", "note"), node: place, task: place }),
    ),
    often(1, step({ do: is("sync"), node: place })),
  ];
  return fc.oneof(often(4, add), ...trouble, ...(hasProgram ? [] : work)) as fc.Arbitrary<Step>;
}
