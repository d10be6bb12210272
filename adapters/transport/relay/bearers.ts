/**
 * The bearers of tokens: whoever has one is the same one on every connection of a board, also on the next after a break, so that
 * nobody gets more of the relay by connecting more often.
 */
import type { Clock } from "../../../lib/index.ts";
import { covers, type Grant } from "./access/grant.ts";
import type { Author } from "./admission/admission.ts";
import { type RelayLimits, TokenBucket } from "./limits.ts";

/** What all connections of a bearer share. */
export interface Bearer {
  readonly author: Author;
  readonly records: TokenBucket;
  readonly bytes: TokenBucket;
  /** Of whatever kind: those that hold next to nothing would come in millions. */
  readonly messages: TokenBucket;
}

interface Entry {
  readonly bearer: Bearer;
  connections: number;
}

const MESSAGES_PER_RECORD = 4;

/** How many agents one subject may have had on a board, where its token does not say. */
const AGENTS_PER_SUBJECT = 2_000;

/** The bearers who are connected, and those who were a moment ago. */
export class Bearers {
  readonly #clock: Clock;
  readonly #limits: RelayLimits;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, limits: RelayLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /**
   * Gives who connects; in an open relay, where nobody can be told from anybody, each connection is somebody of its own.
   *
   * @returns the bearer, and what is to be called once the connection has ended
   */
  enter(grant: Grant): { readonly bearer: Bearer; readonly leave: () => void } {
    const { subject, board, role, quotas } = grant;
    if (subject === null) return { bearer: this.#create(grant), leave: () => {} };
    const key = JSON.stringify([board, subject, role, Object.entries(quotas).sort()]);
    this.#forgetIdle();
    const entry = this.#entries.get(key) ?? { bearer: this.#create(grant), connections: 0 };
    this.#entries.set(key, entry);
    entry.connections++;
    return {
      bearer: entry.bearer,
      leave: () => {
        entry.connections--;
      },
    };
  }

  /** Whoever comes back before its buckets are full finds them as they are. */
  #forgetIdle(): void {
    for (const [key, { bearer, connections }] of this.#entries) {
      const { records, bytes, messages } = bearer;
      if (connections === 0 && records.isFull && bytes.isFull && messages.isFull)
        this.#entries.delete(key);
    }
  }

  #create({ subject, role, quotas }: Grant): Bearer {
    const limits = this.#limits;
    const { recordsPerSecond = Infinity, bytesPerSecond = Infinity } = quotas;
    const records = Math.min(recordsPerSecond, limits.recordsPerSecond);
    const bytes = Math.min(bytesPerSecond, limits.bytesPerSecond);
    return {
      author: {
        owns: subject === null ? () => true : (agent) => covers(subject, agent),
        mayWrite: role !== "read",
        maxLogs:
          subject === null ? Number.POSITIVE_INFINITY : (quotas.agents ?? AGENTS_PER_SUBJECT),
      },
      records: new TokenBucket(records, this.#clock),
      bytes: new TokenBucket(bytes, this.#clock),
      messages: new TokenBucket(MESSAGES_PER_RECORD * records, this.#clock),
    };
  }
}
