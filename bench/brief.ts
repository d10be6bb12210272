/** How long does it take to brief a newcomer about a board of 10,000 tasks? */
import { type Agent, brief, openBoard } from "../lib/index.ts";
import { type Figure, median, timed } from "./measure.ts";
import { createOfflineTransport } from "./offline.ts";

const TASKS = 10_000;
const ROUNDS = 30;
const TARGET_MS = 50;

/** Briefs a board in which some tasks are done, some failed or called off, some held, and every fifth has notes. */
export async function benchBrief(): Promise<readonly Figure[]> {
  await using board = await openBoard({ board: "bench", transport: createOfflineTransport() });
  const agent = await board.join({ name: "bench" });
  const ids = await agent.add(
    Array.from({ length: TASKS }, (_, i) => ({
      title: `Task ${i} of the bench`,
      body: "What is to be done, in a sentence or two, as people write it.",
      priority: i % 3,
    })),
  );
  for (const [i, id] of ids.entries()) {
    if (i % 5 === 0) await agent.note(id, { kind: "decision", text: `Decided about ${i}.` });
    if (i % 5 === 1) await agent.note(id, { kind: "dead-end", text: `Tried ${i} in vain.` });
    if (i % 4 === 3) continue;
    if (i % 20 === 0) await agent.cancel(id, "not needed");
    else await workOn(agent.claim(id), i);
  }
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await timed(() => brief(board)));
  const taken = median(times.slice(ROUNDS / 3));
  const bytes = new TextEncoder().encode(brief(board).markdown).length;
  return [
    {
      what: "brief of a board with 10,000 tasks, in 16 KiB",
      target: `<= ${TARGET_MS} ms`,
      measured: `${taken.toFixed(1)} ms for ${bytes} bytes`,
      isMet: taken <= TARGET_MS,
    },
  ];
}

type Claiming = ReturnType<Agent["claim"]>;

async function workOn(claiming: Claiming, i: number): Promise<void> {
  const outcome = await claiming;
  if (!outcome.ok) throw new Error(`task ${i} was not claimed: ${outcome.reason}`);
  if (i % 7 === 0) await outcome.claim.fail(`broke at ${i}`);
  else if (i % 4 !== 2) await outcome.claim.complete({ value: i });
}
