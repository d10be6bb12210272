/** How fast stories are played here without anybody watching: for the bench, by the page's own `window.race.measure()`. */
import type { Story } from "../story/story.ts";
import { playThrough } from "./races.ts";

/** What was measured. */
export interface Speed {
  /** One event is one step taken or one timer that came due; the passing of time between them is none. */
  readonly events: number;
  readonly ms: number;
  readonly eventsPerSecond: number;
}

/** Plays a story over and over, the naive lock and the log with it but nothing drawn, for about so long. */
export async function measureSpeed(story: Story, aboutMs = 1000): Promise<Speed> {
  let events = 0;
  const begin = performance.now();
  while (performance.now() - begin < aboutMs) events += (await playThrough(story)).events;
  const ms = performance.now() - begin;
  return { events, ms, eventsPerSecond: (events / ms) * 1000 };
}
