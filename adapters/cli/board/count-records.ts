/** Counts what a board's document holds. */
import { type Board, Y } from "../../../lib/index.ts";

const LOG_PREFIX = "log/";

/** How many records all logs hold together. */
export function countRecords({ doc }: Board): number {
  let count = 0;
  for (const name of doc.share.keys())
    if (name.startsWith(LOG_PREFIX)) count += doc.getArray(name).length;
  return count;
}

/** How many bytes the document takes when it is sent whole. */
export function documentBytes({ doc }: Board): number {
  return Y.encodeStateAsUpdate(doc).length;
}
