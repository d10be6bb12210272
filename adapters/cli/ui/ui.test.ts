// The program as a user runs it: its page, asked by Node and opened in a real browser, and its relay, over real sockets.

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, rmSync, symlinkSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Browser, chromium } from "playwright-core";
import { WebSocket } from "ws";
import { type Board, getTask, openBoard, type TaskId, tasksOf } from "../../../lib/index.ts";
import { createWebsocketTransport } from "../../transport/websocket.ts";
import { CliBench, type CliEnd, type CliProcess, dataOf, errorOf } from "../workbench/cli.ts";
import { until } from "../workbench/until.ts";

const TEST_MS = 60_000; // they take a few seconds; the rest is for a busy machine

let bench: CliBench;
let later: (() => Promise<unknown>)[];
beforeEach(() => {
  bench = new CliBench();
  later = [];
});
afterEach(async () => {
  for (const close of later.reverse()) await close();
  await bench.close();
});

interface Ui extends CliProcess {
  readonly url: URL;
  readonly hash: URLSearchParams;
}

/** Starts the command and waits for the address that it prints. */
const startUi = async (...args: readonly string[]): Promise<Ui> => {
  const ui = bench.start(["ui", ...args]);
  await until("the address is there", () => ui.stdout.includes("\n"));
  const url = new URL(ui.stdout.trim());
  return Object.assign(ui, { url, hash: new URLSearchParams(url.hash.slice(1)) });
};

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const ask = (url: URL, path: string, method = "GET", host = url.host): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request(
      { hostname: url.hostname, port: url.port, path, method, headers: { host } },
      async (response) => {
        let text = "";
        for await (const chunk of response.setEncoding("utf8")) text += chunk;
        resolve({ status: response.statusCode, headers: response.headers, text });
      },
    );
    asked.once("error", reject);
    asked.end();
  });

const openBrowser = async (): Promise<Browser> => {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  later.push(() => browser.close());
  return browser;
};

const boardAt = async (relay: string, board: string): Promise<Board> => {
  const opened = await openBoard({ board, transport: createWebsocketTransport({ url: relay }) });
  later.push(() => opened.close());
  await opened.sync();
  return opened;
};

test(
  "[C60] one command starts a relay and prints the address of a page that is on its board at once",
  async () => {
    const { url, hash, stdout } = await startUi("--open", "--board", "harbour", "--name", "ada");
    const board = await boardAt(hash.get("relay") ?? "", "harbour");
    const ann = await board.join({ name: "ann" });
    await ann.add({ title: "mend the quay" });

    const page = await (await openBrowser()).newPage();
    const asked: string[] = [];
    page.on("request", (one) => asked.push(one.url()));
    await page.goto(url.href);
    await page.getByText("mend the quay").first().waitFor();

    expect(stdout.split("\n")).toHaveLength(2);
    expect(Object.fromEntries(hash)).toEqual({
      relay: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/u),
      board: "harbour",
      name: "ada",
    });
    expect(asked.filter((one) => !one.startsWith("data:"))).toEqual([url.href.split("#")[0]]);
  },
  TEST_MS,
);

test(
  "[C60] its relay lets in the page, and no page of another site",
  async () => {
    const { url, hash } = await startUi("--open");
    const knock = async (origin: string): Promise<string> => {
      const socket = new WebSocket(`${hash.get("relay")}/run%231`, { origin });
      later.push(async () => socket.terminate());
      return new Promise((resolve) => {
        socket.once("open", () => resolve("open"));
        socket.once("error", ({ message }) => resolve(message));
      });
    };

    const own = await knock(url.origin);
    const others = await Promise.all(
      ["https://evil.example", `http://127.0.0.1.evil.example:${url.port}`, "null"].map(knock),
    );

    expect(own).toBe("open");
    expect(others).toEqual(others.map(() => "Unexpected server response: 403"));
  },
  TEST_MS,
);

