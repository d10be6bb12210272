/** Judges a log outside a replica: how much of what others hand over for an agent the agent itself has signed. */
import type { AgentId } from "../../core/record.ts";
import { createGate } from "./gate.ts";

/**
 * Says how many records from position 0 on are good to take from anybody: they end with the last valid signature before
 * anything forged. What is not signed among them counts nowhere. 0 where the key does not fit the agent's id.
 */
export async function verifyLog(options: {
  /** The board's document name with its generation, such as `docs#1`. */
  readonly board: string;
  readonly agent: AgentId;
  /** The whole log, or a beginning of it, as it lies in the document; frozen by the call. */
  readonly records: readonly unknown[];
}): Promise<number> {
  const { board, agent, records } = options;
  const gate = createGate({ board, agent, readAll: () => [], pass() {} });
  gate.hold(records);
  await gate.judged();
  return gate.sealed;
}
