/** A story: a schedule of the simulator with the rule it is played by, and how the reader's own steps get into it. */
import type { Guarantee, Rule } from "../../../lib/index.ts";
import type { Schedule, Setup, Step, Violation } from "../../../property-tests/kit/index.ts";

/** A schedule and all else that is needed to play it. */
export interface Story extends Schedule {
  readonly rule: Rule;
  /** What the claims of the reader ask for. */
  readonly guarantee: Guarantee;
  /** The scene that it is, untouched so far; null once the reader stepped in, and for files. */
  readonly scene: string | null;
  /** What a file said about it; its end demands that all comes to a good end. */
  readonly saved: SavedEnd | null;
}

/** What came of a story where it was saved. */
export interface SavedEnd {
  readonly violation: Violation;
  readonly hash: number;
}

/** Where a story stands: before its step `index`, or, where time passes in that step, so far into it. */
export interface Place {
  readonly index: number;
  readonly elapsedMs: number;
}

/** More steps than anybody makes by hand; an address with all of them is still one that can be sent. */
export const MOST_STEPS = 300;

/** How long time goes on by itself after the last step. */
const OPEN_END_MS = 60_000;

/** A hair's breadth: times are sums of fractions, whose last digits depend on the order of adding. */
export const HAIR_MS = 1e-6;

/** How long the wait at a place has been in whole milliseconds, as files have them; begun ones count. */
export function wholeMs({ elapsedMs }: Place): number {
  return Math.max(Math.ceil(elapsedMs - HAIR_MS), 0);
}

/** The story as it went up to a place, and then other steps; what would have come is dropped. */
export function forkStory(story: Story, place: Place, steps: readonly Step[]): Story {
  const before = story.steps.slice(0, place.index);
  // what falls due within the last millisecond happens before the fork
  const ms = wholeMs(place);
  const tick: readonly Step[] = ms > 0 ? [{ do: "tick", ms }] : [];
  return { ...story, steps: [...before, ...tick, ...steps], scene: null, saved: null };
}

/** The story up to a place; a wait that has begun is in it, however short. */
export function storyUpTo(story: Story, place: Place): Story {
  const { index } = place;
  const isWaiting = stepsWithOpenEnd(story)[index]?.do === "tick";
  const tick: readonly Step[] = isWaiting ? [{ do: "tick", ms: wholeMs(place) }] : [];
  return { ...story, steps: [...story.steps.slice(0, index), ...tick] };
}

/** The steps that are played: time goes on after the last one, in one tick with it where that is one. */
export function stepsWithOpenEnd({ steps, saved }: Story): readonly Step[] {
  if (saved !== null) return steps;
  const last = steps.at(-1);
  if (last?.do !== "tick") return [...steps, { do: "tick", ms: OPEN_END_MS }];
  return [...steps.slice(0, -1), { do: "tick", ms: last.ms + OPEN_END_MS }];
}

/** The same story with all claims under another guarantee. */
export function withGuarantee(story: Story, guarantee: Guarantee): Story {
  const steps = story.steps.map((step) => (step.do === "claim" ? claimAs(step, guarantee) : step));
  return { ...story, steps, guarantee, saved: null };
}

/** A claim step under a guarantee; without `isOptimistic` it asks for the strongest that there is. */
export function claimAs(
  { node, task }: { readonly node: number; readonly task: number },
  guarantee: Guarantee,
): Step {
  return { do: "claim", node, task, ...(guarantee === "optimistic" ? { isOptimistic: true } : {}) };
}

/** Cuts one agent off all others. */
export function cutOff({ nodes, topology }: Setup, node: number): readonly Step[] {
  const links = topology === "relay" ? 1 : nodes - 1;
  return Array.from({ length: links }, (_, from) => ({ do: "cut", node, from }));
}

/** Brings one agent back, and leaves those off that were: the simulator only heals all at once. */
export function bringBack(setup: Setup, others: readonly number[]): readonly Step[] {
  return [{ do: "heal" }, ...others.flatMap((node) => cutOff(setup, node))];
}
