/**
 * The `settled` protocol as a model: agents, one task, one relay that only forwards in order and echoes markers, and
 * nothing but production code to decide.
 *
 * Kept: every order in which records and markers can leave, pass the relay and arrive; every moment at which an agent can
 * act on what it has read; breaks of a line, after which both sides first exchange what the other lacks and the marker
 * starts anew; crashes, which lose what had not reached the relay; expiries, right and wrong; holders that release, fail
 * with a delay, or complete.
 *
 * Dropped, each without loss:
 * - the rule: when a claim is made it may take any place among its rivals, so that what holds here holds for every rule;
 * - Lamport times beyond causality, and who is who: neither changes a decision, which laws of ours try;
 * - markers of claims that are decided, and what is on its way to an agent that crashed: nobody will read them;
 * - where nothing can be lost any more, the way to the relay: a record that leaves late is like one that is written late, by an
 *   agent that reads late; and a marker may as well follow its claim at once, since its echo takes no choice away;
 * - when an agent reads that can do nothing else; see `settled/steps.ts`.
 *
 * Not modelled: several tasks and their resources, offers, reviews, optimistic claims, and a relay that loses its memory.
 */
import { decideSettled } from "../../../lib/core/settle.ts";
import type { Model, Verdict } from "./explore.ts";
import { createLook, type Decide, type Look, seenBy } from "./settled/outlook.ts";
import { playSettled, sendAll } from "./settled/play.ts";
import { recordsOf, type SettledState, startSettled } from "./settled/state.ts";
import { nameSettled } from "./settled/state-name.ts";
import { isOptionalStep, type SettledStep, stepsOf } from "./settled/steps.ts";

/** What can happen in a model; nothing but delays where all is left out. */
export interface SettledOptions {
  /** How many agents want the task, 1 to 9; all states of more than 3 are too many to search. */
  readonly agents: number;
  /** How many of them may crash for good. */
  readonly crashes?: number;
  /** How many claims may be expired by others, rightly or wrongly. */
  readonly expiries?: number;
  /** How often a holder may release, fail with a delay, or complete. */
  readonly closings?: number;
  /** Whether lines break, any number of times. */
  readonly breaks?: boolean;
  /** Whether to try also what is known to make no difference; it checks the reductions, at ten times the cost. */
  readonly isFull?: boolean;
  /** The decision under test; the production one where left out. */
  readonly decide?: Decide;
}

/** Makes a model of settled claims for `explore`. */
export function settledModel({
  agents,
  crashes = 0,
  expiries = 0,
  closings = 0,
  breaks = false,
  isFull = false,
  decide = decideSettled,
}: SettledOptions): Model<SettledState, SettledStep> {
  const look = createLook(decide);
  return {
    initial: [startSettled(agents, { crashes, expiries, closings })],
    steps: (state) => stepsOf(state, look, { breaks, isFull }),
    next(state, step) {
      const next = playSettled(state, step, look);
      const mayLose = isFull || breaks || next.left.crashes > 0;
      return mayLose ? next : sendAll(next, step.agent);
    },
    key: nameSettled,
    isOptional: isOptionalStep,
    invariants: { "at most one agent is confirmed in an attempt": confirmedOnce },
    stepInvariants: {
      "attempts only grow": (state, previous, { agent }) =>
        state.peers[agent]?.phase === "lost" ||
        look(state, agent).nextAttempt >= look(previous, agent).nextAttempt,
      "the echo takes no choice away": (state, _, { agent }) =>
        look(state, agent).decisions.every(
          ({ before, after }) => before === "wait" || before === after,
        ),
    },
    atRest: {
      "everybody sees the same": seeTheSame,
      "nobody waits for ever": (state) => isServed(state, look),
    },
  };
}

/** G2: counts also what was lost with a crash: its writer may have begun to work. */
function confirmedOnce({ peers }: SettledState): Verdict {
  const holders = new Map<string, number>();
  for (const [agent, { log, forgotten }] of peers.entries()) {
    const records = recordsOf(log).filter((record) => record[0] === "k");
    for (const attempt of [...records.map((record) => record[1] ?? ""), ...forgotten]) {
      const other = holders.get(attempt);
      if (other !== undefined)
        return `agents ${other} and ${agent} were both confirmed in attempt ${attempt}`;
      holders.set(attempt, agent);
    }
  }
  return null;
}

function seeTheSame(state: SettledState): Verdict {
  const views = survivorsOf(state).map((agent) => seenBy(state, agent));
  const other = views.find((view) => view !== views[0]);
  return other === undefined ? null : `one has read ${views[0]}, another ${other}`;
}

/** One agent works, and all see it; or the task has ended; or a crashed agent's claim stands that nobody may expire. */
function isServed(state: SettledState, look: Look): Verdict {
  const survivors = survivorsOf(state);
  const [first] = survivors;
  if (first === undefined) return null;
  const { isEnded, live } = look(state, first);
  if (live.some(({ agent }) => state.peers[agent]?.phase === "lost"))
    return state.left.expiries === 0 || "a crashed agent's claim stands, and nobody expires it";
  const waiting = survivors.find((agent) => state.peers[agent]?.phase === "waiting");
  if (waiting !== undefined) return `agent ${waiting} waits for ever`;
  const working = survivors.filter((agent) => state.peers[agent]?.phase === "working");
  const expected = isEnded ? [] : live.map(({ agent }) => agent);
  if (`${working}` === `${expected}` && working.length === (isEnded ? 0 : 1)) return null;
  return `at the end ${working.length} agents work, and ${live.length} claims stand`;
}

function survivorsOf({ peers }: SettledState): readonly number[] {
  return [...peers.keys()].filter((agent) => peers[agent]?.phase !== "lost");
}
