/** Counts what a board's document holds. */
import { type AgentId, type Board, Y } from "../../../lib/index.ts";

const LOG_PREFIX = "log/";

/** How many records all logs hold together, or that of one agent. */
export function countRecords({ doc }: Board, agent?: AgentId): number {
  const prefix = agent === undefined ? LOG_PREFIX : `${LOG_PREFIX}${agent}/`;
  let count = 0;
  for (const name of doc.share.keys())
    if (name.startsWith(prefix)) count += doc.getArray(name).length;
  return count;
}

/** How many bytes the document takes when it is sent whole. */
export function documentBytes({ doc }: Board): number {
  return Y.encodeStateAsUpdate(doc).length;
}
