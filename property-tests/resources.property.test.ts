/** Laws of resources and contention: what overlaps, against a matcher that tries all paths, and who gives way. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Contention, createContention } from "../lib/core/contention.ts";
import type { AgentId, TaskId } from "../lib/core/record.ts";
import {
  canonicalResource,
  canonicalResources,
  findOverlap,
  overlaps,
} from "../lib/core/resource.ts";
import { builtInRules, earliest } from "../lib/core/rule.ts";
import { isLive, type Task, type TaskClaim } from "../lib/core/task.ts";
import { openLogBook } from "./kit/log-book.ts";
import { LAW_TIMEOUT_MS, runs } from "./runs.ts";

const anySegment = fc.constantFrom("a", "b", "a.x", "*", "?", "b*", "*.x", "**", "ab", "a*b?", "é");
const anyPath = fc
  .array(anySegment, { minLength: 1, maxLength: 5 })
  .map((segments) => `path:${segments.join("/")}`);
/** Good and bad resources, and what a peer could have written in their place. */
const anyText = fc.oneof(
  { weight: 3, arbitrary: anyPath },
  fc.constantFrom("port:1", "port:2", "section:a", "path:/a", "path:a//b", "path:..", "path:"),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(..."ab./*?:\\~ \u0301\n") }).map((name) => `path:${name}`),
);

test(
  "[X3] two globs of one segment overlap exactly when some name matches both",
  () => {
    const globs = wordsOf(["a", "b", "*", "?"], 3);
    const names = wordsOf(["a", "b"], 6);
    const matched = globs.map((glob) => bitsOf(names, regexOf([glob])));

    expect(disagreements(globs, (i, j) => meet(matched[i], matched[j]))).toEqual([]);
  },
  LAW_TIMEOUT_MS,
);

test(
  "[X3] [X4] two paths overlap exactly when some path matches both, or one goes on beneath the other",
  () => {
    const patterns = wordsOf(["a", "b", "a.x", "*", "b*", "*.x", "**"], 3, "/");
    const paths = wordsOf(["a", "b", "a.x", "b.x"], 5, "/");
    const held = patterns.map((pattern) => {
      const segments = pattern.split("/");
      const isDirectory = /^[ab]$/.test(segments.at(-1) ?? "");
      return bitsOf(paths, regexOf(isDirectory ? [...segments, "**"] : segments));
    });
    // the directories that a path names: all in which something of it must lie
    const named = patterns.map((pattern) => {
      const segments = pattern.split("/");
      const prefixes = segments.map((_, i) => segments.slice(0, i));
      return prefixes
        .filter((prefix) => prefix.length > 0 && prefix.at(-1) !== "**")
        .reduce((bits, prefix) => bits | bitsOf(paths, regexOf(prefix)), 0n);
    });

    const expected = (i: number, j: number): boolean =>
      meet(held[i], held[j]) || meet(held[i], named[j]) || meet(named[i], held[j]);
    expect(disagreements(patterns, expected)).toEqual([]);
  },
  LAW_TIMEOUT_MS,
);

test(
  "[X5] whatever peers wrote, overlapping never throws and is symmetric and reflexive",
  () => {
    fc.assert(
      fc.property(anyText, anyText, fc.array(anyText), (a, b, list) => {
        expect(overlaps(a, a)).toBe(true);
        expect(overlaps(a, b)).toBe(overlaps(b, a));
        expect(findOverlap([a], list) === a).toBe(list.some((one) => overlaps(one, a)));
        expect(findOverlap(list, [a])).toBe(list.find((one) => overlaps(one, a)) ?? null);
      }),
      runs(2000),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[X1] [X2] the canonical form of a resource is its own, and what has none is refused as a RangeError",
  () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const canonical = canonicalOf(text);
        if (canonical === null) return;

        expect(canonicalOf(canonical)).toBe(canonical);
        expect(canonicalResources([text, canonical])).toEqual([canonical]);
      }),
      runs(2000),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[X1] two ways to write a path have one form, and that form overlaps with what the path did",
  () => {
    const anyNoise = fc.array(fc.constantFrom("", "./", "/", ".//./"), {
      minLength: 6,
      maxLength: 6,
    });

    fc.assert(
      fc.property(anyPath, anyNoise, anyPath, (path, noise, other) => {
        const [first = "", ...rest] = path.slice("path:".length).split("/");
        const start = noise[0]?.startsWith(".") ? noise[0] : "";
        const noisy = rest.reduce((text, one, i) => `${text}/${noise[i + 1]}${one}`, start + first);
        const canonical = canonicalResource(path);

        expect(canonicalResource(`path:${noisy}`.replaceAll("*", "**"))).toBe(
          canonicalResource(path.replaceAll("*", "**")),
        );
        expect(canonicalResource(`path:${noisy}`.normalize("NFD"))).toBe(canonical);
        expect(overlaps(canonical, other)).toBe(overlaps(path, other));
        expect(overlaps(canonical, canonicalResource(other))).toBe(overlaps(path, other));
      }),
      runs(2000),
    );
  },
  LAW_TIMEOUT_MS,
);

