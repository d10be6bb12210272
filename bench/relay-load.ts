/** How does the relay bear 200 agents, 1,000 idle ones, and one that floods it? It runs in a process of its own. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import * as decoding from "lib0/decoding";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { helloOf } from "../adapters/transport/relay/workbench.ts";
import { messageType } from "../adapters/transport/wire/message.ts";
import { encodeMarker, encodeSync, readFrame } from "../adapters/transport/wire/traffic.ts";
import { type Figure, percentile } from "./measure.ts";

const AGENTS = 200;
const RECORDS_PER_SECOND = 50;
const RECORDS = 750;
const WARM_UP = 100;
const IDLE_AGENTS = 1_000;
const HONEST = 20;
const FLOOD_WINDOW = 64;

/** Measures delivery to 200 agents, memory of 1,000 idle ones, and what a flood does to the others. */
export async function benchRelayLoad(): Promise<readonly Figure[]> {
  return [await benchDelivery(), await benchMemory(), await benchFlood()];
}

async function benchDelivery(): Promise<Figure> {
  await using relay = await RelayChild.start();
  const agents = await connectAll(relay.address, AGENTS);
  const loop = monitorEventLoopDelay({ resolution: 5 });
  await writeInTurns(agents, WARM_UP);
  loop.enable();
  const delays = await writeInTurns(agents, RECORDS);
  loop.disable();
  for (const agent of agents) agent.close();
  const lost = RECORDS * (AGENTS - 1) - delays.length;
  const p99 = percentile(delays, 99);
  const loopP99 = Math.max(0, loop.percentile(99) / 1e6 - 5);
  return {
    what: "200 agents at 50 records/s in total, each record visible at the 199 others",
    target: "p99 < 100 ms",
    measured: `${percentile(delays, 50).toFixed(2)} ms p50, ${p99.toFixed(2)} ms p99, ${lost} missing; the generator's own loop was late by ${loopP99.toFixed(2)} ms p99`,
    isMet: p99 < 100 && lost === 0,
  };
}

async function benchMemory(): Promise<Figure> {
  await using relay = await RelayChild.start();
  const warm = await connectAll(relay.address, 50, 5_000);
  const before = await relay.memory();
  const agents = await connectAll(relay.address, IDLE_AGENTS);
  const after = await relay.memory();
  for (const agent of [...warm, ...agents]) agent.close();
  const perAgent = (after.rss - before.rss) / IDLE_AGENTS / 1000;
  const heap = (after.heap - before.heap) / IDLE_AGENTS / 1000;
  return {
    what: "memory of the relay per idle agent, of 1,000 on one board that each joined",
    target: "<= 100 kB",
    measured: `${perAgent.toFixed(1)} kB of the process, ${heap.toFixed(1)} kB of its heap and buffers`,
    isMet: perAgent <= 100,
  };
}

async function benchFlood(): Promise<Figure> {
  await using relay = await RelayChild.start();
  const agents = await connectAll(relay.address, HONEST);
  await writeInTurns(agents, WARM_UP);
  const calm = percentile(await writeInTurns(agents, RECORDS), 99);
  const flooder = await Agent.connect(relay.address, 9_000);
  const flood = startFlood(flooder);
  const flooded = percentile(await writeInTurns(agents, RECORDS), 99);
  flood.stop();
  for (const agent of [...agents, flooder]) agent.close();
  return {
    what: "20 agents while another floods their board as fast as it is let",
    target: "p99 < 5 x that without the flood",
    measured: `${flooded.toFixed(2)} ms, ${(flooded / calm).toFixed(1)} x of ${calm.toFixed(2)} ms; ${flood.count()} records of the flood were taken`,
    isMet: flooded < 5 * calm,
  };
}

