/** A task with all that is known of it, as plain data in snake case. */
import { type Completion, formatRef, type Snapshot, type Task } from "../../../lib/index.ts";
import { rowOf, staleOf } from "./task-row.ts";

/** The task with all that is known of it. */
export function detailsOf(task: Task, snapshot: Snapshot): object {
  const { completion, inReview, thread, policy } = task;
  return {
    ...rowOf(task, snapshot),
    body: task.body,
    key: task.key,
    guarantee: task.guarantee,
    parent: task.parent,
    children: thread.children,
    policy: policyOf(task),
    resources: policy.resources ?? [],
    spent_attempts: thread.spent,
    delay:
      thread.delay === null ? null : { ms: thread.delay.delayMs, attempt: thread.delay.attempt },
    result: completion?.result ?? null,
    stale: staleOf(task, snapshot),
    in_review: inReview === null ? null : resultOf(inReview),
    alternates: task.alternates.map(resultOf),
    failures: task.failures.map(({ agent, attempt, error, retryable }) => ({
      agent,
      attempt,
      error,
      retryable,
    })),
    claims: task.claims.map(({ agent, attempt, guarantee, status }) => ({
      agent,
      attempt,
      guarantee,
      status,
    })),
    notes: task.notes.map(({ agent, about, text, by }) => ({ agent: by ?? agent, about, text })),
    ...talkOf(task),
    cancel_reason: thread.cancelReason,
    failed_need: thread.failedNeed,
    ignored: thread.ignored.map((one) => ({
      ref: formatRef(one),
      kind: one.kind,
      reason: one.reason,
    })),
  };
}

/** What was said about it beside its notes. */
function talkOf({ thread }: Task): object {
  return {
    questions: thread.questions.map((one) => ({
      ref: formatRef(one),
      agent: one.agent,
      question: one.question,
      of: one.of,
      answers: one.answers.map(({ agent, answer }) => ({ agent, answer })),
    })),
    offers: thread.offers.map((one) => ({
      ref: formatRef(one),
      agent: one.agent,
      to: one.to,
      status: one.status,
      accepted_by: one.acceptedBy,
      declined: one.declined.map(({ agent, reason }) => ({ agent, reason })),
    })),
    packets: thread.packets.map(({ agent, attempt, packet }) => ({ agent, attempt, packet })),
    reasons: thread.reasons.map(({ agent, attempt, reason }) => ({ agent, attempt, reason })),
    waiters: thread.waiters.map(({ agent }) => agent),
  };
}

function policyOf({ policy }: Task): object {
  const { maxAttempts, retry, timeoutMs, review, ifNeedFails } = policy;
  return {
    max_attempts: maxAttempts ?? null,
    retry: retry ?? null,
    timeout_ms: timeoutMs ?? null,
    review: review ?? null,
    if_need_fails: ifNeedFails ?? "block",
  };
}

function resultOf(completion: Completion): object {
  const { agent, attempt, result, reviews = [] } = completion;
  const verdicts = reviews.map(({ agent: by, verdict, reason }) => ({
    agent: by,
    verdict,
    reason,
  }));
  return { ref: formatRef(completion), agent, attempt, result, reviews: verdicts };
}
