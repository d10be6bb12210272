/**
 * Who is alive, as far as this replica can tell by its own monotonic clock: signs of life are presence messages and
 * records. Suspicion only ever leads to a record; no rule reads this.
 */
import type { AgentId } from "../../core/record.ts";
import type { Clock } from "../../replica/clock.ts";
import type { Presence } from "../../replica/transport.ts";

/** Signs of life of the agents of other replicas. */
export interface Liveness {
  /** Takes in presence messages. */
  hear(presences: readonly Presence[]): void;
  /** Takes in that an agent's log grew. */
  saw(agent: AgentId): void;
  /**
   * Milliseconds of silence that tell against an agent whose silence is borne for `borneMs`: since its last sign of life,
   * and L4, since this replica was last deaf for more than half as long. Counted from the first question for one never seen.
   */
  silenceMs(agent: AgentId, borneMs: number): number;
  /** How many tasks the agent says it works on at once; 0 while it has not said. */
  slotsOf(agent: AgentId): number;
  /** Takes in that this replica itself heard nobody for so long, up to now: what it missed proves nothing. */
  missed(lengthMs: number): void;
  /** All agents heard of since the start. */
  known(): Iterable<AgentId>;
}

/** Starts without having heard anybody. */
export function createLiveness(clock: Clock): Liveness {
  const seenAt = new Map<AgentId, number>();
  const slots = new Map<AgentId, number>();
  /** When this replica was deaf: the later, the shorter; a longer absence outdoes those before it. */
  const absences: { readonly endedAt: number; readonly lengthMs: number }[] = [];

  const hearsSince = (borneMs: number): number =>
    absences.findLast(({ lengthMs }) => 2 * lengthMs > borneMs)?.endedAt ??
    Number.NEGATIVE_INFINITY;

  return {
    hear(presences) {
      for (const presence of presences) {
        seenAt.set(presence.agent, clock.now());
        slots.set(presence.agent, presence.slots);
      }
    },
    saw: (agent) => void seenAt.set(agent, clock.now()),
    silenceMs(agent, borneMs) {
      const at = seenAt.get(agent);
      if (at !== undefined) return clock.now() - Math.max(at, hearsSince(borneMs));
      seenAt.set(agent, clock.now());
      return 0;
    },
    slotsOf: (agent) => slots.get(agent) ?? 0,
    missed(lengthMs) {
      while ((absences.at(-1)?.lengthMs ?? Number.POSITIVE_INFINITY) <= lengthMs) absences.pop();
      absences.push({ endedAt: clock.now(), lengthMs });
    },
    known: () => seenAt.keys(),
  };
}
