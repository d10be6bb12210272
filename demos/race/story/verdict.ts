/** What comes of a saved story here, held against what its file says. */
import { simulate } from "../../../property-tests/kit/index.ts";
import type { SavedEnd, Story } from "./story.ts";

/** A comparison in sentences. */
export interface Verdict {
  readonly isSame: boolean;
  readonly sentences: readonly string[];
}

/** Plays a saved story to its end, at once. */
export async function judge(story: Story, saved: SavedEnd): Promise<Verdict> {
  const { violation, hash } = await simulate(story, { rule: story.rule });
  const isSame = hash === saved.hash;
  const broke = `Saved because in step ${saved.violation.step}, at ${Math.floor(saved.violation.atMs)} ms, it broke ${saved.violation.invariant}: ${saved.violation.sentence.slice(0, 300)}.`;
  const here =
    violation === null
      ? "Here it breaks nothing."
      : `Here it breaks ${violation.invariant}, in step ${violation.step} at ${Math.floor(violation.atMs)} ms: ${violation.sentence.slice(0, 300)}.`;
  const trace = isSame
    ? `The trace is the same as where it was saved: ${hash}.`
    : `The trace is another one than where it was saved: ${hash} here, ${saved.hash} there, so the library or the rule is not the same.`;
  return { isSame, sentences: [broke, here, trace] };
}
