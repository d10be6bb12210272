import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Clock } from "../../../lib/index.ts";
import { encodeGossip } from "../gossip/message.ts";
import { createVirtualClock } from "../memory.ts";
import { MeshBench, type MeshNode, type NodeSetup, until } from "./workbench.ts";

const KILOBYTES_64 = "x".repeat(1 << 16);

let bench: MeshBench;

beforeEach(() => {
  bench = new MeshBench();
});

afterEach(() => bench.close());

test("[T32] what one writes reaches the others over peers in a line, and so do signs of life", async () => {
  const nodes = await joinLine(5);
  const [first, last] = [nodes[0], nodes[4]];

  for (const node of nodes) {
    node.write(4);
  }
  first?.connection.sendPresence([{ agent: first.agent, slots: 3 }]);

  await untilConverged(nodes);
  await until(() => last?.presences.length === 1);
  expect(last?.presences).toEqual([{ agent: first?.agent, slots: 3 }]);
  expect(nodes.flatMap(({ breaches }) => breaches)).toEqual([]);
});

test("[T32] a line that breaks in the middle goes on in both parts, and converges once mended", async () => {
  const left = await joinLine(2);
  const gate = await bench.createGate(left[1]?.address);
  const right = await joinLine(2, { peers: [gate.address] });
  const all = [...left, ...right];
  await untilConverged(all);

  gate.shut();
  for (const node of all) {
    node.write(3);
  }
  await untilConverged(left);
  await untilConverged(right);
  const apart = right[0]?.countOf(left[0] as MeshNode);
  gate.open();

  await untilConverged(all);
  expect(apart).toBe(0);
  expect(all.flatMap(({ breaches }) => breaches)).toEqual([]);
});

test("[T33] in a ring each connection carries a change at most once each way, and then all is quiet", async () => {
  const nodes = await joinLine(5);
  const closing = await bench.join({ peers: [nodes[4]?.address ?? "", nodes[0]?.address ?? ""] });
  const ring = [...nodes, closing];
  nodes[0]?.connection.sendPresence([{ agent: nodes[0].agent, slots: 1 }]);
  await untilQuiet(ring);
  const before = bytesOf(ring);
  const handedBefore = ring.map(({ received }) => received.length);

  nodes[2]?.doc.getArray("large").push([KILOBYTES_64]);
  await until(() => ring.every(({ doc }) => doc.getArray("large").length === 1));
  await untilQuiet(ring);

  const carried = (bytesOf(ring) - before) / KILOBYTES_64.length;
  expect(carried).toBeGreaterThanOrEqual(ring.length - 1);
  expect(carried).toBeLessThan(2 * ring.length - (ring.length - 1) + 1);
  const handed = ring.map(({ received }, index) => received.length - (handedBefore[index] ?? 0));
  expect(handed).toEqual([1, 1, 0, 1, 1, 1]);
  expect(ring.map(({ presences }) => presences.length)).toEqual([0, 1, 1, 1, 1, 1]);
});

test("[T34] two that dial each other keep one connection, and one that dials itself has none", async () => {
  const [gateA, gateB] = [await bench.createGate(), await bench.createGate()];
  const [ada, ben] = [gateA, gateB].map((own) =>
    bench.createNode({
      peers: [gateA.address, gateB.address],
      onListening(address) {
        own.target = address;
      },
    }),
  ) as [MeshNode, MeshNode];

  ada.connect();
  ben.connect();
  await until(() => [ada, ben].every(({ connection }) => connection.status === "synced"));
  ada.write(2);
  ben.write(3);
  await untilConverged([ada, ben]);
  await untilQuiet([ada, ben]);
  const before = bytesOf([ada, ben]);
  ada.doc.getArray("large").push([KILOBYTES_64]);
  await until(() => ben.doc.getArray("large").length === 1);
  await untilQuiet([ada, ben]);

  expect(Math.floor((bytesOf([ada, ben]) - before) / KILOBYTES_64.length)).toBe(1);
  expect([...ada.faults, ...ben.faults]).toEqual([]);
});

