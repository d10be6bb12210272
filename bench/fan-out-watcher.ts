/** One process of the fan-out bench: replicas that note how old each added task is when they see it. */

import { createWebsocketTransport } from "../adapters/transport/websocket.ts";
import { openBoard } from "../lib/index.ts";

const [address = "", replicas = "1"] = process.argv.slice(2);
const delays: number[] = [];

for (let i = 0; i < Number(replicas); i++) {
  const board = await openBoard({
    board: "bench",
    transport: createWebsocketTransport({ url: address }),
  });
  await board.sync();
  board.watch(({ tasks }) => {
    const now = performance.timeOrigin + performance.now();
    for (const { before, after } of tasks)
      if (before === undefined && after.title !== "warm up") delays.push(now - Number(after.title));
  });
}
process.on("message", () => process.send?.(delays));
process.send?.("ready");
