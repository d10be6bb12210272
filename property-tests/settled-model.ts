/**
 * A model of settled claims over one relay: the network is made up, but every decision is taken by the production fold
 * and the production `decideSettled`. States are plain data, so that they can be counted, compared and drawn at random.
 */
import { foldTask } from "../lib/core/fold.ts";
import {
  type AgentId,
  compareEntries,
  type LogEntry,
  type TaskRecord,
} from "../lib/core/record.ts";
import { earliest } from "../lib/core/rule.ts";
import { decideSettled } from "../lib/core/settle.ts";
import { findClaim, isEnded, isLive, type Task } from "../lib/core/task.ts";
import { TASK } from "./kit/log-book.ts";

/** Whose turn to do what; a step that does not apply changes nothing. */
export interface ModelStep {
  readonly agent: number;
  readonly act: "act" | "send" | "receive" | "crash" | "reconnect" | "expire";
}

/** One agent: how much it knows of each log, and what is on its way from it and to it. */
interface Peer {
  /** `lost`: it crashed. */
  readonly phase: "idle" | "waiting" | "working" | "lost";
  /** Position of its claim in its log. */
  readonly claim: number;
  readonly hasEchoed: boolean;
  /** How many records of each agent's log it has. */
  readonly known: readonly number[];
  /** Own records (-1) and markers (the claim's position) that have not reached the relay, in order. */
  readonly outbox: readonly number[];
  /** Records by their author's number, and echoed markers as `1000 + claim`, in the relay's order. */
  readonly inbox: readonly number[];
}

/** Where everything is. */
export interface ModelState {
  readonly logs: readonly (readonly TaskRecord[])[];
  readonly peers: readonly Peer[];
  /** The relay's memory: authors in the order in which their records reached it. */
  readonly relay: readonly number[];
  readonly expiriesLeft: number;
}

/** The decision that a model plays with; the real one, or one that is broken on purpose. */
export type Decide = typeof decideSettled;

const ECHO = 1000;
const RECORD = -1;
const ANNE: readonly TaskRecord[] = [
  { kind: "added", task: TASK, title: "a task", guarantee: "settled", n: 1, at: 1 },
];

/** The beginning: everybody knows the task, and nobody has claimed it. */
export function startModel(agentCount: number, expiries: number): ModelState {
  const peer: Peer = {
    phase: "idle",
    claim: 0,
    hasEchoed: false,
    known: Array.from({ length: agentCount }, () => 0),
    outbox: [],
    inbox: [],
  };
  return {
    logs: Array.from({ length: agentCount }, () => []),
    peers: Array.from({ length: agentCount }, () => peer),
    relay: [],
    expiriesLeft: expiries,
  };
}

/** The state after a step; the same object where the step does not apply. */
export function playStep(
  state: ModelState,
  { agent, act }: ModelStep,
  decide: Decide = decideSettled,
): ModelState {
  const peer = state.peers[agent];
  if (peer === undefined || peer.phase === "lost") return state;
  switch (act) {
    case "act":
      return decideNext(state, agent, peer, decide);
    case "send":
      return send(state, agent, peer);
    case "receive":
      return receive(state, agent, peer);
    case "crash":
      return withPeer(state, agent, { ...peer, phase: "lost", outbox: [], inbox: [] });
    case "reconnect":
      return reconnect(state, agent, peer);
    case "expire":
      return expire(state, agent, peer);
  }
}

/** How many claims of each attempt were ever confirmed; the promise is: at most one. */
export function confirmationsByAttempt(state: ModelState): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const log of state.logs) {
    for (const record of log) {
      if (record.kind !== "confirmed") continue;
      const claim = log.find((one) => one.n === record.claim);
      const attempt = claim?.kind === "claimed" ? (claim.attempt ?? 1) : 0;
      counts.set(attempt, (counts.get(attempt) ?? 0) + 1);
    }
  }
  return counts;
}

/** The task as one agent sees it. */
export function viewOf(state: ModelState, agent: number): Task {
  const known = state.peers[agent]?.known ?? [];
  const entries = state.logs.flatMap((log, author) =>
    log.slice(0, known[author]).map((record): LogEntry => ({ agent: nameOf(author), record })),
  );
  const task = foldTask(
    TASK,
    [...ANNE.map((record) => ({ agent: "anne" as AgentId, record })), ...entries].sort(
      compareEntries,
    ),
    { rule: earliest, capabilitiesOf: () => [] },
  );
  if (task === null) throw new Error("the task was added");
  return task;
}

/** The names run against the order of the numbers, so that ties are not always won by the first. */
export function nameOf(agent: number): AgentId {
  return `agent-${9 - agent}` as AgentId;
}

