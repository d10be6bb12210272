/** A task's history, record by record, and its ledger: what its coordination has cost. */
import type { AgentId, LogEntry, TaskRecord } from "./record.ts";
import type { IgnoreReason, Task } from "./task.ts";

/** One record about a task. */
export interface HistoryEntry {
  readonly agent: AgentId;
  /** The record as it was written, with its position and Lamport time. */
  readonly record: TaskRecord;
  /** Why it changes nothing; null for one that does. */
  readonly ignored: IgnoreReason | null;
}

/** What the coordination of one task has cost so far. */
export interface Ledger {
  /** Records written about it. */
  readonly records: number;
  /** Different agents that wrote any. */
  readonly agents: number;
  readonly claims: number;
  /** Claims beyond the first of each attempt: work that somebody wanted to do and somebody else did. */
  readonly contested: number;
  readonly attempts: number;
  /** Notes, questions, answers, offers, packets and reviews: what was said, beside what had to be. */
  readonly messages: number;
}

const MESSAGES: ReadonlySet<TaskRecord["kind"]> = new Set([
  "noted",
  "asked",
  "answered",
  "offered",
  "withdrawn",
  "declined",
  "reviewed",
]);

/** Lists every record about a task in the order, each with whether it counts. */
export function historyOf(entries: readonly LogEntry[], task: Task): readonly HistoryEntry[] {
  const ignored = new Map(
    task.thread.ignored.map((one) => [`${one.agent}:${one.n}`, one.reason] as const),
  );
  return entries.map(({ agent, record }) => ({
    agent,
    record,
    ignored: ignored.get(`${agent}:${record.n}`) ?? null,
  }));
}

/** Counts what was written about a task. */
export function ledgerOf(entries: readonly LogEntry[], task: Task): Ledger {
  const claims = task.claims.length;
  const attempts = new Set(task.claims.map(({ attempt }) => attempt)).size;
  return {
    records: entries.length,
    agents: new Set(entries.map(({ agent }) => agent)).size,
    claims,
    contested: claims - attempts,
    attempts,
    messages: entries.filter(({ record }) => MESSAGES.has(record.kind)).length,
  };
}