const AGENTS = ["ana", "bob", "cyd", "dan", "eve"] as AgentId[];
const book = openLogBook();
book.add("ana");
const plain = book.task();

const anyClaim: fc.Arbitrary<TaskClaim> = fc.record({
  agent: fc.constantFrom(...AGENTS),
  n: fc.nat(3),
  at: fc.integer({ min: 1, max: 9 }),
  attempt: fc.constant(1),
  guarantee: fc.constantFrom("optimistic", "settled"),
  status: fc.constantFrom("held", "held", "pending", "released"),
  load: fc.nat(2),
  losses: fc.nat(2),
  priority: fc.nat(2),
});
const anyTask: fc.Arbitrary<Task> = fc
  .record({
    id: fc.nat(7),
    resources: fc.option(
      fc.uniqueArray(fc.constantFrom("port:1", "port:2", "path:a", "path:a/b", "path:**/c"), {
        maxLength: 2,
      }),
    ),
    claims: fc.array(anyClaim, { maxLength: 2 }),
    waiters: fc.uniqueArray(fc.tuple(fc.constantFrom(...AGENTS), fc.nat(99)), {
      selector: ([agent]) => agent,
      maxLength: 3,
    }),
    state: fc.constantFrom("submitted", "submitted", "working", "completed"),
  })
  .map(({ id, resources, claims, waiters, state }) => ({
    ...plain,
    id: `t${id}` as TaskId,
    policy: resources === null ? {} : { resources },
    claims: claims.map((claim, i) => ({ ...claim, n: id * 2 + i })), // no two records share a place
    state,
    thread: {
      ...plain.thread,
      waiters: waiters.map(([agent, at]) => ({ agent, n: at * 8 + id, at })),
    },
  }));
const anyChanges = fc.array(anyTask, { maxLength: 24, size: "max" });

for (const rule of builtInRules) {
  test(
    `[X7] by ${rule.name} the claims of all tasks are in one total order`,
    () => {
      const { compare } = createContention(rule);
      fc.assert(
        fc.property(anyClaim, anyClaim, anyClaim, (a, b, c) => {
          expect(Math.sign(compare(a, b)) + Math.sign(compare(b, a))).toBe(0);
          if (compare(a, b) <= 0 && compare(b, c) <= 0)
            expect(compare(a, c)).toBeLessThanOrEqual(0);
        }),
        runs(1000),
      );
    },
    LAW_TIMEOUT_MS,
  );
}

