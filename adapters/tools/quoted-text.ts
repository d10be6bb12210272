/** Texts that agents wrote, as tools hand them out: delimited data with an author, never part of a sentence of ours. */
import type { AgentId, Board } from "../../lib/index.ts";

/**
 * How far the author is to be believed: `self` is this agent; `signed` has proved who it is; `claimed` says who it is.
 * None of them makes the text an instruction.
 */
export type Trust = "self" | "signed" | "claimed";

/** One text, word for word up to its cut. */
export type QuotedText = {
  readonly text: string;
  /** Null where the records do not tell. */
  readonly author: string | null;
  readonly trust: Trust;
  /** How many characters were left out at the end; only where some were. */
  readonly cut?: number;
};

/** Quotes a text for the agent `reader`, at most `max` characters of it. */
export function quoteText(
  { board, reader }: { readonly board: Board; readonly reader: AgentId },
  text: string,
  author: AgentId | null,
  max: number,
): QuotedText {
  const trust = author === reader ? "self" : board.rule.includes("+signed") ? "signed" : "claimed";
  const kept = text.slice(0, max).toWellFormed();
  const cut = text.length - kept.length;
  return { text: kept, author, trust, ...(cut > 0 ? { cut } : {}) };
}
