/**
 * A model checker: visits every state that a model can reach, breadth first, so that no story leads to the same
 * break in fewer steps. The model's steps may run production code; the search only asks for pure answers.
 */
import { createSeenSet } from "./seen-set.ts";
import { createWays, MAX_STEPS, NOWHERE, type Ways } from "./ways.ts";

/** What an invariant answers: true or null where it holds, false or a sentence where it is broken. */
export type Verdict = boolean | string | null;

/** A system to search: where it begins, what can happen next, and what must hold. Every function is pure. */
export interface Model<State, Step> {
  readonly initial: readonly State[];
  /** Every step that can be taken now, at most 65,536; always the same ones, in the same order. */
  steps(state: State): Iterable<Step>;
  /** The state after a step; may call production code. */
  next(state: State, step: Step): State;
  /**
   * Names a state: states of one name count as one, of which the first met is followed. So symmetric states may share a
   * name, but only where whatever can happen to one can happen to the other, and the invariants cannot tell them apart.
   */
  key(state: State): string;
  /** What must hold in every state. */
  readonly invariants: Readonly<Record<string, (state: State) => Verdict>>;
  /** What must hold of every step, also of one that leads to a state met before. */
  readonly stepInvariants?: Readonly<
    Record<string, (state: State, previous: State, step: Step) => Verdict>
  >;
  /**
   * Whether a step need never happen, such as a crash; by default every step that can happen does in the end. A state
   * from which only such steps lead on is at rest. A run that goes in a circle for ever is never at rest, and not found.
   */
  isOptional?(step: Step, state: State): boolean;
  /** What must hold in a state at rest beside the invariants, such as that nobody waits. */
  readonly atRest?: Readonly<Record<string, (state: State) => Verdict>>;
}

/** How far to search, and how states are told apart. */
export interface ExploreOptions {
  /** No limit but memory where left out. */
  readonly maxStates?: number;
  /** How many steps away from an initial state; no limit where left out. */
  readonly maxDepth?: number;
  /**
   * Keeps whole names in place of 64-bit fingerprints: never takes two states for one, for five to ten times the memory.
   * By fingerprints, of n states any two are taken for one with a probability below n² / 2⁶⁵: 10⁻⁷ for two million.
   */
  readonly isExact?: boolean;
}

/** What a search found. */
export interface Exploration<State, Step> {
  /** How many different states were met. */
  readonly states: number;
  /** How many steps were taken between them. */
  readonly transitions: number;
  /** How many steps the farthest state met is away from an initial one. */
  readonly depth: number;
  /** How many states are at rest. */
  readonly atRest: number;
  /** Whether every state that can be reached was met; false where a limit or a break ended the search. */
  readonly isComplete: boolean;
  readonly broken: Break<State, Step> | null;
}

/** A broken invariant, and the shortest story that leads there. */
export interface Break<State, Step> {
  /** The invariant's name in the model. */
  readonly invariant: string;
  /** What is wrong, in the invariant's own words where it has some. */
  readonly sentence: string;
  readonly trace: Trace<State, Step>;
}

/** A run of a model: an initial state, for which `step` is null, and then each step with the state after it. */
export type Trace<State, Step> = readonly { readonly step: Step | null; readonly state: State }[];

/**
 * Searches all states of a model, or as many as the limits allow; stops at the first break.
 *
 * Memory: about 30 bytes a state, and the states of two neighbouring depths. Time: one call of `next` and `key` per
 * transition.
 *
 * @throws RangeError when the model has no initial state, or a state more than 65,536 steps
 */
export function explore<State, Step>(
  model: Model<State, Step>,
  { maxStates = Infinity, maxDepth = Infinity, isExact = false }: ExploreOptions = {},
): Exploration<State, Step> {
  if (model.initial.length === 0) throw new RangeError("a model needs at least one initial state");
  const seen = createSeenSet(isExact);
  const ways = createWays();
  const counts = { transitions: 0, depth: 0, atRest: 0 };
  let isCut = false;
  let following: Met<State>[] = [];

  /** Takes in a state unless it was met before. */
  const meet = (state: State, key: string, depth: number, from: number, ordinal: number) => {
    if (seen.has(key)) return null;
    if (seen.size >= maxStates || depth > maxDepth) {
      isCut = true;
      return null;
    }
    seen.add(key);
    counts.depth = depth;
    const id = ways.add(from, ordinal);
    following.push({ state, id });
    const wrong = firstBroken(model.invariants, (holds) => holds(state));
    return wrong && { ...wrong, trace: retrace(model, ways, id) };
  };

  /** Takes every step from a state. */
  const leave = ({ state, id }: Met<State>, depth: number): Break<State, Step> | null => {
    const key = model.key(state);
    let [ordinal, isResting] = [-1, true];
    for (const step of model.steps(state)) {
      if (++ordinal === MAX_STEPS)
        throw new RangeError(`a state of the model has more than ${MAX_STEPS} steps`);
      const next = model.next(state, step);
      const nextKey = model.key(next);
      if (nextKey === key) continue; // leads nowhere
      counts.transitions++;
      isResting &&= model.isOptional?.(step, state) ?? false;
      const wrong = firstBroken(model.stepInvariants, (holds) => holds(next, state, step));
      if (wrong !== null)
        return { ...wrong, trace: [...retrace(model, ways, id), { step, state: next }] };
      const broken = meet(next, nextKey, depth + 1, id, ordinal);
      if (broken !== null) return broken;
    }
    if (!isResting) return null;
    counts.atRest++;
    const wrong = firstBroken(model.atRest, (holds) => holds(state));
    return wrong && { ...wrong, trace: retrace(model, ways, id) };
  };

  const search = (): Break<State, Step> | null => {
    for (const [i, state] of model.initial.entries()) {
      const broken = meet(state, model.key(state), 0, NOWHERE, i);
      if (broken !== null) return broken;
    }
    for (let depth = 0; following.length > 0; depth++) {
      const layer = following;
      following = [];
      for (const met of layer) {
        const broken = leave(met, depth);
        if (broken !== null) return broken;
      }
    }
    return null;
  };

  const broken = search();
  return { ...counts, states: seen.size, isComplete: broken === null && !isCut, broken };
}

interface Met<State> {
  readonly state: State;
  readonly id: number;
}

function firstBroken<Holds>(
  invariants: Readonly<Record<string, Holds>> | undefined,
  ask: (holds: Holds) => Verdict,
): { readonly invariant: string; readonly sentence: string } | null {
  for (const invariant in invariants) {
    const verdict = ask(invariants[invariant] as Holds);
    if (verdict === true || verdict === null) continue;
    return { invariant, sentence: verdict === false ? `${invariant}: no` : verdict };
  }
  return null;
}

/** Takes the way to a state once more. */
function retrace<State, Step>(
  model: Model<State, Step>,
  ways: Ways,
  id: number,
): Trace<State, Step> {
  const [first = 0, ...ordinals] = ways.to(id);
  let state = model.initial[first] as State;
  const trace: { step: Step | null; state: State }[] = [{ step: null, state }];
  for (const ordinal of ordinals) {
    const step = [...model.steps(state)][ordinal] as Step;
    state = model.next(state, step);
    trace.push({ step, state });
  }
  return trace;
}
