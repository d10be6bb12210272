/** One process of a crew: an agent that works until it is told to report. */

import { createWebsocketTransport } from "../adapters/transport/websocket.ts";
import { type Guarantee, openBoard } from "../lib/index.ts";

const [address = "", guarantee = "settled", taskMs = "0"] = process.argv.slice(2);
const board = await openBoard({
  board: "crew",
  transport: createWebsocketTransport({ url: address }),
});
const agent = await board.join({ name: `member-${process.pid}` });
await board.sync();
const started: string[] = [];
let claims = 0;

process.on("message", () => process.send?.({ started, claims }, () => process.exit()));
process.send?.("ready");
await agent.work(
  async (claim) => {
    started.push(`${claim.task.id} ${claim.attempt}`);
    if (taskMs !== "0") await new Promise((resolve) => setTimeout(resolve, Number(taskMs)));
  },
  {
    guarantee: guarantee as Guarantee,
    onClaim: (outcome) => {
      if (outcome.ok || outcome.reason === "lost" || outcome.reason === "expired") claims++;
    },
  },
);