test("[T34] of two that dial each other at once neither loses the other while they choose", async () => {
  for (let round = 0; round < 20; round++) {
    const gates = [await bench.createGate(), await bench.createGate()];
    const pair = gates.map((own, index) =>
      bench.createNode({
        listen: { port: 0 },
        peers: gates.filter((_, each) => each !== index).map(({ address }) => address),
        onListening(address) {
          own.target = address;
        },
      }),
    );
    for (const node of pair) {
      node.connect();
    }
    await until(() => pair.every(({ connection }) => connection.status === "synced"));
    await untilQuiet(pair, 10);

    expect(pair.map(({ statuses }) => statuses.slice(0, 3))).toEqual([
      ["syncing", "synced"],
      ["syncing", "synced"],
    ]);
  }
});

test("[T35] a sync waits until a peer holds what was written, and resolves though others do not answer", async () => {
  const ada = await bench.join();
  ada.write();
  let isSafe = false;
  const synced = ada.connection.sync().then(() => {
    isSafe = true;
  });
  const silent = await bench.impersonate(ada.address);
  await until(() => silent.heard.length > 4); // it was asked
  const other = await bench.impersonate(ada.address, { node: "other" });
  const state = Uint8Array.of(0, 0);
  other.socket.send(encodeGossip({ kind: "answer", update: new Uint8Array(0), state }));
  const asked = other.heard.length;
  await until(() => other.heard.length > asked + 1); // that it holds nothing was heard
  const before = isSafe;

  const ben = await bench.join({ peers: [ada.address] });
  await synced;

  expect(before).toBe(false);
  expect(ben.countOf(ada)).toBe(1);
});

test("[T35] a peer that never answers keeps nobody from being synced for ever", async () => {
  const ada = await bench.join();
  const gate = await bench.createGate();
  const ben = bench.createNode({ peers: [gate.address] });
  ben.connect();
  await until(() => ben.address !== "");
  await bench.impersonate(ben.address);
  await until(() => ben.connection.status === "syncing");

  gate.target = ada.address;

  await until(() => ben.connection.status === "synced");
});

test("[T36] whoever reads too slowly is sent no more than a bound, and syncs anew", async () => {
  const ada = await bench.join({ maxBufferedBytes: 1 << 17 });
  const gate = await bench.createGate(ada.address);
  const slow = await bench.join({ peers: [gate.address] });
  const ben = await bench.join({ peers: [ada.address] });
  const before = ada.connection.bytesSent;

  gate.stall();
  for (let piece = 0; piece < 400; piece++) {
    ada.doc.getArray("large").push([`${piece} ${KILOBYTES_64}`]);
    await until(() => ben.doc.getArray("large").length > piece);
  }
  const sent = ada.connection.bytesSent - before;
  gate.flow();

  await until(() => slow.doc.getArray("large").length === 400);
  const total = 400 * KILOBYTES_64.length;
  expect(sent).toBeGreaterThan(total); // ben was sent all
  expect(sent - total).toBeLessThan(total / 2); // the slow one what the system's buffers took
  expect(slow.breaches).toEqual([]);
  expect(slow.statuses).not.toContain("offline");
}, 30_000);

test("[T36] a peer that answers no ping is cut off, and comes back when it can", async () => {
  const ada = await bench.join({ pingMs: 40 });
  const gate = await bench.createGate(ada.address);
  const ben = await bench.join({ peers: [gate.address], pingMs: 40 });
  await until(() => ada.statuses.at(-1) === "synced");

  gate.stall();
  await until(() => ada.connection.status === "offline");
  ada.write(2);

  await until(() => ben.countOf(ada) === 2);
});

test("[T36] a peer on a slow way is not cut off while something large passes", async () => {
  const ada = await bench.join({ pingMs: 150 });
  for (let piece = 0; piece < 100; piece++) {
    ada.doc.getArray("large").push([`${piece} ${KILOBYTES_64}`]);
  }
  const gate = await bench.createGate(ada.address);
  gate.delayMs = 8;

  const ben = await bench.join({ peers: [gate.address], pingMs: 150 });

  expect(ben.doc.getArray("large").length).toBe(100);
  expect(ben.statuses).toEqual(["syncing", "synced"]);
});

