/** Signs what an agent appends: batch by batch, never two at once, while appending itself stays synchronous. */
import type { AgentId, KnownRecord, Signed } from "../../core/record.ts";
import type { SigningKey } from "./agent-key.ts";
import { batchToBytes, hashBytes } from "./canonical.ts";

/** How many records one signature covers at most. */
export const MAX_BATCH = 1000;

/** A signature as the body of a record. */
export type Signature = Pick<Signed, "kind" | "from" | "to" | "prev" | "sig">;

/** The signing hand of one agent in this process. */
export interface Signer {
  /** Takes records that were just appended; they are signed soon. */
  take(records: readonly KnownRecord[]): void;
  /** Resolves once all that was taken before the call is signed, or nothing more will be. */
  flushed(): Promise<void>;
  /** Signs no more. */
  stop(): void;
}

/**
 * Makes a signer that goes on after the batch with the hash `head`.
 *
 * @param append - writes the signature of a batch into the log, whose hash then is `head`
 */
export function createSigner(options: {
  readonly board: string;
  readonly agent: AgentId;
  readonly key: SigningKey;
  readonly head: string;
  readonly append: (signature: Signature, head: string) => void;
}): Signer {
  const { board, agent, key, append } = options;
  let { head } = options;
  let waiting: KnownRecord[] = [];
  let taken = 0; // one past the last record that is to be signed
  let signedTo = 0;
  let round: Promise<void> | null = null;
  let isStopped = false;

  /** Takes the first run that holds more than signatures, which need none themselves. */
  const takeRun = (): readonly KnownRecord[] => {
    for (;;) {
      const run = waiting.slice(0, runLength(waiting));
      waiting = waiting.slice(run.length);
      if (run.length === 0 || run.some(isToBeSigned)) return run;
    }
  };
  const signBatch = async (): Promise<void> => {
    const records = takeRun();
    const from = records[0]?.n ?? 0;
    const to = from + records.length;
    const bytes = batchToBytes({ board, agent, from, prev: head, records });
    const sig = await key.sign(bytes);
    if (isStopped) return;
    const prev = head;
    head = hashBytes(bytes);
    signedTo = to;
    append({ kind: "signed", from, to, prev, sig }, head);
  };
  const run = (): void => {
    if (round !== null || isStopped || !waiting.some(isToBeSigned)) return;
    // a round that fails stays: nothing is signed after it, and whoever waits in flushed() is told
    round = signBatch().then(() => {
      round = null;
      run();
    });
    round.catch(() => {});
  };

  return {
    take(records) {
      for (const record of records) {
        waiting.push(record);
        if (isToBeSigned(record)) taken = record.n + 1;
      }
      run();
    },
    async flushed() {
      const end = taken;
      while (signedTo < end && round !== null) await round;
    },
    stop() {
      isStopped = true;
    },
  };
}

function isToBeSigned({ kind }: KnownRecord): boolean {
  return kind !== "signed";
}

/** How many of the first records stand side by side; somebody else may have written between them. */
function runLength(records: readonly KnownRecord[]): number {
  const from = records[0]?.n ?? 0;
  const gap = records.findIndex(({ n }, i) => n !== from + i || i === MAX_BATCH);
  return gap === -1 ? records.length : gap;
}
