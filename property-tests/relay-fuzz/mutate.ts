/** Mutations of an update's bytes that know nothing of what the bytes mean. */
import type { SeededRandom } from "../../adapters/transport/memory.ts";

type Mutation = (bytes: number[], random: SeededRandom, other: Uint8Array) => void;

/** Where varints, tags and lengths change their meaning. */
const TELLING_BYTES = [0, 1, 2, 3, 8, 10, 63, 64, 116, 119, 122, 127, 128, 136, 192, 255];

const mutations: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const at = random.integer(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(8));
  },
  function setByte(bytes, random) {
    bytes[random.integer(bytes.length)] = pick(TELLING_BYTES, random);
  },
  function tweakLength(bytes, random) {
    const at = random.integer(bytes.length);
    bytes[at] = ((bytes[at] ?? 0) + random.integer(5) - 2) & 255;
  },
  function cutEnd(bytes, random) {
    bytes.length = random.integer(bytes.length);
  },
  function cutOut(bytes, random) {
    bytes.splice(random.integer(bytes.length), 1 + random.integer(8));
  },
  function repeat(bytes, random) {
    const from = random.integer(bytes.length);
    const part = bytes.slice(from, from + 1 + random.integer(40));
    bytes.splice(random.integer(bytes.length), 0, ...part);
  },
  function insert(bytes, random) {
    bytes.splice(random.integer(bytes.length), 0, pick(TELLING_BYTES, random));
  },
  function lengthenVarint(bytes, random) {
    const many = Array.from({ length: 1 + random.integer(9) }, () => 255);
    bytes.splice(random.integer(bytes.length), 0, ...many);
  },
  function crossOver(bytes, random, other) {
    bytes.length = random.integer(bytes.length);
    bytes.push(...other.subarray(random.integer(other.length)));
  },
  function splice(bytes, random, other) {
    const from = random.integer(other.length);
    const part = other.subarray(from, from + 1 + random.integer(40));
    bytes.splice(random.integer(bytes.length), part.length, ...part);
  },
];

/** Mutates an update one to three times. */
export function mutate(update: Uint8Array, other: Uint8Array, random: SeededRandom): Uint8Array {
  const bytes = [...update];
  for (let left = 1 + random.integer(3); left > 0 && bytes.length > 0; left--)
    pick(mutations, random)(bytes, random, other);
  return Uint8Array.from(bytes);
}

/** Draws one of a list that is not empty. */
export function pick<T>(list: readonly T[], random: SeededRandom): T {
  return list[random.integer(list.length)] as T;
}
