/** How long does a settled claim take through a relay on loopback, beside a bare round trip of the same relay? */

import { createWebsocketTransport } from "../adapters/transport/websocket.ts";
import { type Board, openBoard } from "../lib/index.ts";
import { type Figure, median, nextTurn, percentile } from "./measure.ts";
import { startRelay } from "./relay-process.ts";

const CLAIMS = 400;
const ROUNDS = 5;

/** Claims one by one under `settled`; between them, markers alone: the round trip that the target counts in. */
export async function benchSettledClaim(): Promise<readonly Figure[]> {
  await using relay = await startRelay();
  await using board = await openBoard({
    board: "bench",
    transport: createWebsocketTransport({ url: relay.address }),
  });
  const rounds: { claim: number; trip: number; p99: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await claimRound(board));
  const claim = median(rounds.map((round) => round.claim));
  const trip = median(rounds.map((round) => round.trip));
  const p99 = median(rounds.map((round) => round.p99));
  return [
    {
      what: "settled claim through the loopback relay",
      target: "p50 <= 2 round trips of the same relay",
      measured: `${(claim / trip).toFixed(2)} round trips: ${claim.toFixed(2)} ms p50, ${p99.toFixed(2)} ms p99; a marker alone ${trip.toFixed(2)} ms`,
      isMet: claim <= 2 * trip,
    },
  ];
}

async function claimRound(board: Board): Promise<{ claim: number; trip: number; p99: number }> {
  const agent = await board.join({ name: "bench" });
  const ids = await agent.add(Array.from({ length: CLAIMS }, (_, i) => ({ title: `task ${i}` })));
  await board.sync();
  const claims: number[] = [];
  const trips: number[] = [];
  for (const id of ids) {
    const before = performance.now();
    await board.sync();
    const between = performance.now();
    const outcome = await agent.claim(id, { guarantee: "settled" });
    claims.push(performance.now() - between);
    trips.push(between - before);
    if (!outcome.ok) throw new Error(`the claim of ${id} was lost: ${outcome.reason}`);
    await outcome.claim.complete();
    await nextTurn();
  }
  return {
    claim: percentile(claims, 50),
    trip: percentile(trips, 50),
    p99: percentile(claims, 99),
  };
}
