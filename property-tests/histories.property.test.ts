/**
 * Whole boards: real replicas over real documents write at random, exchange their updates in any order with duplicates
 * and delays, and end with the same snapshot. A history is a list of small steps with a total interpreter.
 */
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { applyUpdate, Doc, encodeStateAsUpdate } from "yjs";
import type { AgentId, TaskId } from "../lib/core/record.ts";
import { earliest } from "../lib/core/rule.ts";
import type { Clock } from "../lib/replica/clock.ts";
import { createReplica, type RecordBody, type Replica } from "../lib/replica/replica.ts";
import { countTasks, getTask, listTasks, type Snapshot } from "../lib/replica/snapshot.ts";
import { ACTS, wishOf } from "./arbitrary-act.ts";
import { LAW_TIMEOUT_MS, runs } from "./runs.ts";

interface Step {
  readonly peer: number;
  /** Whether something is delivered, looked at or written. */
  readonly turn: number;
  /** What is written. */
  readonly act: number;
  readonly pick: number;
}

/** A replica with the updates that are on their way to it. */
interface Peer {
  readonly doc: Doc;
  readonly replica: Replica;
  readonly agents: readonly AgentId[];
  readonly inbox: Uint8Array[];
}

const PEERS = 3;
const idle: Clock = { now: () => 0, schedule: () => () => undefined };

const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    peer: fc.nat(PEERS - 1),
    turn: fc.nat(19),
    act: fc.nat(ACTS.length - 1),
    pick: fc.nat(511),
  }),
  { minLength: 8, maxLength: 36, size: "max" },
);
const anyOrder = fc.array(fc.nat(63), { minLength: 1, maxLength: 60, size: "max" });

test(
  "[R1] [P5] 1,000 histories give the same snapshot on every replica in any order of arrival",
  () => {
    fc.assert(
      fc.property(anySteps, anyOrder, (steps, order) => {
        const peers = Array.from({ length: PEERS }, (_, i) => createPeer(i));
        const [founder] = peers;
        if (founder === undefined) return;
        connect(peers);
        for (const step of steps) play(step, peers);
        deliverAll(peers, order);

        const late = createLatePeer(founder.doc);
        const snapshots = [...peers, late].map(({ replica }) => contentsOf(replica.snapshot()));

        for (const snapshot of snapshots) {
          const isEqual = isDeepStrictEqual(snapshot, snapshots[0]); // quick; the matcher reports
          if (!isEqual) expect(snapshot).toEqual(snapshots[0]);
        }
        expect([...peers, late].some(({ replica }) => replica.hasGap())).toBe(false);
        for (const { doc } of [...peers, late]) doc.destroy();
      }),
      runs(1000),
    );
  },
  LAW_TIMEOUT_MS,
);

/** All of a snapshot but its thousands of empty buckets, which would take most of the time. */
function contentsOf(snapshot: Snapshot): object {
  const { board, agents, counts } = snapshot;
  const tasks = listTasks(snapshot);
  const found = tasks.map((task) => getTask(snapshot, task.id) === task);
  return { board, agents, counts, tasks, found, count: countTasks(snapshot) };
}

function createPeer(index: number): Peer {
  const doc = new Doc({ gc: false, guid: "law" });
  doc.clientID = index + 1;
  const replica = createReplica({ board: "law#1", doc, rule: earliest, clock: idle });
  const agents = ["ana", "bob"].map((name) => `${name}~0000000${index}` as AgentId);
  return { doc, replica, agents, inbox: [] };
}

/** A replica that was not there, and loads the merged state at once. */
function createLatePeer(source: Doc): Peer {
  const doc = new Doc({ gc: false, guid: "law" });
  doc.clientID = PEERS + 1;
  applyUpdate(doc, encodeStateAsUpdate(source));
  const replica = createReplica({ board: "law#1", doc, rule: earliest, clock: idle });
  return { doc, replica, agents: [], inbox: [] };
}

function connect(peers: readonly Peer[]): void {
  for (const peer of peers) {
    peer.doc.on("update", (update: Uint8Array, _origin: unknown, _doc: Doc, { local }) => {
      if (local) for (const other of peers) if (other !== peer) other.inbox.push(update);
    });
  }
}

function play({ peer: at, turn, act, pick }: Step, peers: readonly Peer[]): void {
  const peer = peers[at % peers.length];
  const agent = peer?.agents[pick % 2];
  if (peer === undefined || agent === undefined) return;
  if (turn < 5) deliver(peer, pick);
  else if (turn < 6)
    peer.replica.snapshot(); // what was folded must not go stale
  else if (turn < 7) write(peer.replica, agent, null, pick);
  else write(peer.replica, agent, act, pick >> 1);
}

function write(replica: Replica, agent: AgentId, act: number | null, pick: number): void {
  const joined: RecordBody = {
    kind: "joined",
    v: 1,
    name: agent,
    capabilities: pick & 2 ? ["ts"] : [],
    rule: "earliest@1",
    leaseMs: 1000,
  };
  const body = bodyOf(replica, agent, act, pick);
  replica.append(agent, replica.agent(agent) === undefined ? [joined, body] : [body]);
}

/** Hands over one or two updates from anywhere in the inbox; now and then one stays there and comes again. */
function deliver({ replica, inbox }: Peer, pick: number): void {
  const place = pick % (inbox.length || 1);
  const isRepeated = pick % 5 === 0;
  const updates = isRepeated ? inbox.slice(place, place + 2) : inbox.splice(place, 1 + (pick % 2));
  replica.receive(updates, "law");
}

function deliverAll(peers: readonly Peer[], order: readonly number[]): void {
  for (let i = 0; peers.some(({ inbox }) => inbox.length > 0); i++) {
    for (const { replica, inbox } of peers) {
      const place = (order[i % order.length] ?? 0) % (inbox.length || 1);
      replica.receive(inbox.splice(place, 1 + (i % 4)), "law");
    }
  }
}

/** Any record about one of three tasks, which may be each other's children and their own; without an act the agent leaves. */
function bodyOf(replica: Replica, agent: AgentId, act: number | null, pick: number): RecordBody {
  if (act === null) return { kind: "left" };
  const id = `task-${pick % 3}` as TaskId;
  const task = replica.task(id) ?? null;
  if (task === null) {
    const parent = pick & 16 ? { parent: `task-${(pick >> 5) % 3}` as TaskId } : {};
    return { kind: "added", task: id, title: `${pick}`, ...wishOf(pick >> 3), ...parent };
  }
  const entries = replica.entries(id);
  const body = { task: id, ...ACTS[act]?.({ agent, pick: pick >> 2, entries, task }) };
  return ("parent" in body ? { ...body, parent: id } : body) as RecordBody;
}
