/** A board's document at the relay: it lets in what Yjs can take whole, and comes through what Yjs cannot. */
import * as Y from "yjs";

/**
 * What became of an update: `new` (it is in, and the others need it), `known` (it held nothing new), `gap` (what it
 * builds upon is not here; nothing was changed), `invalid` (Yjs cannot take it; nothing was changed).
 */
export type Verdict = "new" | "known" | "gap" | "invalid";

const LEAST_CHECKPOINT_BYTES = 1 << 20;

/** The document of one board, with what is needed to build it anew after a poisonous update. */
export class BoardDocument {
  #doc: Y.Doc = new Y.Doc();
  #checkpoint: Uint8Array = Y.encodeStateAsUpdate(this.#doc);
  #sinceCheckpoint: Uint8Array[] = [];
  #bytesSinceCheckpoint = 0;

  /**
   * Takes in what a store held.
   *
   * @throws Error when Yjs cannot take it
   */
  load(updates: readonly Uint8Array[]): void {
    applyAll(this.#doc, updates);
    this.#remember(updates);
  }

  /** Applies updates in order, all in one transaction unless one of them is poisonous; gives a verdict on each. */
  apply(updates: readonly Uint8Array[]): Verdict[] {
    const ahead = new Map<number, number>();
    const verdicts = updates.map((update) => this.#inspect(update, ahead));

    const isIn = this.#tryToApply(updates.filter((_, index) => verdicts[index] === "new"));
    return isIn ? verdicts : updates.map((update) => this.#applyAlone(update));
  }

  /**
   * Applies the answer to a state vector, and gives what was new in it; undefined where nothing was.
   * What builds upon things that are not here is left out.
   *
   * @throws Error when Yjs cannot take it; then nothing was changed
   */
  applyDifference(difference: Uint8Array): Uint8Array | undefined {
    const doc = this.#doc;
    let news: Uint8Array | undefined;
    const keep = (update: Uint8Array) => {
      news = update;
    };
    doc.on("update", keep);
    try {
      Y.applyUpdate(doc, difference);
    } catch (cause) {
      this.#rebuild();
      throw new TypeError("Yjs cannot apply the answer to the state vector", { cause });
    } finally {
      doc.off("update", keep);
    }
    doc.store.pendingStructs = null;
    doc.store.pendingDs = null;
    if (news !== undefined) {
      this.#remember([news]);
    }
    return news;
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

  #applyAlone(update: Uint8Array): Verdict {
    const verdict = this.#inspect(update, new Map());
    return verdict !== "new" || this.#tryToApply([update]) ? verdict : "invalid";
  }

  /** Judges an update before Yjs changes anything; `ahead` holds the clocks that accepted ones will have reached. */
  #inspect(update: Uint8Array, ahead: Map<number, number>): Verdict {
    const known = (client: number) => ahead.get(client) ?? Y.getState(this.#doc.store, client);
    try {
      const inspection = inspectUpdate(update, known);
      for (const [client, clock] of inspection.reached) {
        ahead.set(client, clock);
      }
      return inspection.verdict;
    } catch {
      return "invalid"; // its sender is told, by the verdict
    }
  }

  #tryToApply(updates: readonly Uint8Array[]): boolean {
    if (updates.length === 0) {
      return true;
    }
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
    this.#remember(updates);
    return true;
  }

  /** Keeps what a rebuild needs; checkpoints come at doubling sizes, so that they cost little in the long run. */
  #remember(updates: readonly Uint8Array[]): void {
    for (const update of updates) {
      this.#sinceCheckpoint.push(update);
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
  }
}

function applyAll(doc: Y.Doc, updates: readonly Uint8Array[]): void {
  doc.transact(() => {
    for (const update of updates) {
      Y.applyUpdate(doc, update);
    }
  });
}

/** What an update would do to a document that has `known` clocks. */
interface Inspection {
  readonly verdict: Verdict;
  /** By client, the clock that it would have after the update; empty unless the verdict is `new`. */
  readonly reached: ReadonlyMap<number, number>;
}

function inspectUpdate(update: Uint8Array, known: (client: number) => number): Inspection {
  const { structs, ds } = Y.decodeUpdate(update);
  const reached = new Map<number, number>();
  const clockOf = (client: number) => reached.get(client) ?? known(client);
  const has = (id: unknown) => !(id instanceof Y.ID) || id.clock < clockOf(id.client);
  const gap: Inspection = { verdict: "gap", reached: new Map() };

  const news = structs.filter(
    (struct) => struct.id.clock + struct.length > clockOf(struct.id.client),
  );
  for (const struct of news) {
    const { client, clock } = struct.id;
    if (struct instanceof Y.Skip || clock > clockOf(client)) {
      return gap;
    }
    reached.set(client, clock + struct.length);
  }
  for (const struct of news) {
    if (
      struct instanceof Y.Item &&
      !(has(struct.origin) && has(struct.rightOrigin) && has(struct.parent))
    ) {
      return gap;
    }
  }
  for (const [client, deletions] of ds.clients) {
    if (deletions.some(({ clock, len }) => clock + len > clockOf(client))) {
      return gap;
    }
  }
  const isNew = news.length > 0 || ds.clients.size > 0;
  return { verdict: isNew ? "new" : "known", reached };
}
