/** What can happen next in a model of settled claims, and what of it has to be tried. */
import type { Look, Outlook } from "./outlook.ts";
import type { Peer, SettledState } from "./state.ts";

/**
 * One step of one agent. `claim` names the place that the rule gives it among its rivals; `send` and `receive` move one
 * record, marker or echo between it and the relay.
 */
export type SettledStep =
  | { readonly agent: number; readonly act: "claim"; readonly place: number }
  | { readonly agent: number; readonly act: "expire"; readonly holder: number; readonly n: number }
  | { readonly agent: number; readonly act: PlainAct };

/** What an agent does without saying more. */
export type PlainAct =
  | "confirm"
  | "yield"
  | "stop"
  | "release"
  | "fail"
  | "complete"
  | "wait out"
  | "send"
  | "receive"
  | "reconnect"
  | "crash";

/**
 * The steps to try now. An agent that can do nothing but read what has arrived reads at once, and the others wait for it:
 * what it reads changes only what itself sees, nothing else can give it anything to do, and so every run in which it reads
 * later has a twin in which it reads now (a partial-order reduction by persistent sets, after Godefroid).
 */
export function* stepsOf(
  state: SettledState,
  look: Look,
  { breaks, isFull }: { readonly breaks: boolean; readonly isFull: boolean },
): Generator<SettledStep, void> {
  const { peers, left } = state;
  const acts = peers.map((peer, agent) =>
    peer.phase === "lost" ? [] : [...actsOf(state, agent, peer, look(state, agent))],
  );
  // an echo may yet be lost with a break
  const reader = peers.findIndex(
    ({ inbox }, agent) =>
      inbox !== "" && acts[agent]?.length === 0 && !(breaks && inbox[0] === "e"),
  );
  if (reader >= 0 && !isFull) return yield { agent: reader, act: "receive" };
  for (const [agent, peer] of peers.entries()) {
    if (peer.phase === "lost") continue;
    yield* acts[agent] ?? [];
    if (peer.outbox !== "") yield { agent, act: "send" };
    if (peer.inbox !== "") yield { agent, act: "receive" };
    if (breaks) yield { agent, act: "reconnect" };
    if (left.crashes > 0) yield { agent, act: "crash" };
  }
}

/** All that an agent can write, given what it sees. */
function* actsOf(
  state: SettledState,
  agent: number,
  peer: Peer,
  outlook: Outlook,
): Generator<SettledStep, void> {
  yield* ownSteps(state, agent, peer, outlook);
  if (outlook.delayed !== null) yield { agent, act: "wait out" };
  if (state.left.expiries === 0) return;
  for (const { agent: holder, n } of outlook.live)
    if (holder !== agent) yield { agent, act: "expire", holder, n };
}

/** What an agent does about the task, given what it sees. */
function* ownSteps(
  state: SettledState,
  agent: number,
  peer: Peer,
  outlook: Outlook,
): Generator<SettledStep, void> {
  switch (peer.phase) {
    case "idle": {
      if (!outlook.isReady) return; // G8 too
      const rivals = claimsOf(state, outlook.nextAttempt);
      for (let place = 0; place <= rivals; place++) yield { agent, act: "claim", place };
      return;
    }
    case "waiting": {
      const { before, after } = outlook.decisions[agent] ?? { before: "over", after: "over" };
      const decision = peer.hasEchoed ? after : before;
      if (decision !== "wait") yield { agent, act: decision === "confirm" ? "confirm" : "yield" };
      return;
    }
    case "working":
      if (outlook.latest[agent] !== "held" || outlook.isEnded) yield { agent, act: "stop" };
      else if (state.left.closings > 0)
        for (const act of ["release", "fail", "complete"] as const) yield { agent, act };
  }
}

/** Says whether a step need never happen; that a crashed agent's claim is expired in the end is what leases are for. */
export function isOptionalStep(step: SettledStep, { peers }: SettledState): boolean {
  switch (step.act) {
    case "expire":
      return peers[step.holder]?.phase !== "lost";
    case "crash":
    case "reconnect":
    case "release":
    case "fail":
    case "complete":
      return true;
    default:
      return false;
  }
}

/** Tells a step in words. */
export function tellSettledStep(step: SettledStep): string {
  const who = `agent ${step.agent}`;
  if (step.act === "claim") return `${who} claims, and ${step.place} rivals go before it`;
  if (step.act === "expire") return `${who} expires the claim of agent ${step.holder}`;
  return `${who}: ${step.act}`;
}

function claimsOf({ peers }: SettledState, attempt: number): number {
  let count = 0;
  for (const { log } of peers) count += log.split(`c${attempt}`).length - 1;
  return count;
}
