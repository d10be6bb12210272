/** A row of a space-time diagram: lanes, and on them marks, words and arrows. Never wider than the terminal. */

/** How wide a diagram may be. */
const WIDTH = 100;

/** Where the lanes begin, behind the time. */
const LEFT = 10;
const GAP = 16;

/** The places of some lanes. */
export interface Lanes {
  readonly names: readonly string[];
  /** The column of a lane. */
  columnOf(name: string): number;
}

/** Spreads lanes over the width. */
export function layOut(names: readonly string[]): Lanes {
  const gap = Math.min(GAP, Math.floor((WIDTH - LEFT - 6) / Math.max(names.length - 1, 1)));
  return { names, columnOf: (name) => LEFT + 1 + gap * Math.max(names.indexOf(name), 0) };
}

/** A row that is being drawn. */
export class Canvas {
  readonly #cells: string[] = Array<string>(WIDTH).fill(" ");
  readonly #lanes: Lanes;

  constructor(lanes: Lanes, lane: (name: string) => string) {
    this.#lanes = lanes;
    for (const name of lanes.names) this.#put(lanes.columnOf(name), lane(name));
  }

  /** Writes the time at the left. */
  time(at: number): this {
    return this.#put(0, String(Math.round(at * 10) / 10).padStart(LEFT - 2));
  }

  /** Puts a mark on a lane and a text beside it, where there is room for it. */
  tell(name: string, mark: string, said: string): this {
    const column = this.#lanes.columnOf(name);
    const room = WIDTH - column - 2;
    const before = column - LEFT;
    this.#put(column, mark);
    if (said.length <= room || room >= before) return this.#put(column + 1, ` ${cut(said, room)} `);
    const text = cut(said, before - 1);
    return this.#put(column - 1 - text.length, `${text} `);
  }

  /** Writes a text over all lanes. */
  say(text: string): this {
    return this.#put(LEFT, `${cut(text, WIDTH - LEFT)} `);
  }

  /** Draws an arrow with the first of the labels that fits it. */
  arrow(from: string, to: string, style: ArrowStyle): this {
    const [start, end] = [this.#lanes.columnOf(from), this.#lanes.columnOf(to)];
    const isRight = start < end;
    const length = Math.abs(end - start) - 1;
    const label = style.labels.find((one) => one.length <= length - 3) ?? style.labels.at(-1) ?? "";
    const shown = cut(label, Math.max(length - 1, 0));
    const dashes = length - 1 - shown.length;
    const first = Math.floor(dashes / 2);
    const line = `${style.line.repeat(first)}${shown}${style.line.repeat(dashes - first)}`;
    this.#put(start, isRight ? "├" : "┤");
    const head = style.head ?? (isRight ? "▶" : "◀");
    return isRight ? this.#put(start + 1, line + head) : this.#put(end + 1, head + line);
  }

  toString(): string {
    return this.#cells.join("").trimEnd();
  }

  #put(column: number, text: string): this {
    for (const [i, character] of [...text].entries())
      if (column + i < WIDTH) this.#cells[column + i] = character;
    return this;
  }
}

/** How an arrow looks. */
export interface ArrowStyle {
  /** From the most telling to the shortest. */
  readonly labels: readonly string[];
  readonly line: string;
  /** What stands in the place of its head, if it does not arrive. */
  readonly head?: string;
}

const ASCII: Readonly<Record<string, string>> = {
  "│": "|",
  "┊": ":",
  "├": "+",
  "┤": "+",
  "─": "-",
  "┄": ".",
  "▶": ">",
  "◀": "<",
  "●": "*",
  "◆": "#",
  "✗": "x",
  "×": "x",
  "⋮": ":",
  "…": "~",
};

/** The same picture for a terminal that knows no more. */
export function toAscii(picture: string): string {
  return picture.replace(/[^\n -~]/gu, (one) => ASCII[one] ?? "?");
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0))}…`;
}
