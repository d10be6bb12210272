/** How soon is an update visible at 50 other replicas of a relay? Two processes hold 25 replicas each. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createWebsocketTransport } from "../adapters/transport/websocket.ts";
import { openBoard } from "../lib/index.ts";
import { type Figure, percentile } from "./measure.ts";
import { startRelay } from "./relay-process.ts";

const PROCESSES = 2;
const REPLICAS = 25;
const UPDATES = 300;
const WARM_UP = 100;
const EVERY_MS = 20;

/** Writes 50 updates a second in one replica and measures at fifty others when each is seen. */
export async function benchFanOut(): Promise<readonly Figure[]> {
  await using relay = await startRelay();
  const watchers = Array.from({ length: PROCESSES }, () => startWatcher(relay.address));
  await Promise.all(watchers.map((child) => once(child, "message")));
  await using board = await openBoard({
    board: "bench",
    transport: createWebsocketTransport({ url: relay.address }),
  });
  const agent = await board.join({ name: "writer" });
  await board.sync();
  for (let i = -WARM_UP; i < UPDATES; i++) {
    await agent.add({
      title: i < 0 ? "warm up" : String(performance.timeOrigin + performance.now()),
    });
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  const reports = await Promise.all(
    watchers.map(async (child) => {
      const answer = once(child, "message");
      child.send("report");
      const [delays] = (await answer) as [number[]];
      child.kill();
      return delays;
    }),
  );
  const delays = reports.flat();
  const lost = PROCESSES * REPLICAS * UPDATES - delays.length;
  const p50 = percentile(delays, 50);
  const p99 = percentile(delays, 99);
  return [
    {
      what: "update visible at 50 other replicas through the relay",
      target: "p50 <= 5 ms, p99 <= 20 ms",
      measured: `${p50.toFixed(2)} ms p50, ${p99.toFixed(2)} ms p99 of ${delays.length} deliveries, ${lost} missing`,
      isMet: p50 <= 5 && p99 <= 20 && lost === 0,
    },
  ];
}

function startWatcher(address: string): ChildProcess {
  return fork(fileURLToPath(new URL("./fan-out-watcher.js", import.meta.url)), [
    address,
    String(REPLICAS),
  ]);
}
