/**
 * When this page saw things, by its own clock. Records carry no time of day, so durations are as seen here: "at least"
 * where something had begun before the page could see it.
 */
import { isLive, type RecordRef, type TaskId } from "../../../lib/index.ts";
import type { LiveIndex } from "./live-index.ts";

/** Since when something is seen. */
export interface Sighting {
  /** In milliseconds of `performance.now()`. */
  readonly since: number;
  /** Whether it had begun before. */
  readonly isAtLeast: boolean;
}

/** What this page has seen. */
export interface Sightings {
  /** Since when a claim is seen; undefined when it is not live. */
  claim(ref: RecordRef): Sighting | undefined;
  /** Milliseconds from seeing a claim to seeing it confirmed, of the latest. */
  readonly confirmMs: readonly number[];
  /** Milliseconds from seeing a task ready to seeing it claimed, of the latest. */
  readonly waitMs: readonly number[];
}

/** So many of the latest durations are kept. */
const KEPT = 500;

/** Starts to look. */
export function watchSightings(live: LiveIndex): Sightings {
  const claims = new Map<string, Sighting & { readonly isPending: boolean }>();
  const readySince = new Map<TaskId, number>();
  const confirmMs: number[] = [];
  const waitMs: number[] = [];
  live.subscribe(({ tasks }) => {
    const now = performance.now();
    for (const { before, after } of tasks) {
      for (const claim of after.claims) {
        const key = keyOf(claim);
        const seen = claims.get(key);
        if (!isLive(claim)) claims.delete(key);
        else if (seen === undefined || (seen.isPending && claim.status === "held")) {
          if (seen?.isAtLeast === false) keep(confirmMs, now - seen.since);
          claims.set(key, {
            since: seen?.since ?? now,
            isAtLeast: seen?.isAtLeast ?? live.isCatchingUp,
            isPending: claim.status === "pending",
          });
        }
      }
      const since = readySince.get(after.id);
      const isReady = live.index.standing(after.id)?.section === "ready";
      if (since !== undefined && after.claims.length > (before?.claims.length ?? 0))
        keep(waitMs, now - since);
      if (!isReady) readySince.delete(after.id);
      else if (since === undefined && !live.isCatchingUp) readySince.set(after.id, now);
    }
  });

  return { claim: (ref) => claims.get(keyOf(ref)), confirmMs, waitMs };
}

function keyOf({ agent, n }: RecordRef): string {
  return `${agent}:${n}`;
}

function keep(durations: number[], one: number): void {
  durations.push(one);
  if (durations.length > KEPT) durations.shift();
}
