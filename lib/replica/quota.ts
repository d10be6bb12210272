/**
 * Quotas: how much one agent may write on a board, the same for everybody. A count is judged alike by every replica from
 * the agent's log alone; a rate needs a clock, so only the writer itself keeps to it.
 */
import { CoordinationError } from "../core/error.ts";
import type { AgentId, KnownRecord } from "../core/record.ts";
import type { Clock } from "./clock.ts";

/** Limits per agent; none where left out. They are part of the board's rule: replicas with others refuse to mix. */
export interface Quotas {
  /** Claims that the agent itself has not closed yet. */
  readonly openClaims?: number;
  /** Tasks added. */
  readonly tasks?: number;
  /** Records of its own accord: all but those that close a claim or follow from a protocol. */
  readonly records?: number;
  /** Records of its own accord in any second, by the writer's clock. */
  readonly recordsPerSecond?: number;
}

/** A limit that a record would break. */
export interface Excess {
  readonly limit: keyof Quotas;
  readonly max: number;
}

/** Counts one log. */
export interface Meter {
  /** The limit that the next record would break, or null; the record is not counted then. */
  take(record: KnownRecord): Excess | null;
  /** The limit that these records, one after another, would break. Counts nothing. */
  foresee(records: readonly KnownRecord[]): Excess | null;
}

const NAMES = ["openClaims", "tasks", "records", "recordsPerSecond"] as const;

/**
 * Writes quotas as the board's rule carries them, such as `+openClaims=10`; empty for none.
 *
 * @throws RangeError for a limit that is no whole number above 0
 */
export function formatQuotas(quotas: Quotas): string {
  const parts = NAMES.flatMap((name) => {
    const max = quotas[name];
    if (max === undefined) return [];
    if (!Number.isSafeInteger(max) || max < 1)
      throw new RangeError(`quotas.${name} is ${max}; use a whole number above 0`);
    return [`${name}=${max}`];
  });
  return parts.length === 0 ? "" : `+${parts.join(",")}`;
}

// what must be writable whatever the limits: it gives something back, or others wait for it
const FREE: ReadonlySet<KnownRecord["kind"]> = new Set([
  "joined",
  "left",
  "part",
  "signed",
  "confirmed",
  "yielded",
  "released",
  "expired",
  "withdrawn",
  "unqueued",
  "completed",
  "failed",
  "rejected",
  "waited",
  "need-failed",
]);

/** Whether the writer chooses to write such a record. */
export function isVoluntary(kind: KnownRecord["kind"]): boolean {
  return !FREE.has(kind);
}

/** Whether there is anything to count. */
export function isCounted(quotas: Quotas | undefined): quotas is Quotas {
  return NAMES.some((name) => name !== "recordsPerSecond" && quotas?.[name] !== undefined);
}

/** Starts to count a log. */
export function createMeter(quotas: Quotas): Meter {
  const open = new Set<number>();
  const tally = { tasks: 0, records: 0, open };
  return {
    take: (record) => count(record, tally, quotas),
    foresee(records) {
      const copy = { ...tally, open: overlay(open) };
      for (const record of records) {
        const excess = count(record, copy, quotas);
        if (excess !== null) return excess;
      }
      return null;
    },
  };
}

/** Counts one more record, or names the limit that it would break. */
function count(record: KnownRecord, tally: Tally, quotas: Quotas): Excess | null {
  if (!isVoluntary(record.kind)) {
    if (isClosing(record)) tally.open.delete(record.claim);
    return null;
  }
  const { kind, n } = record;
  if (isOver(tally.records, quotas.records)) return { limit: "records", max: tally.records };
  if (kind === "added" && isOver(tally.tasks, quotas.tasks))
    return { limit: "tasks", max: tally.tasks };
  if (kind === "claimed" && isOver(tally.open.size, quotas.openClaims))
    return { limit: "openClaims", max: tally.open.size };
  tally.records++;
  if (kind === "added") tally.tasks++;
  if (kind === "claimed") tally.open.add(n);
  return null;
}

const SECOND_MS = 1000;

/** Counts the records of each agent in the last second, by the writer's clock; gives false for one too many. */
export function createRate(
  quotas: Quotas,
  clock: Clock,
): (agent: AgentId, count: number) => boolean {
  const { recordsPerSecond: max } = quotas;
  if (max === undefined) return () => true;
  const writings = new Map<AgentId, readonly { readonly at: number; readonly count: number }[]>();
  return (agent, count) => {
    const now = clock.now();
    const recent = (writings.get(agent) ?? []).filter(({ at }) => now - at < SECOND_MS);
    const written = recent.reduce((sum, one) => sum + one.count, 0);
    if (written + count > max) return false;
    writings.set(agent, count === 0 ? recent : [...recent, { at: now, count }]);
    return true;
  };
}

/** The fault of an agent that would break a quota. */
export function quotaExceeded(agent: AgentId, { limit, max }: Excess): CoordinationError {
  const remedy =
    limit === "openClaims"
      ? "close one first"
      : limit === "recordsPerSecond"
        ? "write more slowly"
        : "join as another agent, or open the board with a higher quota everywhere";
  const message = `Agent ${agent} has reached the board's quota ${limit} of ${max}; ${remedy}.`;
  return new CoordinationError("QUOTA_EXCEEDED", message, { details: { agent, limit, max } });
}

/** Positions of the claims that are not closed. */
type OpenClaims = Pick<Set<number>, "size" | "add" | "delete">;

interface Tally {
  tasks: number;
  records: number;
  readonly open: OpenClaims;
}

/** A set as it would be after some changes; a copy would cost all that is open for each record. */
function overlay(open: ReadonlySet<number>): OpenClaims {
  const added = new Set<number>();
  const deleted = new Set<number>();
  return {
    get size() {
      return open.size + added.size - deleted.size;
    },
    add: (n) => added.add(n),
    delete(n) {
      if (open.has(n)) deleted.add(n);
      return added.delete(n);
    },
  };
}

function isOver(count: number, max: number | undefined): boolean {
  return max !== undefined && count >= max;
}

function isClosing(record: KnownRecord): record is Extract<KnownRecord, { claim: number }> {
  return (
    record.kind === "yielded" ||
    record.kind === "released" ||
    record.kind === "failed" ||
    record.kind === "rejected" ||
    record.kind === "completed"
  );
}
