/** Laws of `settled`, over the production fold and decision: never two confirmed in one attempt, never stuck. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { compareEntries, type LogEntry } from "../lib/core/record.ts";
import { decideSettled } from "../lib/core/settle.ts";
import { explore, type Model } from "./kit/explore/explore.ts";
import { formatTrace } from "./kit/explore/format-trace.ts";
import { settledBreaks } from "./kit/explore/settled/breaks.ts";
import { entriesOf, outlookOf, seenBy } from "./kit/explore/settled/outlook.ts";
import { recordsOf, type SettledState } from "./kit/explore/settled/state.ts";
import { nameSettled } from "./kit/explore/settled/state-name.ts";
import { type SettledStep, tellSettledStep } from "./kit/explore/settled/steps.ts";
import { type SettledOptions, settledModel } from "./kit/explore/settled-model.ts";
import { LAW_TIMEOUT_MS, runs } from "./runs.ts";

type SettledModel = Model<SettledState, SettledStep>;

/** Searches all of a model; a break is told as a story. */
function exploreAll(options: SettledOptions): void {
  const { broken, isComplete } = explore(settledModel(options));
  const story = broken && formatTrace(broken.trace, { tellStep: tellSettledStep });
  expect({ sentence: broken?.sentence, story, isComplete }).toEqual({
    story: null,
    isComplete: true,
  });
}

test("[G2] [G9] every schedule of two or three agents ends with one holder, and never has two", () => {
  exploreAll({ agents: 2, isFull: true, breaks: true });
  exploreAll({ agents: 3 });
});

test(
  "[G2] [G5] under two expiries, right or wrong, every schedule of two agents ends with one holder, and never has two in one attempt",
  () => exploreAll({ agents: 2, expiries: 2 }),
  LAW_TIMEOUT_MS,
);

test(
  "[G2] under crashes and breaks at any moment two or three agents never hold one attempt at once, and whoever is left gets it",
  () => {
    exploreAll({ agents: 2, crashes: 1, expiries: 1, breaks: true });
    exploreAll({ agents: 3, crashes: 2, breaks: true });
  },
  LAW_TIMEOUT_MS,
);

test(
  "[G2] when a holder releases, fails or completes, no schedule of two agents gives its attempt to another",
  () => {
    exploreAll({ agents: 2, closings: 1, crashes: 1, breaks: true });
  },
  LAW_TIMEOUT_MS,
);

test.each(settledBreaks)(
  "[Z15] [G2] [G4] [G5] if $name, two are confirmed in one attempt",
  ({ decide, needs }) => {
    const model = settledModel({ agents: 2, decide, ...needs });
    const { broken } = explore(model);

    expect(broken?.sentence).toMatch(/both confirmed in attempt 1$/);
    expect(broken?.trace.length).toBeLessThan(20);
    const played = broken?.trace.reduce<SettledState | undefined>(
      (state, { step }) => (step === null || !state ? state : model.next(state, step)),
      model.initial[0],
    );
    expect(played).toEqual(broken?.trace.at(-1)?.state);
  },
);

test("[G3] if whoever is not the best waited too, nobody would ever work, and the model finds it", () => {
  const decide: SettledOptions["decide"] = (task, mine, hasEchoed) => {
    const decision = decideSettled(task, mine, hasEchoed);
    return decision === "yield" ? "wait" : decision;
  };

  const { broken } = explore(settledModel({ agents: 2, decide }));

  expect(broken).toMatchObject({ invariant: "nobody waits for ever" });
  expect(broken?.sentence).toMatch(/^agent \d waits for ever$/);
});

test.each<Omit<SettledOptions, "agents" | "isFull">>([
  {},
  { expiries: 1 },
  { closings: 1 },
  { crashes: 1, expiries: 1, breaks: true },
])("[Z15] what the model leaves out changes no end of any schedule (%j)", (options) => {
  const [lean, full] = [false, true].map((isFull) => {
    const ends = new Set<string>();
    const model = settledModel({ agents: 2, isFull, ...options });
    const note = (state: SettledState) => ends.add(model.key(state)).size > 0;
    const { states } = explore({ ...model, atRest: { note } });
    return { states, ends };
  });

  expect(lean?.ends).toEqual(full?.ends);
  expect(lean?.states).toBeLessThan(full?.states ?? 0);
});

const GREATER: SettledOptions = {
  agents: 4,
  crashes: 1,
  expiries: 3,
  closings: 2,
  breaks: true,
  isFull: true,
};
const choices = fc.array(fc.nat(), { maxLength: 150, size: "max" });

