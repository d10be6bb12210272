/** How much does the library add to Yjs when records of others arrive one update at a time? */
import { openBoard, type TaskId, Y } from "../lib/index.ts";
import { type Figure, median, nextTurn, timed } from "./measure.ts";
import { createOfflineTransport } from "./offline.ts";

const RECORDS = 10_000;
const TASKS = 2500;
const ROUNDS = 5;

/** Applies 10,000 updates of one record each to a board and to a bare document. */
export async function benchRemoteApply(): Promise<readonly Figure[]> {
  const updates = await recordUpdates();
  const ours: number[] = [];
  const bare: number[] = [];
  // nothing is collected by force: that throws away what the engine has learned, and would be measured
  for (let round = 0; round < 2 * ROUNDS; round++) {
    const [bareMs, oursMs] = [await applyBare(updates), await applyToBoard(updates)];
    if (round < ROUNDS) continue;
    bare.push(bareMs);
    ours.push(oursMs);
  }
  const ratio = median(bare) / median(ours);
  const rate = (ms: number): string => (updates.length / (ms / 1000)).toFixed(0);
  return [
    {
      what: "applying 10,000 remote records, one update each",
      target: ">= 0.60 of bare Yjs",
      measured: `${ratio.toFixed(2)}: ${rate(median(ours))}/s against ${rate(median(bare))}/s`,
      isMet: ratio >= 0.6,
    },
  ];
}

/** The updates of an agent that adds 2,500 tasks one by one, then claims, notes and completes each. */
async function recordUpdates(): Promise<readonly Uint8Array[]> {
  const board = await openBoard({ board: "bench", transport: createOfflineTransport() });
  const agent = await board.join({ name: "author" });
  const updates: Uint8Array[] = [Y.encodeStateAsUpdate(board.doc)];
  board.doc.on("update", (update: Uint8Array) => updates.push(update));
  const ids: TaskId[] = [];
  for (let i = 0; i < TASKS; i++) ids.push(await agent.add({ title: `task ${i}` }));
  for (const id of ids) {
    const outcome = await agent.claim(id);
    await agent.note(id, "under way");
    if (outcome.ok) await outcome.claim.complete();
  }
  if (updates.length !== RECORDS + 1) throw new Error(`made ${updates.length - 1} updates`);
  const made = [...updates];
  await board.close();
  return made;
}

async function applyToBoard(updates: readonly Uint8Array[]): Promise<number> {
  const transport = createOfflineTransport();
  const board = await openBoard({ board: "bench", transport });
  let events = 0;
  board.watch((change) => {
    events += change.events.length;
  });
  const ms = await timed(async () => {
    for (const update of updates) transport.deliver(update);
    await nextTurn();
  });
  if (events < RECORDS / 2 || board.snapshot().counts.completed !== TASKS)
    throw new Error("events are missing");
  await board.close();
  return ms;
}

function applyBare(updates: readonly Uint8Array[]): Promise<number> {
  const doc = new Y.Doc({ gc: false });
  return timed(() => {
    for (const update of updates) Y.applyUpdate(doc, update);
  });
}
