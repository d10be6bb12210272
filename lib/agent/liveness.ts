/**
 * Who is alive, as far as this replica can tell by its own monotonic clock: signs of life are presence messages and
 * records. Suspicion only ever leads to a record; no rule reads this.
 */
import type { AgentId } from "../core/record.ts";
import type { Clock } from "../replica/clock.ts";
import type { Presence } from "../replica/transport.ts";

/** Signs of life of the agents of other replicas. */
export interface Liveness {
  /** Takes in presence messages. */
  hear(presences: readonly Presence[]): void;
  /** Takes in that an agent's log grew. */
  saw(agent: AgentId): void;
  /** Milliseconds since the agent's last sign of life; counted from the first question for one never seen. */
  silenceMs(agent: AgentId): number;
  /** How many tasks the agent says it works on at once; 0 while it has not said. */
  slotsOf(agent: AgentId): number;
  /** Gives everybody a fresh start: after a break or a stall of our own, silence proves nothing. */
  forgive(): void;
  /** All agents heard of since the start. */
  known(): Iterable<AgentId>;
}

/** Starts without having heard anybody. */
export function createLiveness(clock: Clock): Liveness {
  const seenAt = new Map<AgentId, number>();
  const slots = new Map<AgentId, number>();
  return {
    hear(presences) {
      for (const presence of presences) {
        seenAt.set(presence.agent, clock.now());
        slots.set(presence.agent, presence.slots);
      }
    },
    saw: (agent) => void seenAt.set(agent, clock.now()),
    silenceMs(agent) {
      const at = seenAt.get(agent);
      if (at !== undefined) return clock.now() - at;
      seenAt.set(agent, clock.now());
      return 0;
    },
    slotsOf: (agent) => slots.get(agent) ?? 0,
    forgive() {
      for (const agent of seenAt.keys()) seenAt.set(agent, clock.now());
    },
    known: () => seenAt.keys(),
  };
}
