/**
 * What real processes write down about themselves while they run: JSON Lines, one file for each run of a process. A line
 * is written whole before the process goes on, so a killed one loses at most the line that it was about to write.
 */
import { appendFileSync, closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import type { AgentId, TaskId, TaskRecord } from "../../lib/index.ts";

/** A record as a replica showed it. */
export interface SeenRecord {
  readonly agent: AgentId;
  readonly record: TaskRecord;
}

/** A task as a replica showed it in the end. */
export interface SeenTask {
  readonly id: TaskId;
  readonly title: string;
  readonly notes: readonly string[];
}

/** One attempt in somebody's hand. */
export interface Hold {
  readonly task: TaskId;
  readonly attempt: number;
  readonly agent: AgentId;
}

/** A write that reached a resource, or was sent to it; `value` names it and is used once. */
export interface FencedWrite {
  readonly task: TaskId;
  readonly token: number;
  readonly value: string;
}

/** What a process did, saw, or had done to it. */
export type Fact =
  /** A replica was opened; it found these records and notes in its store. */
  | {
      readonly kind: "opened";
      readonly clientId: number;
      readonly records: readonly SeenRecord[];
      readonly notes: readonly string[];
    }
  | { readonly kind: "joined"; readonly agent: AgentId }
  /** The run is about to add a task or a note of this text, which is used once. */
  | { readonly kind: "invoked"; readonly item: string; readonly agent: AgentId }
  /** What was invoked is in the run's own store. */
  | { readonly kind: "durable"; readonly item: string }
  /** What was invoked is stored at the relay. */
  | { readonly kind: "synced"; readonly item: string }
  /** The board told by an event that this note came. */
  | { readonly kind: "saw"; readonly item: string; readonly author: AgentId }
  /** The run's replica showed this as the task's current attempt. */
  | { readonly kind: "attempt"; readonly task: TaskId; readonly attempt: number }
  | ({ readonly kind: "granted" } & Hold)
  /** The holder worked, and its signal had not aborted. */
  | ({ readonly kind: "worked" } & Hold)
  /** Written before the holder gives its task back. */
  | ({ readonly kind: "released" } & Hold)
  /** Written while the holder's signal aborts. */
  | ({ readonly kind: "told"; readonly reason: string } & Hold)
  /** The holder's replica showed that its claim no longer stood. */
  | ({ readonly kind: "heard"; readonly status: string; readonly isAborted: boolean } & Hold)
  | ({ readonly kind: "writing" } & FencedWrite)
  | ({ readonly kind: "written"; readonly isTaken: boolean } & FencedWrite)
  /** The resource's own word on a write. */
  | ({ readonly kind: "took" } & FencedWrite)
  | ({ readonly kind: "refused" } & FencedWrite)
  /** The run takes no more work, and all that it wrote is stored at the relay. */
  | { readonly kind: "stopped" }
  /** What the run's replica held in the end: Yjs clients, tasks, and the records about them. */
  | {
      readonly kind: "finished";
      readonly clientIds: readonly number[];
      readonly tasks: readonly SeenTask[];
      readonly records: readonly SeenRecord[];
    }
  | { readonly kind: "fault"; readonly message: string }
  /** Done to a run from outside, written before it; a wiped one loses its store. */
  | { readonly kind: "killing"; readonly victim: string; readonly isWiped: boolean }
  | { readonly kind: "freezing"; readonly victim: string }
  | { readonly kind: "thawing"; readonly victim: string };

/** A fact with who wrote it and when. */
export type Line = Fact & {
  /** The run of a process, such as `w1.2`. */
  readonly run: string;
  /** Microseconds of the machine's monotonic clock, the same for all its processes, rounded down. */
  readonly at: number;
};

/** One kind of line. */
export type LineOf<K extends Fact["kind"]> = Extract<Line, { readonly kind: K }>;

/** Opens the history of a run; each call of what it gives is one line on disk. */
export function openHistory(folder: string, run: string): (fact: Fact) => void {
  const path = join(folder, `${run}.jsonl`);
  return (fact) => {
    const at = Number(process.hrtime.bigint() / 1000n);
    appendFileSync(path, `${JSON.stringify({ run, at, ...fact })}\n`);
  };
}

/**
 * Follows the histories of a folder: each call gives all that was written so far, each run's lines in their order; the torn
 * last line of a killed run is left out.
 */
export function followHistories(folder: string): () => readonly Line[] {
  const lines: Line[] = [];
  const read = new Map<string, { offset: number; torn: string }>();
  return () => {
    for (const file of readdirSync(folder).sort()) {
      const at = read.get(file) ?? { offset: 0, torn: "" };
      read.set(file, at);
      const fresh = readFrom(join(folder, file), at.offset);
      at.offset += fresh.length;
      const whole = (at.torn + fresh.toString("latin1")).split("\n");
      at.torn = whole.pop() ?? "";
      for (const line of whole) lines.push(JSON.parse(Buffer.from(line, "latin1").toString()));
    }
    return lines;
  };
}

function readFrom(path: string, offset: number): Buffer {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - offset));
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, offset));
  } finally {
    closeSync(file);
  }
}

/** The lines of one kind. */
export function linesOf<K extends Fact["kind"]>(
  history: readonly Line[],
  kind: K,
): readonly LineOf<K>[] {
  return history.filter((line): line is LineOf<K> => line.kind === kind);
}

/** Groups lines by what `keyOf` gives, each group in the order of the lines. */
export function groupBy<T>(
  lines: readonly T[],
  keyOf: (line: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const line of lines) {
    const group = groups.get(keyOf(line));
    if (group === undefined) groups.set(keyOf(line), [line]);
    else group.push(line);
  }
  return groups;
}
