import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { runs } from "../../runs.ts";
import { explore, type Model } from "./explore.ts";
import { formatTrace } from "./format-trace.ts";
import { createSeenSet, fingerprint } from "./seen-set.ts";

/** A graph as a model: states are nodes, steps the nodes that they lead to. */
function graphModel(
  edges: readonly (readonly number[])[],
  more: Partial<Model<number, number>> = {},
): Model<number, number> {
  return {
    initial: [0],
    steps: (node) => edges[node] ?? [],
    next: (_, node) => node,
    key: String,
    invariants: {},
    ...more,
  };
}

/** How far each node is from node 0, by the textbook's relaxation; infinite where it cannot be reached. */
function distances(edges: readonly (readonly number[])[]): readonly number[] {
  const far = edges.map((_, node) => (node === 0 ? 0 : Number.POSITIVE_INFINITY));
  for (const _ of edges)
    for (const [from, tos] of edges.entries())
      for (const to of tos) far[to] = Math.min(far[to] ?? 0, (far[from] ?? 0) + 1);
  return far;
}

const graph = fc
  .integer({ min: 1, max: 14 })
  .chain((nodes) =>
    fc.array(fc.array(fc.nat(nodes - 1), { maxLength: 4 }), { minLength: nodes, maxLength: nodes }),
  );

test("[Z10] a search meets every state that can be reached, takes every step, and knows the depth", () => {
  fc.assert(
    fc.property(graph, fc.boolean(), (edges, isExact) => {
      const reached = [...distances(edges).entries()].filter(([, far]) => far < Infinity);
      const steps = reached.flatMap(([from]) => (edges[from] ?? []).filter((to) => to !== from));

      expect(explore(graphModel(edges), { isExact })).toEqual({
        states: reached.length,
        transitions: steps.length,
        depth: Math.max(...reached.map(([, far]) => far)),
        atRest: reached.filter(([from]) => edges[from]?.every((to) => to === from)).length,
        isComplete: true,
        broken: null,
      });
    }),
    runs(300),
  );
});

test("[Z10] the trace of a break is a run of the model, and none is shorter", () => {
  fc.assert(
    fc.property(graph, fc.nat(13), (edges, bad) => {
      const model = graphModel(edges, { invariants: { "not there": (node) => node !== bad } });
      const { broken, isComplete } = explore(model);
      const far = distances(edges)[bad] ?? Number.POSITIVE_INFINITY;

      expect(isComplete).toBe(broken === null);
      expect(broken === null ? Number.POSITIVE_INFINITY : broken.trace.length - 1).toBe(far);
      for (const [i, { step, state }] of (broken?.trace ?? []).entries()) {
        expect(step).toBe(i === 0 ? null : state);
        if (i > 0) expect(edges[broken?.trace[i - 1]?.state ?? -1]).toContain(state);
      }
    }),
    runs(300),
  );
});

const line: Model<number, number> = {
  initial: [0],
  steps: (n) => (n < 100 ? [1, 2] : []),
  next: (n, by) => n + by,
  key: String,
  invariants: {},
};

test("[Z11] a search that a limit cuts short says so, and one that just fits its limits does not", () => {
  expect(explore(line)).toMatchObject({ states: 102, depth: 51, isComplete: true });
  expect(explore(line, { maxStates: 40 })).toMatchObject({ states: 40, isComplete: false });
  expect(explore(line, { maxDepth: 10 })).toMatchObject({ depth: 10, isComplete: false });
  expect(explore(line, { maxStates: 102, maxDepth: 51 })).toMatchObject({ isComplete: true });
});

test("[Z12] states of one name count once, and the first met is followed", () => {
  const pair: Model<readonly [number, number], 0 | 1> = {
    initial: [[0, 0]],
    steps: ([a, b]) => [...(a < 3 ? [0 as const] : []), ...(b < 3 ? [1 as const] : [])],
    next: ([a, b], which) => (which === 0 ? [a + 1, b] : [a, b + 1]),
    key: (state) => state.join(),
    invariants: {},
  };

  expect(explore(pair)).toMatchObject({ states: 16, transitions: 24, depth: 6, atRest: 1 });
  expect(explore({ ...pair, key: (state) => [...state].sort().join() }).states).toBe(10);
});

test("[Z13] what must hold of steps is asked of every step, also of one to a state met before", () => {
  const model = graphModel([[1], [2], [0]], {
    stepInvariants: { "only upwards": (to, from, step) => to === step && to > from },
  });

  const { broken } = explore(model);

  expect(broken?.sentence).toBe("only upwards: no");
  expect(broken?.trace.map(({ state }) => state)).toEqual([0, 1, 2, 0]);
});

test("[Z13] a state from which only optional steps lead on is at rest, and what must hold there is asked of it", () => {
  const edges = [[1, 2], [1], [3], []];
  const isServed = (node: number) => (node === 2 ? "node 2 is stuck" : true);
  const atRest = { "nobody is stuck": isServed };

  expect(explore(graphModel(edges, { atRest })).broken).toBeNull();
  const { broken, atRest: count } = explore(
    graphModel(edges, { atRest, isOptional: (to) => to === 3 }),
  );
  expect(broken).toMatchObject({ invariant: "nobody is stuck", sentence: "node 2 is stuck" });
  expect(broken?.trace.map(({ state }) => state)).toEqual([0, 2]);
  expect(count).toBe(2);
});

test("[Z10] a model may begin in several states, and break in one of them", () => {
  const model = graphModel([[], [], []], {
    initial: [0, 0, 2],
    invariants: { "not there": (node) => node !== 2 },
  });

  expect(explore(model).broken?.trace).toEqual([{ step: null, state: 2 }]);
});

test("a model without a beginning, or with more steps than are numbered, is refused", () => {
  expect(() => explore({ ...line, initial: [] })).toThrow(/initial state/);
  const wide = { ...line, steps: () => Array.from({ length: 65_537 }, () => 0) };
  expect(() => explore({ ...wide, next: () => 1 })).toThrow(/65536 steps/);
});

test("[Z12] a set of fingerprints keeps apart what a set of names does, also names that are much alike", () => {
  const count = 100_000;
  const seen = createSeenSet(false);
  const exact = createSeenSet(true);
  const lanes = [new Set<number>(), new Set<number>()] as const;
  const print = new Uint32Array(2);

  for (let i = 0; i < count; i++) {
    const name = `${i % 7}:${i % 1000},${(i * i) % 977};${i}`;
    for (const set of [seen, exact]) {
      if (set.has(name)) continue;
      set.add(name);
      set.add(name);
    }
    fingerprint(name, print);
    for (const [j, lane] of lanes.entries()) lane.add(print[j] ?? 0);
  }

  expect([seen.size, exact.size]).toEqual([count, count]);
  // by chance alone one or two meet in each half of the fingerprint
  for (const lane of lanes) expect(count - lane.size).toBeLessThan(12);
  expect(seen.has("1:1,1;1")).toBe(true);
  expect(seen.has("1:1,1;2")).toBe(false);
});

test("[Z14] a trace is told one line a step, in words where they are given", () => {
  const model = { ...line, invariants: { small: (n: number) => n < 4 } };
  const trace = explore(model).broken?.trace ?? [];
  const tellStep = (by: number, to: number, from: number) => `from ${from} by ${by} to ${to}`;

  expect(formatTrace(trace)).toBe("0  at first\n1  2\n2  2");
  expect(formatTrace(trace, { tellStep, tellState: (n) => `at ${n}` })).toBe(
    "0  at first | at 0\n1  from 0 by 2 to 2 | at 2\n2  from 2 by 2 to 4 | at 4",
  );
});
