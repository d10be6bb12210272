/** A board's document at the relay: it lets in what admission allows, and comes through what Yjs cannot take all the same. */
import * as Y from "yjs";
import { type AgentId, verifyLog } from "../../../lib/index.ts";
import { Admission, type AdmissionRules, type Author } from "./admission/admission.ts";

/**
 * What became of an update: `new` (it is in, and the others need it), `known` (it held nothing new), `gap` (what it
 * builds upon is not here; nothing was changed), or why it was refused (nothing was changed).
 */
export type Verdict =
  | {
      readonly kind: "new";
      readonly records: number;
      /** What others need: the update, without what was known before. */
      readonly update: Uint8Array;
    }
  | { readonly kind: "known" }
  | { readonly kind: "gap" }
  | { readonly kind: "refused"; readonly reason: string };

/** An update and who sent it. */
export interface Submission {
  readonly update: Uint8Array;
  readonly author: Author;
}

/** What became of an answer to a state vector. */
export interface DifferenceOutcome {
  readonly verdict: Verdict;
  /** What was new in it; undefined where nothing was. */
  readonly news: Uint8Array | undefined;
  /** Whether some of it was left out because what it builds upon is not here yet. */
  readonly hasGap: boolean;
}

const LEAST_CHECKPOINT_BYTES = 1 << 20;
const ANYBODY: Author = {
  owns: () => true,
  mayWrite: true,
  maxLogs: Number.POSITIVE_INFINITY,
};
const POISONOUS: Verdict = { kind: "refused", reason: "Yjs cannot apply it" };

/** The document of one board, with what is needed to build it anew after a poisonous update. */
export class BoardDocument {
  readonly #admission: Admission;
  readonly #allowsText: boolean;
  #doc: Y.Doc = new Y.Doc();
  #checkpoint: Uint8Array = Y.encodeStateAsUpdate(this.#doc);
  #sinceCheckpoint: Uint8Array[] = [];
  #bytesSinceCheckpoint = 0;

