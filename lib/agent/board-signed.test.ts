import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { applyUpdate, Doc, encodeStateAsUpdate } from "yjs";
import { createMemoryStorage } from "../../adapters/storage/memory.ts";
import { createFolderTransport } from "../../adapters/transport/folder.ts";
import { createMemoryNetwork } from "../../adapters/transport/memory.ts";
import { createRelay } from "../../adapters/transport/relay.ts";
import { createWebsocketTransport } from "../../adapters/transport/websocket.ts";
import { rawRecords } from "../../property-tests/kit/world.ts";
import type { AgentId, TaskId } from "../core/record.ts";
import { logName } from "../replica/log.ts";
import { type AgentKey, createAgentKey } from "../replica/signing/agent-key.ts";
import { countTasks, getTask, type Snapshot } from "../replica/snapshot.ts";
import type { Transport } from "../replica/transport.ts";
import type { Agent } from "./agent.ts";
import { type Board, type BoardOptions, openBoard } from "./board.ts";
import { systemClock, systemRandom } from "./system.ts";

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(transport: Transport, more: Partial<BoardOptions> = {}): Promise<Board> {
  const board = await openBoard({ board: "docs", transport, signatures: "required", ...more });
  closers.push(() => board.close());
  return board;
}

async function sit(
  transport: Transport,
  name: string,
  more: Partial<BoardOptions> = {},
): Promise<{ readonly board: Board; readonly agent: Agent; readonly key: AgentKey }> {
  const board = await open(transport, more);
  const key = await createAgentKey();
  const agent = await board.join({ name, key });
  await board.sync();
  return { board, agent, key };
}

/** Resolves once the board looks like this. */
function until(board: Board, isSo: (snapshot: Snapshot) => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (isSo(board.snapshot())) return resolve();
    const stop = board.watch(({ snapshot }) => {
      if (!isSo(snapshot)) return;
      stop();
      resolve();
    });
  });
}

/** The reason of the next record that the board sets aside from now on. */
async function nextRejection(board: Board): Promise<string> {
  const events = board.events(({ kind }) => kind === "record-rejected");
  const { value } = await events.next();
  await events.return?.();
  return value.reason;
}

/** A bare document on the network that obeys no rule of ours. */
function connectStranger(transport: Transport, rule: string = "earliest@1+signed"): Doc {
  const doc = new Doc({ gc: false });
  const connection = transport.connect({
    board: "docs#1",
    rule,
    doc,
    clock: systemClock,
    random: systemRandom,
    receive: (updates, origin) => {
      for (const update of updates) applyUpdate(doc, update, origin);
    },
    receivePresence() {},
    statusChanged() {},
    fault() {},
  });
  closers.push(() => connection.close());
  return doc;
}

async function webSocket(): Promise<() => Transport> {
  const relay = await createRelay({ access: "open" });
  closers.push(() => relay.close());
  return () => createWebsocketTransport({ url: relay.address });
}

async function folder(): Promise<() => Transport> {
  const directory = await mkdtemp(join(tmpdir(), "stigmergy-signed-"));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  return () => createFolderTransport({ directory, pollMs: 20 });
}

async function memory(topology: "mesh" | "relay"): Promise<() => Transport> {
  return createMemoryNetwork({ topology }).createTransport;
}

const MEDIUMS = {
  "a mesh in memory": () => memory("mesh"),
  "a relay in memory": () => memory("relay"),
  "a relay over WebSockets": webSocket,
  "a folder": folder,
};

test.each(Object.keys(MEDIUMS) as (keyof typeof MEDIUMS)[])(
  "[J20] boards with signatures converge over %s",
  async (medium) => {
    const connect = await MEDIUMS[medium]();
    const seats = [await sit(connect(), "ann"), await sit(connect(), "ben")];
    const late = await open(connect());

    await Promise.all(
      seats.map(async ({ agent }) => {
        for (let i = 0; i < 10; i++) await agent.add({ title: `${agent.name} ${i}` });
      }),
    );

    for (const board of [...seats.map((one) => one.board), late])
      await until(board, (snapshot) => countTasks(snapshot) === 20);
    expect(late.snapshot().agents).toEqual(seats[0]?.board.snapshot().agents);
    expect(late.rule).toBe("earliest@1+signed");
  },
);