test(
  "[G2] [G5] [G9] whatever goes wrong, four agents never hold one attempt at once, and one gets it",
  () => {
    const model = settledModel(GREATER);
    fc.assert(
      fc.property(choices, (schedule) => {
        const visited = walk(model, schedule);
        const last = visited.at(-1) as SettledState;
        const all = [...visited, ...settle(model, last)];
        const verdicts = Object.values(model.invariants).flatMap((holds) => all.map(holds));
        expect(verdicts.filter((verdict) => verdict !== null)).toEqual([]);
      }),
      runs(200),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[Z15] neither who is who nor other Lamport times change what an agent sees and does",
  () => {
    const model = settledModel(GREATER);
    fc.assert(
      fc.property(choices, fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (schedule, to) => {
        const visited = walk(model, schedule);
        const last = visited.at(-1) as SettledState;
        const times = lamportTimes(visited);

        expect(nameSettled(renamed(last, to))).toBe(nameSettled(last));
        for (const [agent, { phase }] of last.peers.entries()) {
          if (phase === "lost") continue;
          const logs = seenBy(last, agent).split("|");
          const seen = outlookOf(entriesOf(logs), logs, decideSettled);
          const timed = entriesOf(logs).map(({ agent: author, record }): LogEntry => {
            const at = times.get(`${author} ${record.n}`) ?? Number.NaN;
            return { agent: author, record: { ...record, at } };
          });
          expect(outlookOf(timed.sort(compareEntries), logs, decideSettled)).toEqual(seen);

          const others = seenBy(renamed(last, to), to[agent] ?? 0).split("|");
          const theirs = outlookOf(entriesOf(others), others, decideSettled);
          expect(theirs.nextAttempt).toBe(seen.nextAttempt);
          expect(to.map((i) => theirs.decisions[i])).toEqual(seen.decisions);
          expect(to.map((i) => theirs.latest[i])).toEqual(seen.latest);
        }
      }),
      runs(100),
    );
  },
  LAW_TIMEOUT_MS,
);

/** The states that a schedule passes through; each number picks one of the steps that can be taken. */
function walk(model: SettledModel, schedule: readonly number[]): readonly SettledState[] {
  let state = model.initial[0] as SettledState;
  const visited = [state];
  for (const choice of schedule) {
    const steps = [...model.steps(state)];
    const step = steps[choice % steps.length];
    if (step === undefined) break;
    state = model.next(state, step);
    visited.push(state);
  }
  return visited;
}

/** Lets everything that has to happen happen, until nothing moves, and asks what must hold then. */
function settle(model: SettledModel, start: SettledState): readonly SettledState[] {
  const passed = [start];
  for (let state = start; ; passed.push(state)) {
    const step = [...model.steps(state)].find((one) => !model.isOptional?.(one, state));
    if (step === undefined) {
      for (const holds of Object.values(model.atRest ?? {})) expect(holds(state)).toBeNull();
      return passed;
    }
    state = model.next(state, step);
  }
}

/** The same state with agent `i` as agent `to[i]`. */
function renamed({ peers, left }: SettledState, to: readonly number[]): SettledState {
  const from = peers.map((_, i) => to.indexOf(i));
  const name = (text: string): string => [...text].map((one) => to[Number(one)] ?? one).join("");
  return {
    left,
    peers: from.flatMap((i) => {
      const peer = peers[i];
      if (peer === undefined) return [];
      const log = recordsOf(peer.log).map((one) =>
        one[0] === "x" ? `x${name(one[1] ?? "")}${one[2]}` : one,
      );
      const known = from.map((author) => peer.known[author] ?? 0);
      return [{ ...peer, log: log.join(""), known, inbox: name(peer.inbox) }];
    }),
  };
}

/** What a Lamport clock would have given each record along a run, by author and position. */
function lamportTimes(visited: readonly SettledState[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { peers } of visited)
    for (const [agent, { known, phase }] of peers.entries()) {
      const n = known[agent] ?? 0;
      const key = `agent-${agent} ${n}`;
      if (phase === "lost" || n === 0 || times.has(key)) continue;
      let highest = 1;
      for (const [author, count] of known.entries())
        for (let i = 1; i <= count; i++)
          highest = Math.max(highest, times.get(`agent-${author} ${i}`) ?? 0);
      times.set(key, highest + 1);
    }
  return times;
}