test(
  "[C61] with a secret the page gets a token of its own, in the hash and nowhere else",
  async () => {
    const secret = bench.path("relay.key");
    await bench.run(["token", "secret", secret]);
    const before = Date.now();
    const asAda = ["--board", "harbour", "--name", "ada", "--log-level", "debug"];
    const ui = await startUi("--secret-file", secret, ...asAda);
    const token = ui.hash.get("token") ?? "";
    const { exp } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());

    const shown = await bench.run(["token", "show", "--key", secret], { stdin: token });
    const page = await (await openBrowser()).newPage();
    const asked: string[] = [];
    page.on("request", (one) => asked.push(one.url()));
    page.on("websocket", (one) => asked.push(one.url()));
    await page.goto(ui.url.href);
    const tokenless = await bench.run([
      "list",
      "--relay",
      `${ui.hash.get("relay")}/harbour`,
      "--json",
    ]);
    const filed = bench.write("ada.token", token);
    const place = ["--relay", `${ui.hash.get("relay")}/harbour`, "--token-file", filed];
    const added = await bench.run(["add", ...place, "--json", "mend the quay"]);
    await page.getByText("mend the quay").first().waitFor();
    ui.child.kill("SIGTERM");
    const end = await ui.ended;

    expect(shown.stdout).toMatch(/^ada may write on harbour until /u);
    expect([tokenless.code, added.code]).toEqual([5, 0]);
    expect(asked.filter((one) => one.includes(token.slice(0, 20)))).toEqual([
      // as the browser names the page to the test; the request itself carries no hash
      ...asked.filter((one) => one.startsWith(ui.url.href)),
    ]);
    expect(exp * 1000 - before).toBeGreaterThan(12 * 3_600_000 - 1000);
    expect(exp * 1000 - before).toBeLessThan(12 * 3_600_000 + TEST_MS);
    expect(end.stdout.split("\n")).toEqual([ui.url.href, ""]);
    expect(end.stderr).toContain('"level"');
    expect(end.stderr).not.toContain(token.slice(-20));
    expect(end.code).toBe(0);
  },
  TEST_MS,
);