test.each(["a relay in memory", "a relay over WebSockets"] as const)(
  "[J20] of rivals for a settled claim exactly one is granted over %s",
  async (medium) => {
    const connect = await MEDIUMS[medium]();
    const seats = [];
    for (const name of ["ann", "ben", "cleo"]) seats.push(await sit(connect(), name));
    const tasks = (await seats[0]?.agent.add(
      Array.from({ length: 5 }, (_, i) => ({ title: `${i}`, guarantee: "settled" as const })),
    )) as readonly TaskId[];
    for (const { board } of seats) await until(board, (snapshot) => countTasks(snapshot) === 5);

    for (const task of tasks) {
      const outcomes = await Promise.all(
        seats.map(({ agent }) => agent.claim(task, { guarantee: "settled" })),
      );
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    }
  },
);

test("[J21] what an agent's promise says is done is signed", async () => {
  const { board, agent } = await sit((await memory("mesh"))(), "ann");

  const promised = agent.add({ title: "a task" });
  const before = rawRecords(board.doc).at(-1)?.kind;
  await promised;

  expect([before, rawRecords(board.doc).at(-1)?.kind]).toEqual(["added", "signed"]);
});

test("[J23] a record forged in another's log never counts, and its owner's go on counting", async () => {
  const connect = await memory("mesh");
  const [ann, ben] = [await sit(connect(), "ann"), await sit(connect(), "ben")];
  const mallory = connectStranger(connect());
  const task = await ann.agent.add({ title: "a task" });
  await until(ben.board, (snapshot) => countTasks(snapshot) === 1);
  const log = mallory.getArray(logName(ann.agent.id, 0));
  await new Promise<void>((come) => {
    if (log.length === 4) return come();
    log.observe(() => log.length === 4 && come());
  });

  const arrived = Promise.all([ann.board, ben.board].map(({ doc }) => nextUpdate(doc)));
  log.push([{ n: 4, at: 1000, kind: "cancelled", task }]);
  await arrived;
  const left = nextRejection(ben.board);
  await ann.agent.note(task, "going on");

  await until(ben.board, (snapshot) => getTask(snapshot, task)?.notes.length === 1);
  expect(await left).toBe(`log ${ann.agent.id}, record 4: it was never signed, so it is left out`);
  expect(getTask(ben.board.snapshot(), task)?.state).toBe("submitted");
  expect(getTask(ann.board.snapshot(), task)?.state).toBe("submitted");
});

function nextUpdate(doc: Doc): Promise<void> {
  return new Promise((resolve) => void doc.once("update", () => resolve()));
}

test("[J24][J29] a forged signature sets the log aside everywhere, and its owner is told at the next call", async () => {
  const connect = await memory("mesh");
  const [ann, ben] = [await sit(connect(), "ann"), await sit(connect(), "ben")];
  const mallory = connectStranger(connect());
  const log = mallory.getArray(logName(ann.agent.id, 0));
  await new Promise<void>((come) => {
    if (log.length === 2) return come();
    log.observe(() => log.length === 2 && come());
  });
  const told = Promise.all([ann.board, ben.board].map(nextRejection));

  const forged = { n: 3, at: 9, kind: "signed", from: 2, to: 3, prev: "", sig: "A".repeat(86) };
  log.push([{ n: 2, at: 8, kind: "left" }, forged]);

  expect(await told).toEqual(
    Array(2).fill(expect.stringContaining(`log ${ann.agent.id}, record 3: bad signature`)),
  );
  await expect(ann.agent.add({ title: "a task" })).rejects.toMatchObject({
    code: "RECORD_INVALID",
    message: expect.stringContaining("join anew"),
  });
  expect(await ben.agent.add({ title: "a task" })).toBeDefined();
});

test("[J27] two processes that write with one key at once are caught by everybody", async () => {
  const network = createMemoryNetwork();
  const ann = await sit(network.createTransport("one"), "ann");
  const thief = await open(network.createTransport("two"));
  const ben = await sit(network.createTransport("three"), "ben");
  await until(thief, ({ agents }) => Object.keys(agents).length === 2);
  network.partition([["one"], ["two"], ["three"]]);
  const stolen = await thief.resume(ann.agent.id, { key: ann.key });
  const told = Promise.all([ann.board, thief, ben.board].map(nextRejection));

  await Promise.all([ann.agent.add({ title: "mine" }), stolen.add({ title: "theirs" })]);
  network.heal();

  for (const reason of await told)
    expect(reason).toMatch(new RegExp(`^log ${ann.agent.id}, record 2: equivocation`));
});

