/** The fuzz of the relay's admission: mutated and forged updates, drawn from a seed, against boards with and without text. */
import { createSeededRandom, type SeededRandom } from "../../adapters/transport/memory.ts";
import { BoardOnTrial, type Way } from "./board-on-trial.ts";
import { forge } from "./forge.ts";
import { foundingUpdates, nextUpdate } from "./founding.ts";
import { mutate, pick } from "./mutate.ts";

/** What a fuzz came to. */
export interface FuzzReport {
  readonly runs: number;
  /** How many updates had each outcome, by its name. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  readonly largestJumpBytes: number;
  readonly find: Find | null;
}

/** An update that broke something, with all that it takes to see it again. */
export interface Find {
  readonly flaw: string;
  readonly allowsText: boolean;
  readonly way: Way;
  /** What the board held, and the update. */
  readonly state: Uint8Array;
  readonly update: Uint8Array;
}

const MAX_CALL_MS = 50;
const MAX_JUMP_BYTES = 8 << 20;
/** A board is left after so many updates, before it has grown large. */
const UPDATES_PER_BOARD = 400;
/** Memory is looked at around one call of so many. */
const MEMORY_EVERY = 4;

/** Hands in so many updates; ends with the first find. */
export function fuzz({ seed, runs }: { readonly seed: number; readonly runs: number }): FuzzReport {
  const random = createSeededRandom(seed);
  const outcomes: Record<string, number> = {};
  const totals = { slowestMs: 0, largestJumpBytes: 0 };
  let board = foundBoard(random);
  const pool: Uint8Array[] = [board.state];
  for (let run = 1; run <= runs; run++) {
    if (run % UPDATES_PER_BOARD === 0) board = foundBoard(random);
    const way: Way = random.number() < 0.7 ? "update" : "difference";
    const update = drawUpdate(board, pool, random);
    const { state } = board;
    const found = tryOne(board, way, update, run % MEMORY_EVERY === 0);
    totals.slowestMs = Math.max(totals.slowestMs, found.ms);
    totals.largestJumpBytes = Math.max(totals.largestJumpBytes, found.jumpBytes);
    outcomes[found.outcome] = (outcomes[found.outcome] ?? 0) + 1;
    if (found.flaw !== null) {
      const { allowsText } = board;
      return {
        runs: run,
        outcomes,
        ...totals,
        find: { flaw: found.flaw, allowsText, way, state, update },
      };
    }
  }
  return { runs, outcomes, ...totals, find: null };
}

function foundBoard(random: SeededRandom): BoardOnTrial {
  const allowsText = random.number() < 0.5;
  return new BoardOnTrial(allowsText, foundingUpdates(allowsText));
}

function drawUpdate(board: BoardOnTrial, pool: Uint8Array[], random: SeededRandom): Uint8Array {
  const draw = random.number();
  if (draw < 0.6) return forge(board.knowledge(), random);
  if (draw < 0.8) {
    const update = nextUpdate(board.state, random);
    if (pool.length < 500) pool.push(update);
    else pool[random.integer(pool.length)] = update;
    return random.number() < 0.1 ? update : mutate(update, pick(pool, random), random);
  }
  return mutate(pick(pool, random), pick(pool, random), random);
}

interface Tried {
  readonly outcome: string;
  readonly ms: number;
  readonly jumpBytes: number;
  readonly flaw: string | null;
}

function tryOne(board: BoardOnTrial, way: Way, update: Uint8Array, looksAtMemory: boolean): Tried {
  const bytesBefore = looksAtMemory ? memoryBytes() : 0;
  const start = performance.now();
  try {
    const outcome = board.submit(way, update);
    const ms = performance.now() - start;
    const jumpBytes = looksAtMemory ? memoryBytes() - bytesBefore : 0;
    const name = "verdict" in outcome ? outcome.verdict : outcome;
    const flaw = flawOfCost(ms, jumpBytes, update) ?? board.flawAfter(update, outcome);
    return { outcome: nameOf(name), ms, jumpBytes, flaw };
  } catch (error) {
    return { outcome: "thrown", ms: 0, jumpBytes: 0, flaw: `it throws ${error}` };
  }
}

/** Slow is only what is slow again: other programs of the machine may have been in between. */
function flawOfCost(ms: number, jumpBytes: number, update: Uint8Array): string | null {
  if (jumpBytes > MAX_JUMP_BYTES) return `it takes ${jumpBytes} bytes`;
  if (ms <= MAX_CALL_MS) return null;
  const again = [true, false].map((allowsText) => {
    const fresh = new BoardOnTrial(allowsText, foundingUpdates(allowsText));
    const start = process.cpuUsage();
    fresh.submit("difference", update);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  return Math.max(...again) > MAX_CALL_MS ? `it takes ${Math.max(...again)} ms` : null;
}

function nameOf(verdict: { readonly kind: string; readonly reason?: string }): string {
  return verdict.reason === undefined
    ? verdict.kind
    : `refused: ${verdict.reason.split(/[:(]/u)[0]}`;
}

function memoryBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
