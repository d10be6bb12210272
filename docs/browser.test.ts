// Runs the programs of docs/browser.md as a reader would: bundled, in a real browser, over a real relay.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createRelay, type Relay } from "../adapters/transport/relay.ts";
import { createWebsocketTransport } from "../adapters/transport/websocket.ts";
import { openBrowser, type TestBrowser } from "../adapters/workbench/browser.ts";
import { type Board, openBoard } from "../lib/index.ts";

const page = readFileSync(join(import.meta.dirname, "browser.md"), "utf8");
const program = (language: string): string =>
  new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(page)?.[1] ?? "";

let browser: TestBrowser;
let relay: Relay;
let board: Board;
beforeAll(async () => {
  browser = await openBrowser();
  relay = await createRelay({ access: "open" });
  board = await openBoard({
    board: "work",
    transport: createWebsocketTransport({ url: relay.address }),
  });
}, 60_000);
afterAll(async () => {
  await board.close();
  await browser.close();
  await relay.close();
}, 60_000);

const atRelay = (source: string): string => source.replace("ws://127.0.0.1:4444", relay.address);

test("[UI6] the program for React shows the board, and acts on it", async () => {
  const tab = await browser.newPage({ source: atRelay(program("tsx")), loader: "tsx" });
  await tab.getByText("0 open, synced").waitFor();

  await tab.getByRole("button", { name: "Add to work" }).click();

  await tab.getByText("1 open, synced").waitFor();
  await board.sync();
  expect(board.snapshot().counts.submitted).toBe(1);
}, 60_000);

test("[UI6] the program for everything else follows the board", async () => {
  const ann = await board.join({ name: "ann" });
  const tab = await browser.newPage({ source: atRelay(program("ts")), loader: "ts" });

  await ann.add({ title: "paint the door" });

  await tab.waitForFunction('document.title.includes("paint the door")');
}, 60_000);