test("[J28] an agent goes on in its log with its key, and not without it", async () => {
  const connect = await memory("mesh");
  const storage = createMemoryStorage();
  const first = await sit(connect(), "ann", { storage });
  const ben = await sit(connect(), "ben");
  const task = await first.agent.add({ title: "a task" });
  await first.agent.suspend();
  await first.board.close();
  const again = await open(connect(), { storage });
  const refused = expect.objectContaining({ code: "AGENT_NOT_RESUMABLE" });

  expect(getTask(again.snapshot(), task)?.title).toBe("a task");
  await expect(again.resume(first.agent.id)).rejects.toEqual(refused);
  await expect(again.resume(first.agent.id, { key: await createAgentKey() })).rejects.toEqual(
    refused,
  );
  await expect(again.join({ name: "ann", key: first.key })).rejects.toEqual(refused);
  const agent = await again.resume(first.agent.id, { key: first.key });
  await agent.note(task, "back");

  await until(ben.board, (snapshot) => getTask(snapshot, task)?.notes.length === 1);
  expect(ben.board.snapshot().agents[agent.id]).toMatchObject({ name: "ann", hasLeft: false });
});

test("[J28] an agent moves from one open board to another and back, and everybody follows", async () => {
  const connect = await memory("mesh");
  const here = await sit(connect(), "ann");
  const there = await sit(connect(), "ben");
  const task = await here.agent.add({ title: "a task" });
  const rejected: unknown[] = [];
  for (const { board } of [here, there])
    board.watch(({ events }) => {
      rejected.push(...events.filter(({ kind }) => kind === "record-rejected"));
    });
  const notesOf = (board: Board, count: number) =>
    until(board, (snapshot) => getTask(snapshot, task)?.notes.length === count);

  await here.agent.suspend();
  await until(there.board, (snapshot) => getTask(snapshot, task) !== undefined);
  const moved = await there.board.resume(here.agent.id, { key: here.key });
  await moved.note(task, "there");
  await moved.suspend();
  await notesOf(here.board, 1);
  await here.board.sync();
  const back = await here.board.resume(here.agent.id, { key: here.key });
  await back.note(task, "back");

  await notesOf(there.board, 2);
  expect(rejected).toEqual([]);
});

test("[J23] what a crash left unsigned never counts, and its author goes on after it", async () => {
  const connect = await memory("mesh");
  const { board, agent, key } = await sit(connect(), "ann");
  const task = await agent.add({ title: "a task" });
  void agent.note(task, "lost");
  const torn = encodeStateAsUpdate(board.doc);
  expect(rawRecords(board.doc).at(-1)?.kind).toBe("noted");
  const other = await memory("mesh");
  const storage = createMemoryStorage();
  const store = await storage.open("docs#1");
  await store.append(torn);
  await store.close();

  const again = await open(other(), { storage });
  const ben = await sit(other(), "ben");
  const resumed = await again.resume(agent.id, { key });
  await resumed.note(task, "kept");

  const notesOf = (snapshot: Snapshot) => getTask(snapshot, task)?.notes.map(({ text }) => text);
  await until(ben.board, (snapshot) => notesOf(snapshot)?.includes("kept") ?? false);
  expect(notesOf(ben.board.snapshot())).toEqual(["kept"]);
  expect(notesOf(again.snapshot())).toEqual(["kept"]);
});

test("[J17] boards with and without signatures do not mix", async () => {
  const connect = await webSocket();
  await sit(connect(), "ann");
  const faults: Error[] = [];
  await new Promise<void>((refused) => {
    const onFault = (fault: Error): void => {
      faults.push(fault);
      refused();
    };
    void openBoard({ board: "docs", transport: connect(), onFault }).then((board) =>
      closers.push(() => board.close()),
    );
  });

  expect(faults).toEqual([expect.objectContaining({ code: "RULE_MISMATCH" })]);
});

test("[J17] a board without signatures takes no key, and writes none", async () => {
  const { createTransport } = createMemoryNetwork();
  const board = await openBoard({ board: "docs", transport: createTransport() });
  closers.push(() => board.close());
  const key = await createAgentKey();

  await expect(board.join({ name: "ann", key })).rejects.toThrow(TypeError);
  const { id } = await board.join({ name: "ann" });
  await expect(board.resume(id as AgentId, { key })).rejects.toThrow(TypeError);
  await board.sync();

  expect(rawRecords(board.doc)).toEqual([expect.not.objectContaining({ key: expect.anything() })]);
});
