/** The moment that the page shows, in the hash of its address: a reload or a link comes back to it. */
import { builtInRules, earliest, type Guarantee, type Rule } from "../../../lib/index.ts";
import type { HashState } from "../../page/hash.ts";
import { findScene, storyOf } from "./scenes.ts";
import type { Story } from "./story.ts";
import { formatSetup, formatSteps, readSavedEnd, readScheduleText } from "./story-text.ts";

/** What an address says. */
export interface Address {
  readonly story: Story;
  /** Null where the page is to begin by itself. */
  readonly event: number | null;
  readonly speed: number | null;
}

const SLOWEST = 0.01;
const FASTEST = 20;

/** Later events than these are not gone to from an address: playing there would take too long. */
const MOST_EVENTS = 20_000;

/**
 * Reads it; what is missing is as the page opens by itself.
 *
 * @throws TypeError that names what is wrong with a story
 */
export function readAddress(state: HashState): Address {
  const guarantee: Guarantee = state["guarantee"] === "optimistic" ? "optimistic" : "settled";
  const rule = builtInRules.find((one) => nameOf(one) === state["rule"]) ?? earliest;
  const event = numberIn(state["event"]);
  const speed = numberIn(state["speed"]);
  const where = {
    event: event === null ? null : Math.min(Math.floor(event), MOST_EVENTS),
    speed: speed === null ? null : Math.min(Math.max(speed, SLOWEST), FASTEST),
  };
  const { setup, steps, saved } = state;
  if (setup === undefined) {
    const topology = state["links"] === "mesh" ? "mesh" : "relay";
    const possible = topology === "mesh" ? "optimistic" : guarantee;
    const choice = { rule, guarantee: possible, topology } as const;
    return { story: storyOf(findScene(state["scene"]), choice), ...where };
  }
  const schedule = readScheduleText(setup, steps ?? "");
  const end = saved === undefined ? null : readSavedEnd(schedule, saved);
  return { story: { ...schedule, rule, guarantee, scene: null, saved: end }, ...where };
}

/** Writes it, as changes to the hash. */
export function writeAddress(
  { setup, steps, rule, guarantee, scene, saved }: Story,
  event: number,
  speed: number,
): Readonly<Record<string, string | undefined>> {
  const isScene = scene !== null;
  return {
    scene: scene ?? undefined,
    links: isScene ? setup.topology : undefined,
    rule: nameOf(rule),
    guarantee,
    speed: String(speed),
    event: String(event),
    setup: isScene ? undefined : formatSetup(setup),
    steps: isScene ? undefined : formatSteps(steps),
    saved: saved === null ? undefined : JSON.stringify(saved),
  };
}

/** In letters that need no escapes. */
function nameOf({ name, version }: Rule): string {
  return `${name}-${version}`;
}

function numberIn(text: string | undefined): number | null {
  const number = Number(text);
  return text !== undefined && text !== "" && number >= 0 && Number.isFinite(number)
    ? number
    : null;
}
