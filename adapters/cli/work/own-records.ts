/** Observes what the agents of this process write, at the moment of writing: the only true times of a claim. */
import { type Board, Y } from "../../../lib/index.ts";

/** A record that was just written here. */
export interface OwnRecord {
  readonly kind: string;
  readonly task: string;
}

/** Calls back for the last record of each local transaction; returns the way to stop it. */
export function observeOwnRecords(
  { doc }: Board,
  listener: (record: OwnRecord) => void,
): () => void {
  const onTransaction = (transaction: Y.Transaction): void => {
    if (!transaction.local) return;
    for (const root of transaction.changed.keys()) {
      if (!(root instanceof Y.Array) || root.length === 0) continue;
      const last: unknown = root.get(root.length - 1);
      if (isOwnRecord(last)) listener(last);
    }
  };
  doc.on("afterTransaction", onTransaction);
  return () => doc.off("afterTransaction", onTransaction);
}

function isOwnRecord(value: unknown): value is OwnRecord {
  return typeof value === "object" && value !== null && "kind" in value && "task" in value;
}
