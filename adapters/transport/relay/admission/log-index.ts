/** What the relay knows of each log without looking through its records: how long it is, when it was last written to, where it ends. */
import type { Doc, Array as YArray } from "yjs";
import type { AgentId } from "../../../../lib/index.ts";
import type { Place } from "./update-reader.ts";

/** Records per chunk of a log; see docs/protocol.md. */
export const CHUNK_LENGTH = 256;

const LOG_NAME = /^log\/([^/\s:]{1,48}~[a-z0-9]{8,16})\/(0|[1-9]\d{0,6})$/u;

/** How far a log has come. */
export interface Tail {
  readonly agent: AgentId;
  readonly length: number;
  /** The Lamport time of its last record. */
  readonly lastAt: number;
  /** The last item of its last chunk; null before the first. */
  readonly end: Place | null;
}

/** Somebody who has logs; never changes its mind about one. */
export interface Owner {
  owns(agent: AgentId): boolean;
}

/** Which chunk of which log a root is; undefined where it is no log. */
export function chunkOf(root: string): { agent: AgentId; chunk: number } | undefined {
  const [, agent, chunk] = LOG_NAME.exec(root) ?? [];
  return agent === undefined ? undefined : { agent: agent as AgentId, chunk: Number(chunk) };
}

/** Whether a root is one that only logs may have. */
export function isLogRoot(root: string): boolean {
  return root.startsWith("log/");
}

/** The tails of all logs of one document. */
export class LogIndex {
  readonly #tails = new Map<AgentId, Tail>();
  readonly #byEnd = new Map<string, AgentId>();
  /** Whose log each client wrote to first. */
  readonly #authors = new Map<number, AgentId>();
  /** In the order of their coming. */
  readonly #agents: AgentId[] = [];
  readonly #owned = new WeakMap<Owner, { looks: number; count: number }>();
  /** How many tasks were added. */
  taskCount = 0;
  #highestAt = 0;

  /** How many logs there are. */
  get size(): number {
    return this.#tails.size;
  }

  /** The highest Lamport time on the board. */
  get highestAt(): number {
    return this.#highestAt;
  }

  /** How many logs are somebody's. Cost: a look at each that came since the last time. */
  countOf(owner: Owner): number {
    const seen = this.#owned.get(owner) ?? { looks: 0, count: 0 };
    for (; seen.looks < this.#agents.length; seen.looks++)
      if (owner.owns(this.#agents[seen.looks] as AgentId)) seen.count++;
    this.#owned.set(owner, seen);
    return seen.count;
  }

  tail(agent: AgentId): Tail | undefined {
    return this.#tails.get(agent);
  }

  /** The log that ends at a place. */
  endingAt(place: Place): Tail | undefined {
    const agent = this.#byEnd.get(keyOf(place));
    return agent === undefined ? undefined : this.#tails.get(agent);
  }

  /** Whose log a client wrote to first; undefined for a client that wrote to none. */
  authorOf(client: number): AgentId | undefined {
    return this.#authors.get(client);
  }

  /** Takes in how far a log has come, by whose hand. */
  advance(tail: Tail, client: number): void {
    const before = this.#tails.get(tail.agent);
    if (before === undefined) this.#agents.push(tail.agent);
    if (before?.end) this.#byEnd.delete(keyOf(before.end));
    this.#tails.set(tail.agent, tail);
    if (tail.end !== null) this.#byEnd.set(keyOf(tail.end), tail.agent);
    if (!this.#authors.has(client)) this.#authors.set(client, tail.agent);
    this.#highestAt = Math.max(this.#highestAt, tail.lastAt);
  }
}

/** Reads the tails from a document, whatever was let into it before. Cost: once over its items. */
export function indexLogs(doc: Doc): LogIndex {
  const index = new LogIndex();
  const chunks: { agent: AgentId; chunk: number; root: string }[] = [];
  for (const root of doc.share.keys()) {
    const found = chunkOf(root);
    if (found !== undefined) chunks.push({ ...found, root });
  }
  chunks.sort((a, b) => a.chunk - b.chunk);
  for (const { agent, chunk, root } of chunks) {
    let { length = 0, lastAt = 0, end = null } = index.tail(agent) ?? {};
    if (chunk * CHUNK_LENGTH !== length) continue; // a chunk behind a hole is none
    for (let item = (doc.getArray(root) as YArray<unknown>)._start; item; item = item.right) {
      end = { client: item.id.client, clock: item.id.clock + item.length - 1 };
      length += item.length;
      for (const value of item.deleted ? [] : (item.content.getContent() as unknown[])) {
        const { at, kind } = asRecord(value);
        if (Number.isSafeInteger(at)) lastAt = Math.max(lastAt, at as number);
        if (kind === "added") index.taskCount++;
      }
      index.advance({ agent, length, lastAt, end }, item.id.client);
    }
  }
  return index;
}

function asRecord(value: unknown): { readonly at?: unknown; readonly kind?: unknown } {
  return typeof value === "object" && value !== null ? value : {};
}

/** A place as one text. */
export function keyOf({ client, clock }: Place): string {
  return `${client}:${clock}`;
}
