import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Gate, MeshBench, until } from "./workbench.ts";

const LOADER = join(import.meta.dirname, "../../storage/typescript-loader.mjs");
const CHILD = join(import.meta.dirname, "mesh-child.mjs");
const SECRET = "of a few processes only";
/** A process that starts loads and compiles the whole library, beside others. */
const PATIENCE_MS = 30_000;

interface TaskNews {
  readonly title: string;
  readonly winner: string | null;
  readonly claims: number;
}

interface Process {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  address: string;
  tasks: readonly TaskNews[];
  readonly told: string[];
  tell(line: string): void;
}

let bench: MeshBench;

beforeEach(() => {
  bench = new MeshBench();
});

afterEach(() => bench.close());

test("[T43] a process that is killed and starts anew catches up, and what it had synced is not lost", async () => {
  const ada = await start("ada", []);
  const ben = await start("ben", [ada.address]);
  ben.tell("add first");
  await untilTold(ben, "added first");
  ben.child.kill("SIGKILL");
  await ben.exited;
  const cleo = await start("cleo", [ada.address]);
  cleo.tell("add second");
  await untilTold(cleo, "added second");

  const again = await start("ben", [ada.address], Number(new URL(ben.address).port));

  await untilAll([again, ada, cleo], ({ tasks }) => tasks.length === 2);
  expect(again.tasks.map(({ title }) => title)).toEqual(["first", "second"]);
  expect(again.address).toBe(ben.address);
}, 120_000);

test("[T43] three processes that race for a task apart agree on one winner, and end by themselves", async () => {
  const gates = [await bench.createGate(), await bench.createGate(), await bench.createGate()];
  const racers: Process[] = [];
  for (const [index, name] of ["ada", "ben", "cleo"].entries()) {
    const others = gates.filter((_, each) => each !== index);
    racers.push(await start(name, addressesOf(others)));
    Object.assign(gates[index] ?? {}, { target: racers[index]?.address });
  }
  racers[0]?.tell("add prize");
  await untilAll(racers, ({ tasks }) => tasks.length === 1);

  for (const gate of gates) {
    gate.shut();
  }
  for (const racer of racers) {
    racer.tell("claim prize");
  }
  await untilAll(racers, ({ tasks }) => tasks[0]?.claims === 1);
  const apart = racers.map(({ tasks }) => tasks[0]?.winner);
  for (const gate of gates) {
    gate.open();
  }
  await untilAll(racers, ({ tasks }) => tasks[0]?.claims === 3);

  const winners = racers.map(({ tasks }) => tasks[0]?.winner);
  expect(new Set(apart).size).toBe(3);
  expect(new Set(winners).size).toBe(1);
  expect(apart).toContain(winners[0]);
  expect(await Promise.all(racers.map(end))).toEqual([0, 0, 0]);
}, 120_000);

/** Starts a process and waits until it listens. */
async function start(name: string, peers: readonly string[], port = 0): Promise<Process> {
  const args = ["--import", LOADER, CHILD, name, `${port}`, peers.join(","), SECRET];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const started: Process = {
    child,
    exited: once(child, "exit"),
    address: "",
    tasks: [],
    told: [],
    tell: (line) => child.stdin?.write(`${line}\n`),
  };
  bench.onClose(() => child.kill("SIGKILL"));
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { address, tasks, ...told } = JSON.parse(line);
    started.address = address ?? started.address;
    started.tasks = tasks ?? started.tasks;
    started.told.push(...Object.entries(told).map((entry) => entry.join(" ")));
  });
  await until(() => started.address !== "", PATIENCE_MS);
  return started;
}

function untilTold({ told }: Process, what: string): Promise<void> {
  return until(() => told.includes(what), PATIENCE_MS);
}

function untilAll(
  processes: readonly Process[],
  holds: (process: Process) => boolean,
): Promise<void> {
  return until(() => processes.every(holds), PATIENCE_MS);
}

async function end(process: Process): Promise<unknown> {
  process.tell("end");
  await process.exited;
  return process.child.exitCode;
}

function addressesOf(gates: readonly Gate[]): string[] {
  return gates.map(({ address }) => address);
}
