/** What an agent says to others' work: an answer, a verdict, or no to an offer; checked before it is written. */
import { isAddressed } from "../core/audience.ts";
import type { Audience, RecordRef } from "../core/record.ts";
import { isEnded, type Question, type Task, type TaskState } from "../core/task.ts";
import type { RecordBody } from "../replica/replica.ts";
import { openOffer } from "./claim/claiming.ts";
import { cut } from "./claim/result.ts";
import type { LocalAgent } from "./host.ts";

/** Whether something was said, or why it would not have counted. */
export type ResponseOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason:
        | "no-question"
        | "not-in-review"
        | "not-offered"
        | "own-work"
        | "not-addressed"
        | "said-before";
    };

/** A verdict on the result that awaits review. */
export interface Verdict {
  readonly verdict: "approved" | "rejected";
  /** Required for a rejection: the next holder reads it. */
  readonly reason?: string;
}

/** What to write, or why it would not count. */
export type Response = { readonly body: RecordBody } | { readonly refusal: ResponseOutcome };

/** An answer to a question: to the one named, or to the first open one that this agent may answer. */
export function answerTo(
  agent: LocalAgent,
  task: Task,
  answer: string,
  to: RecordRef | undefined,
): Response {
  const { winner } = task;
  // I3: a question ends with its claim
  const questions = task.thread.questions.filter(
    (one) => !isEnded(task) && one.agent === winner?.agent && one.claim === winner.n,
  );
  const isIt = (one: Question): boolean =>
    to === undefined ? one.answers.length === 0 : one.n === to.n && one.agent === to.agent;
  const asked = questions.filter(isIt);
  if (asked.length === 0) return refuse("no-question");
  const others = asked.filter((one) => one.agent !== agent.id);
  if (others.length === 0) return refuse("own-work");
  const question = others.find(({ of }) => of === null || isFor(agent, of));
  if (question === undefined) return refuse("not-addressed");
  const { agent: holder, n: ask } = question;
  return { body: { kind: "answered", task: task.id, holder, ask, answer: cut(answer) } };
}

/**
 * A verdict on the result that awaits review.
 *
 * @throws TypeError when a result is sent back without a reason
 */
export function verdictOn(agent: LocalAgent, task: Task, { verdict, reason }: Verdict): Response {
  if (verdict === "rejected" && !reason?.trim())
    throw new TypeError("A rejection needs a reason; the next holder reads it");
  const { inReview, policy } = task;
  if (inReview === null || policy.review === undefined) return refuse("not-in-review");
  const { agent: author, n: completion, adopts, reviews } = inReview;
  if (agent.id === author || agent.id === adopts?.agent) return refuse("own-work");
  if (!isFor(agent, policy.review.by)) return refuse("not-addressed");
  if (reviews?.some((one) => one.agent === agent.id)) return refuse("said-before");
  const text = reason === undefined ? undefined : cut(reason);
  return { body: { kind: "reviewed", task: task.id, author, completion, verdict, reason: text } };
}

/** A no to the offer that this agent might accept. */
export function noTo(agent: LocalAgent, task: Task, reason: string | undefined): Response {
  const offer = openOffer(agent, task);
  if (offer === undefined) return refuse("not-offered");
  const { agent: holder, n } = offer;
  const text = reason === undefined ? undefined : cut(reason);
  return { body: { kind: "declined", task: task.id, holder, offer: n, reason: text } };
}

/** Whether an ended task was started over; its state where it had not ended. */
export type ReopenOutcome =
  | { readonly ok: true; readonly attempt: number }
  | { readonly ok: false; readonly reason: "not-ended"; readonly state: TaskState };

/** The record that starts an ended task over. */
export function reopening(
  { id, nextAttempt }: Task,
  reason: string | undefined,
): Extract<RecordBody, { kind: "reopened" }> {
  return {
    kind: "reopened",
    task: id,
    attempt: nextAttempt + 1,
    reason: reason === undefined ? undefined : cut(reason),
  };
}

function refuse(reason: Extract<ResponseOutcome, { ok: false }>["reason"]): Response {
  return { refusal: { ok: false, reason } };
}

function isFor(agent: LocalAgent, audience: Audience): boolean {
  return isAddressed(audience, agent.id, agent.capabilities);
}
