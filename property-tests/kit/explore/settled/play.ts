/** What follows from each step of a model of settled claims. */
import type { Look } from "./outlook.ts";
import { lastClaim, moveClaims, type Peer, RECORD, recordsOf, type SettledState } from "./state.ts";
import type { SettledStep } from "./steps.ts";

/** The state after a step that can be taken. */
export function playSettled(state: SettledState, step: SettledStep, look: Look): SettledState {
  const { agent } = step;
  const peer = state.peers[agent];
  if (peer === undefined) return state;
  const attempt = peer.log[RECORD * (lastClaim(peer.log) - 1) + 1] ?? "";
  switch (step.act) {
    case "claim":
      return claim(state, agent, look(state, agent).nextAttempt, step.place);
    case "confirm":
      return write(state, agent, { ...peer, phase: "working" }, `k${attempt}.`);
    case "yield":
    case "stop":
      return write(state, agent, { ...peer, phase: "idle" }, `y${attempt}.`);
    case "release":
    case "fail":
    case "complete":
      return spend(
        write(state, agent, { ...peer, phase: "idle" }, `${CLOSINGS[step.act]}${attempt}.`),
        "closings",
      );
    case "wait out":
      return write(state, agent, peer, `w${look(state, agent).delayed}.`);
    case "expire":
      return spend(
        write(state, agent, peer, `x${step.holder}${step.n.toString(36).toUpperCase()}`),
        "expiries",
      );
    case "send":
      return send(state, agent, peer);
    case "receive":
      return receive(state, agent, peer);
    case "reconnect":
      return withPeer(state, agent, reconnected(peer));
    case "crash":
      return spend(crash(state, agent, peer), "crashes");
  }
}

/** Sends all that an agent has to send. */
export function sendAll(state: SettledState, agent: number): SettledState {
  let sent = state;
  for (let peer = sent.peers[agent]; peer?.outbox; peer = sent.peers[agent])
    sent = send(sent, agent, peer);
  return sent;
}

const CLOSINGS = { release: "r", fail: "f", complete: "d" } as const;

function claim(state: SettledState, agent: number, attempt: number, place: number): SettledState {
  const peers = moveClaims(state.peers, attempt, place, 1);
  const peer = peers[agent];
  if (peer === undefined) return state;
  const waiting: Peer = { ...peer, phase: "waiting", hasEchoed: false };
  const claimed = write({ ...state, peers }, agent, waiting, `c${attempt}${place}`);
  const after = claimed.peers[agent] ?? peer;
  return withPeer(claimed, agent, { ...after, outbox: `${after.outbox}m` });
}

/** Writes a record; a marker whose claim is decided concerns nobody any more. */
function write(state: SettledState, agent: number, peer: Peer, record: string): SettledState {
  const kept = peer.phase === "waiting" ? peer : unmarked(peer);
  return withPeer(state, agent, {
    ...kept,
    log: kept.log + record,
    known: kept.known.with(agent, (kept.known[agent] ?? 0) + 1),
    outbox: `${kept.outbox}r`,
  });
}

function unmarked(peer: Peer): Peer {
  const { outbox, inbox } = peer;
  return {
    ...peer,
    hasEchoed: false,
    outbox: outbox.replace("m", ""),
    inbox: inbox.replace("e", ""),
  };
}

/** The relay takes in the oldest thing that an agent sent: forwards a record to all others, echoes a marker. */
function send(state: SettledState, agent: number, peer: Peer): SettledState {
  const outbox = peer.outbox.slice(1);
  if (peer.outbox[0] === "m")
    return withPeer(state, agent, { ...peer, outbox, inbox: `${peer.inbox}e` });
  const peers = state.peers.map((other, i) => {
    if (i === agent) return { ...peer, outbox };
    return other.phase === "lost" ? other : { ...other, inbox: other.inbox + agent };
  });
  return { ...state, peers };
}

function receive(state: SettledState, agent: number, peer: Peer): SettledState {
  const inbox = peer.inbox.slice(1);
  if (peer.inbox[0] === "e") return withPeer(state, agent, { ...peer, inbox, hasEchoed: true });
  const author = Number(peer.inbox[0]);
  const known = peer.known.with(author, (peer.known[author] ?? 0) + 1);
  return withPeer(state, agent, { ...peer, inbox, known });
}

/** A break loses all that is under way; then each side sends what the other lacks, in order, and the marker starts anew. */
function reconnected(peer: Peer): Peer {
  if (peer.phase !== "waiting" || peer.hasEchoed) return peer;
  const bare = unmarked(peer);
  return { ...bare, outbox: `${bare.outbox}m` };
}

/** What had not reached the relay is gone, and who had read it with it. */
function crash(state: SettledState, agent: number, peer: Peer): SettledState {
  const unsent = peer.outbox.replace("m", "").length;
  const end = peer.log.length - RECORD * unsent;
  const gone = recordsOf(peer.log.slice(end));
  const forgotten = gone.filter((one) => one[0] === "k").map((one) => one[1] ?? "");
  const lost: Peer = {
    ...peer,
    phase: "lost",
    log: peer.log.slice(0, end),
    known: peer.known.map(() => 0),
    outbox: "",
    inbox: "",
    hasEchoed: false,
    forgotten: forgotten.join(""),
  };
  let { peers } = withPeer(state, agent, lost);
  for (const [kind, attempt, place] of gone)
    if (kind === "c") peers = moveClaims(peers, Number(attempt), Number(place) + 1, -1);
  return { ...state, peers };
}

function spend(state: SettledState, what: keyof SettledState["left"]): SettledState {
  return { ...state, left: { ...state.left, [what]: state.left[what] - 1 } };
}

function withPeer(state: SettledState, agent: number, peer: Peer): SettledState {
  return { ...state, peers: state.peers.with(agent, peer) };
}
