/** A relay that is killed under load loses nothing that it acknowledged, and after a loss of its store settles nothing too soon. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { build } from "esbuild";
import { createWebsocketTransport } from "../../adapters/transport/websocket.ts";
import { type Board, openBoard, type TaskId, tasksOf } from "../../lib/index.ts";
import { LAW_TIMEOUT_MS, runs } from "../runs.ts";
import type { KilledRelaySettings } from "./relay-program.ts";

const folder = mkdtempSync(join(tmpdir(), "stigmergy-killed-relay-"));
const program = join(folder, "relay.mjs");
const directory = join(folder, "store");
const WRITERS = 4;
const LEASE_MS = 1_000;
const HOLD_MS = 1_500;
const NEVER_MS = 600_000;

const boards: Board[] = [];
let relay: ChildProcess | undefined;

beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, "relay-program.ts")],
    outfile: program,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    // some of what is bundled is CommonJS
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
});

afterEach(async () => {
  await killRelay();
  await Promise.all(boards.splice(0).map((board) => board.close()));
  rmSync(directory, { recursive: true, force: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(
  "[T66] killed under load, a relay still has every record that it acknowledged",
  async () => {
    const { numRuns } = runs(3);
    const acknowledged: string[] = [];
    let port = 0;
    for (let run = 0; run < numRuns; run++) {
      const address = await startRelay({ port, holdMs: 0 });
      port = Number(new URL(address).port);
      const goal = acknowledged.length + 20 + 17 * (run % 5);
      const writers = Array.from({ length: WRITERS }, (_, i) =>
        writeUntilKilled(address, `${run}-${i}`, acknowledged),
      );
      await until(() => acknowledged.length >= goal);
      await killRelay();
      await Promise.all(boards.splice(0).map((board) => board.close())); // what they hold must not help
      await Promise.all(writers);
    }

    const address = await startRelay({ port, holdMs: 0 });
    const newcomer = await open(address);
    await newcomer.sync();

    const titles = new Set(tasksOf(newcomer.snapshot()).map(({ title }) => title));
    expect(acknowledged.filter((title) => !titles.has(title))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThanOrEqual(20 * numRuns);
  },
  LAW_TIMEOUT_MS,
);

test(
  "[T67] after the relay lost its store, a newcomer that knows nothing has no claim settled before a lease is over",
  async () => {
    const address = await startRelay({ port: 0, holdMs: HOLD_MS });
    const holder = await open(address);
    const first = await holder.join({ name: "holder", leaseMs: LEASE_MS });
    const task = await first.add({ title: "held" });
    const held = await first.claim(task, { guarantee: "settled" });
    await killRelay();
    const holderCloses = holder.close(); // it works on, and cannot reach the relay
    rmSync(directory, { recursive: true });
    const restartedAt = performance.now();
    await startRelay({ port: Number(new URL(address).port), holdMs: HOLD_MS });

    const newcomer = await open(address);
    const agent = await newcomer.join({ name: "newcomer", leaseMs: LEASE_MS });
    const own = await agent.add({ title: "held" });
    const outcome = await agent.claim(own as TaskId, { guarantee: "settled" });

    expect(held.ok).toBe(true);
    expect(outcome.ok).toBe(true);
    expect(performance.now() - restartedAt).toBeGreaterThanOrEqual(HOLD_MS);
    await holderCloses;
  },
  LAW_TIMEOUT_MS,
);

test(
  "[T67] a new board at a relay that has its store is not held",
  async () => {
    const address = await startRelay({ port: 0, holdMs: 0 });
    await (await open(address)).sync();
    await killRelay();
    await startRelay({ port: Number(new URL(address).port), holdMs: NEVER_MS });

    const fresh = await open(address, "another");
    await fresh.sync();

    expect(fresh.snapshot()).toBeDefined();
  },
  LAW_TIMEOUT_MS,
);

async function startRelay(settings: Omit<KilledRelaySettings, "directory">): Promise<string> {
  const { NODE_OPTIONS: _, ...env } = process.env; // the test runner's own are not for the program
  const args = [program, JSON.stringify({ ...settings, directory })];
  relay = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [address] = await once(relay, "message");
  return address;
}

async function killRelay(): Promise<void> {
  if (relay === undefined) return;
  const exit = once(relay, "exit");
  relay.kill("SIGKILL");
  await exit;
  relay = undefined;
}

async function open(address: string, board = "docs"): Promise<Board> {
  const transport = createWebsocketTransport({
    url: address,
    maxBackoffMs: 50,
    longestLeaseMs: LEASE_MS,
  });
  const opened = await openBoard({ board, transport });
  boards.push(opened);
  return opened;
}

/** Adds task after task; what is acknowledged is noted. It ends with its board. */
async function writeUntilKilled(
  address: string,
  name: string,
  acknowledged: string[],
): Promise<void> {
  const board = await open(address);
  const agent = await board.join({ name: `writer-${name}`, leaseMs: LEASE_MS });
  try {
    for (let i = 0; ; i++) {
      const title = `${name}/${i}`;
      await agent.add({ title });
      await board.sync();
      acknowledged.push(title);
    }
  } catch (error) {
    if (relay !== undefined) throw error;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
