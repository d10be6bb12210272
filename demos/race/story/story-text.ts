/**
 * Stories as text for the address: one word a step, such as `claim-node.0-task.0`, in letters that need no escapes. What
 * comes back is checked as a saved file is.
 */
import {
  formatSaved,
  readSaved,
  SCHEDULE_FORMAT,
  type Schedule,
  type Setup,
  type Step,
} from "../../../property-tests/kit/index.ts";
import type { SavedEnd } from "./story.ts";

const LIST = "*";

/** Writes steps as words. */
export function formatSteps(steps: readonly Step[]): string {
  return steps
    .map(({ do: name, ...fields }) => [name, ...formatFields(fields)].join("-"))
    .join("_");
}

/** Writes a setup as one word. */
export function formatSetup(setup: Setup): string {
  return formatFields(setup).join("-");
}

/**
 * Reads both back.
 *
 * @throws TypeError that names what is wrong and where
 */
export function readScheduleText(setup: string, steps: string): Schedule {
  const read = readSaved(
    formatSaved({
      format: SCHEDULE_FORMAT,
      setup: Object.fromEntries(setup.split("-").map(readField)) as unknown as Setup,
      steps: steps === "" ? [] : steps.split("_").map(readStep),
      ...NOTHING_SAVED,
    }),
  );
  if (!("steps" in read)) throw new TypeError("the address holds no story");
  return { setup: read.setup, steps: read.steps };
}

/**
 * Reads what a file had said about the story; the story itself is elsewhere in the address.
 *
 * @throws TypeError that names what is wrong and where
 */
export function readSavedEnd({ setup, steps }: Schedule, text: string): SavedEnd {
  const { violation, hash } = JSON.parse(text) as SavedEnd;
  const read = readSaved(
    formatSaved({ format: SCHEDULE_FORMAT, setup, steps, violation, hash, seed: 0, run: 1 }),
  );
  if (!("steps" in read)) throw new TypeError("the address holds no story");
  return { violation: read.violation, hash: read.hash };
}

// What a file says beside the story, and an address does not.
const NOTHING_SAVED = {
  violation: { invariant: "fault", sentence: "", step: 0, atMs: 0 },
  seed: 0,
  run: 1,
  hash: 0,
} as const;

function formatFields(fields: object): readonly string[] {
  return Object.entries(fields).map(
    ([name, value]) => `${name}.${Array.isArray(value) ? value.join(LIST) + LIST : value}`,
  );
}

function readStep(word: string): Step {
  const [name, ...fields] = word.split("-");
  return { do: name, ...Object.fromEntries(fields.map(readField)) } as unknown as Step;
}

function readField(word: string): readonly [string, unknown] {
  const dot = word.indexOf(".");
  const text = word.slice(dot + 1);
  const value = text.endsWith(LIST)
    ? text.slice(0, -1).split(LIST).filter(Boolean).map(readValue)
    : readValue(text);
  return [dot < 0 ? word : word.slice(0, dot), value];
}

function readValue(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}