test(
  "[X6] [X8] kept change by change, and in any order, rivals and deadlocks are those of the whole board",
  () => {
    fc.assert(
      fc.property(anyChanges, (changes) => {
        const kept = contentionOf(changes);
        const board = boardOf(changes);
        const fresh = contentionOf([...board].reverse());

        for (const task of board) {
          const rivals = board.filter(
            (other) =>
              other !== task && findOverlap(resourcesOf(task), resourcesOf(other)) !== null,
          );
          const claims = rivals.flatMap((rival) => rival.claims.filter(isLive));
          const found = kept.rivalsOf(task).map(({ claim }) => claim);

          expect(new Set(found)).toEqual(new Set(claims));
          expect(found).toHaveLength(claims.length);
          expect(found).toEqual(fresh.rivalsOf(task).map(({ claim }) => claim));
        }
        for (const agent of AGENTS) expect(kept.deadlockOf(agent)).toEqual(fresh.deadlockOf(agent));
      }),
      runs(400),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[X8] exactly those who wait for themselves in the end are in a deadlock, with one victim for all in touch",
  () => {
    fc.assert(
      fc.property(anyChanges, (changes) => {
        const board = boardOf(changes);
        const contention = contentionOf(board);
        const edges = edgesOf(board, contention);
        const canReach = closureOf(edges);
        for (const agent of AGENTS) {
          const found = contention.deadlockOf(agent);

          expect(found !== null).toBe(canReach(agent, agent));
          if (found === null) continue;
          const { cycle, victim } = found;
          expect(cycle).toContain(victim);
          expect(new Set(cycle).size).toBe(cycle.length);
          expect([...cycle].sort()[0]).toBe(cycle[0]);
          cycle.forEach((one, i) => {
            expect(edges.get(one)).toContain(cycle[(i + 1) % cycle.length]);
            expect(contention.deadlockOf(one)).toEqual(found);
          });
          expect(canReach(agent, victim) && canReach(victim, agent)).toBe(true);
        }
      }),
      runs(600),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[X8] when each victim gives up one wait, every deadlock ends, and only waits in deadlocks are given up",
  () => {
    fc.assert(
      fc.property(anyChanges, (changes) => {
        const board = new Map(boardOf(changes).map((task) => [task.id, task]));
        const contention = contentionOf([...board.values()]);
        let waits = [...board.values()].reduce((sum, { thread }) => sum + thread.waiters.length, 0);
        for (;;) {
          const found = AGENTS.map((agent) => contention.deadlockOf(agent)).find((one) => one);
          if (!found) break;
          const task = board.get(found.task) ?? plain;
          const waiters = task.thread.waiters.filter((wait) => wait.agent !== found.victim);
          expect(waiters).toHaveLength(task.thread.waiters.length - 1);
          const next = { ...task, thread: { ...task.thread, waiters } };
          board.set(next.id, next);
          contention.update(next);
          waits--;
        }

        expect(waits).toBeGreaterThanOrEqual(0);
        expect(AGENTS.filter((agent) => contention.deadlockOf(agent))).toEqual([]);
      }),
      runs(400),
    );
  },
  LAW_TIMEOUT_MS,
);

/** All words of up to so many parts. */
function wordsOf(parts: readonly string[], most: number, joiner = ""): string[] {
  const words = [...parts];
  let longest: readonly string[] = parts;
  for (let length = 2; length <= most; length++) {
    longest = longest.flatMap((word) => parts.map((part) => `${word}${joiner}${part}`));
    words.push(...longest);
  }
  return words;
}

/** A matcher of another make than the one under test: a regular expression over the path with a slash at its end. */
function regexOf(segments: readonly string[]): RegExp {
  const parts = segments.map((segment) =>
    segment === "**"
      ? "(?:[^/]+/)*"
      : `${segment.replaceAll(".", "\\.").replaceAll("*", "[^/]*").replaceAll("?", "[^/]")}/`,
  );
  return new RegExp(`^${parts.join("")}$`);
}

/** One bit per path that matches. */
function bitsOf(paths: readonly string[], pattern: RegExp): bigint {
  return BigInt(`0b${paths.map((path) => (pattern.test(`${path}/`) ? 1 : 0)).join("")}`);
}

function meet(a = 0n, b = 0n): boolean {
  return (a & b) !== 0n;
}

function disagreements(
  paths: readonly string[],
  expected: (i: number, j: number) => boolean,
): string[] {
  const found: string[] = [];
  for (const [i, a] of paths.entries())
    for (const [j, b] of paths.entries())
      if (i < j && overlaps(`path:${a}`, `path:${b}`) !== expected(i, j)) found.push(`${a} ${b}`);
  return found;
}

/** The canonical form, or null for what is refused in the right way. */
function canonicalOf(text: string): string | null {
  try {
    return canonicalResource(text);
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return null;
  }
}

function contentionOf(tasks: readonly Task[]): Contention {
  const contention = createContention(earliest);
  for (const task of tasks) contention.update(task);
  return contention;
}

/** The last view of each task. */
function boardOf(changes: readonly Task[]): readonly Task[] {
  return [...new Map(changes.map((task) => [task.id, task])).values()];
}

function resourcesOf(task: Task): readonly string[] {
  return task.policy.resources ?? [];
}

/** Who waits for whom. */
function edgesOf(
  board: readonly Task[],
  contention: Contention,
): ReadonlyMap<AgentId, readonly AgentId[]> {
  const edges = new Map<AgentId, AgentId[]>(AGENTS.map((agent) => [agent, []]));
  for (const task of board) {
    if (task.state === "completed") continue;
    const holders = [
      ...task.claims.filter(isLive),
      ...contention.rivalsOf(task).map(({ claim }) => claim),
    ].map((claim) => claim.agent);
    for (const { agent } of task.thread.waiters) edges.get(agent)?.push(...holders);
  }
  return edges;
}

/** Whether one leads to the other in one step or more, after Warshall. */
function closureOf(
  edges: ReadonlyMap<AgentId, readonly AgentId[]>,
): (from: AgentId, to: AgentId) => boolean {
  const reach = new Map([...edges].map(([agent, nexts]) => [agent, new Set(nexts)]));
  for (const middle of AGENTS)
    for (const reached of reach.values())
      if (reached.has(middle)) for (const next of reach.get(middle) ?? []) reached.add(next);
  return (from, to) => reach.get(from)?.has(to) === true;
}
