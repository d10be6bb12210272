/**
 * An agent promises and falls silent: its process is killed in the middle of its work. Nobody manages it; its lease ends,
 * another agent writes that down, and takes over.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createRelay } from "../../adapters/transport/relay.ts";
import { createWebsocketTransport } from "../../adapters/transport/websocket.ts";
import { getTask, openBoard } from "../../lib/index.ts";

const relay = await createRelay({ access: "open" });
const board = await openBoard({
  board: "kitchen",
  transport: createWebsocketTransport({ url: relay.address }),
});
const bob = await board.join({ name: "bob", leaseMs: 1000 });
const soup = await bob.add({ title: "cook the soup", maxAttempts: 3 });

const silent = fork(fileURLToPath(new URL("./silent-worker.js", import.meta.url)), [relay.address]);
await once(silent, "message");
console.log("ann holds the task, and her process is killed");
silent.kill("SIGKILL");

const stop = new AbortController();
await bob.work(
  async ({ attempt, signal }) => {
    console.log(`bob takes over in attempt ${attempt}; his signal is aborted: ${signal.aborted}`);
    queueMicrotask(() => stop.abort());
    return "soup";
  },
  { where: ({ nextAttempt }) => nextAttempt > 1, signal: stop.signal },
);

const task = getTask(board.snapshot(), soup);
for (const claim of task?.claims ?? [])
  console.log(`attempt ${claim.attempt}: ${claim.agent.split("~")[0]}, ${claim.status}`);
console.log(
  board
    .explain(soup)
    .losers.map(({ reason }) => reason)
    .join(" "),
);
await board.close();
await relay.close();
