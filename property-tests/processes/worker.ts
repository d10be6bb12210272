/**
 * The program of a worker: one board with a store of its own, and one workload, until its parent says `stop`; on `finish` it
 * writes down all that its replica holds. Without a store it is a newcomer, which is told to stop from the start.
 */
import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createLogFileStorage } from "../../adapters/storage/log-file.ts";
import { createSeededRandom } from "../../adapters/transport/memory.ts";
import { createWebsocketTransport } from "../../adapters/transport/websocket.ts";
import { type Board, openBoard, tasksOf } from "../../lib/index.ts";
import { openHistory, type SeenRecord } from "./history.ts";
import { type WorkloadName, workloads } from "./workload/workloads.ts";

/** What a worker process is told. */
export interface WorkerSettings {
  readonly run: string;
  readonly histories: string;
  readonly relay: string;
  /** Its replica's store; none for a newcomer. */
  readonly directory: string | null;
  readonly workload: WorkloadName;
  readonly seed: number;
  readonly leaseMs: number;
  /** The port of a fenced resource, where there is one. */
  readonly resource: number | null;
}

const settings = JSON.parse(process.argv[2] ?? "") as WorkerSettings;
const note = openHistory(settings.histories, settings.run);
const stop = new AbortController();
const isToFinish = new Promise<void>((resolve) => {
  process.on("message", (word) => {
    stop.abort();
    if (word === "finish") resolve();
  });
});
process.on("disconnect", () => process.exit()); // its parent is gone

const { directory } = settings;
if (directory === null) stop.abort();
const board = await openBoard({
  board: "hall",
  transport: createWebsocketTransport({ url: settings.relay, maxBackoffMs: 100 }),
  ...(directory === null ? {} : { storage: createLogFileStorage({ directory }) }),
  onFault: ({ message }) => note({ kind: "fault", message }),
});
note({
  kind: "opened",
  clientId: board.doc.clientID,
  records: recordsOf(board),
  notes: tasksOf(board.snapshot()).flatMap(({ notes }) => notes.map(({ text }) => text)),
});
await workloads[settings.workload]({
  board,
  note,
  leaseMs: settings.leaseMs,
  run: settings.run,
  random: createSeededRandom(settings.seed),
  signal: stop.signal,
  resource: settings.resource,
});
await board.sync();
note({ kind: "stopped" });
await isToFinish;
await board.sync();
await nextTurn(); // in which the last events are told
note({
  kind: "finished",
  clientIds: [...board.doc.store.clients.keys()],
  tasks: tasksOf(board.snapshot()).map(({ id, title, notes }) => ({
    id,
    title,
    notes: notes.map(({ text }) => text),
  })),
  records: recordsOf(board),
});
await once(process, "disconnect");

function recordsOf(of: Board): readonly SeenRecord[] {
  return tasksOf(of.snapshot()).flatMap(({ id }) =>
    of.history(id).map(({ agent, record }) => ({ agent, record })),
  );
}