test(
  "[C62] the page is served to this machine only, and nothing beside it",
  async () => {
    const { url } = await startUi("--open");

    const page = await ask(url, "/");
    const head = await ask(url, "/", "HEAD");
    const others = await Promise.all([
      ask(url, "/", "GET", "evil.example"),
      ask(url, "/", "GET", `evil.example:${url.port}`),
      ask(url, "/index.html"),
      ask(url, "/../package.json"),
      ask(url, "//"),
      ask(url, "/", "POST"),
    ]);

    expect([page.status, head.status, head.text]).toEqual([200, 200, ""]);
    expect(page.text).toMatch(/^<!doctype html>/u);
    expect(page.text).toMatch(/"default-src 'none'; script-src 'sha256-[\w+/]+=*'; /u);
    expect(page.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "frame-ancestors 'none'",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
    expect(others.map(({ status, text }) => [status, text])).toEqual([
      [403, ""],
      [403, ""],
      [404, ""],
      [404, ""],
      [404, ""],
      [405, ""],
    ]);
  },
  TEST_MS,
);

test(
  "[C63] with the address of a relay, or in a project that has one, no other relay is started",
  async () => {
    const relay = await bench.startRelay();
    const added = await bench.run(["add", "--relay", `${relay.address}/work`, "--json", "roof"]);
    await bench.run(["init", "--relay", `${relay.address}/work`]);

    const named = await startUi("--relay", `${relay.address}/work`);
    const found = await startUi();
    const page = await (await openBrowser()).newPage();
    await page.goto(found.url.href);
    await page.getByText("roof").first().waitFor();

    const of = { relay: relay.address, board: "work" };
    expect([named, found].map(({ hash }) => Object.fromEntries(hash))).toEqual([of, of]);
    const [task] = (dataOf(added) as { tasks: { id: TaskId }[] }).tasks;
    const board = await boardAt(relay.address, "work");
    expect(tasksOf(board.snapshot())).toEqual([getTask(board.snapshot(), task?.id as TaskId)]);
  },
  TEST_MS,
);

test(
  "[C63] beside a relay that runs, another board and what a relay to be started is told are refused",
  async () => {
    await bench.run(["init", "--relay", "ws://127.0.0.1:1/work"]);
    const own = [
      ["--board", "other"],
      ["--port", "4455"],
      ["--store", "kept"],
      ["--limit", "boards=5"],
      ["--log-level", "warn"],
    ];

    const named = ["--relay", "ws://127.0.0.1:1/work"];
    const refuse = (args: readonly string[]): Promise<CliEnd> =>
      bench.run(["ui", "--json", ...args]);
    const [inProject, byAddress] = await Promise.all([
      Promise.all(own.map(refuse)),
      Promise.all(own.map((args) => refuse([...named, ...args]))),
    ]);

    expect([...inProject, ...byAddress].map(({ code }) => code)).toEqual(Array(10).fill(2));
    for (const [i, end] of [...inProject, ...byAddress].entries())
      expect(errorOf(end).message).toContain(`leave out ${own[i % own.length]?.[0]};`);
    for (const end of inProject)
      expect(errorOf(end).message).toMatch(/board is ws:\/\/127\.0\.0\.1:1\/work.*--page-port/u);
    for (const end of byAddress)
      expect(errorOf(end).message).toMatch(/--relay names a relay that runs.*--page-port/u);
  },
  TEST_MS,
);

test(
  "[C64] what cannot be shown is refused with its cause and what to do, and nothing is left behind",
  async () => {
    const taken = createServer();
    taken.listen(0, "127.0.0.1");
    await once(taken, "listening");
    later.push(() => new Promise((resolve) => taken.close(resolve)));
    const port = String((taken.address() as AddressInfo).port);

    const undecided = await bench.run(["ui", "--json"]);
    const both = await bench.run(["ui", "--json", "--open", "--relay", "ws://127.0.0.1:1/x"]);
    const busyPage = await bench.run(["ui", "--json", "--open", "--page-port", port]);
    const busyRelay = await bench.run(["ui", "--json", "--open", "--port", port]);
    const rule = await bench.run(["ui", "--json", "--open", "--rule", "mine@1"]);
    await bench.run(["init"]);
    const folder = await bench.run(["ui", "--json"]);

    const told = [undecided, both, busyPage, busyRelay, rule, folder];
    expect(told.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(told.map((end) => errorOf(end).message)).toEqual([
      expect.stringContaining("--open"),
      expect.stringContaining("--relay names a relay that runs"),
      expect.stringContaining(`the page cannot listen at 127.0.0.1:${port}`),
      expect.stringContaining(`the relay cannot listen at 127.0.0.1:${port}`),
      expect.stringContaining("there is no rule"),
      expect.stringContaining("which a page cannot reach: `stigmergy init --relay URL`"),
    ]);
  },
  TEST_MS,
);

test(
  "[C65] told to end, it frees both ports and says how it ended",
  async () => {
    const ui = await startUi("--open");
    const relay = new URL((ui.hash.get("relay") ?? "").replace("ws:", "http:"));
    const board = await boardAt(ui.hash.get("relay") ?? "", "run");

    ui.child.kill("SIGINT");
    const end = await ui.ended;

    expect(end.code).toBe(130);
    for (const url of [ui.url, relay])
      await expect(ask(url, "/")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await until("the board is offline", () => board.status === "offline");
  },
  TEST_MS,
);

test(
  "[C64] a page that was not built is told with what to do",
  () => {
    const root = join(import.meta.dirname, "../../..");
    const from = join(root, process.env["STIGMERGY_DIST"] ?? "dist");
    const copy = bench.path("copy");
    cpSync(from, join(copy, "dist"), { recursive: true });
    cpSync(join(root, "package.json"), join(copy, "package.json"));
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    const main = join(copy, "dist/adapters/cli/main.js");
    const { NODE_OPTIONS: _, ...env } = process.env;

    const end = spawnSync(process.execPath, [main, "ui", "--open", "--json"], {
      env,
      encoding: "utf8",
    });
    rmSync(copy, { recursive: true });

    expect(end.status).toBe(4);
    expect(errorOf(end).code).toBe("PAGE_MISSING");
    expect(errorOf(end).message).toMatch(/demos\/dist\/board\.html.*install stigmergy anew/u);
  },
  TEST_MS,
);
