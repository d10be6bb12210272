/** Says why the board refused what an agent asked for, and what to do about it. */
import type {
  ClaimRefusal,
  CompletionOutcome,
  ReopenOutcome,
  ResponseOutcome,
  Task,
} from "../../../lib/index.ts";
import { type CliFault, refusedFault } from "../fault.ts";

type Refused<T> = Extract<T, { readonly ok: false }>;

/** Whatever the library refuses with, where the claim itself was not lost. */
export type Refusal =
  | ClaimRefusal
  | Refused<CompletionOutcome>
  | Refused<ReopenOutcome>
  | Refused<ResponseOutcome>
  | { readonly ok: false; readonly reason: "declined"; readonly declined: readonly Declined[] }
  | { readonly ok: false; readonly reason: "silence" };

interface Declined {
  readonly agent: string;
  readonly reason: string | null;
}

/** The fault of a refusal. */
export function refusalFault(task: Task, refusal: Refusal): CliFault {
  return refusedFault(refusal.reason, `${task.id}: ${reasonOf(task, refusal)}`);
}

function reasonOf(task: Task, refusal: Refusal): string {
  switch (refusal.reason) {
    case "held":
    case "lost":
      return `${refusal.by ?? task.winner?.agent ?? "somebody else"} holds it; take another task, or stay with --wait`;
    case "ended":
    case "not-ended":
      return notNow(refusal.state, task.id);
    case "blocked":
      return refusal.isLost
        ? `it needs ${refusal.by}, which has ended without a result; reopen that, or edit the needs`
        : `it waits for ${refusal.by}; do that first, or stay with --wait`;
    case "resource":
      return `${refusal.by} holds ${refusal.resource} for ${refusal.task}; wait for that with --wait`;
    case "incapable":
      return `it requires ${refusal.missing.join(", ")}; start a session with --can`;
    case "deadlock":
      return `${refusal.cycle.join(", ")} wait for each other; release what you hold, then try again`;
    case "stale":
      return `what it is based on has changed (${refusal.stale.map(({ kind }) => kind).join(", ")}); read it anew and use --if-stale refresh, or use mark`;
    case "declined":
      return `its offer was declined${refusal.declined.map(sayDeclined).join("")}; you hold it still`;
    default:
      return PLAIN[refusal.reason] ?? `it was lost (${refusal.reason})`;
  }
}

const PLAIN: Readonly<Record<string, string>> = {
  "in-review": "its result awaits review; see `stigmergy show`",
  delayed: "it is tried again after a delay; stay with --wait",
  "not-offered": "no open offer of it is for this agent; see `stigmergy show`",
  expired: "others took this agent for dead meanwhile; claim it anew",
  aborted: "nothing came in the time given; try again, or give more with --timeout-ms",
  silence: "nobody accepted in the time given, so the offer was taken back; you hold it still",
  closed: "the claim was closed before",
  "no-question": "no such question is open; see `stigmergy show`",
  "not-in-review": "no result of it awaits review; see `stigmergy show`",
  "own-work": "it is this agent's own; somebody else has to say it",
  "not-addressed": "it is meant for others; see `stigmergy show`",
  "said-before": "this agent has given its verdict on this result before, and that one stands",
};

function notNow(state: Task["state"], id: string): string {
  return isEnd(state)
    ? `it is ${state}; \`stigmergy reopen ${id}\` starts it over`
    : `it is ${state}, which is no end to start it over from`;
}

function isEnd(state: Task["state"]): boolean {
  return ["completed", "canceled", "rejected", "failed"].includes(state);
}

function sayDeclined({ agent, reason }: Declined): string {
  return ` by ${agent}${reason === null ? "" : ` (${reason})`}`;
}
