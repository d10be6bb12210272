/** References of records, as `history` and `show` print them. */
import { type AgentId, formatRef, GENERATION, type RecordRef } from "../../../lib/index.ts";
import { usageFault } from "../fault.ts";

/**
 * Reads `1:ann~k3v9q2m1:5`.
 *
 * @throws CliFault `USAGE`
 */
export function parseRef(text: string): RecordRef {
  const [generation, agent = "", n = ""] = text.split(":");
  const ref = { agent: agent as AgentId, n: Number(n) };
  if (generation === String(GENERATION) && formatRef(ref) === text && Number.isSafeInteger(ref.n))
    return ref;
  throw usageFault(
    `${JSON.stringify(text)} is no reference of a record; \`stigmergy show\` and \`history\` print them, such as 1:ann~k3v9q2m1:5`,
  );
}
