/** Says in our words why the board refused what an agent asked for, and what to do about it. */
import type { ClaimRefusal, LossReason, ResponseOutcome } from "../../lib/index.ts";
import { ToolRefusal } from "./fault.ts";

type Refused = Exclude<ResponseOutcome, { readonly ok: true }>["reason"];

/** Whatever the library refuses with. */
export type Refusal =
  | ClaimRefusal
  | { readonly ok: false; readonly reason: Refused | LossReason | "stale" };

/** Makes the fault of a refusal; its code is the library's reason in capitals. */
export function refusalOf(refusal: Refusal): ToolRefusal {
  const { reason } = refusal;
  const [cause, remedy] = wordsOf(refusal);
  return new ToolRefusal(reason.toUpperCase().replaceAll("-", "_"), cause, remedy);
}

function wordsOf(refusal: Refusal): readonly [cause: string, remedy: string] {
  if (refusal.reason === "blocked" && "isLost" in refusal && refusal.isLost)
    return [
      "something that it needs has ended without a result",
      "read get_brief of the task; somebody has to start that over by `stigmergy reopen`",
    ];
  return WORDS[refusal.reason] ?? GONE;
}

const OTHER = "call claim_task without task_id for another one";
const GONE = [
  "this agent does not hold the task any more",
  "stop working on it; call board_status to see how it stands",
] as const;

const WORDS: Readonly<Record<string, readonly [cause: string, remedy: string]>> = {
  held: ["another agent holds the task", OTHER],
  ended: ["the task has ended", "read its result by get_brief, or take another task"],
  blocked: ["the task waits for others that it needs", OTHER],
  resource: ["another task holds a resource that this one needs alone", OTHER],
  incapable: ["the task requires a capability that this agent has not", OTHER],
  "in-review": ["the task's result awaits review", OTHER],
  delayed: ["the task is tried again only after a delay", OTHER],
  deadlock: [
    "agents wait for each other in a circle",
    "release what you hold by release_task, then try again",
  ],
  "not-offered": ["no open offer of the task is for this agent", OTHER],
  expired: ["others took this agent for dead while it waited", "call claim_task again"],
  aborted: ["the claim was given up before it was decided", "call claim_task again"],
  stale: [
    "what the result is based on has changed since the claim",
    "read get_brief of the task, redo what the change touches, and complete it again",
  ],
  "no-question": ["no question of this task is open", "read get_brief of the task"],
  "not-in-review": ["no result of this task awaits review", "read get_brief of the task"],
  "own-work": ["it is this agent's own", "leave it to another agent"],
  "not-addressed": ["it is meant for other agents", "leave it to them"],
  "said-before": ["this agent has given its verdict before", "leave it to another agent"],
};
