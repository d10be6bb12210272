/** How fast is a claim made here: record made, stored in the document, snapshot and events out? */
import { type Agent, type Board, openBoard, type TaskId, Y } from "../lib/index.ts";
import { type Figure, median, nextTurn, percentile } from "./measure.ts";
import { createOfflineTransport } from "./offline.ts";

const SMALL = 1000;
const LARGE = 100_000;
const CLAIMS = 2000;
const ROUNDS = 5;

/** Claims per second at 1,000 and 100,000 tasks, beside bare Yjs pushing the same records. */
export async function benchLocalClaim(): Promise<readonly Figure[]> {
  const small = await smallRates();
  const large = await largeRates();
  const bare = median(Array.from({ length: 4 * ROUNDS }, bareRate).slice(ROUNDS));
  const rate = median(large);
  const ratio = rate / median(small);
  return [
    {
      what: "local claim at 100,000 tasks",
      target: ">= 20,000/s, >= 0.8 of the rate at 1,000",
      measured: `${rate.toFixed(0)}/s, ${ratio.toFixed(2)} of ${median(small).toFixed(0)}/s; bare Yjs push ${bare.toFixed(0)}/s`,
      isMet: rate >= 20_000 && ratio >= 0.8,
    },
    await startLatency(),
  ];
}

interface Filled {
  readonly board: Board;
  readonly agent: Agent;
  readonly ids: readonly TaskId[];
}

/** Opens a board without peers that holds `count` tasks. */
async function openFilled(count: number): Promise<Filled> {
  const board = await openBoard({ board: "bench", transport: createOfflineTransport() });
  const agent = await board.join({ name: "bench" });
  const ids = await agent.add(Array.from({ length: count }, (_, i) => ({ title: `task ${i}` })));
  return { board, agent, ids };
}

/** Claims 1,000 tasks of a board that has 1,000, on board after board; the first half only warms the engine up. */
async function smallRates(): Promise<readonly number[]> {
  const rates: number[] = [];
  for (let round = 0; round < 2 * ROUNDS; round++) {
    const filled = await openFilled(SMALL);
    rates.push(await claimRate(filled, filled.ids));
    await filled.board.close();
  }
  return rates.slice(ROUNDS);
}

/** Claims a fifth of a board that has 100,000 tasks, in rounds; the first half only warms the engine up. */
async function largeRates(): Promise<readonly number[]> {
  const filled = await openFilled(LARGE);
  const rates: number[] = [];
  for (let round = 0; round < 2 * ROUNDS; round++) {
    const ids = filled.ids.filter((_, i) => i % (10 * ROUNDS) === round);
    rates.push(await claimRate(filled, ids));
  }
  await filled.board.close();
  return rates.slice(ROUNDS);
}

/** Claims per second. Nothing is collected by force: that throws away what the engine has learned, and would be measured. */
async function claimRate({ board, agent }: Filled, ids: readonly TaskId[]): Promise<number> {
  let events = 0;
  const stop = board.watch((change) => {
    events += change.events.length;
  });
  await nextTurn();
  const start = performance.now();
  for (const id of ids) {
    await agent.claim(id);
    await nextTurn(); // the snapshot and the events of this claim go out
  }
  const rate = ids.length / ((performance.now() - start) / 1000);
  stop();
  if (events < 2 * ids.length) throw new Error(`only ${events} events for ${ids.length} claims`);
  return rate;
}

/** Bare Yjs pushing claim-sized records into arrays of 256, an update listener attached. */
function bareRate(): number {
  const doc = new Y.Doc({ gc: false });
  doc.on("update", () => {});
  const start = performance.now();
  for (let n = 0; n < CLAIMS; n++)
    doc
      .getArray(`log/bench~00000000/${n >> 8}`)
      .push([{ n, at: n + 1, kind: "claimed", task: "abcdefghijkl" }]);
  return CLAIMS / ((performance.now() - start) / 1000);
}

/** How long after asking may the handler start, optimistically, at 10,000 tasks? */
async function startLatency(): Promise<Figure> {
  const { board, agent, ids } = await openFilled(10_000);
  board.watch(() => {});
  const samples: number[] = [];
  for (const id of ids.slice(0, 4000)) {
    const start = performance.now();
    await agent.claim(id, { guarantee: "optimistic" });
    samples.push(performance.now() - start);
    await nextTurn();
  }
  await board.close();
  const p50 = percentile(samples, 50);
  return {
    what: "optimistic claim, time to start, at 10,000 tasks",
    target: "<= 0.1 ms p50",
    measured: `${p50.toFixed(3)} ms p50, ${percentile(samples, 99).toFixed(3)} ms p99`,
    isMet: p50 <= 0.1,
  };
}
