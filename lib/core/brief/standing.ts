/** How a task stands, and what came of it: what both briefs say about a task in one item. */
import type { Audience, Json, RecordRef, TaskId } from "../record.ts";
import { compareText, formatRef } from "../record.ts";
import { type Completion, isEnded, type Task } from "../task.ts";
import {
  type BriefDetails,
  type BriefFacts,
  type BriefItem,
  type BriefLabel,
  createItem,
  knownFacts,
  textsOf,
} from "./item.ts";
import { utf8Bytes } from "./markdown.ts";

/** State, attempt, holder and the like, where they say something. */
export function standingOf(task: Task): BriefFacts {
  const { state, attempt, nextAttempt, winner, policy, priority, thread } = task;
  return knownFacts({
    state,
    attempt: attempt || null,
    nextAttempt: winner !== null || isEnded(task) ? null : nextAttempt,
    holder: winner?.status === "held" ? winner.agent : null,
    claimant: winner?.status === "pending" ? winner.agent : null,
    attemptsLeft: policy.maxAttempts && Math.max(0, policy.maxAttempts - thread.spent),
    priority: priority || null,
    waitingAgents: thread.waiters.length || null,
    ignoredRecords: thread.ignored.length || null,
  });
}

/** Names whom something is meant for: an agent, or whoever has a capability. */
export function audienceFacts(word: string, audience: Audience | null | undefined): BriefFacts {
  if (!audience) return {};
  return "capability" in audience
    ? { [`${word}Capability`]: audience.capability }
    : { [word]: audience.agent };
}

/** The record that gave title and body. */
export function textRef(task: Task): RecordRef {
  return task.thread.text ?? task.added;
}

/** A task as one item of the brief of a board, or of a task that waits for it. */
export function taskItem(
  kind: "task" | "need" | "child",
  task: Task,
  details: Omit<BriefDetails, "task">,
): BriefItem {
  return createItem(kind, textRef(task), task.title, { ...details, task: task.id });
}

/**
 * Tells a result: its attempt and its text, or its size where it is longer than `maxBytes`.
 *
 * @param label - what the text is called; null where the item says so
 */
export function describeResult(
  completion: Completion,
  task: TaskId,
  maxBytes: number,
  label: BriefLabel | null = null,
): Required<Omit<BriefDetails, "task">> {
  const { agent, attempt, result, adopts } = completion;
  const bytes = utf8Bytes(typeof result === "string" ? result : JSON.stringify(result));
  const isLong = bytes > maxBytes;
  return {
    facts: knownFacts({
      attempt,
      adopted: adopts && formatRef(adopts),
      resultBytes: isLong ? bytes : null,
    }),
    texts: isLong || result === null ? [] : textsOf(label, agent, [textOf(result)]),
    show: isLong ? task : null,
  };
}

/** A text as it is, everything else as JSON with sorted keys. */
function textOf(result: Json): string {
  return typeof result === "string" ? result : JSON.stringify(result, sortKeys);
}

function sortKeys(_key: string, value: Json): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => compareText(a, b)));
}
