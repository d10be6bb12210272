/** Reads one agent's log as records: checks each value, joins the parts of large results, and names what is set aside. */
import type { Doc } from "yjs";
import type { AgentId, Completed, Joined, Json, KnownRecord } from "../core/record.ts";
import { type Log, openLog } from "./log.ts";
import { freezeJson, MAX_RESULT_BYTES, textBytes } from "./plain-json.ts";
import { createMeter, type Excess, isCounted, type Quotas } from "./quota.ts";
import { findFlaw, isKnownKind, shareTexts } from "./record-check.ts";
import { isSigned } from "./signing/canonical.ts";
import type { Gate, Passage } from "./signing/gate.ts";

/** What a look at a log found. */
export interface LogReading {
  readonly records: readonly KnownRecord[];
  /** What was set aside, and why, one sentence each. */
  readonly flaws: readonly string[];
}

/** A log as records. */
export interface LogReader {
  readonly log: Log;
  /** Null on a board without signatures. */
  readonly gate: Gate | null;
  /** The record that opened the log; null while it is not there, and then no record of the log counts. */
  readonly joined: Joined | null;
  /** The quota that these records of the log's own agent would break, or null. */
  foresee(records: readonly KnownRecord[]): Excess | null;
  /** Reads what has come since the last call; `hasDeletions` says that something may have been deleted since. */
  readNew(isTrusted: boolean, hasDeletions: boolean): LogReading;
  /** Reads values that a gate held back until now. */
  read(passage: Passage): LogReading;
}

const NONE: readonly KnownRecord[] = [];

/**
 * Opens an agent's log for reading; the log need not exist yet.
 *
 * @param shareTaskId - gives the one copy that is kept of a task id
 * @param quotas - what the agent may write; no limits where left out
 * @param gateOf - makes the gate that holds back what is not signed yet; nothing is held back where left out
 */
export function openLogReader(
  doc: Doc,
  agent: AgentId,
  shareTaskId: (id: string) => string = (id) => id,
  quotas: Quotas | undefined = undefined,
  gateOf: ((log: Log) => Gate) | undefined = undefined,
): LogReader {
  const log = openLog(doc, agent);
  const gate = gateOf?.(log) ?? null;
  const meter = isCounted(quotas) ? createMeter(quotas) : null;
  let joined: Joined | null = null;
  let lastAt = 0;
  let parts: string[] = [];
  let isDamageKnown = false;

  const accept = (value: unknown, n: number, isTrusted: boolean): KnownRecord | string | null => {
    if (gate !== null && isSigned(value)) return null; // nothing vouches for what it says of itself
    if (!isTrusted) {
      shareTexts(value, shareTaskId);
      const flaw = findFlaw(value, n, lastAt);
      if (flaw !== null) return flaw;
    }
    const record = value as KnownRecord;
    lastAt = record.at;
    if (!isKnownKind(record.kind) || record.kind === "signed") return null;
    if (record.kind === "part") {
      parts.push(record.text);
      return null;
    }
    const text = parts;
    parts = [];
    if (record.kind === "joined") {
      if (n !== 0) return "an agent joins once, with its first record";
      joined = record;
    } else if (joined === null) return "its log does not begin with joined";
    const excess = meter?.take(record) ?? null;
    if (excess !== null) return `it breaks the quota ${excess.limit} of ${excess.max}`; // Q2
    return record.kind === "completed" && record.parts !== undefined
      ? joinParts(record, text)
      : record;
  };

  const readValues = (
    values: readonly unknown[],
    start: number,
    isTrusted: boolean,
    flaws: string[],
  ): readonly KnownRecord[] => {
    const records: KnownRecord[] = [];
    let n = start;
    for (const value of values) {
      const record = value === undefined ? null : accept(value, n, isTrusted);
      if (typeof record === "string") flaws.push(`log ${agent}, record ${n}: ${record}`);
      else if (record !== null) records.push(record);
      n++;
    }
    return records;
  };

  return {
    log,
    gate,
    foresee: (records) => meter?.foresee(records) ?? null,
    get joined() {
      return joined;
    },
    readNew(isTrusted, hasDeletions) {
      const flaws: string[] = [];
      const n = log.length;
      const values = log.readNew();
      if (!isDamageKnown && (hasDeletions || values.includes(undefined)) && log.isDamaged()) {
        isDamageKnown = true;
        flaws.push(`log ${agent}: records were deleted from it; what was read before is kept`);
      }
      if (gate !== null && !isTrusted) gate.hold(values);
      if (gate !== null && (!isTrusted || gate.isSetAside)) return { records: NONE, flaws };
      gate?.skipTo(log.length);
      return { records: readValues(values, n, isTrusted, flaws), flaws };
    },
    read({ n, values, flaws }) {
      const found = [...flaws];
      return { records: readValues(values, n, false, found), flaws: found };
    },
  };
}

function joinParts(record: Completed, parts: readonly string[]): Completed | string {
  if (parts.length !== record.parts)
    return `it names ${record.parts} parts, and ${parts.length} stand before it`;
  const text = parts.join("");
  if (textBytes(text) > MAX_RESULT_BYTES)
    return `its result is larger than ${MAX_RESULT_BYTES} bytes`;
  try {
    const result = JSON.parse(text) as Json;
    // R9: at the level of a record's field, as if it had come whole
    return Number.isNaN(freezeJson(result, 1))
      ? "its result is not plain JSON"
      : { ...record, result };
  } catch {
    return "its parts are not JSON";
  }
}
