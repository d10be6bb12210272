/** Audiences: whom an offer, a question or a review is meant for. */
import type { AgentId, Audience } from "./record.ts";

/**
 * Says whether an agent belongs to an audience. Without a tilde the agent is named by its name, and every run of that
 * name belongs: ids are made anew for each run, so nobody can know one beforehand.
 *
 * @param capabilities - what the agent joined with; undefined while that is not known, and then it has none
 */
export function isAddressed(
  audience: Audience,
  agent: AgentId,
  capabilities: readonly string[] | undefined,
): boolean {
  if ("capability" in audience) return capabilities?.includes(audience.capability) ?? false;
  return agent === audience.agent || agent.startsWith(`${audience.agent}~`);
}

/** Writes an audience for people. */
export function formatAudience(audience: Audience): string {
  return "capability" in audience ? `anyone with #${audience.capability}` : audience.agent;
}
