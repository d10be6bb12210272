/** Which states a search has met: by their whole names, or by 64-bit fingerprints in a table of two numbers a state. */

// looked up once: in the sandboxes of some test runners each look at a global costs more than the rest
const { imul } = Math;

/** A set that only grows. */
export interface SeenSet {
  readonly size: number;
  has(key: string): boolean;
  add(key: string): void;
}

/** Makes an empty set; exact, or one that takes two of n names for one with a probability below n² / 2⁶⁵. */
export function createSeenSet(isExact: boolean): SeenSet {
  return isExact ? new Set<string>() : createFingerprintSet();
}

/** Open addressing, at most two thirds full; the place (0, 0) is an empty one. */
function createFingerprintSet(): SeenSet {
  let mask = 4095;
  let table = new Uint32Array(2 * (mask + 1));
  let size = 0;
  const print = new Uint32Array(2);

  /** The place of a fingerprint, or the empty one where it belongs. */
  const placeOf = (high: number, low: number): number => {
    let place = low & mask;
    while (table[2 * place] !== high || table[2 * place + 1] !== low) {
      if (table[2 * place] === 0 && table[2 * place + 1] === 0) break;
      place = (place + 1) & mask;
    }
    return place;
  };

  const put = (high: number, low: number): void => {
    const place = placeOf(high, low);
    table[2 * place] = high;
    table[2 * place + 1] = low;
  };

  const grow = (): void => {
    const old = table;
    mask = 2 * mask + 1;
    table = new Uint32Array(2 * (mask + 1));
    for (let i = 0; i < old.length; i += 2) {
      const [high = 0, low = 0] = [old[i], old[i + 1]];
      if (high !== 0 || low !== 0) put(high, low);
    }
  };

  return {
    get size() {
      return size;
    },
    has(key) {
      fingerprint(key, print);
      const place = placeOf(print[0] ?? 0, print[1] ?? 0);
      return table[2 * place] !== 0 || table[2 * place + 1] !== 0;
    },
    add(key) {
      if (this.has(key)) return;
      put(print[0] ?? 0, print[1] ?? 0);
      size++;
      if (3 * size > 2 * mask) grow();
    },
  };
}

/**
 * Two 32-bit lanes, each mixed into the other for every code unit: one-to-one in the 64 bits, so that texts of one length
 * that differ in one place never meet, and finished as murmur3 is.
 */
export function fingerprint(text: string, into: Uint32Array): void {
  let [a, b] = [0x9e3779b9, 0x243f6a88 ^ text.length];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = imul(a ^ unit, 0x85ebca6b);
    a = ((a << 13) | (a >>> 19)) + b;
    b = imul(b ^ unit, 0xc2b2ae35);
    b = ((b << 17) | (b >>> 15)) ^ a;
  }
  a = finish(a ^ b);
  b = finish((b + a) | 0);
  into[0] = a;
  into[1] = a === 0 && b === 0 ? 1 : b;
}

function finish(lane: number): number {
  let h = lane ^ (lane >>> 16);
  h = imul(h, 0x85ebca6b);
  h = imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
