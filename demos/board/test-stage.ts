/** What the page's test plays on: the built page in a real browser, a real relay, and agents with boards of their own. */
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { createRelay, type Relay, type RelayOptions } from "../../adapters/transport/relay.ts";
import { createWebsocketTransport } from "../../adapters/transport/websocket.ts";
import { type Agent, type Board, type JoinOptions, openBoard } from "../../lib/index.ts";

/** The built page. */
const PAGE = join(import.meta.dirname, "../dist/board.html");

/** Where Debian has it; elsewhere the environment variable `CHROMIUM` tells. */
const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--no-first-run",
];

/** A page, with all that it said to the console and asked the network for. */
export interface SeenPage {
  readonly page: Page;
  readonly said: readonly string[];
  readonly requested: readonly string[];
}

/** One browser and one site for all tests. */
export interface House extends AsyncDisposable {
  /** Opens the page with a hash, from loopback or from disk. */
  open(hash: Readonly<Record<string, string>>, from?: "site" | "disk"): Promise<SeenPage>;
}

/** Starts browser and site. */
export async function openHouse(): Promise<House> {
  if (!existsSync(PAGE))
    throw new Error(`${PAGE} is missing: build it first with \`node demos/build-pages.js\`.`);
  const server = await serve();
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  return {
    async open(hash, from = "site") {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      const page = await context.newPage();
      page.setDefaultTimeout(10_000);
      const said: string[] = [];
      const requested: string[] = [];
      page.on("console", (message) => said.push(message.text()));
      page.on("pageerror", ({ message }) => said.push(message));
      page.on("request", (request) => requested.push(request.url()));
      page.on("websocket", (socket) => requested.push(socket.url()));
      const base = from === "disk" ? pathToFileURL(PAGE).href : `${origin}/board.html`;
      await page.goto(`${base}#${new URLSearchParams(hash)}`);
      return { page, said, requested };
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A relay with the agents of one test. */
export interface Stage extends AsyncDisposable {
  readonly address: string;
  /** Opens a board of its own and joins it. */
  join(
    name: string,
    options?: Partial<JoinOptions>,
  ): Promise<{ readonly board: Board; readonly agent: Agent }>;
  /** Waits until all boards have what any of them has. */
  settle(): Promise<void>;
  /** Ends the relay; `start` brings it back at the same address, without its memory. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Starts a relay. */
export async function openStage(options: Partial<RelayOptions> = {}): Promise<Stage> {
  const boards: Board[] = [];
  let relay: Relay = await createRelay({ access: "open", allowedOrigins: ["null"], ...options });
  const { address } = relay;
  return {
    address,
    async join(name, more = {}) {
      const board = await openBoard({
        board: "docs",
        transport: createWebsocketTransport({
          url: address,
          longestLeaseMs: 120_000,
          maxBackoffMs: 200,
        }),
      });
      boards.push(board);
      await board.sync();
      return { board, agent: await board.join({ name, ...more }) };
    },
    async settle() {
      for (const _ of boards) await Promise.all(boards.map((board) => board.sync()));
    },
    stop: () => relay.close(),
    async start() {
      const port = Number(new URL(address).port);
      relay = await createRelay({ access: "open", ...options, port, isFresh: true });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(boards.map((board) => board.close()));
      await relay.close();
    },
  };
}

/** How long a board may take to become as asked. */
const UNTIL_MS = 10_000;

/** Resolves once a board is as asked, or says that it never was. */
export function until(board: Board, holds: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`after ${UNTIL_MS} ms it does not hold: ${holds}`));
    }, UNTIL_MS);
    const look = (): void => {
      if (!holds()) return;
      clearTimeout(timer);
      stop();
      resolve();
    };
    const stop = board.watch(look);
    look();
  });
}

/** Serves the page as a web server of this machine would. */
async function serve(): Promise<Server> {
  const text = readFileSync(PAGE);
  const server = createServer(({ url = "/" }, response) => {
    if (url === "/board.html") response.setHeader("content-type", "text/html").end(text);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
