/** Says why the board refused what the person asked for, and what to do about it on this page. */
import type {
  AskOutcome,
  ClaimRefusal,
  ClosingOutcome,
  CompletionOutcome,
  HandoffOutcome,
  ReopenOutcome,
  ResponseOutcome,
} from "../../../lib/index.ts";
import { clip } from "../live/texts.ts";
import type { Names } from "../log/event-words.ts";

type Refused<T> = Extract<T, { readonly ok: false }>;

/** Whatever the library refuses a person with. */
export type Refusal =
  | ClaimRefusal
  | Refused<
      | CompletionOutcome
      | ClosingOutcome
      | ReopenOutcome
      | ResponseOutcome
      | AskOutcome
      | HandoffOutcome
    >;

/** Tells cause and remedy. */
export function refusalWords(refusal: Refusal, names: Names): string {
  switch (refusal.reason) {
    case "held":
    case "lost":
      return "by" in refusal && refusal.by !== null
        ? `${names.agent(refusal.by)} holds it. Take another task, or ask for a handover by a note.`
        : "Somebody else holds it. Take another task, or ask for a handover by a note.";
    case "ended":
      return `It is ${refusal.state}. Reopen it to start it over.`;
    case "not-ended":
      return `It is ${refusal.state}, which is no end to start it over from.`;
    case "blocked":
      return refusal.isLost
        ? `It needs “${names.task(refusal.by)}”, which has ended without a result. Reopen that one first.`
        : `It waits for “${names.task(refusal.by)}”. Do that one first.`;
    case "resource":
      if (!("by" in refusal)) return "Another task took a resource that this one needs alone.";
      return `${names.agent(refusal.by)} holds ${clip(refusal.resource, 60)} for “${names.task(refusal.task)}”. Wait for that, or take another task.`;
    case "incapable":
      return `It is for agents who can ${refusal.missing.map((one) => clip(one, 24)).join(", ")}. Leave it to one of them.`;
    case "deadlock":
      return "Agents wait for each other in a circle. Release what you hold, then try again.";
    case "declined": {
      const [first] = "declined" in refusal ? refusal.declined : [];
      const why = first?.reason ? `: ${clip(first.reason, 80)}` : "";
      return first === undefined
        ? "The offer was declined. You hold the task still."
        : `${names.agent(first.agent)} declined${why}. You hold the task still.`;
    }
    default:
      return PLAIN[refusal.reason] ?? "It was lost meanwhile. Look at the task's explanation.";
  }
}

const PLAIN: Readonly<Record<string, string>> = {
  "in-review": "Its result awaits review. Approve it, or send it back, first.",
  delayed: "It is tried again after a delay. Wait for that.",
  "not-offered": "No open offer of it is for you.",
  expired: "Others took you for gone meanwhile. Claim it anew.",
  aborted: "You gave it up before it was decided.",
  silence: "Nobody accepted in time, so the offer was taken back. You hold the task still.",
  closed: "You do not hold it any more. Claim it anew to go on.",
  stale: "What it is based on has changed. Read the task again.",
  "no-question": "The question is not open any more.",
  "not-in-review": "No result of it awaits review any more.",
  "own-work": "It is your own; somebody else has to say it.",
  "not-addressed": "It is meant for others; leave it to them.",
  "said-before": "You have given your verdict on this result before, and that one stands.",
  canceled: "It was called off.",
  completed: "Somebody else's result was accepted first; yours is kept beside it.",
  superseded: "A later attempt has begun. Leave it to its holder.",
  "cut-off": "This page was cut off for a whole lease, so the claim was given up. Claim it anew.",
  "handed-off": "It was handed over already.",
  timeout: "The task's time for one attempt is over. Claim it anew.",
};