function decideNext(state: ModelState, agent: number, peer: Peer, decide: Decide): ModelState {
  const task = viewOf(state, agent);
  const mine = { agent: nameOf(agent), n: peer.claim };
  if (peer.phase === "idle") return claimNext(state, agent, task);
  if (peer.phase === "working") {
    // a holder that learns that it was expired stops
    const isHeld = findClaim(task, mine)?.status === "held";
    return isHeld ? state : withPeer(state, agent, { ...peer, phase: "idle" });
  }
  const place = { task: TASK, claim: peer.claim };
  switch (decide(task, mine, peer.hasEchoed)) {
    case "wait":
      return state;
    case "over":
      return withPeer(state, agent, { ...peer, phase: "idle" });
    case "confirm":
      return write(state, agent, { ...peer, phase: "working" }, { kind: "confirmed", ...place });
    case "yield":
      return write(state, agent, { ...peer, phase: "idle" }, { kind: "yielded", ...place });
  }
}

function claimNext(state: ModelState, agent: number, task: Task): ModelState {
  const peer = state.peers[agent];
  // G8: nobody claims a task on which it sees a live claim
  if (peer === undefined || isEnded(task) || task.claims.some(isLive)) return state;
  const n = (state.logs[agent]?.length ?? 0) + 1;
  const claiming: Peer = { ...peer, phase: "waiting", claim: n, hasEchoed: false };
  const body = { kind: "claimed", attempt: task.nextAttempt, guarantee: "settled" } as const;
  const written = write(state, agent, claiming, { ...body, task: TASK });
  const after = written.peers[agent];
  return after === undefined
    ? written
    : withPeer(written, agent, { ...after, outbox: [...after.outbox, n] });
}

function expire(state: ModelState, agent: number, peer: Peer): ModelState {
  if (state.expiriesLeft === 0) return state;
  const victim = viewOf(state, agent).claims.find(
    (claim) => isLive(claim) && claim.agent !== nameOf(agent),
  );
  if (victim === undefined) return state;
  const body = { kind: "expired", task: TASK, holder: victim.agent, claim: victim.n } as const;
  return { ...write(state, agent, peer, body), expiriesLeft: state.expiriesLeft - 1 };
}

type Body<R> = R extends TaskRecord ? Omit<R, "n" | "at"> : never;

function write(state: ModelState, agent: number, peer: Peer, body: Body<TaskRecord>): ModelState {
  const times = state.logs.flatMap((log, author) =>
    log.slice(0, peer.known[author]).map((record) => record.at),
  );
  const log = state.logs[agent] ?? [];
  const record = { ...body, n: log.length + 1, at: Math.max(1, ...times) + 1 } as TaskRecord;
  return {
    ...state,
    logs: state.logs.with(agent, [...log, record]),
    peers: state.peers.with(agent, {
      ...peer,
      known: peer.known.with(agent, log.length + 1),
      outbox: [...peer.outbox, RECORD],
    }),
  };
}

/** The relay takes in the oldest thing that an agent sent: forwards a record to all others, echoes a marker. */
function send(state: ModelState, agent: number, peer: Peer): ModelState {
  const [item, ...outbox] = peer.outbox;
  if (item === undefined) return state;
  if (item !== RECORD)
    return withPeer(state, agent, { ...peer, outbox, inbox: [...peer.inbox, ECHO + item] });
  return {
    ...state,
    relay: [...state.relay, agent],
    peers: state.peers.map((other, i) => {
      if (i === agent) return { ...peer, outbox };
      return other.phase === "lost" ? other : { ...other, inbox: [...other.inbox, agent] };
    }),
  };
}

function receive(state: ModelState, agent: number, peer: Peer): ModelState {
  const [item, ...inbox] = peer.inbox;
  if (item === undefined) return state;
  if (item >= ECHO) {
    const isMine = peer.phase === "waiting" && item - ECHO === peer.claim;
    return withPeer(state, agent, { ...peer, inbox, hasEchoed: peer.hasEchoed || isMine });
  }
  const known = peer.known.with(item, (peer.known[item] ?? 0) + 1);
  return withPeer(state, agent, { ...peer, inbox, known });
}

/** A break loses all that is under way; then both sides exchange what the other lacks, and the marker starts anew. */
function reconnect(state: ModelState, agent: number, peer: Peer): ModelState {
  const seen = state.peers.map((_, author) => peer.known[author] ?? 0);
  const inbox = state.relay.filter((author) => {
    if (author === agent) return false;
    const left = seen[author] ?? 0;
    seen[author] = left - 1;
    return left <= 0;
  });
  const stored = state.relay.filter((author) => author === agent).length;
  const unsent = (state.logs[agent]?.length ?? 0) - stored;
  const outbox: number[] = Array.from({ length: unsent }, () => RECORD);
  if (peer.phase === "waiting" && !peer.hasEchoed) outbox.push(peer.claim);
  return withPeer(state, agent, { ...peer, inbox, outbox });
}

function withPeer(state: ModelState, agent: number, peer: Peer): ModelState {
  return { ...state, peers: state.peers.with(agent, peer) };
}