  /**
   * Takes in what a store held.
   *
   * @throws Error when Yjs cannot take it
   */
  constructor(rules: AdmissionRules, stored: readonly Uint8Array[] = []) {
    this.#allowsText = rules.allowsText;
    applyAll(this.#doc, stored);
    this.#remember(stored);
    this.#admission = new Admission(this.#doc, rules);
  }

  /** How many logs there are. */
  get logCount(): number {
    return this.#admission.logCount;
  }

  /** How many bytes of updates are here, which is less than they take as a document, by a factor of a few. */
  get sizeBytes(): number {
    return this.#checkpoint.length + this.#bytesSinceCheckpoint;
  }

  /** Judges updates in their order, and applies what is let in, all in one transaction; gives a verdict on each. */
  apply(submissions: readonly Submission[]): Verdict[] {
    // what text hangs on must be in the document before it is judged
    if (this.#allowsText && submissions.length > 1)
      return submissions.flatMap((one) => this.apply([one]));
    const verdicts = submissions.map(({ update, author }) => this.#judge(update, author));
    const admitted = verdicts.flatMap((one) => (one.kind === "new" ? [one.update] : []));
    if (this.#tryToApply(admitted)) return verdicts;
    // nothing of this turn is in; each is judged anew, alone
    return submissions.length === 1 ? [POISONOUS] : submissions.flatMap((one) => this.apply([one]));
  }

  /** Applies the answer to a state vector; what others wrote, as far as it is new here, is left out. */
  applyDifference({ update, author }: Submission): DifferenceOutcome {
    const judgement = this.#admission.judge(update, author, true);
    if (judgement.verdict === "refused")
      return {
        verdict: { kind: "refused", reason: judgement.reason },
        news: undefined,
        hasGap: false,
      };
    if (judgement.verdict !== "new") {
      const kind = judgement.verdict;
      return { verdict: { kind }, news: undefined, hasGap: kind === "gap" };
    }
    const { records, leftOut, hasGap } = judgement;
    const wanted = withoutKnown(update, leftOut);
    let news: Uint8Array | undefined;
    const keep = (change: Uint8Array): void => {
      news = change;
    };
    this.#doc.on("update", keep);
    const isIn = this.#tryToApply([wanted]);
    this.#doc.off("update", keep);
    return isIn
      ? { verdict: { kind: "new", records, update: wanted }, news, hasGap }
      : { verdict: POISONOUS, news: undefined, hasGap: false };
  }

  /** The logs that an answer to a state vector would continue if it came from their agents, each with what it brings. */
  logsWith(difference: Uint8Array): ReadonlyMap<AgentId, readonly unknown[]> {
    const news = this.#admission.foresee(difference, ANYBODY);
    return new Map([...news].map(([agent, one]) => [agent, [...this.#recordsOf(agent), ...one]]));
  }

  /**
   * Applies what was found to be signed, of which on a board with signatures anybody may bring all. Since then others may have written, and given ground to what had none and was not
   * looked at: a log that would become longer than it was found is left out.
   */
  applySigned(update: Uint8Array, signed: ReadonlyMap<AgentId, number>): DifferenceOutcome {
    const owned = new Set(signed.keys());
    const author: Author = { ...ANYBODY, owns: (agent) => owned.has(agent) };
    for (const [agent, values] of this.#admission.foresee(update, author))
      if (this.#recordsOf(agent).length + values.length > (signed.get(agent) ?? 0))
        owned.delete(agent);
    return this.applyDifference({ update, author });
  }

  #recordsOf(agent: AgentId): unknown[] {
    const records: unknown[] = [];
    for (let chunk = 0; this.#doc.share.has(`log/${agent}/${chunk}`); chunk++)
      records.push(...this.#doc.getArray(`log/${agent}/${chunk}`).toArray());
    return records;
  }

  /** Encodes what is here, as a state vector. */
  stateVector(): Uint8Array {
    return Y.encodeStateVector(this.#doc);
  }

  /** Encodes what is here and not in the given state vector. */
  differenceFrom(stateVector: Uint8Array): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc, stateVector);
  }

  /** Frees the document. */
  destroy(): void {
    this.#doc.destroy();
  }

  #judge(update: Uint8Array, author: Author): Verdict {
    const judgement = this.#admission.judge(update, author, false);
    if (judgement.verdict === "refused") return { kind: "refused", reason: judgement.reason };
    if (judgement.verdict !== "new") return { kind: judgement.verdict };
    const { records, leftOut } = judgement;
    return { kind: "new", records, update: withoutKnown(update, leftOut) };
  }

  #tryToApply(updates: readonly Uint8Array[]): boolean {
    if (updates.length === 0) return true;
    try {
      applyAll(this.#doc, updates);
    } catch {
      this.#rebuild(); // Yjs may have stopped half way
      return false;
    }
    const { pendingStructs, pendingDs } = this.#doc.store;
    if (pendingStructs !== null || pendingDs !== null) {
      this.#rebuild();
      return false;
    }
    this.#admission.applied();
    this.#remember(updates);
    return true;
  }

  /** Keeps what a rebuild needs; checkpoints come at doubling sizes, so that they cost little in the long run. */
  #remember(updates: readonly Uint8Array[]): void {
    for (const update of updates) {
      this.#sinceCheckpoint.push(Uint8Array.from(update)); // a view would keep all that came with it
      this.#bytesSinceCheckpoint += update.length;
    }
    if (this.#bytesSinceCheckpoint > Math.max(LEAST_CHECKPOINT_BYTES, this.#checkpoint.length)) {
      this.#checkpoint = Y.encodeStateAsUpdate(this.#doc);
      this.#sinceCheckpoint = [];
      this.#bytesSinceCheckpoint = 0;
    }
  }

  #rebuild(): void {
    this.#doc.destroy();
    this.#doc = new Y.Doc();
    applyAll(this.#doc, [this.#checkpoint, ...this.#sinceCheckpoint]);
    this.#admission.rebuilt(this.#doc);
  }
}

/**
 * Finds the logs in which nothing but what their agents have signed stands at the end.
 *
 * @param board - the document's name with its generation, which is signed too
 * @returns how long each of them is
 */
export async function findSigned(
  logs: ReadonlyMap<AgentId, readonly unknown[]>,
  board: string,
): Promise<ReadonlyMap<AgentId, number>> {
  const signed = new Map<AgentId, number>();
  for (const [agent, records] of logs)
    if ((await verifyLog({ board, agent, records })) === records.length)
      signed.set(agent, records.length);
  return signed;
}

function withoutKnown(update: Uint8Array, leftOut: ReadonlyMap<number, number>): Uint8Array {
  if (leftOut.size === 0) return update;
  return Y.diffUpdate(update, Y.encodeStateVector(new Map(leftOut)));
}

function applyAll(doc: Y.Doc, updates: readonly Uint8Array[]): void {
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update);
  });
}
