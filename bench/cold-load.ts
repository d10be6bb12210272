/** How long does a board of 100,000 tasks take to load, how much memory does it hold, and how large is a record? */
import { openBoard, type Transport, Y } from "../lib/index.ts";
import { collectGarbage, type Figure, median, timed } from "./measure.ts";
import { createOfflineTransport } from "./offline.ts";

const TASKS = 100_000;
const ROUNDS = 5;

/** Loads 100,000 tasks with 4 records each into a board and into a bare document. */
export async function benchColdLoad(): Promise<readonly Figure[]> {
  const { bytes, bytesPerClaim } = await recordBoard();
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await loadBare(bytes));
    ours.push(await loadBoard(bytes));
  }
  const ratio = median(ours) / median(bare);
  const heap = await heapPerTask(bytes);
  return [
    {
      what: "cold load of 100,000 tasks with 4 records each, to a full snapshot",
      target: "<= 2.5 x bare Yjs; <= 2 kB heap a task",
      measured: `${ratio.toFixed(2)} x (${median(ours).toFixed(0)} ms, bare ${median(bare).toFixed(0)} ms); ${(heap / 1000).toFixed(2)} kB a task`,
      isMet: ratio <= 2.5 && heap <= 2000,
    },
    {
      what: "document size of claim-sized records",
      target: "<= 80 B a record",
      measured: bytesPerClaim.map(({ of, bytes: size }) => `${size.toFixed(1)} B ${of}`).join(", "),
      isMet: bytesPerClaim.every(({ bytes: size }) => size <= 80),
    },
  ];
}

/** A board on which ten agents worked: every task added, claimed, confirmed by a relay's barrier, and completed. */
async function recordBoard(): Promise<{
  bytes: Uint8Array;
  bytesPerClaim: { of: string; bytes: number }[];
}> {
  const offline = createOfflineTransport();
  const transport: Transport = { ...offline, capabilities: { barrier: true, presence: false } };
  const board = await openBoard({ board: "bench", transport });
  const agents = await Promise.all(
    Array.from({ length: 10 }, (_, i) => board.join({ name: `agent-${i}` })),
  );
  const [first] = agents;
  if (first === undefined) throw new Error("no agent");
  const ids = await first.add(Array.from({ length: TASKS }, (_, i) => ({ title: `task ${i}` })));
  const size = (): number => Y.encodeStateAsUpdate(board.doc).length;
  const added = size();
  // a run of claims by one agent, and claims of ten agents in turn, which Yjs cannot lay side by side
  for (const id of ids.slice(0, 5000)) await first.claim(id, { guarantee: "optimistic" });
  const inRun = (size() - added) / 5000;
  const before = size();
  let i = 0;
  for (const id of ids.slice(5000, 10_000)) await agents[i++ % 10]?.claim(id);
  const inTurn = (size() - before) / 10_000;
  await board.close();
  return {
    bytes: await finishedBoard(),
    bytesPerClaim: [
      { of: "by one agent", bytes: inRun },
      { of: "by ten agents of one replica in turn (claimed and confirmed)", bytes: inTurn },
    ],
  };
}

async function finishedBoard(): Promise<Uint8Array> {
  const offline = createOfflineTransport();
  const transport: Transport = { ...offline, capabilities: { barrier: true, presence: false } };
  const board = await openBoard({ board: "bench", transport });
  const agents = await Promise.all(
    Array.from({ length: 10 }, (_, i) => board.join({ name: `agent-${i}` })),
  );
  const ids =
    (await agents[0]?.add(Array.from({ length: TASKS }, (_, i) => ({ title: `task ${i}` })))) ?? [];
  let i = 0;
  for (const id of ids) {
    const outcome = await agents[i++ % 10]?.claim(id);
    if (outcome?.ok) await outcome.claim.complete({ ok: true });
  }
  const bytes = Y.encodeStateAsUpdate(board.doc);
  await board.close();
  return bytes;
}

async function loadBoard(bytes: Uint8Array): Promise<number> {
  const transport = createOfflineTransport();
  const board = await openBoard({ board: "bench", transport });
  collectGarbage();
  const ms = await timed(() => {
    transport.deliver(bytes);
    if (board.snapshot().counts.completed !== TASKS) throw new Error("not all tasks were loaded");
  });
  await board.close();
  return ms;
}

function loadBare(bytes: Uint8Array): Promise<number> {
  const doc = new Y.Doc({ gc: false });
  collectGarbage();
  return timed(() => Y.applyUpdate(doc, bytes));
}

async function heapPerTask(bytes: Uint8Array): Promise<number> {
  const transport = createOfflineTransport();
  const board = await openBoard({ board: "bench", transport });
  await settleHeap();
  const before = process.memoryUsage().heapUsed;
  transport.deliver(bytes);
  const snapshot = board.snapshot();
  await settleHeap();
  const held = process.memoryUsage().heapUsed - before;
  if (snapshot.counts.completed !== TASKS) throw new Error("not all tasks were loaded");
  await board.close();
  return held / TASKS;
}

/** Collects what earlier rounds left, also what only lives until a turn is over. */
async function settleHeap(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    collectGarbage();
  }
}