/** A relay in a process that tells how much memory it takes. */
class RelayChild implements AsyncDisposable {
  readonly address: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, address: string) {
    this.#child = child;
    this.address = address;
  }

  static async start(): Promise<RelayChild> {
    const program = fileURLToPath(new URL("./relay-child.js", import.meta.url));
    const child = fork(program, { execArgv: ["--expose-gc"] });
    const [address] = (await once(child, "message")) as [string];
    return new RelayChild(child, address);
  }

  async memory(): Promise<{ readonly rss: number; readonly heap: number }> {
    this.#child.send("memory");
    const [memory] = await once(this.#child, "message");
    return memory;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exit = once(this.#child, "exit");
    this.#child.kill();
    await exit;
  }
}

/** An agent on a socket of its own that keeps no board, so that a process can hold many. */
class Agent {
  readonly socket: WebSocket;
  readonly name: string;
  readonly #doc = new Y.Doc();
  /** Hears of each update of others, with the time. */
  onUpdate: (update: Uint8Array, now: number) => void = () => {};
  onEcho: () => void = () => {};
  #n = 0;

  private constructor(socket: WebSocket, index: number) {
    this.socket = socket;
    this.name = `agent-${index}~0a1b2c3d`;
    socket.on("message", (data: Buffer) => this.#receive(data));
  }

  static async connect(address: string, index: number): Promise<Agent> {
    const socket = new WebSocket(`${address}/bench%231`);
    const agent = new Agent(socket, index);
    await once(socket, "open");
    agent.#send(
      helloOf("bench#1"),
      encodeSync({ kind: "state-vector", payload: Uint8Array.of(0) }),
    );
    agent.#send(encodeSync({ kind: "difference", payload: Uint8Array.of(0, 0) }));
    agent.write("joined");
    await agent.sync();
    return agent;
  }

  /** Writes a record into its log. */
  write(words: string): void {
    const before = Y.encodeStateVector(this.#doc);
    const n = this.#n++;
    const log = this.#doc.getArray(`log/${this.name}/${Math.floor(n / 256)}`);
    log.push([{ n, at: n + 1, kind: "noted", words }]);
    const payload = Y.encodeStateAsUpdate(this.#doc, before);
    this.#send(encodeSync({ kind: "update", payload }));
  }

  /** Resolves with the relay's echo. */
  sync(): Promise<void> {
    return new Promise((resolve) => {
      this.onEcho = resolve;
      this.#send(encodeMarker(this.#n));
    });
  }

  close(): void {
    this.socket.terminate();
  }

  #send(...messages: readonly Uint8Array[]): void {
    for (const message of messages) this.socket.send(message);
  }

  #receive(data: Buffer): void {
    const decoder = decoding.createDecoder(data);
    const type = decoding.readVarUint(decoder);
    if (type === messageType.marker) this.onEcho();
    if (type !== messageType.frame) return;
    const now = performance.now();
    for (const update of readFrame(decoder)) this.onUpdate(update, now);
  }
}

async function connectAll(address: string, count: number, from = 1): Promise<readonly Agent[]> {
  const agents: Agent[] = [];
  for (let i = 0; i < count; i++) agents.push(await Agent.connect(address, from + i));
  return agents;
}

const MARK = "sent at ";
const MARK_LENGTH = 20;

/** Has agents write in turns at the pace of the bench; gives how long each record took to each of the others. */
async function writeInTurns(agents: readonly Agent[], count: number): Promise<readonly number[]> {
  const delays: number[] = [];
  for (const agent of agents)
    agent.onUpdate = (update, now) => {
      const at = Buffer.from(update.buffer, update.byteOffset, update.length).indexOf(MARK);
      if (at < 0) return;
      const sent = Buffer.from(update).toString("latin1", at + MARK.length, at + MARK_LENGTH);
      delays.push(now - Number(sent));
    };
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    const dueMs = start + (i * 1000) / RECORDS_PER_SECOND - performance.now();
    if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
    const stamp = performance
      .now()
      .toFixed(2)
      .padStart(MARK_LENGTH - MARK.length, "0");
    agents[i % agents.length]?.write(`${MARK}${stamp}`);
  }
  await Promise.all(agents.map((agent) => agent.sync()));
  for (const agent of agents) agent.onUpdate = () => {};
  return delays;
}

/** Writes as fast as the relay takes it, with many records under way. */
function startFlood(agent: Agent): { readonly stop: () => void; readonly count: () => number } {
  let isOn = true;
  let count = 0;
  const run = async (): Promise<void> => {
    while (isOn) {
      for (let i = 0; i < FLOOD_WINDOW; i++, count++) agent.write("flood");
      await agent.sync();
    }
  };
  void run();
  return {
    stop: () => {
      isOn = false;
    },
    count: () => count,
  };
}
