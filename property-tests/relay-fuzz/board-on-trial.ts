/** A relay's board under mutated updates, beside a replica that takes what the relay passes on: what holds of both is checked. */
import * as Y from "yjs";
import { UNREADABLE } from "../../adapters/transport/relay/admission/admission.ts";
import { readUpdate } from "../../adapters/transport/relay/admission/update-reader.ts";
import {
  BoardDocument,
  type DifferenceOutcome,
  type Verdict,
} from "../../adapters/transport/relay/document.ts";
import type { AgentId } from "../../lib/index.ts";
import type { Knowledge } from "./forge.ts";

/** Who sends the mutated updates, and whose log is not hers. */
export const ADA = "ada~0a1b2c3d" as AgentId;
export const VIC = "vic~4e5f6a7b" as AgentId;
/** The clients that write for them, and one that writes text. */
export const CLIENTS = { ada: 11, vic: 12, text: 13 } as const;

/** How an update is handed in. */
export type Way = "update" | "difference";

const NOTHING = Uint8Array.of(0);
const ada = { owns: (agent: string) => agent === ADA, mayWrite: true, maxLogs: 1 };
const everybody = { owns: () => true, mayWrite: true, maxLogs: 10 };

type Logs = ReadonlyMap<string, readonly string[]>;

/** One board; it ends with its first find. */
export class BoardOnTrial {
  readonly allowsText: boolean;
  readonly #document: BoardDocument;
  readonly #replica = new Y.Doc();
  #state: Uint8Array;
  #logs: Logs;
  #unreadable = 0;

  constructor(allowsText: boolean, founding: readonly Uint8Array[]) {
    this.allowsText = allowsText;
    this.#document = new BoardDocument({ allowsText, maxLogs: 4, maxTasks: 1_000 });
    for (const update of founding) {
      const [verdict] = this.#document.apply([{ update, author: everybody }]);
      if (verdict?.kind !== "new") throw new Error(`a valid update is ${JSON.stringify(verdict)}`);
      Y.applyUpdate(this.#replica, verdict.update);
    }
    this.#state = this.#document.differenceFrom(NOTHING);
    this.#logs = logsOf(this.#state);
  }

  /** All that the board held when it was looked at last. */
  get state(): Uint8Array {
    return this.#state;
  }

  /** What a forger may know. */
  knowledge(): Knowledge {
    const roots = ["text", "map", "log/x", `log/${ADA}/1`, `log/${ADA}/01`, `log/${VIC}/0`];
    return {
      stateVector: this.#document.stateVector(),
      roots: [...roots, ...[...this.#logs.keys(), `log/${ADA}/0`]],
      lengths: [...this.#logs.values()].map(({ length }) => length),
    };
  }

  /** Hands in one update; only this is measured. */
  submit(way: Way, update: Uint8Array): Verdict | DifferenceOutcome {
    const submission = { update, author: ada };
    if (way === "difference") return this.#document.applyDifference(submission);
    return this.#document.apply([submission])[0] as Verdict;
  }

  /** What is wrong after an update, in words; null where all holds. */
  flawAfter(update: Uint8Array, outcome: Verdict | DifferenceOutcome): string | null {
    const verdict = "verdict" in outcome ? outcome.verdict : outcome;
    const news = "verdict" in outcome ? outcome.news : newsOf(outcome);
    const before = this.#state;
    if (verdict.kind === "refused" && verdict.reason.startsWith(UNREADABLE) && !this.#looksAgain())
      return null;
    this.#state = this.#document.differenceFrom(NOTHING);
    if (verdict.kind !== "new")
      return this.#isUnchanged(before) ? null : `the board changed though it was ${verdict.kind}`;
    return this.#flawOfClocks(before, update) ?? this.#flawOfCopies(news);
  }

  /**
   * Of a board with text that was built anew, since Yjs threw, only clocks and records are compared: forged text may come out
   * otherwise when it is replayed at once.
   */
  #isUnchanged(before: Uint8Array): boolean {
    if (sameState(before, this.#state)) return true;
    if (!this.allowsText) return false;
    const [was, is] = [before, this.#state].map((state) =>
      JSON.stringify([[...clocksOf(state)].sort(), [...logsOf(state)].sort()]),
    );
    return was === is;
  }

  /** What cannot be read never comes near the document: it is enough to look at the board now and then. */
  #looksAgain(): boolean {
    this.#unreadable++;
    return this.#unreadable % 8 === 0;
  }

  /** What admission took must be what Yjs took: all of a client's structs, or none of them. */
  #flawOfClocks(before: Uint8Array, update: Uint8Array): string | null {
    const was = clocksOf(before);
    const is = clocksOf(this.#state);
    const ends = new Map<number, number>();
    for (const { client, structs } of readUpdate(update).sections) {
      const last = structs.at(-1);
      if (last !== undefined) ends.set(client, last.clock + last.length);
    }
    for (const [client, clock] of is) {
      const known = was.get(client) ?? 0;
      if (clock !== known && clock !== ends.get(client))
        return `client ${client} is at ${clock}, not at ${known} or ${ends.get(client)}`;
    }
    return null;
  }

  /**
   * Nobody's records change, only Ada's log grows, and a newcomer sees the records that a replica sees which was there. Shared
   * text is not compared: who may write it may forge neighbours that Yjs does not order alike everywhere.
   */
  #flawOfCopies(news: Uint8Array | undefined): string | null {
    if (news !== undefined) Y.applyUpdate(this.#replica, news);
    const { pendingStructs, pendingDs } = this.#replica.store;
    if (pendingStructs !== null || pendingDs !== null) return "a replica waits for what is missing";
    const logs = logsOf(this.#state);
    for (const [root, records] of this.#logs) {
      const now = logs.get(root) ?? [];
      if (records.some((record, i) => now[i] !== record)) return `${root} changed`;
      if (now.length > records.length && !root.includes(ADA)) return `${root} grew`;
    }
    this.#logs = logs;
    for (const [root, records] of logs) {
      const live = this.#replica.getArray(root);
      if (live.length !== records.length || live.toArray().length !== records.length)
        return `${root} has ${live.length} records here and ${records.length} for a newcomer`;
    }
    return null;
  }
}

function newsOf(verdict: Verdict): Uint8Array | undefined {
  return verdict.kind === "new" ? verdict.update : undefined;
}

function clocksOf(state: Uint8Array): ReadonlyMap<number, number> {
  return Y.decodeStateVector(Y.encodeStateVectorFromUpdate(state));
}

function logsOf(state: Uint8Array): Logs {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  const roots = [...doc.share.keys()].filter((root) => root.startsWith("log/"));
  return new Map(
    roots.map((root) => [root, doc.getArray(root).map((record) => JSON.stringify(record))]),
  );
}

/** What was collected may be written in fewer parts after a document was built anew. */
function sameState(one: Uint8Array, other: Uint8Array): boolean {
  return (
    Buffer.compare(one, other) === 0 || Buffer.compare(normalFormOf(one), normalFormOf(other)) === 0
  );
}

function normalFormOf(state: Uint8Array): Uint8Array {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  return Y.encodeStateAsUpdate(doc);
}
