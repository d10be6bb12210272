/** Looks for a proof that an agent signed two different records for one position, wherever in its log they lie now. */
import type { AgentId, Signed } from "../../core/record.ts";
import type { WrittenValue } from "../log.ts";
import { freezeJson } from "../plain-json.ts";
import { findFlaw } from "../record-check.ts";
import type { Verifier } from "./agent-key.ts";
import { batchToBytes, hashBytes, isSigned } from "./canonical.ts";
import { MAX_BATCH } from "./signer.ts";

/** Whether a value has canonical bytes at all. */
export function isPlain(value: unknown): boolean {
  return !Number.isNaN(freezeJson(value));
}

/**
 * Finds a position for which the agent signed twice. What one process wrote is found by its Yjs client and by what the
 * records themselves say of their positions, since the writing of others may have moved them.
 *
 * @returns the position, or null; an author that signs each position once is never accused. Cost: a verification for
 * each signature in the log
 */
export async function findSignedTwice(
  options: { readonly board: string; readonly agent: AgentId; readonly verify: Verifier },
  values: readonly WrittenValue[],
): Promise<number | null> {
  const { board, agent, verify } = options;
  const recordsOf = new Map<number, Map<number, unknown>>();
  const hashAt = new Map<number, string>();
  for (const { value, client } of values) {
    const records = recordsOf.get(client) ?? new Map<number, unknown>();
    recordsOf.set(client, records);
    const n = positionOf(value);
    if (isSigned(value) && findFlaw(value, n, 0) === null) {
      const { from, to, prev, sig } = value as unknown as Signed;
      const bytes = batchToBytes({ board, agent, from, prev, records: collect(records, from, to) });
      if (await verify(sig, bytes)) {
        const hash = hashBytes(bytes);
        for (let i = from; i < to; i++) {
          if ((hashAt.get(i) ?? hash) !== hash) return i;
          hashAt.set(i, hash);
        }
      }
    } else if (isPlain(value)) records.set(n, value);
  }
  return null;
}

function positionOf(value: unknown): number {
  return typeof value === "object" && value !== null && "n" in value ? Number(value.n) : -1;
}

/** What one process wrote for these positions; its signature says whether that is all. */
function collect(
  records: ReadonlyMap<number, unknown>,
  from: number,
  to: number,
): readonly unknown[] {
  const covered: unknown[] = [];
  const end = Math.min(to, from + MAX_BATCH);
  for (let n = from; n < end; n++) if (records.has(n)) covered.push(records.get(n));
  return covered;
}
