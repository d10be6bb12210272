/**
 * Admission: an update enters the board whole or not at all. It may only add records at the ends of its author's own logs, each
 * in its place; and, on a board that allows it, change shared text.
 */
import { type Doc, getState } from "yjs";
import type { AgentId } from "../../../../lib/index.ts";
import {
  CHUNK_LENGTH,
  chunkOf,
  indexLogs,
  isLogRoot,
  keyOf,
  type LogIndex,
  type Tail,
} from "./log-index.ts";
import { TextGround } from "./text-ground.ts";
import {
  type Place,
  type ReadUpdate,
  readUpdate,
  type Section,
  type Struct,
} from "./update-reader.ts";

/** Who sends an update, as far as its content goes. */
export interface Author {
  /** Whether a log is its own. */
  owns(agent: AgentId): boolean;
  /** Whether it may write at all. */
  readonly mayWrite: boolean;
  /** The most logs of its own on the board. */
  readonly maxLogs: number;
}

/** What a board takes. */
export interface AdmissionRules {
  /** Whether roots other than logs may be changed. */
  readonly allowsText: boolean;
  /** The most logs on the board, and the most tasks. */
  readonly maxLogs: number;
  readonly maxTasks: number;
}

/**
 * What became of an update: `new` (it may go in), `known` (there is nothing new in it), `gap` (what it builds upon is not
 * here), `refused` (no honest client sends it).
 */
export type Judgement =
  | {
      readonly verdict: "new";
      readonly records: number;
      /**
       * Up to which clock the structs of a client are to be left out: what is known already, of which nobody knows whether the
       * update tells it as it is, and, of a difference, all that another wrote.
       */
      readonly leftOut: ReadonlyMap<number, number>;
      /** Whether some of what is left out may come in later. */
      readonly hasGap: boolean;
    }
  | { readonly verdict: "known" }
  | { readonly verdict: "gap" }
  | { readonly verdict: "refused"; readonly reason: string };

/** How the reason begins for what is no update of its format at all. */
export const UNREADABLE = "it cannot be read";

/** How far an update may move the board's Lamport time at once. */
const MAX_TIME_JUMP = 1_000_000;
const MAX_KIND_LENGTH = 64;
/** A clock that nobody reaches: what lies below it is left out. */
const BEYOND = 2 ** 52;
/** Looks at sections that wait for others of the same update; so that no order of them takes long. */
const MAX_LOOKS = 100_000;

/** Judges the updates of one board, in the order of their arrival. */
export class Admission {
  readonly #rules: AdmissionRules;
  #doc: Doc;
  #index: LogIndex;
  /** Clocks of what was let in and is not in the document yet. */
  #ahead = new Map<number, number>();

  constructor(doc: Doc, rules: AdmissionRules) {
    this.#doc = doc;
    this.#rules = rules;
    this.#index = indexLogs(doc);
  }

  /** How many logs the board has. */
  get logCount(): number {
    return this.#index.size;
  }

  /**
   * Judges an update; what is `new` counts from then on. Cost: once over its bytes.
   *
   * @param isDifference - whether it answers a state vector: then what others wrote is in it too, and is left out
   */
  judge(bytes: Uint8Array, author: Author, isDifference: boolean): Judgement {
    let update: ReadUpdate;
    try {
      update = readUpdate(bytes);
    } catch (error) {
      return refuse(`${UNREADABLE}: ${error instanceof Error ? error.message : error}`);
    }
    const trial = this.#try(author, isDifference);
    const judgement = trial.judge(update);
    if (judgement.verdict === "new") trial.commit();
    return judgement;
  }

  /** What the answer to a state vector would add to each log if it came from this author. Nothing counts yet. */
  foresee(bytes: Uint8Array, author: Author): ReadonlyMap<AgentId, readonly unknown[]> {
    const trial = this.#try(author, true);
    return trial.judge(readUpdate(bytes)).verdict === "new" ? trial.values : new Map();
  }

  #try(author: Author, isDifference: boolean): Trial {
    return new Trial({
      doc: this.#doc,
      index: this.#index,
      ahead: this.#ahead,
      rules: this.#rules,
      author,
      isDifference,
    });
  }

  /** All that was let in is in the document. */
  applied(): void {
    this.#ahead.clear();
  }

  /** The document was made anew, without what was let in last. */
  rebuilt(doc: Doc): void {
    this.#doc = doc;
    this.#ahead.clear();
    this.#index = indexLogs(doc);
  }
}

interface TrialParts {
  readonly doc: Doc;
  readonly index: LogIndex;
  readonly ahead: Map<number, number>;
  readonly rules: AdmissionRules;
  readonly author: Author;
  readonly isDifference: boolean;
}

/** How a section fared: all taken, stuck at something that is not here, or another's. */
type Fate = "taken" | "stuck" | "foreign" | { readonly reason: string };

