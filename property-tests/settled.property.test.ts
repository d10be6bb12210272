/** Laws of `settled`, over the production fold and decision: never two confirmed in one attempt, never stuck. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { decideSettled } from "../lib/core/settle.ts";
import { isLive } from "../lib/core/task.ts";
import { LAW_TIMEOUT_MS, runs } from "./runs.ts";
import {
  confirmationsByAttempt,
  type Decide,
  type ModelState,
  type ModelStep,
  nameOf,
  playStep,
  startModel,
  viewOf,
} from "./settled-model.ts";

const EVERYDAY = ["act", "send", "receive"] as const;

test(
  "[G2] [G9] every schedule of two agents ends with one holder, and never has two",
  () => {
    const { states, ends, broken } = explore(startModel(2, 0), decideSettled);

    expect(broken).toBeNull();
    expect(states).toBeGreaterThan(100);
    for (const end of ends) expectOneHolder(end);
  },
  LAW_TIMEOUT_MS,
);

test(
  "[G2] [G5] every schedule of two agents with one expiry, right or wrong, ends with one holder, and never has two in one attempt",
  () => {
    const { ends, broken } = explore(startModel(2, 1), decideSettled);

    expect(broken).toBeNull();
    for (const end of ends) expectOneHolder(end);
  },
  LAW_TIMEOUT_MS,
);

const breakages: readonly (readonly [string, Decide])[] = [
  ["[G2] without waiting for the echo", (task, mine) => decideSettled(task, mine, true)],
  [
    "[G4] if the best claimant does not wait for its rivals",
    (task, mine, hasEchoed) => {
      const decision = decideSettled(task, mine, hasEchoed);
      const isBest = task.winner?.agent === mine.agent && task.winner.n === mine.n;
      return hasEchoed && isBest && decision === "wait" ? "confirm" : decision;
    },
  ],
];

for (const [name, decide] of breakages) {
  test(`${name} two agents would be confirmed in one attempt, and this model finds it`, () => {
    expect(explore(startModel(2, 0), decide).broken).not.toBeNull();
  });
}

test("[G5] if a waiting agent went on after an expiry, two would be confirmed, and this model finds it", () => {
  // as if the expired rival had merely yielded
  const goOn: Decide = (task, mine, hasEchoed) =>
    decideSettled({ ...task, nextAttempt: task.attempt }, mine, hasEchoed);

  expect(explore(startModel(2, 1), goOn).broken).not.toBeNull();
});

const anySchedule = (acts: readonly ModelStep["act"][]): fc.Arbitrary<ModelStep[]> =>
  fc.array(fc.record({ agent: fc.nat(2), act: fc.constantFrom(...acts) }), {
    maxLength: 80,
    size: "max",
  });

test(
  "[G2] [G9] under any delays and breaks three agents never hold one attempt at once, and one gets it",
  () => {
    fc.assert(
      fc.property(anySchedule([...EVERYDAY, ...EVERYDAY, "reconnect"]), (schedule) => {
        const state = settle(playAll(startModel(3, 0), schedule));

        expectOneHolder(state);
      }),
      runs(1000),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[G2] [G5] under expiries, right and wrong, three agents never hold one attempt at once, and one gets it",
  () => {
    fc.assert(
      fc.property(anySchedule([...EVERYDAY, ...EVERYDAY, "reconnect", "expire"]), (schedule) => {
        const state = settle(playAll(startModel(3, 3), schedule));

        expectOneHolder(state);
      }),
      runs(1000),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[G2] under crashes and expiries at any moment three agents never hold one attempt at once",
  () => {
    const acts = [...EVERYDAY, ...EVERYDAY, ...EVERYDAY, "reconnect", "expire", "crash"] as const;

    fc.assert(
      fc.property(anySchedule(acts), (schedule) => {
        const state = settle(playAll(startModel(3, 3), schedule));

        expectAtMostOne(state);
      }),
      runs(1000),
    );
  },
  LAW_TIMEOUT_MS,
);

function playAll(start: ModelState, schedule: readonly ModelStep[]): ModelState {
  let state = start;
  for (const step of schedule) {
    const next = playStep(state, step);
    if (next.logs !== state.logs) expectAtMostOne(next);
    state = next;
  }
  return state;
}

/** Lets everything that is under way arrive, and everybody act on it, until nothing moves. */
function settle(start: ModelState): ModelState {
  let state = start;
  for (let before: ModelState | null = null; before !== state; ) {
    before = state;
    for (let agent = 0; agent < state.peers.length; agent++)
      for (const act of EVERYDAY) state = playStep(state, { agent, act });
  }
  return state;
}

/** Visits every state that can be reached, breadth first, until one has two confirmed in one attempt. */
function explore(
  start: ModelState,
  decide: Decide,
): { states: number; ends: readonly ModelState[]; broken: ModelState | null } {
  const acts = start.expiriesLeft > 0 ? ([...EVERYDAY, "expire"] as const) : EVERYDAY;
  const steps = start.peers.flatMap((_, agent) => acts.map((act) => ({ agent, act })));
  const seen = new Set([JSON.stringify(start)]);
  const queue = [start];
  const ends: ModelState[] = [];
  for (const state of queue) {
    let isEnd = true;
    for (const step of steps) {
      const next = playStep(state, step, decide);
      if (next === state) continue;
      if (step.act !== "expire") isEnd = false;
      const key = JSON.stringify(next);
      if (seen.has(key)) continue;
      seen.add(key);
      if (hasTwo(next)) return { states: seen.size, ends, broken: next };
      queue.push(next);
    }
    if (isEnd) ends.push(state);
  }
  return { states: seen.size, ends, broken: null };
}

function hasTwo(state: ModelState): boolean {
  return [...confirmationsByAttempt(state).values()].some((count) => count > 1);
}

function expectAtMostOne(state: ModelState): void {
  if (hasTwo(state)) expect(confirmationsByAttempt(state)).toEqual("at most one each");
}

/** Nobody waits any more, one agent works, and everybody sees its claim as the only live one. */
function expectOneHolder(state: ModelState): void {
  expectAtMostOne(state);
  const workers = state.peers.flatMap((peer, i) => (peer.phase === "working" ? [nameOf(i)] : []));
  expect(workers).toHaveLength(1);
  expect(state.peers.filter((peer) => peer.phase === "waiting")).toEqual([]);
  for (const [i] of state.peers.entries()) {
    const live = viewOf(state, i).claims.filter(isLive);
    expect(live.map((claim) => claim.agent)).toEqual(workers);
  }
}