test("[T37] dials are spaced ever wider up to the bound, with jitter, by the link's clock", async () => {
  const virtual = createVirtualClock();
  const delays: number[] = [];
  const clock: Clock = {
    now: () => virtual.now(),
    schedule(delayMs, callback) {
      delays.push(delayMs);
      return virtual.schedule(delayMs, callback);
    },
  };
  const gate = await bench.createGate();
  const node = bench.createNode({ peers: [gate.address], clock, maxBackoffMs: 400, pingMs: 9_999 });

  node.connect();
  const waits = () => delays.filter((each) => each > 0 && each <= 400);
  await until(() => {
    virtual.advance(500);
    return waits().length >= 8;
  });

  const [bounds, seen] = [[50, 100, 200, 400, 400, 400, 400, 400], waits().slice(0, 8)];
  expect(seen.every((each, index) => each <= (bounds[index] ?? 0))).toBe(true);
  expect(seen.every((each, index) => each >= (bounds[index] ?? 0) / 2)).toBe(true);
  expect(new Set(seen.slice(3)).size).toBeGreaterThan(1);
  expect(node.connection.status).toBe("offline");
});

test("[T37] a port that is taken is told once, and listened on as soon as it is free", async () => {
  const ada = await bench.join();
  const port = Number(new URL(ada.address).port);
  const ben = bench.createNode({ listen: { port } });

  ben.connect();
  await until(() => ben.faults.length > 0);
  const meanwhile = ben.connection.status;
  await ada.connection.close();
  await until(() => ben.connection.status === "synced");

  expect(meanwhile).toBe("offline");
  expect(ben.faults).toEqual([expect.objectContaining({ code: "CONNECTION_CLOSED" })]);
  expect(ben.address).toBe(`ws://127.0.0.1:${port}`);
});

test("[T42] what waits at a peer for something missing is not passed on", async () => {
  const ada = await bench.join();
  const { doc } = bench.createNode();
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  doc.getArray("text").push(["first"]);
  doc.getArray("text").push(["second"]);
  const hasty = await bench.impersonate(ada.address);
  const state = Uint8Array.of(0, 0);
  const update = updates[1] ?? state;
  hasty.socket.send(encodeGossip({ kind: "answer", update, state }));
  await until(() => ada.received.length === 1);

  const ben = await bench.join({ peers: [ada.address] });
  ada.write();
  await until(() => ben.countOf(ada) === 1);

  expect(ada.doc.store.pendingStructs).not.toBeNull();
  expect(ben.doc.store.pendingStructs).toBeNull();
});

test("[T44] a close frees the port, though a peer does not answer any more", async () => {
  const ada = await bench.join();
  const gate = await bench.createGate(ada.address);
  const ben = await bench.join({ peers: [gate.address] });
  const late = bench.createNode({ listen: { port: Number(new URL(ada.address).port) } });
  gate.stall();

  await ada.connection.close();

  late.connect();
  await until(() => late.connection.status === "synced");
  expect(late.faults).toEqual([]);
  expect(ben.connection.status).toBe("synced"); // it has not been told
});

test("[T44] a connection that is closed before it began leaves nothing, and may begin anew", async () => {
  const ada = bench.createNode();
  const early = ada.connect();
  await early.close();
  const again = ada.connect();
  await until(() => again.status === "synced");
  const ben = await bench.join({ peers: [ada.address] });

  ada.write();

  await until(() => ben.countOf(ada) === 1);
  expect(early.status).toBe("closed");
});

/** Makes nodes each of which dials the one before it. */
async function joinLine(count: number, first: NodeSetup = {}): Promise<MeshNode[]> {
  const nodes: MeshNode[] = [];
  for (let index = 0; index < count; index++) {
    nodes.push(
      await bench.join(index === 0 ? first : { peers: [nodes[index - 1]?.address ?? ""] }),
    );
  }
  return nodes;
}

function untilConverged(nodes: readonly MeshNode[]): Promise<void> {
  return until(() =>
    nodes.every((reader) =>
      nodes.every((writer) => reader.countOf(writer) === writer.countOf(writer)),
    ),
  );
}

/** Waits until nobody has sent anything for several rounds of repair. */
async function untilQuiet(nodes: readonly MeshNode[], turns = 50): Promise<void> {
  for (let quietTurns = 0, last = -1; quietTurns < turns; quietTurns++) {
    const now = bytesOf(nodes);
    quietTurns = now === last ? quietTurns : 0;
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function bytesOf(nodes: readonly MeshNode[]): number {
  return nodes.reduce((sum, { connection }) => sum + connection.bytesSent, 0);
}