/** One update on trial: what it would change is kept beside the index until it is let in. */
class Trial {
  /** The values that it would add to each log. */
  readonly values: Map<AgentId, unknown[]> = new Map();
  readonly #parts: TrialParts;
  readonly #clocks = new Map<number, number>();
  readonly #leftOut = new Map<number, number>();
  /** How many structs of a client were taken or known. */
  readonly #positions = new Map<number, number>();
  readonly #tails = new Map<AgentId, Tail>();
  readonly #byEnd = new Map<string, AgentId>();
  readonly #advances: { readonly tail: Tail; readonly client: number }[] = [];
  #text: TextGround | null = null;
  #highestAt: number;
  #records = 0;
  #newLogs = 0;
  #newTasks = 0;
  #isNew = false;
  /** Structs taken. */
  #taken = 0;

  constructor(parts: TrialParts) {
    this.#parts = parts;
    this.#highestAt = parts.index.highestAt;
  }

  judge({ sections, deletions }: ReadUpdate): Judgement {
    const { isDifference, rules, author } = this.#parts;
    let waiting: readonly Section[] = sections;
    let looks = 0;
    for (let before = -1; this.#taken > before && looks < MAX_LOOKS; looks += waiting.length) {
      before = this.#taken;
      const stuck: Section[] = [];
      for (const section of waiting) {
        const fate = this.#take(section);
        if (fate === "stuck") stuck.push(section);
        else if (fate !== "foreign") {
          if (fate !== "taken") return refuse(fate.reason);
        } else if (isDifference && !this.#clocks.has(section.client))
          this.#leftOut.set(section.client, BEYOND);
        else return refuse("it writes into another's log");
      }
      waiting = stuck;
    }
    // what is left out is all of a client's, or nothing of it
    if (waiting.some(({ client }) => !isDifference || this.#clocks.has(client)))
      return { verdict: "gap" };
    for (const { client } of waiting) this.#leftOut.set(client, BEYOND);
    for (const deletion of deletions) {
      if (!rules.allowsText) return refuse("it deletes");
      const isText = this.#ground().holdsAll(deletion);
      if (isText === false) return refuse("it deletes from a log");
      if (isText === null) return { verdict: "gap" };
      this.#isNew = true;
    }
    if (!this.#isNew) return waiting.length > 0 ? { verdict: "gap" } : { verdict: "known" };
    if (!author.mayWrite) return refuse("its sender may only read");
    const [leftOut, hasGap] = [this.#leftOut, waiting.length > 0];
    return { verdict: "new", records: this.#records, leftOut, hasGap };
  }

  /** Makes it count. */
  commit(): void {
    const { index, ahead } = this.#parts;
    index.taskCount += this.#newTasks;
    for (const { tail, client } of this.#advances) index.advance(tail, client);
    for (const [client, clock] of this.#clocks) ahead.set(client, clock);
  }

  /** Takes as much of a section as there is ground for, from where it was stuck the last time. */
  #take({ client, structs }: Section): Fate {
    for (let i = this.#positions.get(client) ?? 0; i < structs.length; i++) {
      this.#positions.set(client, i);
      const struct = structs[i] as Struct;
      const known = this.#known(client);
      const skip = known - struct.clock;
      if (skip > 0) this.#leftOut.set(client, known);
      if (skip >= struct.length) continue;
      if (skip < 0) return "stuck";
      const fate = this.#takeStruct(client, skip > 0 ? tailOf(client, struct, skip) : struct);
      if (fate !== "taken") return fate;
      this.#clocks.set(client, struct.clock + struct.length);
      this.#taken++;
      this.#isNew = true;
    }
    return "taken";
  }

  #takeStruct(client: number, struct: Struct): Fate {
    const { origin, parent } = struct;
    if (typeof parent === "string" && isLogRoot(parent))
      return this.#takeRecords(client, struct, this.#tailBefore(parent));
    const tail = origin === null ? undefined : this.#endingAt(origin);
    if (tail !== undefined) return this.#takeRecords(client, struct, tail);
    if (this.#parts.rules.allowsText) return this.#takeText(client, struct);
    if (parent === null && origin !== null && origin.clock >= this.#known(origin.client))
      return "stuck";
    return { reason: "it writes elsewhere than at the end of a log" };
  }

  /** The log that a root continues; a reason where it cannot. */
  #tailBefore(root: string): Tail | "stuck" | { readonly reason: string } {
    const found = chunkOf(root);
    if (found === undefined) return { reason: "it names a log as no agent does" };
    const { agent, chunk } = found;
    const tail = this.#tails.get(agent) ??
      this.#parts.index.tail(agent) ?? { agent, length: 0, lastAt: 0, end: null };
    if (chunk * CHUNK_LENGTH > tail.length) return "stuck";
    if (chunk * CHUNK_LENGTH < tail.length) return { reason: "it begins a part of a log again" };
    return tail;
  }

  #endingAt(place: Place): Tail | undefined {
    const coming = this.#byEnd.get(keyOf(place));
    if (coming !== undefined) return this.#tails.get(coming);
    const tail = this.#parts.index.endingAt(place);
    return tail === undefined || this.#tails.has(tail.agent) ? undefined : tail;
  }

  #takeRecords(
    client: number,
    struct: Struct,
    tail: Tail | "stuck" | { readonly reason: string },
  ): Fate {
    if (tail === "stuck" || "reason" in tail) return tail;
    const { agent, length } = tail;
    const { author, index, rules } = this.#parts;
    const first = index.authorOf(client);
    if (!author.owns(agent) || (first !== undefined && !author.owns(first))) return "foreign";
    const { values } = struct;
    const isFirst = typeof struct.parent === "string";
    if (struct.content !== "json" || struct.hasKey || struct.rightOrigin !== null)
      return { reason: "it writes into a log what is no record at its end" };
    if (!isFirst && length % CHUNK_LENGTH === 0)
      return { reason: "it makes a part of a log too long" };
    if ((length % CHUNK_LENGTH) + values.length > CHUNK_LENGTH)
      return { reason: "it makes a part of a log too long" };
    if (length === 0 && !this.#hasRoomForLog()) return { reason: "there are agents enough" };
    let { lastAt } = tail;
    for (const [i, value] of values.entries()) {
      const flaw = this.#flawOf(value, length + i, lastAt);
      if (flaw !== null)
        return { reason: `a record does not fit: ${flaw} (${agent}, ${length + i})` };
      const record = value as { readonly at: number; readonly kind: string };
      lastAt = record.at;
      if (record.kind === "added" && index.taskCount + this.#newTasks++ >= rules.maxTasks)
        return { reason: "the board has tasks enough" };
      this.#highestAt = Math.max(this.#highestAt, lastAt);
    }
    const end = { client, clock: struct.clock + struct.length - 1 };
    const next: Tail = { agent, length: length + values.length, lastAt, end };
    if (tail.end !== null) this.#byEnd.delete(keyOf(tail.end));
    this.#byEnd.set(keyOf(end), agent);
    this.#tails.set(agent, next);
    this.#advances.push({ tail: next, client });
    this.#keep(agent, values);
    this.#records += values.length;
    return "taken";
  }

  #keep(agent: AgentId, values: readonly unknown[]): void {
    const before = this.values.get(agent);
    if (before === undefined) this.values.set(agent, [...values]);
    else before.push(...values);
  }

  #hasRoomForLog(): boolean {
    const { author, index, rules } = this.#parts;
    const coming = this.#newLogs++;
    if (index.size + coming >= rules.maxLogs) return false;
    return (
      author.maxLogs === Number.POSITIVE_INFINITY || index.countOf(author) + coming < author.maxLogs
    );
  }

  /** What every version's records have; their kinds and fields are for the replicas to judge, which may know more of them. */
  #flawOf(value: unknown, n: number, lastAt: number): string | null {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return "no object";
    const { n: place, at, kind } = value as Readonly<Record<string, unknown>>;
    if (place !== n) return "its n is not its place";
    if (!Number.isSafeInteger(at) || (at as number) <= lastAt) return "its time does not grow";
    if ((at as number) > this.#highestAt + MAX_TIME_JUMP) return "its time is far ahead";
    if (typeof kind !== "string" || kind.length > MAX_KIND_LENGTH) return "it has no kind";
    return null;
  }

  #takeText(client: number, struct: Struct): Fate {
    const first = this.#parts.index.authorOf(client);
    if (first !== undefined && !this.#parts.author.owns(first)) return "foreign";
    const isText = struct.content === "gc" ? true : this.#ground().holds(struct);
    if (isText === null) return "stuck";
    if (isText === "full") return { reason: "there are shared texts enough" };
    if (!isText) return { reason: "it changes a log as if it were text" };
    this.#ground().bring(client, struct.clock, struct.length);
    return "taken";
  }

  #ground(): TextGround {
    this.#text ??= new TextGround(this.#parts.doc);
    return this.#text;
  }

  #known(client: number): number {
    const { ahead, doc } = this.#parts;
    return this.#clocks.get(client) ?? ahead.get(client) ?? getState(doc.store, client);
  }
}

/** What is new of a struct, as Yjs writes it: right of what is known, wherever that is. */
function tailOf(client: number, struct: Struct, skip: number): Struct {
  const clock = struct.clock + skip;
  return {
    ...struct,
    clock,
    length: struct.length - skip,
    values: struct.values.slice(skip),
    origin: struct.content === "gc" ? null : { client, clock: clock - 1 },
    parent: null,
    hasKey: false,
  };
}

function refuse(reason: string): Judgement {
  return { verdict: "refused", reason };
}
