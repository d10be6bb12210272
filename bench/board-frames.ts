/** Does the live board stay smooth: how many frames a second does it draw while 100 agents work on 10,000 tasks? */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { createWebsocketTransport } from "../adapters/transport/websocket.ts";
import { type Agent, openBoard } from "../lib/index.ts";
import { type Figure, percentile } from "./measure.ts";
import { startRelay } from "./relay-process.ts";

const AGENTS = 100;
const TASKS = 10_000;
const CHANGES_PER_SECOND = 50;
const WARM_UP_MS = 3_000;
const MEASURED_MS = 8_000;
const MIN_FRAMES_PER_SECOND = 30;

const PAGE = fileURLToPath(new URL("../../demos/dist/board.html", import.meta.url));
/** Where Debian has it; elsewhere the environment variable `CHROMIUM` tells. */
const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--no-first-run",
];

/** Counts frames in headless Chromium, without a graphics card, while the page is left alone and while it is scrolled. */
export async function benchBoardFrames(): Promise<readonly Figure[]> {
  await using relay = await startRelay();
  await using site = await serve(PAGE);
  await using board = await openBoard({
    board: "bench",
    transport: createWebsocketTransport({ url: relay.address }),
  });
  const names = Array.from({ length: AGENTS }, (_, i) => `worker${i}`);
  const agents = await Promise.all(names.map((name) => board.join({ name })));
  await agents[0]?.add(
    Array.from({ length: TASKS }, (_, i) => ({ title: `Task ${i} of the bench` })),
  );
  await board.sync();

  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`${site.address}#relay=${relay.address}&board=bench`);
  await page.locator(".tasks h2", { hasText: "10,000" }).waitFor();
  const stop = work(agents);
  const figures: Figure[] = [];
  for (const how of ["left alone", "scrolled"] as const) {
    await page.waitForTimeout(WARM_UP_MS);
    const before = board.recordCount;
    const frames = await page.evaluate(countFrames, {
      forMs: MEASURED_MS,
      isScrolled: how === "scrolled",
    });
    const records = (1_000 * (board.recordCount - before)) / MEASURED_MS;
    const rate = (1_000 * frames.length) / MEASURED_MS;
    figures.push({
      what: `frames of the live board, ${how}, with ${AGENTS} agents, ${TASKS.toLocaleString("en")} tasks and ${CHANGES_PER_SECOND} changes/s, headless Chromium ${browser.version()} without a graphics card, on ${cpus().length} cores of ${cpus()[0]?.model ?? "unknown"}`,
      target: `>= ${MIN_FRAMES_PER_SECOND} frames/s`,
      measured: `${rate.toFixed(1)} frames/s; a frame took ${percentile(frames, 50).toFixed(1)} ms p50, ${percentile(frames, 99).toFixed(1)} ms p99, ${Math.max(...frames).toFixed(0)} ms at most; ${records.toFixed(0)} records/s`,
      isMet: rate >= MIN_FRAMES_PER_SECOND,
    });
  }
  await stop();
  await board.sync();
  // a page that had stood still, or fallen behind, would have been quick for nothing
  const records = board.recordCount.toLocaleString("en");
  await page.locator(".cost dd").first().filter({ hasText: records }).waitFor();
  await browser.close();
  return figures;
}

/** One change after the other: agents in turn claim what is next, or complete what they hold. */
function work(agents: readonly Agent[]): () => Promise<void> {
  const under = new Set<Promise<unknown>>();
  let turn = 0;
  const act = async (agent: Agent): Promise<void> => {
    const [held] = agent.held();
    if (held === undefined) await agent.claimNext({ guarantee: "optimistic" });
    else await held.complete({ ok: true });
  };
  const timer = setInterval(() => {
    const agent = agents[turn++ % agents.length];
    if (agent === undefined) return;
    const one = act(agent).finally(() => under.delete(one));
    under.add(one);
  }, 1_000 / CHANGES_PER_SECOND);
  return async () => {
    clearInterval(timer);
    await Promise.all(under);
  };
}

/** Runs in the page: how long each frame took, in milliseconds. */
function countFrames(options: {
  readonly forMs: number;
  readonly isScrolled: boolean;
}): Promise<number[]> {
  return new Promise((resolve) => {
    const list = document.querySelector(".tasks [role=listbox]");
    const frames: number[] = [];
    const start = performance.now();
    let last = start;
    const next = (now: number): void => {
      frames.push(now - last);
      last = now;
      if (options.isScrolled && list !== null) list.scrollTop += 40;
      if (now - start < options.forMs) requestAnimationFrame(next);
      else resolve(frames);
    };
    requestAnimationFrame(next);
  });
}

/** Serves the built page from loopback, since a relay takes no pages of files unless told to. */
async function serve(file: string): Promise<AsyncDisposable & { readonly address: string }> {
  const text = await readFile(file);
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html").end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/board.html`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
