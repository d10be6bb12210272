/** Holds what a command prints, within bounds. */

/** Collects a text from its start. */
export interface BoundedText {
  /** Takes a piece; false once the bound is passed. */
  push(chunk: Buffer): boolean;
  text(): string;
}

/** Collects up to `maxBytes`; bytes that are no UTF-8 become U+FFFD. */
export function createBoundedText(maxBytes: number): BoundedText {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  return {
    push(chunk) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) return false;
      chunks.push(chunk);
      return true;
    },
    text: () => Buffer.concat(chunks).toString("utf8"),
  };
}

/** Keeps the end of a text. */
export interface Tail {
  push(chunk: Buffer): void;
  text(): string;
}

/** Keeps the last `maxBytes`, cut at the start of a character. */
export function createTail(maxBytes: number): Tail {
  let kept = Buffer.alloc(0);
  return {
    push(chunk) {
      kept = Buffer.concat([kept, chunk]);
      if (kept.length > maxBytes) kept = kept.subarray(kept.length - maxBytes);
    },
    text() {
      let start = 0;
      while (start < 4 && ((kept[start] ?? 0) & 0xc0) === 0x80) start++;
      return kept.subarray(start).toString("utf8").trim();
    },
  };
}
