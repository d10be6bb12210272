/** Makes text that others wrote safe for a terminal, and short enough for a line. */

// C0 and C1 controls, and the marks that reorder what is shown
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const BREAK = /\s*[\r\n]\s*/gu;

/** The text on one line, without anything that a terminal would obey. */
export function printable(text: string): string {
  return text.trim().replace(BREAK, " ⏎ ").replace(UNSAFE, "\uFFFD");
}

/** The text over several lines, without anything that a terminal would obey. */
export function printableLines(text: string): string {
  return text
    .split(/\r\n|\n|\r/u)
    .map((line) => line.replaceAll("\t", "    ").replace(UNSAFE, "\uFFFD"))
    .join("\n");
}

/** The value as JSON on one line, with everything spelled out that a terminal would obey. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(
    UNSAFE,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** At most `width` characters, with a mark where something was cut. */
export function shorten(text: string, width: number): string {
  const chars = [...text];
  return chars.length <= width ? text : `${chars.slice(0, Math.max(0, width - 1)).join("")}…`;
}

/** A length of time for people: `0.4 s`, `12 s`, `3 min 5 s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
