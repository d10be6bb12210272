/** Tells shared text from logs in a document, for boards that allow both. */
import { type AbstractType, type Doc, GC, getItem, getState, type Item } from "yjs";
import { isLogRoot } from "./log-index.ts";
import type { Deletion, Place, Struct } from "./update-reader.ts";

/** Roots of shared text on one board; each stays in memory for good. */
const MAX_TEXT_ROOTS = 256;

/** What of a document, and of an update on its way into it, is shared text. */
export class TextGround {
  readonly #doc: Doc;
  /** Clocks of text that the update brings, by client: from, to. */
  readonly #coming = new Map<number, [from: number, to: number][]>();
  readonly #comingRoots = new Set<string>();
  readonly #logs = new Set<unknown>();
  #rootCount = 0;

  constructor(doc: Doc) {
    this.#doc = doc;
    for (const [name, root] of doc.share) {
      if (isLogRoot(name)) this.#logs.add(root);
      else this.#rootCount++;
    }
  }

  /** Whether a struct hangs on text only; null where what it hangs on is not here, `full` where it begins one too many. */
  holds({ origin, rightOrigin, parent }: Struct): boolean | null | "full" {
    if (typeof parent === "string") {
      if (isLogRoot(parent)) return false;
      return this.#hasRoomFor(parent) || "full";
    }
    let isKnown = true;
    for (const place of [origin, rightOrigin, parent]) {
      if (place === null) continue;
      const is = this.#isText(place);
      if (is === false) return false;
      isKnown &&= is === true;
    }
    return isKnown ? true : null;
  }

  /** Whether all of a deletion is text that is here or comes with the update; null where some of it is not. */
  holdsAll({ client, clock, length }: Deletion): boolean | null {
    const known = getState(this.#doc.store, client);
    let at = clock;
    while (at < clock + length) {
      if (at >= known) {
        const range = this.#coming.get(client)?.find(([from, to]) => from <= at && at < to);
        if (range === undefined) return null;
        at = range[1];
      } else {
        const item = getItem(this.#doc.store, { client, clock: at } as Item["id"]);
        if (!this.#isUnderText(item)) return false;
        at = item.id.clock + item.length;
      }
    }
    return true;
  }

  /** Takes note of text that the update brings. */
  bring(client: number, from: number, length: number): void {
    const ranges = this.#coming.get(client) ?? [];
    this.#coming.set(client, ranges);
    const last = ranges.at(-1);
    if (last?.[1] === from) last[1] = from + length;
    else ranges.push([from, from + length]);
  }

  #hasRoomFor(root: string): boolean {
    if (!this.#doc.share.has(root)) this.#comingRoots.add(root);
    return this.#rootCount + this.#comingRoots.size <= MAX_TEXT_ROOTS;
  }

  #isText(place: Place): boolean | null {
    const coming = this.#coming.get(place.client);
    if (coming?.some(([from, to]) => from <= place.clock && place.clock < to)) return true;
    if (place.clock >= getState(this.#doc.store, place.client)) return null;
    return this.#isUnderText(getItem(this.#doc.store, place as Item["id"]));
  }

  /** Logs are never deleted from, so what is collected was text. */
  #isUnderText(item: Item | GC): boolean {
    if (item instanceof GC) return true;
    let type = item.parent as AbstractType<unknown> | null;
    while (type?._item) type = type._item.parent as AbstractType<unknown> | null;
    return !this.#logs.has(type);
  }
}
