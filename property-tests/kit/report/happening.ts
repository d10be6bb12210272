/** From a simulation's trace to what a diagram shows: steps, words, and each message from its sending to its end. */
import type { TraceEntry } from "../simulator/simulation.ts";
import type { Step } from "../simulator/step.ts";

/** A row of the diagram. */
export type Happening =
  | { readonly kind: "step"; readonly at: number; readonly index: number; readonly step: Step }
  | { readonly kind: "told"; readonly at: number; readonly node: number; readonly text: string }
  | Passage;

/** A message at its end; one that has none yet stands where it was sent. */
export interface Passage {
  readonly kind: "message";
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly what: string;
  readonly end: "delivered" | "lost" | "under way";
  /** Whether it was repeated, and has come before. */
  readonly isCopy: boolean;
  /** How long it was under way; null where like messages overtook each other, so that nobody knows. */
  readonly tookMs: number | null;
}

type Message = Extract<TraceEntry, { readonly kind: "message" }>;

interface Sent {
  readonly at: number;
  readonly isCopy: boolean;
  /** Where it stands among the happenings. */
  readonly place: number;
}

/** Follows each message to its end; signs of life are left out. */
export function listHappenings(
  trace: readonly TraceEntry[],
  isOrdered: boolean,
): readonly Happening[] {
  const rows: (Happening | null)[] = [];
  const underWay = new Map<string, { readonly message: Message; readonly sent: Sent[] }>();
  for (const entry of trace) {
    if (entry.kind !== "message") {
      rows.push(entry);
      continue;
    }
    if (entry.what === "presence") continue;
    const { from, to, what, sizeBytes, fate, at } = entry;
    const key = `${from} ${to} ${what} ${sizeBytes}`;
    const sent: Sent[] = underWay.get(key)?.sent ?? [];
    underWay.set(key, { message: entry, sent });
    if (fate === "sent") {
      sent.push({ at, isCopy: false, place: rows.push(null) - 1 });
    } else if (fate === "duplicated") {
      sent.push({ at: sent.at(-1)?.at ?? at, isCopy: true, place: rows.push(null) - 1 });
    } else {
      const one = sent[0];
      const isKnown = isOrdered || sent.every((other) => other.at === one?.at);
      sent.shift();
      const tookMs = one !== undefined && isKnown ? at - one.at : null;
      const isCopy = one?.isCopy === true;
      rows.push({ kind: "message", at, from, to, what, end: fate, isCopy, tookMs });
    }
  }
  for (const { message, sent } of underWay.values())
    for (const { at, isCopy, place } of sent) {
      const { from, to, what } = message;
      rows[place] = {
        kind: "message",
        at,
        from,
        to,
        what,
        end: "under way",
        isCopy,
        tookMs: null,
      };
    }
  return rows.filter((row) => row !== null);
}
