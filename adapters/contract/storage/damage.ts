/**
 * The damage suite, for storages that keep boards in files: it cuts, flips, overwrites and crashes at every byte and
 * step, and looks at what the store then says. It runs on Node, and imports no test runner.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Storage } from "../../../lib/index.ts";
import { check, type RegisterTest } from "../suite/check.ts";
import { describeCrashes } from "./crash.ts";
import { type Files, withFile } from "./files.ts";
import { countIntact, judge, makeSpecimen, type Place, type Specimen } from "./specimen.ts";

/** What {@link describeStorageDamage} needs. */
export interface StorageDamageOptions {
  /** Registers one test: `test` of jest, vitest and node:test all fit. Some tests take seconds on a slow disk. */
  readonly test: RegisterTest;
  /** Gives a storage over a directory, as a process that starts would make it. */
  readonly createStorage: (directory: string) => Storage;
  /**
   * Tells whether a file holds a board's content, drafts included; named relative to the directory. Not so the locks,
   * which would name this process: those of a crash are a dead one's.
   */
  readonly holdsContent: (name: string) => boolean;
  /** Whether all eight bits of a byte are flipped, one after the other, rather than one of them. */
  readonly isEveryBitFlipped: boolean;
}

/** Tries one way of damage on one file of a specimen. */
type Damage = (
  bytes: Uint8Array,
) => Iterable<{ readonly what: string; readonly bytes: Uint8Array }>;

/**
 * Registers the damage suite, rules Z36 to Z39 of `docs/spec.md`. Whatever the damage, a store either opens with the
 * first so many of the acknowledged updates, under its old id and ready for more, or refuses with `STORAGE_CORRUPT`,
 * names the file and changes nothing. Which of the two, and how many updates at least, depends on what is still there:
 *
 * - All bytes of all updates, or of all but the last: a crash in the last append could have left this. It opens with
 *   these updates; only where a bit was flipped may it refuse.
 * - Those of fewer updates: flushed bytes were lost. With a tail missing it may open with those updates, or refuse;
 *   with a bit flipped it must refuse.
 * - Less than what a compaction or the making of the store wrote as a whole: it must refuse.
 *
 * @example
 * describeStorageDamage({
 *   test,
 *   createStorage: (directory) => createLogFileStorage({ directory }),
 *   holdsContent: (name) => !name.includes(".lock."),
 *   isEveryBitFlipped: false,
 * });
 */
export function describeStorageDamage(options: StorageDamageOptions): void {
  const { test, createStorage, holdsContent } = options;
  const inPlace = (run: (place: Place) => Promise<void>) => async () => {
    const root = mkdtempSync(join(tmpdir(), "stigmergy-damage-"));
    try {
      await run({ directory: join(root, "boards"), createStorage, holdsContent });
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  };
  const bits = options.isEveryBitFlipped ? [0, 1, 2, 3, 4, 5, 6, 7] : [undefined];

  for (const isCompacted of [false, true]) {
    const board = isCompacted ? "a compacted board" : "a board";

    test(
      `[Z36] ${board} cut at any byte opens with a prefix of what was acknowledged, or says that it is damaged`,
      inPlace(async (place) => {
        await tryAll(place, await makeSpecimen(place, isCompacted), cutAnywhere);
      }),
    );

    for (const bit of bits) {
      test(
        `[Z37] ${board} with ${bit === undefined ? "a bit" : `bit ${bit}`} of any byte flipped says so or opens as if its last append were torn`,
        inPlace(async (place) => {
          const specimen = await makeSpecimen(place, isCompacted);
          await tryAll(place, specimen, (bytes) => flipAnywhere(bytes, bit), true);
        }),
      );
    }

    test(
      `[Z39] ${board} with garbage or zeros behind it, or zeros over its tail, never shows other content`,
      inPlace(async (place) => {
        const specimen = await makeSpecimen(place, isCompacted);
        await tryAll(place, specimen, appendGarbage);
        await tryAll(place, specimen, zeroTail);
      }),
    );
  }

  describeCrashes(test, inPlace);
}

async function tryAll(
  place: Place,
  specimen: Specimen,
  damage: Damage,
  isFlip = false,
): Promise<void> {
  let tried = 0;
  for (const [name, original] of specimen.files) {
    for (const { what, bytes } of damage(original)) {
      tried++;
      const damaged = withFile(specimen.files, name, bytes);
      try {
        await judge(place, specimen, damaged, judgmentOf(specimen, damaged, isFlip));
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`${name} of ${original.length} bytes, ${what}: ${reason}`, { cause });
      }
    }
  }
  check(tried > 0, "there is something to damage");
}

function judgmentOf(specimen: Specimen, damaged: Files, isFlip: boolean) {
  const atMost = specimen.updates.length;
  const intact = countIntact(specimen, damaged);
  const couldBeCrash = intact !== undefined && intact >= atMost - 1;
  if (intact === undefined || (isFlip && !couldBeCrash)) {
    return { atLeast: atMost, atMost, mayRefuse: true };
  }
  return { atLeast: intact, atMost, mayRefuse: isFlip || !couldBeCrash };
}

function* cutAnywhere(bytes: Uint8Array) {
  for (let length = 0; length < bytes.length; length++) {
    yield { what: `cut at byte ${length}`, bytes: bytes.subarray(0, length) };
  }
}

function* flipAnywhere(bytes: Uint8Array, bit: number | undefined) {
  for (let at = 0; at < bytes.length; at++) {
    const flipped = bytes.slice();
    const which = bit ?? at % 8;
    flipped[at] = (flipped[at] ?? 0) ^ (1 << which);
    yield { what: `bit ${which} of byte ${at} flipped`, bytes: flipped };
  }
}

/** Lengths around those of a length field, of a record's beginning, and of a block. */
const GARBAGE_LENGTHS = [1, 3, 4, 11, 12, 13, 64, 511, 4096];

function* appendGarbage(bytes: Uint8Array) {
  for (const length of GARBAGE_LENGTHS) {
    for (const [kind, byteAt] of GARBAGE) {
      const garbage = Uint8Array.from({ length }, (_, index) => byteAt(index));
      yield {
        what: `followed by ${length} bytes of ${kind}`,
        bytes: new Uint8Array(Buffer.concat([bytes, garbage])),
      };
    }
  }
}

const GARBAGE: readonly (readonly [string, (index: number) => number])[] = [
  ["zeros", () => 0],
  ["ones", () => 0xff],
  ["noise", (index) => (Math.imul(index + 1, 0x9e3779b1) >>> 13) & 0xff],
];

function* zeroTail(bytes: Uint8Array) {
  for (let length = 1; length < 2 * bytes.length; length *= 2) {
    const from = Math.max(0, bytes.length - length);
    yield { what: `zeros from byte ${from}`, bytes: bytes.slice().fill(0, from) };
  }
}
