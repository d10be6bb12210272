/** Randomness from a seed: the same seed gives the same bytes for ever. It hides nothing and must not guard a secret. */
import type { Random } from "../../../lib/index.ts";

/** A byte source, as the library takes it, that also gives numbers to whoever makes up a test. */
export type SeededRandom = Random & {
  /** Gives a number from 0 up to, but without, 1. */
  readonly number: () => number;
  /** Gives an integer from 0 up to, but without, `bound`. */
  readonly integer: (bound: number) => number;
};

/**
 * Makes a random source from an integer seed.
 *
 * @see splitmix32: the sequence of Steele, Lea and Flood, OOPSLA 2014, with a mixing function found by hash-prospector
 */
export function createSeededRandom(seed: number): SeededRandom {
  let state = seed | 0;
  const nextWord = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let word = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return (word ^ (word >>> 15)) >>> 0;
  };
  const random = (byteCount: number): Uint8Array => {
    const bytes = new Uint8Array(byteCount);
    for (let index = 0, word = 0; index < byteCount; index++, word >>>= 8) {
      word = index % 4 === 0 ? nextWord() : word;
      bytes[index] = word;
    }
    return bytes;
  };
  const number = () => nextWord() / 2 ** 32;
  return Object.assign(random, {
    number,
    integer: (bound: number) => Math.floor(number() * bound),
  });
}

/** Draws a number from 0 up to, but without, 1 from any byte source. */
export function drawNumber(random: Random | SeededRandom): number {
  if ("number" in random) {
    return random.number();
  }
  const bytes = random(4);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) / 2 ** 32;
}
