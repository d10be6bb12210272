/** Forges updates that are well formed throughout and point to places that exist: what comes nearest to being let in. */
import * as encoding from "lib0/encoding";
import { decodeStateVector } from "yjs";
import type { SeededRandom } from "../../adapters/transport/memory.ts";
import { pick } from "./mutate.ts";

/** What a forger knows of the board. */
export interface Knowledge {
  readonly stateVector: Uint8Array;
  readonly roots: readonly string[];
  /** Lengths of the logs, to write records that would fit. */
  readonly lengths: readonly number[];
}

/** Forges an update of some structs and, now and then, deletions. */
export function forge(knowledge: Knowledge, random: SeededRandom): Uint8Array {
  const clocks = decodeStateVector(knowledge.stateVector);
  const clients = [...clocks.keys(), 11, 99];
  return encoding.encode((encoder) => {
    const writers = new Set([pick(clients, random), pick(clients, random)]);
    encoding.writeVarUint(encoder, writers.size);
    for (const client of writers) {
      const known = clocks.get(client) ?? 0;
      const structs = 1 + random.integer(3);
      encoding.writeVarUint(encoder, structs);
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, Math.max(0, known - pick([0, 0, 0, 0, 1, 2, 5, -1], random)));
      for (let j = 0; j < structs; j++) forgeStruct(encoder, { ...knowledge, clocks }, random);
    }
    forgeDeletions(encoder, clocks, random);
  });
}

/** Kinds of content by their number, those of records most often. */
const CONTENT = [8, 8, 8, 8, 8, 8, 8, 8, 4, 4, 0, 1, 2, 3, 5, 6, 7];

function forgeStruct(
  encoder: encoding.Encoder,
  knowledge: Knowledge & { readonly clocks: ReadonlyMap<number, number> },
  random: SeededRandom,
): void {
  const ref = random.number() < 0.02 ? pick([9, 10], random) : pick(CONTENT, random);
  if (ref === 0 || ref === 10) {
    encoding.writeUint8(encoder, ref);
    encoding.writeVarUint(encoder, pick([1, 2, 3, 2 ** 40], random));
    return;
  }
  const links = pick([0, 0, 128, 128, 128, 64, 192], random);
  const key = random.number() < 0.1 ? 32 : 0;
  encoding.writeUint8(encoder, ref | links | key);
  if (links & 128) forgePlace(encoder, knowledge.clocks, random);
  if (links & 64) forgePlace(encoder, knowledge.clocks, random);
  if (links === 0) {
    if (random.number() < 0.8) {
      encoding.writeVarUint(encoder, 1);
      encoding.writeVarString(encoder, pick(knowledge.roots, random));
    } else {
      encoding.writeVarUint(encoder, 0);
      forgePlace(encoder, knowledge.clocks, random);
    }
    if (key > 0) encoding.writeVarString(encoder, pick(["key", "__proto__", ""], random));
  }
  forgeContent(encoder, ref, knowledge, random);
}

function forgePlace(
  encoder: encoding.Encoder,
  clocks: ReadonlyMap<number, number>,
  random: SeededRandom,
): void {
  const client = pick([...clocks.keys(), 11], random);
  encoding.writeVarUint(encoder, client);
  const known = clocks.get(client) ?? 0;
  encoding.writeVarUint(
    encoder,
    random.number() < 0.6 ? Math.max(known - 1, 0) : random.integer(known + 2),
  );
}

function forgeContent(
  encoder: encoding.Encoder,
  ref: number,
  knowledge: Knowledge,
  random: SeededRandom,
): void {
  switch (ref) {
    case 1:
      encoding.writeVarUint(encoder, 1 + random.integer(4));
      break;
    case 2:
      encoding.writeVarUint(encoder, 1);
      encoding.writeVarString(encoder, pick(['{"a":1}', "undefined"], random));
      break;
    case 3:
      encoding.writeVarUint8Array(encoder, Uint8Array.of(1, 2, 3));
      break;
    case 4:
      encoding.writeVarString(encoder, pick(["abc", "x", "😀", "é"], random));
      break;
    case 5:
      encoding.writeVarString(encoder, '{"embed":1}');
      break;
    case 6:
      encoding.writeVarString(encoder, "bold");
      encoding.writeVarString(encoder, pick(["true", "null"], random));
      break;
    case 7: {
      const type = random.integer(7);
      encoding.writeVarUint(encoder, type);
      if (type === 3 || type === 5) encoding.writeVarString(encoder, "p");
      break;
    }
    case 8:
      forgeRecords(encoder, knowledge, random);
      break;
    default:
      encoding.writeVarString(encoder, "guid");
      encoding.writeAny(encoder, {});
  }
}

function forgeRecords(encoder: encoding.Encoder, knowledge: Knowledge, random: SeededRandom): void {
  const count = 1 + random.integer(3);
  const n = Math.max(0, pick(knowledge.lengths, random) - pick([0, 0, 0, 0, 1, 2], random));
  encoding.writeVarUint(encoder, count);
  for (let i = 0; i < count; i++)
    encoding.writeAny(
      encoder,
      random.number() < 0.97
        ? { n: n + i, at: 1_000 + n + i, kind: "noted" }
        : pick([null, undefined, 1n, { n }, new Uint8Array(3), "text", [[[]]]], random),
    );
}

function forgeDeletions(
  encoder: encoding.Encoder,
  clocks: ReadonlyMap<number, number>,
  random: SeededRandom,
): void {
  const count = random.number() < 0.15 ? 1 : 0;
  encoding.writeVarUint(encoder, count);
  if (count === 0) return;
  const client = pick([...clocks.keys(), 11], random);
  encoding.writeVarUint(encoder, client);
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarUint(encoder, random.integer((clocks.get(client) ?? 0) + 2));
  encoding.writeVarUint(encoder, pick([1, 2, 3, 2 ** 40], random));
}
