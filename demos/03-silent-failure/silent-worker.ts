/** The agent that falls silent: it claims what there is, says so, and never finishes. */
import { createWebsocketTransport } from "../../adapters/transport/websocket.ts";
import { openBoard } from "../../lib/index.ts";

const [url = ""] = process.argv.slice(2);
const board = await openBoard({ board: "kitchen", transport: createWebsocketTransport({ url }) });
await board.sync();
const ann = await board.join({ name: "ann", leaseMs: 1000 });
await ann.work(async (claim) => {
  process.send?.(claim.task.title);
  await new Promise(() => {});
});
