/** One agent's log in the document: a run of root arrays of 256 records each, written by that agent alone. */
import type { Doc, Array as YArray } from "yjs";
import type { AgentId, RecordBase } from "../core/record.ts";

/** Records per chunk; beyond this Yjs copies ever longer arrays at each append. */
const CHUNK_LENGTH = 256;

const LOG_NAME = /^log\/([^/\s:]{1,48}~[a-z0-9]{8,16})\/(0|[1-9]\d{0,6})$/u;

/** The name of the root array that holds one chunk of an agent's log. */
export function logName(agent: AgentId, chunk: number): string {
  return `log/${agent}/${chunk}`;
}

/** The agent of a root array, or null when the root is no log. */
export function agentOfLogName(name: string): AgentId | null {
  return (LOG_NAME.exec(name)?.[1] as AgentId | undefined) ?? null;
}

/** One value of a log with the Yjs client that wrote it; several may have written to one log. */
export interface WrittenValue {
  readonly value: unknown;
  readonly client: number;
}

/** A cursor over one agent's log. */
export interface Log {
  readonly agent: AgentId;
  /** How many positions have been read. */
  readonly length: number;
  /** The position that the next record appended here will take. */
  readonly nextPosition: number;
  /** Reads what has come since the last call, in order; undefined where it was deleted, which keeps its position. */
  readNew(): readonly unknown[];
  /** Appends records whose `n` start at the log's length; call it within a transaction, by the log's own agent only. */
  append(records: readonly RecordBase[]): void;
  /** Reads the whole log anew, without what was deleted. Cost: a walk over it. */
  readAll(): readonly WrittenValue[];
  /** Whether somebody deleted from what has been read so far. Cost: a walk over the whole log. */
  isDamaged(): boolean;
}

/** Opens the log of an agent; its chunks need not exist yet. */
export function openLog(doc: Doc, agent: AgentId): Log {
  let length = 0;
  let chunk: YArray<unknown> | null = null;
  let written = 0;

  const chunkAt = (n: number): YArray<unknown> => {
    if (chunk === null || n % CHUNK_LENGTH === 0)
      chunk = doc.getArray(logName(agent, Math.floor(n / CHUNK_LENGTH)));
    return chunk;
  };

  return {
    agent,
    get length() {
      return length;
    },
    get nextPosition() {
      return Math.max(written, length);
    },
    readNew() {
      const found: unknown[] = [];
      for (;;) {
        if (length % CHUNK_LENGTH === 0 && !doc.share.has(logName(agent, length / CHUNK_LENGTH)))
          break;
        const fresh = valuesFrom(chunkAt(length), length % CHUNK_LENGTH);
        const room = CHUNK_LENGTH - (length % CHUNK_LENGTH);
        for (const value of fresh.length > room ? fresh.slice(0, room) : fresh) found.push(value);
        length += Math.min(fresh.length, room);
        if (fresh.length < room) break;
      }
      written = Math.max(written, length);
      return found;
    },
    append(records) {
      let next = Math.max(written, length);
      for (let i = 0; i < records.length; ) {
        const room = CHUNK_LENGTH - (next % CHUNK_LENGTH);
        const batch = records.slice(i, i + room);
        doc.getArray(logName(agent, Math.floor(next / CHUNK_LENGTH))).push(batch);
        next += batch.length;
        i += batch.length;
      }
      written = next;
    },
    readAll() {
      const all: WrittenValue[] = [];
      for (let i = 0; doc.share.has(logName(agent, i)); i++) {
        const { _start: first } = doc.getArray(logName(agent, i));
        for (let item = first; item !== null; item = item.right) {
          if (item.deleted) continue;
          const { client } = item.id;
          for (const value of item.content.getContent()) all.push({ value, client });
        }
      }
      return all;
    },
    isDamaged() {
      for (let n = 0; n < length; n += CHUNK_LENGTH) {
        const { _start: first } = doc.getArray(logName(agent, n / CHUNK_LENGTH));
        for (let item = first; item !== null; item = item.right) if (item.deleted) return true;
      }
      return false;
    },
  };
}

/** Reads a chunk as Yjs keeps it, holes included; its public methods close them, which would move every position. */
function valuesFrom(chunk: YArray<unknown>, start: number): unknown[] {
  const values: unknown[] = [];
  let position = 0;
  for (let item = chunk._start; item !== null; item = item.right) {
    if (!item.countable && !item.deleted) continue;
    const content = item.deleted ? null : item.content.getContent();
    for (let i = Math.max(start - position, 0); i < item.length; i++) values.push(content?.[i]);
    position += item.length;
  }
  return values;
}
